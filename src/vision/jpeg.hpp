#pragma once
/// JPEG by libjpeg-turbo. Any thread; each keeps a codec of its own.

#include <opencv2/core/mat.hpp>
#include <span>

#include "base/result.hpp"
#include "vision/image.hpp"

namespace vedette::vision {

/// Scans of a progressive picture; encoders write about ten. Each costs a pass over the picture.
inline constexpr int max_jpeg_scans = 64;

/// As it is stored, not turned; `stored` is the size that the header names. CV_8UC3, BGR; CMYK as
/// Adobe writes it (inverted) is converted. Where data in the middle is damaged, what can be read
/// is given, as OpenCV does. fails  bad_input: cut off, or not to be decoded; too many scans
[[nodiscard]] Result<cv::Mat> decode_jpeg(std::span<const std::uint8_t> encoded, cv::Size stored);

}  // namespace vedette::vision
