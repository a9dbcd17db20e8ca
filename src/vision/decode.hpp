#pragma once
/// Encoded bytes to pixels, a file for each format. Any thread; nothing is written to stderr.

#include <opencv2/core/mat.hpp>
#include <span>

#include "base/result.hpp"
#include "vision/image.hpp"

namespace vedette::vision {

/// header   what read_header() said of `encoded`
/// returns  CV_8UC3, BGR, upright, of the header's size: see Image::pixels()
/// fails    bad_input: cut off, or not to be decoded; too_large: there is no memory for it
[[nodiscard]] Result<cv::Mat> decode(std::span<const std::uint8_t> encoded, const Header& header);

// Of one format each, as it is stored: not turned. `stored` is the size that the header names;
// no more than that is allocated. They fail as decode() does.
[[nodiscard]] Result<cv::Mat> decode_png(std::span<const std::uint8_t> encoded, cv::Size stored);
[[nodiscard]] Result<cv::Mat> decode_bmp(std::span<const std::uint8_t> encoded, cv::Size stored);
[[nodiscard]] Result<cv::Mat> decode_tiff(std::span<const std::uint8_t> encoded, cv::Size stored);

/// The first frame of several, on a black canvas.
[[nodiscard]] Result<cv::Mat> decode_webp(std::span<const std::uint8_t> encoded, cv::Size stored);

/// The first frame; where nothing was drawn is the background.
[[nodiscard]] Result<cv::Mat> decode_gif(std::span<const std::uint8_t> encoded);

}  // namespace vedette::vision
