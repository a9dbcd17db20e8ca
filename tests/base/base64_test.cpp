#include "base/base64.hpp"

#include <gtest/gtest.h>

#include <string>

namespace vedette::base64 {
namespace {

std::vector<std::uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

std::string encoded(std::string_view text) {
  std::string out;
  encode(bytes_of(text), out);
  return out;
}

struct Pair {
  std::string plain, base64;
};

class Base64 : public testing::TestWithParam<Pair> {};

TEST_P(Base64, IsWrittenAndRead) {
  EXPECT_EQ(encoded(GetParam().plain), GetParam().base64);
  EXPECT_EQ(decode(GetParam().base64), bytes_of(GetParam().plain));
}

TEST_P(Base64, IsReadWithoutPadding) {
  const std::string bare = GetParam().base64.substr(0, GetParam().base64.find('='));
  EXPECT_EQ(decode(bare), bytes_of(GetParam().plain));
}

TEST_P(Base64, IsReadWithLineBreaksAnywhere) {
  std::string broken = "\r\n";
  for (const char c : GetParam().base64) (broken += c) += '\n';
  EXPECT_EQ(decode(broken), bytes_of(GetParam().plain));
}

// The first seven: RFC 4648, section 10.
INSTANTIATE_TEST_SUITE_P(Vectors, Base64,
                         testing::Values(Pair{"", ""}, Pair{"f", "Zg=="}, Pair{"fo", "Zm8="},
                                         Pair{"foo", "Zm9v"}, Pair{"foob", "Zm9vYg=="},
                                         Pair{"fooba", "Zm9vYmE="}, Pair{"foobar", "Zm9vYmFy"},
                                         Pair{"\xff\xef\xfb\xbe", "/+/7vg=="}));

struct Refusal {
  std::string name, text, what;
};

class Base64Refuses : public testing::TestWithParam<Refusal> {};

TEST_P(Base64Refuses, AndSaysWhereAndWhy) {
  const auto bytes = decode(GetParam().text);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error(), (Error{Errc::bad_input, GetParam().what}));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, Base64Refuses,
    testing::Values(Refusal{"Foreign", "Zm9vYm!v", "no base 64 at byte 6"},
                    Refusal{"UrlAlphabet", "Zm-v", "no base 64 at byte 2"},
                    Refusal{"Blank", "Zm9v YmFy", "no base 64 at byte 4"},
                    Refusal{"High", "Zm9\xff", "no base 64 at byte 3"},
                    Refusal{"OneDigitLeft", "Zm9vY", "base 64 ends in the middle of a byte"},
                    Refusal{"PaddingTooShort", "Zg=", "base 64 ends in 1 '=' where 2 are due"},
                    Refusal{"PaddingTooLong", "Zm8==", "base 64 ends in 2 '=' where 1 are due"},
                    Refusal{"PaddingForNothing",
                            "Zm9v====", "base 64 ends in 4 '=' where 0 are due"},
                    Refusal{"GoesOn", "Zg==Zg==", "base 64 goes on after its end, at byte 4"}),
    [](const auto& test) { return test.param.name; });

TEST(Base64OfAllBytes, ComesBack) {
  std::string all;
  for (int length = 0; length < 300; ++length) {
    EXPECT_EQ(decode(encoded(all)), bytes_of(all)) << length;
    all += static_cast<char>(length * 37);
  }
}

TEST(Base64WithALimit, ReadsOnlyTheFirstBytes) {
  for (const std::size_t most : {0, 1, 2, 3, 4, 5, 6, 7}) {
    EXPECT_EQ(decode("Zm9vYmFy!!!!", most < 7 ? most : 6),
              bytes_of(std::string("foobar").substr(0, most)));
  }
  EXPECT_FALSE(decode("Zm9vYmFy!!!!", 7)) << "the seventh byte is not there";
}

TEST(Base64Encode, Appends) {
  std::string out = "data:";
  encode(bytes_of("foo"), out);
  EXPECT_EQ(out, "data:Zm9v");
}

}  // namespace
}  // namespace vedette::base64
