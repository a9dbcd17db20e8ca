#include "base/nearest.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace vedette {
namespace {

constexpr std::array<std::string_view, 6> known{
    "image", "images", "max_faces", "similarity_threshold", "type", "x"};

struct Case {
  std::string name, wrong, meant;
};

class Nearest : public testing::TestWithParam<Case> {};

TEST_P(Nearest, IsWhatWasMeant) { EXPECT_EQ(nearest(GetParam().wrong, known), GetParam().meant); }

INSTANTIATE_TEST_SUITE_P(
    Names, Nearest,
    testing::Values(Case{"Equal", "type", "type"}, Case{"Missing", "imge", "image"},
                    Case{"TooMany", "imagess", "images"},
                    Case{"Replaced", "max-faces", "max_faces"}, Case{"Swapped", "tpye", "type"},
                    Case{"OtherCase", "IMAGES", "images"}, Case{"FirstOfEquals", "imagex", "image"},
                    Case{"Threshold", "similarity_treshold", "similarity_threshold"},
                    Case{"NothingLike", "confidence", ""}, Case{"ShortAndOther", "y", ""},
                    Case{"Empty", "", ""}, Case{"VeryLong", std::string(1'000'000, 'x'), ""}),
    [](const auto& test) { return test.param.name; });

TEST(NearestOfNothing, IsNothing) { EXPECT_EQ(nearest("image", {}), ""); }

}  // namespace
}  // namespace vedette
