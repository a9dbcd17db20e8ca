#pragma once
/// A face cut out and laid upright, as an embedder was trained to see it.

#include <opencv2/core/mat.hpp>

#include "base/result.hpp"
#include "vision/faces.hpp"

namespace vedette::vision {

/// A square picture of `side` px in which `marks` lie as near as can be to `reference`.
///
/// pixels     CV_8UC3; where the square reaches beyond them it is black
/// marks      px of `pixels`; reference: px of the square
/// fails      bad_input: the marks lie in one place or like no face, or outside the picture
[[nodiscard]] Result<cv::Mat> align_face(const cv::Mat& pixels, const FiveMarks& marks,
                                         const FiveMarks& reference, int side);

}  // namespace vedette::vision
