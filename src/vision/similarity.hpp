#pragma once
/// The turn, scale and shift that lays one set of points on another.
///
/// A recogniser sees a face the way it was trained: eyes, nose and mouth at fixed places in
/// a small square. This is the map that brings a face there, without shearing or mirroring it.

#include <cmath>
#include <span>

#include "base/result.hpp"
#include "vision/detections.hpp"

namespace vedette::vision {

/// (x, y) ↦ (a·x − b·y + dx, b·x + a·y + dy); scale = hypot(a, b), turn = atan2(b, a).
struct Similarity {
  double a = 1;
  double b = 0;
  double dx = 0;
  double dy = 0;

  [[nodiscard]] Point operator()(Point p) const {
    return {a * p.x - b * p.y + dx, b * p.x + a * p.y + dy};
  }
  [[nodiscard]] double scale() const { return std::hypot(a, b); }
};

/// The similarity with the least sum of squared distances between its images and `to`.
///
/// from, to   n points each, n ≥ 2, paired by their place in the span; pixels
/// returns    the map from the frame of `from` to the frame of `to`
/// fails      bad_input, where the counts differ, n < 2, or all of `from` is one point
/// cost       O(n), no allocation
/// source     S. Umeyama, "Least-squares estimation of transformation parameters between
///            two point patterns", IEEE TPAMI 13(4), 1991; in the plane its solution is one
///            complex division, which also leaves no reflection to rule out
[[nodiscard]] Result<Similarity> fit_similarity(std::span<const Point> from,
                                                std::span<const Point> to);

}  // namespace vedette::vision
