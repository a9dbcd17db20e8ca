#include "vision/alignment.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "vision/similarity.hpp"

namespace vedette::vision {
namespace {

constexpr double least_scale = 1e-3;  ///< under it a face would be larger than any picture

/// The part of the picture that comes to lie in the square, with a margin for interpolation.
cv::Rect seen(const Similarity& map, int side, cv::Size picture) {
  const double norm = map.a * map.a + map.b * map.b;
  const auto back = [&](double x, double y) {
    const double u = x - map.dx;
    const double v = y - map.dy;
    return cv::Point2d((map.a * u + map.b * v) / norm, (map.a * v - map.b * u) / norm);
  };
  const std::array corners{back(0, 0), back(side, 0), back(0, side), back(side, side)};
  const auto [left, right] = std::ranges::minmax(corners, {}, &cv::Point2d::x);
  const auto [top, bottom] = std::ranges::minmax(corners, {}, &cv::Point2d::y);
  const double margin = 2 / std::sqrt(norm);
  const auto within = [](double place, int most) {
    return static_cast<int>(std::clamp(place, 0.0, static_cast<double>(most)));
  };
  const cv::Point from{within(left.x - margin, picture.width),
                       within(top.y - margin, picture.height)};
  const cv::Point to{within(right.x + margin, picture.width),
                     within(bottom.y + margin, picture.height)};
  return {from, to};
}

cv::Mat warped(const cv::Mat& pixels, const Similarity& map, int side) {
  const cv::Matx23d matrix(map.a, -map.b, map.dx, map.b, map.a, map.dy);
  cv::Mat square;
  cv::warpAffine(pixels, square, matrix, {side, side}, cv::INTER_LINEAR);
  return square;
}

}  // namespace

Result<cv::Mat> align_face(const cv::Mat& pixels, const FiveMarks& marks,
                           const FiveMarks& reference, int side) {
  const auto map = fit_similarity(marks, reference);
  if (!map) return fail(map.error());
  if (!(map->scale() >= least_scale)) return fail(Errc::bad_input, "the marks lie like no face's");
  const cv::Rect part = seen(*map, side, pixels.size());
  if (part.empty()) return fail(Errc::bad_input, "the face lies outside the picture");

  // Linear interpolation looks at four pixels only: a large face is first shrunk by averaging.
  const int shrink = static_cast<int>(1 / map->scale());
  if (shrink < 2) return warped(pixels, *map, side);
  const cv::Size small{std::max(1, part.width / shrink), std::max(1, part.height / shrink)};
  cv::Mat shrunk;
  cv::resize(pixels(part), shrunk, small, 0, 0, cv::INTER_AREA);

  // The centre of pixel (x, y) of `shrunk` lies at (factor·(x + ½) − ½) + the part's corner.
  const double factor = static_cast<double>(part.width) / small.width;
  const double half = (factor - 1) / 2;
  const Point corner = (*map)({part.x + half, part.y + half});
  return warped(shrunk, {map->a * factor, map->b * factor, corner.x, corner.y}, side);
}

}  // namespace vedette::vision
