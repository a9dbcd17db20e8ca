#pragma once
/// Masks as outlines and as run lengths: the two forms in which they go out.

#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/value.hpp"

namespace vedette::workflow {

/// The outline of the largest patch of `mask` (CV_8UC1): three points or more, the last repeated
/// where it has fewer; empty where the mask is.
[[nodiscard]] std::vector<cv::Point> outline_of(const cv::Mat& mask);

/// {"size": [height, width], "counts": "…"}. Source: the compressed form of the COCO API.
[[nodiscard]] Value encode_mask(const cv::Mat& mask);

/// The same read; counts may also be a list of numbers.
/// fails  bad_input; too_large: more than `most_pixels`
[[nodiscard]] Result<cv::Mat> decode_mask(const Value& coded, std::int64_t most_pixels);

}  // namespace vedette::workflow
