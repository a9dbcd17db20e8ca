#pragma once
/// What all drawing shares: places and colours in OpenCV's terms.

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "vision/draw.hpp"

namespace vedette::vision {

/// Farther away than any picture reaches, and near enough for OpenCV to calculate with.
inline constexpr int farthest_pixel = 1 << 22;

/// Towards zero, as numpy's astype(int).
[[nodiscard]] inline int as_pixel(double place) {
  if (std::isnan(place)) return -farthest_pixel;
  return static_cast<int>(std::clamp<double>(place, -farthest_pixel, farthest_pixel));
}

[[nodiscard]] inline cv::Scalar as_scalar(const Color& color) {
  return {static_cast<double>(color.b), static_cast<double>(color.g), static_cast<double>(color.r)};
}

/// OpenCV checks sizes by itself; what it says is the condition that does not hold.
[[nodiscard]] inline std::unexpected<Error> cannot_draw(const cv::Exception& error) {
  return fail(Errc::bad_input, "nothing can be drawn in this style: it takes " + error.err);
}

}  // namespace vedette::vision
