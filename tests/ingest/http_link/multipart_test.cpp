#include "ingest/http_link/multipart.hpp"

#include <gtest/gtest.h>

#include <string>

namespace vedette::ingest {
namespace {

constexpr std::string_view type = "multipart/form-data; boundary=b";

std::string part(std::string_view headers, std::string_view body) {
  return "--b\r\n" + std::string(headers) + "\r\n\r\n" + std::string(body) + "\r\n";
}

const std::string named = "Content-Disposition: form-data; name=\"x\"";

TEST(Multipart, IsReadAsABrowserSendsIt) {
  const std::string picture("\xff\xd8\0\r\n--\r\n-b\r\n--c", 16);
  const std::string body =
      part("Content-Disposition: form-data; name=\"name\"", "Zhang \xe4\xb8\x89") +
      part(
          "content-disposition: form-data; name=\"file\"; filename=\"a;\\\"b\\\".jpg\"\r\n"
          "Content-Type: image/jpeg",
          picture) +
      part("Content-Disposition:form-data;filename=plain.txt;name=note", "") + "--b--\r\n";
  const auto parts = read_multipart("Multipart/Form-Data; charset=utf-8; Boundary=\"b\"", body);
  ASSERT_TRUE(parts) << parts.error().what;
  ASSERT_EQ(parts->size(), 3u);
  EXPECT_EQ((*parts)[0].name, "name");
  EXPECT_EQ((*parts)[0].file_name, "");
  EXPECT_EQ((*parts)[0].type, "text/plain");
  EXPECT_EQ((*parts)[0].body, "Zhang \xe4\xb8\x89");
  EXPECT_EQ((*parts)[1].name, "file");
  EXPECT_EQ((*parts)[1].file_name, "a;\"b\".jpg");
  EXPECT_EQ((*parts)[1].type, "image/jpeg");
  EXPECT_EQ((*parts)[1].body, picture);
  EXPECT_GE((*parts)[1].body.data(), body.data());
  EXPECT_LT((*parts)[1].body.data(), body.data() + body.size());
  EXPECT_EQ((*parts)[2].name, "note");
  EXPECT_EQ((*parts)[2].file_name, "plain.txt");
  EXPECT_EQ((*parts)[2].body, "");
}

TEST(Multipart, KeepsTheBackslashesOfAPath) {
  const auto parts =
      read_multipart(type, part(named + "; filename=\"C:\\dir\\a.jpg\"", "") + "--b--");
  ASSERT_TRUE(parts) << parts.error().what;
  EXPECT_EQ((*parts)[0].file_name, "C:\\dir\\a.jpg");
}

TEST(Multipart, MayHaveNoPart) { EXPECT_EQ(read_multipart(type, "--b--\r\n")->size(), 0u); }

struct Refusal {
  std::string name, content_type, body, what;
  Errc code = Errc::bad_input;
};

class MultipartRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(MultipartRefuses, AndSaysWhy) {
  const auto parts = read_multipart(GetParam().content_type, GetParam().body,
                                    {.parts = 2, .part_header_bytes = 200});
  ASSERT_FALSE(parts);
  EXPECT_EQ(parts.error(), (Error{GetParam().code, GetParam().what}));
}

const std::string no_name = "part 1: its disposition must be form-data with a name";

INSTANTIATE_TEST_SUITE_P(
    Bodies, MultipartRefuses,
    testing::Values(
        Refusal{"OtherType", "application/json", "{}", "the body must be multipart/form-data"},
        Refusal{"NoType", "", "", "the body must be multipart/form-data"},
        Refusal{"NoBoundary", "multipart/form-data", "--b--",
                "multipart/form-data without a boundary of 1 to 70 characters"},
        Refusal{"LongBoundary", "multipart/form-data; boundary=" + std::string(71, 'b'), "",
                "multipart/form-data without a boundary of 1 to 70 characters"},
        Refusal{"OpenQuote", "multipart/form-data; boundary=\"b", "",
                "the body must be multipart/form-data"},
        Refusal{"Empty", std::string(type), "", "a multipart body must begin with its boundary"},
        Refusal{"OtherBoundary", std::string(type), "--c--",
                "a multipart body must begin with its boundary"},
        Refusal{"LongerBoundary", std::string(type), "--bc\r\n", "a boundary must end its line"},
        Refusal{"NoEnd", std::string(type), "--b\r\n" + named + "\r\n\r\nabc",
                "part 1: it has no end"},
        Refusal{"NoLastBoundary", std::string(type), part(named, "abc") + "--b",
                "a boundary must end its line"},
        Refusal{"CutInHeaders", std::string(type), "--b\r\n" + named,
                "part 1: it ends within its headers"},
        Refusal{"NoDisposition", std::string(type), part("X: y", "abc") + "--b--", no_name},
        Refusal{"NoName", std::string(type),
                part("Content-Disposition: form-data", "abc") + "--b--", no_name},
        Refusal{"Attachment", std::string(type),
                part("Content-Disposition: attachment; name=x", "abc") + "--b--", no_name},
        Refusal{"TwoNames", std::string(type), part(named + "; name=y", "abc") + "--b--", no_name},
        Refusal{"NoColon", std::string(type), part("nonsense", "abc") + "--b--",
                "part 1: a header without a colon"},
        Refusal{"Base64", std::string(type),
                part(named + "\r\nContent-Transfer-Encoding: base64", "abc") + "--b--",
                "part 1: its transfer encoding must be binary"},
        Refusal{"LongHeader", std::string(type),
                part(named + "\r\nX: " + std::string(200, 'x'), "abc") + "--b--",
                "part 1: its headers are over 200 bytes", Errc::too_large},
        Refusal{"ManyParts", std::string(type),
                part(named, "1") + part(named, "2") + part(named, "3") + "--b--",
                "more than 2 parts", Errc::too_large}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace vedette::ingest
