#include "vision/alignment.hpp"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "vision/similarity.hpp"

namespace vedette::vision {
namespace {

constexpr int side = 150;
const FiveMarks reference{{{46, 45}, {102, 45}, {74, 78}, {50, 102}, {100, 102}}};

struct Placing {
  std::string name;
  Similarity map;  ///< from the square to the picture
};

class AlignFace : public testing::TestWithParam<Placing> {};

/// A picture with a white disc on each mark; its size follows the face's.
cv::Mat face_of_discs(const FiveMarks& marks, double scale) {
  cv::Mat pixels(1000, 1000, CV_8UC3, cv::Scalar::all(0));
  for (const Point mark : marks) {
    const cv::Point centre(static_cast<int>(mark.x * 16), static_cast<int>(mark.y * 16));
    const int radius = static_cast<int>(7 * 16 * scale);
    cv::circle(pixels, centre, radius, cv::Scalar::all(255), cv::FILLED, cv::LINE_8, 4);
  }
  return pixels;
}

/// The centre of gravity of what is bright within 12 px of `place`.
Point bright_centre(const cv::Mat& square, Point place) {
  const cv::Rect around(static_cast<int>(place.x) - 12, static_cast<int>(place.y) - 12, 25, 25);
  cv::Mat gray;
  cv::cvtColor(square(around), gray, cv::COLOR_BGR2GRAY);
  const cv::Moments moments = cv::moments(gray);
  return {around.x + moments.m10 / moments.m00, around.y + moments.m01 / moments.m00};
}

TEST_P(AlignFace, LaysTheMarksOnTheReference) {
  FiveMarks marks;
  std::ranges::transform(reference, marks.begin(), GetParam().map);
  const cv::Mat pixels = face_of_discs(marks, GetParam().map.scale());
  const auto square = align_face(pixels, marks, reference, side);
  ASSERT_TRUE(square) << square.error().what;
  ASSERT_EQ(square->size(), cv::Size(side, side));
  for (const Point mark : reference) {
    const Point found = bright_centre(*square, mark);
    EXPECT_NEAR(found.x, mark.x, 0.7);
    EXPECT_NEAR(found.y, mark.y, 0.7);
  }
}

INSTANTIATE_TEST_SUITE_P(Placings, AlignFace,
                         testing::Values(Placing{"AsItIs", {1, 0, 100, 200}},
                                         Placing{"Turned", {0.8, 0.6, 300, 200}},
                                         Placing{"HalfAsLarge", {0.5, 0, 20, 30}},
                                         Placing{"TwiceAsLarge", {2, 0, 300, 300}},
                                         Placing{"FiveTimesAsLarge", {5, 0.5, 60, 50}},
                                         Placing{"OverTheEdge", {2, 0, -40, -30}}),
                         [](const auto& test) { return test.param.name; });

TEST(AlignFaceOfALargeFace, AveragesRatherThanSkips) {
  cv::Mat stripes(1200, 1200, CV_8UC3, cv::Scalar::all(0));
  for (int x = 0; x < stripes.cols; x += 2) stripes.col(x).setTo(cv::Scalar::all(255));
  FiveMarks marks;
  std::ranges::transform(reference, marks.begin(), [](Point p) { return Point{p.x * 8, p.y * 8}; });
  const cv::Mat square = align_face(stripes, marks, reference, side).value();
  cv::Scalar mean, deviation;
  cv::meanStdDev(square(cv::Rect(20, 20, 110, 110)), mean, deviation);
  EXPECT_NEAR(mean[0], 127.5, 2);
  EXPECT_LT(deviation[0], 2) << "every second column was white: the average is gray everywhere";
}

TEST(AlignFaceRefuses, MarksInOnePlace) {
  const FiveMarks marks{};
  const auto square = align_face(cv::Mat(10, 10, CV_8UC3), marks, reference, side);
  ASSERT_FALSE(square);
  EXPECT_EQ(square.error().code, Errc::bad_input);
}

TEST(AlignFaceRefuses, MarksThatLieLikeNoFace) {
  FiveMarks marks = reference;
  for (Point& mark : marks) mark = {1e6 * mark.x, 1e6 * mark.y};
  const auto square = align_face(cv::Mat(10, 10, CV_8UC3), marks, reference, side);
  ASSERT_FALSE(square);
  EXPECT_EQ(square.error().what, "the marks lie like no face's");
}

TEST(AlignFaceRefuses, AFaceOutsideThePicture) {
  FiveMarks marks = reference;
  for (Point& mark : marks) mark.x += 5000;
  const auto square = align_face(cv::Mat(100, 100, CV_8UC3), marks, reference, side);
  ASSERT_FALSE(square);
  EXPECT_EQ(square.error().what, "the face lies outside the picture");
}

}  // namespace
}  // namespace vedette::vision
