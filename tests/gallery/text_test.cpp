#include "gallery/text.hpp"

#include <gtest/gtest.h>

namespace vedette::gallery {
namespace {

struct FoldCase {
  std::string name, text, folded;
};
class Fold : public testing::TestWithParam<FoldCase> {};

TEST_P(Fold, IsLowerCaseInAnyAlphabet) { EXPECT_EQ(fold(GetParam().text), GetParam().folded); }

INSTANTIATE_TEST_SUITE_P(Texts, Fold,
                         testing::Values(FoldCase{"Latin", "Ada LOVELACE", "ada lovelace"},
                                         FoldCase{"Umlauts", "ÄRGER Ørsted", "ärger ørsted"},
                                         FoldCase{"Greek", "ΣΩΚΡΑΤΗΣ", "σωκρατησ"},
                                         FoldCase{"Cyrillic", "Юрий ГАГАРИН", "юрий гагарин"},
                                         FoldCase{"Chinese", "张伟", "张伟"},
                                         FoldCase{"BeyondTheBasicPlane", "𐐀 😀", "𐐨 😀"},
                                         FoldCase{"NotUtf8", "A\xFF\xC3", "a\xFF\xC3"},
                                         FoldCase{"Nothing", "", ""}),
                         [](const auto& test) { return test.param.name; });

struct LineCase {
  std::string name, text;
  bool is_one_line;
};
class OneLine : public testing::TestWithParam<LineCase> {};

TEST_P(OneLine, IsUtf8WithoutControls) {
  EXPECT_EQ(is_one_line(GetParam().text), GetParam().is_one_line);
}

INSTANTIATE_TEST_SUITE_P(Texts, OneLine,
                         testing::Values(LineCase{"Name", "Zoë Müller-张", true},
                                         LineCase{"LineBreak", "a\nb", false},
                                         LineCase{"Delete", "a\x7F", false},
                                         LineCase{"Zero", std::string("a\0b", 3), false},
                                         LineCase{"ControlOfLatin1", "\xC2\x85", false},
                                         LineCase{"CutOff", "\xE5\xBC", false},
                                         LineCase{"Overlong", "\xC0\xAF", false},
                                         LineCase{"OverlongByThree", "\xE0\x80\xAF", false},
                                         LineCase{"Surrogate", "\xED\xA0\x80", false},
                                         LineCase{"TooHigh", "\xF4\x90\x80\x80", false}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace vedette::gallery
