#include "vision/decode.hpp"

#include <array>
#include <exception>
#include <opencv2/core.hpp>

#include "vision/jpeg.hpp"

namespace vedette::vision {
namespace {

Result<cv::Mat> decode_as_stored(std::span<const std::uint8_t> encoded, Format format,
                                 cv::Size stored) {
  switch (format) {
    case Format::jpeg:
      return decode_jpeg(encoded, stored);
    case Format::png:
      return decode_png(encoded, stored);
    case Format::bmp:
      return decode_bmp(encoded, stored);
    case Format::webp:
      return decode_webp(encoded, stored);
    case Format::tiff:
      return decode_tiff(encoded, stored);
    case Format::gif:
      return decode_gif(encoded);
    case Format::none:
      break;
  }
  return fail(Errc::bad_input, "this is no picture");
}

cv::Mat turned(const cv::Mat& pixels, int orientation) {
  cv::Mat upright = pixels;
  if (orientation >= 5) cv::transpose(pixels, upright);
  constexpr int none = 2, both = -1, upside_down = 0, mirrored = 1;
  constexpr std::array flips{none, mirrored, both, upside_down, none, mirrored, both, upside_down};
  const int flip = flips.at(static_cast<std::size_t>(orientation - 1));
  if (flip != none) cv::flip(upright, upright, flip);
  return upright;
}

}  // namespace

Result<cv::Mat> decode(std::span<const std::uint8_t> encoded, const Header& header) {
  cv::Size stored(header.width, header.height);
  if (header.orientation >= 5) std::swap(stored.width, stored.height);
  try {
    auto pixels = decode_as_stored(encoded, header.format, stored);
    if (!pixels) return pixels;
    if (pixels->size() != stored) {
      return fail(Errc::bad_input, "this picture is not as large as its header says");
    }
    return turned(*pixels, header.orientation);
  } catch (const std::exception& error) {  // no memory
    return fail(Errc::too_large, std::string("this picture cannot be decoded: ") + error.what());
  }
}

}  // namespace vedette::vision
