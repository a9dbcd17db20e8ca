#include "vision/decode.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <string_view>

#include "vision/jpeg.hpp"

namespace vedette::vision {
namespace {

using Span = std::span<const std::uint8_t>;

std::uint32_t little(Span bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | bytes[at + i];
  return value;
}

std::uint32_t big(Span bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 |
         std::uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
}

std::string_view name_at(Span bytes, std::size_t at) {
  return {reinterpret_cast<const char*>(&bytes[at]), 4};
}

/// What OpenCV says of its failures is about its own source files, so it is not passed on.
Result<cv::Mat> by_opencv(Span encoded) {
  const cv::Mat view(1, static_cast<int>(encoded.size()), CV_8UC1,
                     const_cast<std::uint8_t*>(encoded.data()));
  cv::Mat pixels;
  try {
    pixels = cv::imdecode(view, cv::IMREAD_COLOR);
  } catch (const cv::Exception&) {
    pixels.release();
  }
  if (pixels.empty()) return fail(Errc::bad_input, "this picture is cut off or broken");
  return pixels;
}

/// A PNG without what makes no pixels: compressed text and profiles can come to gigabytes, and
/// further frames are not looked at. Its turn is made by ourselves.
Result<cv::Mat> decode_png(Span encoded) {
  constexpr std::array<std::string_view, 4> wanted{"IHDR", "PLTE", "IDAT", "IEND"};
  Bytes plain(encoded.begin(), encoded.begin() + 8);
  plain.reserve(encoded.size());
  std::size_t at = 8;
  while (encoded.size() - at >= 12) {
    const std::size_t size = std::size_t{big(encoded, at)} + 12;
    if (size > encoded.size() - at) break;
    if (std::ranges::find(wanted, name_at(encoded, at + 4)) != wanted.end()) {
      const auto chunk = encoded.subspan(at, size);
      plain.insert(plain.end(), chunk.begin(), chunk.end());
    }
    at += size;
  }
  return by_opencv(plain);
}

/// One chunk of pixels as a WebP of its own.
Bytes as_webp(Span chunk) {
  const auto size = static_cast<std::uint32_t>(chunk.size() + 4);
  Bytes file{'R', 'I', 'F', 'F'};
  for (int shift = 0; shift < 32; shift += 8) {
    file.push_back(static_cast<std::uint8_t>(size >> shift));
  }
  file.insert(file.end(), {'W', 'E', 'B', 'P'});
  file.insert(file.end(), chunk.begin(), chunk.end());
  return file;
}

/// The chunk of that name in a row of RIFF chunks; empty where there is none.
Span find_chunk(Span chunks, std::initializer_list<std::string_view> names) {
  while (chunks.size() >= 8) {
    const std::size_t body = little(chunks, 4, 4);
    const std::size_t size = std::min(chunks.size(), body + 8 + (body & 1));
    if (std::ranges::find(names, name_at(chunks, 0)) != names.end()) return chunks.first(size);
    chunks = chunks.subspan(size);
  }
  return {};
}

/// OpenCV 4.6 reads no animations, so the first frame is cut out of them.
Result<cv::Mat> decode_webp(Span encoded, const Header& header) {
  const Span frame = find_chunk(encoded.subspan(12), {"ANMF"});
  if (frame.size() < 8 + 16) return by_opencv(encoded);

  const auto left = static_cast<int>(2 * little(frame, 8, 3));
  const auto top = static_cast<int>(2 * little(frame, 11, 3));
  const auto picture = by_opencv(as_webp(find_chunk(frame.subspan(8 + 16), {"VP8 ", "VP8L"})));
  if (!picture) return picture;
  const cv::Rect place({left, top}, picture->size());
  if (place.br().x > header.width || place.br().y > header.height) {
    return fail(Errc::bad_input, "this WebP is broken: its frame exceeds its canvas");
  }
  cv::Mat canvas = cv::Mat::zeros(header.height, header.width, CV_8UC3);
  picture->copyTo(canvas(place));
  return canvas;
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

Result<cv::Mat> decode_as_stored(Span encoded, const Header& header) {
  switch (header.format) {
    case Format::jpeg:
      return decode_jpeg(encoded);
    case Format::png:
      return decode_png(encoded);
    case Format::gif:
      return decode_gif(encoded);
    case Format::webp:
      return decode_webp(encoded, header);
    default:
      return by_opencv(encoded);
  }
}

}  // namespace

Result<cv::Mat> decode(Span encoded, const Header& header) {
  try {
    auto pixels = decode_as_stored(encoded, header);
    if (!pixels) return pixels;
    // OpenCV turns a TIFF by itself.
    if (header.format != Format::tiff) *pixels = turned(*pixels, header.orientation);
    if (pixels->cols != header.width || pixels->rows != header.height ||
        pixels->type() != CV_8UC3) {
      return fail(Errc::bad_input, "this picture is not what its header says");
    }
    return pixels;
  } catch (const std::exception& error) {  // no memory
    return fail(Errc::too_large, std::string("this picture cannot be decoded: ") + error.what());
  }
}

}  // namespace vedette::vision
