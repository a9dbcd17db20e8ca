#include <algorithm>
#include <array>
#include <bit>

#include "vision/decode.hpp"

namespace vedette::vision {
namespace {

using Span = std::span<const std::uint8_t>;

std::unexpected<Error> broken() {
  return fail(Errc::bad_input, "this BMP is cut off, broken or of a kind that is not read");
}

std::uint32_t little(Span bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | bytes[at + i];
  return value;
}

/// Runs of nibbles exist too; the peer does not read them either.
enum class Packing : std::uint32_t { none = 0, runs = 1, masks = 3 };

struct Layout {
  std::size_t pixels = 0;  ///< where they begin
  unsigned bits = 0;       ///< of a pixel
  Packing packing = Packing::none;
  bool top_down = false;
  std::array<cv::Vec3b, 256> palette{};
  std::array<std::uint32_t, 3> masks{};  ///< of blue, green and red
};

bool read_layout(Span bytes, Layout& layout) {
  constexpr std::size_t file_head = 14, old_head = 12, head = 40;
  if (bytes.size() < file_head + old_head) return false;
  const std::size_t size = little(bytes, 14, 4);
  const bool is_old = size == old_head;
  if (!is_old && (size < head || bytes.size() < file_head + head)) return false;

  layout.pixels = little(bytes, 10, 4);
  layout.bits = little(bytes, is_old ? 24 : 28, 2);
  if (!is_old) {
    layout.packing = static_cast<Packing>(little(bytes, 30, 4));
    layout.top_down = static_cast<std::int32_t>(little(bytes, 22, 4)) < 0;
  }
  std::size_t at = file_head + size;
  if (layout.packing == Packing::masks) {  // behind the smallest head, or within a larger one
    at = file_head + head;
    if (bytes.size() < at + 12) return false;
    layout.masks = {little(bytes, at + 8, 4), little(bytes, at + 4, 4), little(bytes, at, 4)};
  } else if (layout.bits == 16) {
    layout.masks = {0x1F, 0x1F << 5, 0x1F << 10};
  } else {
    layout.masks = {0xFF, 0xFF << 8, 0xFF << 16};
  }
  if (layout.bits > 8) return true;

  const std::size_t entry = is_old ? 3 : 4;
  const std::size_t used = is_old ? 0 : little(bytes, 46, 4);
  const std::size_t count = used != 0 ? used : std::size_t{1} << layout.bits;
  for (std::size_t i = 0; i < std::min(count, layout.palette.size()); ++i, at += entry) {
    if (bytes.size() < at + entry) return false;
    layout.palette[i] = {bytes[at], bytes[at + 1], bytes[at + 2]};
  }
  return true;
}

/// Runs of equal pixels and rows of different ones, as indices into the palette.
/// returns  false, where a row is longer than the picture is wide, or the data end
bool unpack(Span bytes, cv::Mat& indices) {
  int x = 0, y = 0;
  std::size_t at = 0;
  while (y < indices.rows) {
    if (bytes.size() - at < 2) return false;
    const int count = bytes[at], code = bytes[at + 1];
    at += 2;
    if (count > 0) {
      if (count > indices.cols - x) return false;
      std::fill_n(indices.ptr(y, x), count, bytes[at - 1]);
      x += count;
    } else if (code == 0) {  // the end of the row
      x = 0;
      ++y;
    } else if (code == 1) {  // the end of the picture
      return true;
    } else if (code == 2) {  // a step to the right and upwards
      if (bytes.size() - at < 2 || bytes[at] > indices.cols - x) return false;
      x += bytes[at];
      y += bytes[at + 1];
      at += 2;
    } else {  // so many pixels as they are, filled up to an even number
      const auto size = static_cast<std::size_t>(code);
      if (code > indices.cols - x || bytes.size() - at < size) return false;
      std::ranges::copy(bytes.subspan(at, size), indices.ptr(y, x));
      x += code;
      at = std::min(bytes.size(), at + size + size % 2);
    }
  }
  return true;
}

/// The bits under a mask as the highest of eight.
std::uint8_t channel(std::uint32_t value, std::uint32_t mask) {
  if (mask == 0) return 0;
  const int first = std::countr_zero(mask);
  const int size = std::popcount(mask);
  const std::uint32_t bits = (value & mask) >> first;
  return static_cast<std::uint8_t>(size > 8 ? bits >> (size - 8) : bits << (8 - size));
}

cv::Vec3b color_at(Span row, int x, const Layout& layout) {
  const auto place = static_cast<std::size_t>(x) * layout.bits / 8;
  if (layout.bits <= 8) {
    const auto used = static_cast<unsigned>(x) * layout.bits % 8;
    return layout.palette[row[place] >> (8 - layout.bits - used) & ((1u << layout.bits) - 1)];
  }
  if (layout.bits == 24) return {row[place], row[place + 1], row[place + 2]};
  const std::uint32_t value = little(row, place, layout.bits / 8);
  return {channel(value, layout.masks[0]), channel(value, layout.masks[1]),
          channel(value, layout.masks[2])};
}

}  // namespace

Result<cv::Mat> decode_bmp(Span encoded, cv::Size stored) {
  Layout layout;
  if (!read_layout(encoded, layout) || layout.pixels > encoded.size()) return broken();
  const bool has_runs = layout.packing == Packing::runs && layout.bits == 8;
  const bool is_plain = layout.packing == Packing::none || layout.packing == Packing::masks;
  constexpr std::array<unsigned, 6> known_bits{1, 4, 8, 16, 24, 32};
  if ((!has_runs && !is_plain) || std::ranges::find(known_bits, layout.bits) == known_bits.end()) {
    return broken();
  }

  Span data = encoded.subspan(layout.pixels);
  cv::Mat indices;
  std::size_t stride = (static_cast<std::size_t>(stored.width) * layout.bits + 31) / 32 * 4;
  if (has_runs) {
    indices = cv::Mat::zeros(stored, CV_8UC1);
    if (!unpack(data, indices)) return broken();
    data = {indices.data, indices.total()};
    stride = static_cast<std::size_t>(stored.width);
  }
  const std::size_t last = (static_cast<std::size_t>(stored.width) * layout.bits + 7) / 8;
  if (data.size() < stride * (static_cast<std::size_t>(stored.height) - 1) + last) return broken();

  cv::Mat pixels(stored, CV_8UC3);
  for (int y = 0; y < stored.height; ++y) {
    const Span row = data.subspan(stride * static_cast<std::size_t>(y));
    auto* to = pixels.ptr<cv::Vec3b>(layout.top_down ? y : stored.height - 1 - y);
    for (int x = 0; x < stored.width; ++x) to[x] = color_at(row, x, layout);
  }
  return pixels;
}

}  // namespace vedette::vision
