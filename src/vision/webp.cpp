#include <algorithm>
#include <string_view>
#include <webp/decode.h>

#include "vision/decode.hpp"

namespace vedette::vision {
namespace {

using Span = std::span<const std::uint8_t>;

std::unexpected<Error> broken() { return fail(Errc::bad_input, "this WebP is cut off or broken"); }

std::uint32_t little(Span bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | bytes[at + i];
  return value;
}

/// A still picture, with or without the file's header round it. Alpha is dropped.
Result<cv::Mat> decode_still(Span encoded, const ImageLimits& limits) {
  int width = 0, height = 0;
  if (!WebPGetInfo(encoded.data(), encoded.size(), &width, &height)) return broken();
  if (std::int64_t{width} * height > limits.pixels) return broken();
  cv::Mat pixels(height, width, CV_8UC3);
  if (!WebPDecodeBGRInto(encoded.data(), encoded.size(), pixels.data, pixels.total() * 3,
                         static_cast<int>(pixels.step))) {
    return broken();
  }
  return pixels;
}

/// The first of the RIFF chunks that has one of these names, with its head; or nothing.
Span find_chunk(Span chunks, std::initializer_list<std::string_view> names) {
  constexpr std::size_t head = 8;
  while (chunks.size() >= head) {
    const std::string_view name(reinterpret_cast<const char*>(chunks.data()), 4);
    const std::size_t body = little(chunks, 4, 4);
    const std::size_t size = std::min(chunks.size(), head + body + (body & 1));
    if (std::ranges::find(names, name) != names.end()) return chunks.first(size);
    chunks = chunks.subspan(size);
  }
  return {};
}

}  // namespace

Result<cv::Mat> decode_webp(Span encoded, cv::Size stored) {
  constexpr std::size_t file_head = 12, frame_head = 8 + 16;
  const ImageLimits limits{.pixels = stored.area()};
  const Span frame = find_chunk(encoded.subspan(file_head), {"ANMF"});
  if (frame.size() < frame_head) return decode_still(encoded, limits);

  const cv::Point corner(static_cast<int>(2 * little(frame, 8, 3)),
                         static_cast<int>(2 * little(frame, 11, 3)));
  const auto picture =
      decode_still(find_chunk(frame.subspan(frame_head), {"VP8 ", "VP8L"}), limits);
  if (!picture) return picture;
  const cv::Rect place(corner, picture->size());
  if (place.br().x > stored.width || place.br().y > stored.height) return broken();
  cv::Mat canvas = cv::Mat::zeros(stored, CV_8UC3);
  picture->copyTo(canvas(place));
  return canvas;
}

}  // namespace vedette::vision
