#pragma once
/// Encoded bytes to upright pixels, whatever the format.

#include <opencv2/core/mat.hpp>
#include <optional>
#include <span>

#include "base/result.hpp"
#include "vision/image.hpp"

namespace vedette::vision {

/// header  what read_header() said of `encoded`
/// returns CV_8UC3, BGR, of the header's size: see Image::pixels()
/// fails   bad_input: cut off, or not to be decoded
[[nodiscard]] Result<cv::Mat> decode(std::span<const std::uint8_t> encoded, const Header& header);

/// The first frame on its canvas, as decode() gives it. Where nothing was drawn is the background.
/// fails  as decode()
[[nodiscard]] Result<cv::Mat> decode_gif(std::span<const std::uint8_t> encoded);

}  // namespace vedette::vision
