/// What the first bytes of a picture say, read by ourselves: a decoder is only called once it is
/// known how much memory it will ask for.

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <optional>

#include "vision/image.hpp"

namespace vedette::vision {
namespace {

using namespace std::string_view_literals;
using Span = std::span<const std::uint8_t>;

enum class Order : std::uint8_t { little, big };

/// Numbers in bytes that may end anywhere.
struct Reader {
  Span bytes;
  Order order = Order::big;

  [[nodiscard]] std::optional<std::uint32_t> number(std::size_t at, std::size_t size) const {
    if (at > bytes.size() || size > bytes.size() - at) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t next = order == Order::big ? at + i : at + size - 1 - i;
      value = value << 8 | bytes[next];
    }
    return value;
  }
  [[nodiscard]] std::optional<std::uint32_t> u16(std::size_t at) const { return number(at, 2); }
  [[nodiscard]] std::optional<std::uint32_t> u32(std::size_t at) const { return number(at, 4); }

  [[nodiscard]] bool has(std::size_t at, std::string_view text) const {
    return at <= bytes.size() && text.size() <= bytes.size() - at &&
           std::equal(text.begin(), text.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at),
                      [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
  }
};

/// Sides as they are stored, before any turn, and not yet held against a limit.
struct Sides {
  std::int64_t width = 0;
  std::int64_t height = 0;
  int orientation = 1;
};

/// Sides are below 2^32 each, so their product may be too large for any integer.
std::int64_t area(std::int64_t width, std::int64_t height) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  return height != 0 && width > most / height ? most : width * height;
}

using MaybeSides = std::optional<Sides>;  ///< nothing: cut off, or not as the format demands

/// The first directory of a TIFF file, which is what EXIF is too.
struct Directory {
  std::int64_t width = 0, height = 0;
  int orientation = 1;
};

std::optional<Directory> read_directory(Span bytes) {
  Reader in{bytes};
  if (in.has(0, "II*\0"sv)) {
    in.order = Order::little;
  } else if (!in.has(0, "MM\0*"sv)) {
    return std::nullopt;
  }
  const auto start = in.u32(4);
  if (!start) return std::nullopt;
  const auto entries = in.u16(*start);
  if (!entries) return std::nullopt;

  Directory directory;
  for (std::size_t i = 0; i < *entries; ++i) {
    const std::size_t at = std::size_t{*start} + 2 + i * 12;
    const auto tag = in.u16(at);
    const auto type = in.u16(at + 2);
    const auto value = type == 3u ? in.u16(at + 8) : in.u32(at + 8);  // 3 is SHORT
    if (!tag || !value) return std::nullopt;
    if (*tag == 256) directory.width = *value;
    if (*tag == 257) directory.height = *value;
    if (*tag == 274 && *value >= 1 && *value <= 8) directory.orientation = static_cast<int>(*value);
  }
  return directory;
}

int read_exif_orientation(Span bytes) {
  const auto directory = read_directory(bytes);
  return directory ? directory->orientation : 1;
}

MaybeSides read_jpeg(Span bytes) {
  const Reader in{bytes};
  int orientation = 1;
  std::size_t at = 2;
  for (;;) {
    while (at < bytes.size() && bytes[at] != 0xFF) ++at;  // decoders skip what is between segments
    while (at < bytes.size() && bytes[at] == 0xFF) ++at;
    if (at >= bytes.size()) return std::nullopt;
    const std::uint8_t marker = bytes[at++];
    if (marker <= 0x01 || (marker >= 0xD0 && marker <= 0xD8)) continue;  // these stand alone
    if (marker == 0xD9 || marker == 0xDA) return std::nullopt;  // the end, before any frame
    const auto length = in.u16(at);
    if (!length || *length < 2) return std::nullopt;
    const bool is_frame =
        marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (is_frame) {
      const auto height = in.u16(at + 3);
      const auto width = in.u16(at + 5);
      if (!height || !width) return std::nullopt;
      return Sides{*width, *height, orientation};
    }
    if (marker == 0xE1 && in.has(at + 2, "Exif\0\0"sv)) {
      if (bytes.size() < at + *length) return std::nullopt;
      orientation = read_exif_orientation(bytes.subspan(at + 8, std::max(*length, 8u) - 8));
    }
    at += *length;
  }
}

MaybeSides read_png(Span bytes) {
  const Reader in{bytes};
  const auto width = in.u32(16);
  const auto height = in.u32(20);
  if (!in.has(12, "IHDR") || !width || !height) return std::nullopt;
  Sides sides{*width, *height};
  for (std::size_t at = 8;;) {
    const auto length = in.u32(at);
    if (!length || bytes.size() < at + 8) return std::nullopt;
    if (in.has(at + 4, "IDAT")) return sides;
    if (in.has(at + 4, "eXIf")) {
      if (bytes.size() - at - 8 < *length) return std::nullopt;
      sides.orientation = read_exif_orientation(bytes.subspan(at + 8, *length));
    }
    at += 12 + std::size_t{*length};
  }
}

MaybeSides read_bmp(Span bytes) {
  const Reader in{bytes, Order::little};
  const auto header = in.u32(14);
  if (header == 12u) {  // OS/2
    const auto width = in.u16(18);
    const auto height = in.u16(20);
    if (!width || !height) return std::nullopt;
    return Sides{*width, *height};
  }
  const auto width = in.u32(18);
  const auto height = in.u32(22);
  if (!width || !height) return std::nullopt;
  return Sides{static_cast<std::int32_t>(*width),  // a negative height means from top to bottom
               std::abs(std::int64_t{static_cast<std::int32_t>(*height)})};
}

MaybeSides read_webp(Span bytes) {
  const Reader in{bytes, Order::little};
  if (in.has(12, "VP8 ")) {
    const auto width = in.u16(26);
    const auto height = in.u16(28);
    if (!width || !height || !in.has(23, "\x9d\x01\x2a")) return std::nullopt;
    return Sides{*width & 0x3FFF, *height & 0x3FFF};
  }
  if (in.has(12, "VP8L")) {
    const auto bits = in.u32(21);
    if (!bits || !in.has(20, "\x2f")) return std::nullopt;
    return Sides{(*bits & 0x3FFF) + 1, (*bits >> 14 & 0x3FFF) + 1};
  }
  const auto width = in.number(24, 3);
  const auto height = in.number(27, 3);
  if (!in.has(12, "VP8X") || !width || !height) return std::nullopt;
  return Sides{std::int64_t{*width} + 1, std::int64_t{*height} + 1};
}

MaybeSides read_tiff(Span bytes) {
  const auto directory = read_directory(bytes);
  if (!directory) return std::nullopt;
  return Sides{directory->width, directory->height, directory->orientation};
}

MaybeSides read_gif(Span bytes) {
  const Reader in{bytes, Order::little};
  const auto width = in.u16(6);
  const auto height = in.u16(8);
  if (!width || !height) return std::nullopt;
  return Sides{*width, *height};
}

struct Known {
  Format format;
  std::string_view name;
  std::string_view signature;
  MaybeSides (*read)(Span bytes);
};
constexpr std::array known{
    Known{Format::jpeg, "JPEG", "\xFF\xD8\xFF"sv, read_jpeg},
    Known{Format::png, "PNG", "\x89PNG\r\n\x1a\n"sv, read_png},
    Known{Format::bmp, "BMP", "BM"sv, read_bmp},
    Known{Format::webp, "WebP", "RIFF"sv, read_webp},
    Known{Format::tiff, "TIFF", "II*\0"sv, read_tiff},
    Known{Format::tiff, "TIFF", "MM\0*"sv, read_tiff},
    Known{Format::gif, "GIF", "GIF87a"sv, read_gif},
    Known{Format::gif, "GIF", "GIF89a"sv, read_gif},
};

Result<Header> check(const Known& kind, const MaybeSides& sides, const ImageLimits& limits) {
  const std::string name(kind.name);
  if (!sides) return fail(Errc::bad_input, "the header of this " + name + " is cut off or broken");
  const std::string size =
      std::to_string(sides->width) + " x " + std::to_string(sides->height) + " px";
  if (sides->width < 1 || sides->height < 1) {
    return fail(Errc::bad_input, "this " + name + " says that it is " + size);
  }
  if (area(sides->width, sides->height) > limits.pixels) {
    return fail(Errc::too_large, "this " + name + " of " + size + " is over the limit of " +
                                     std::to_string(limits.pixels) + " pixels (limits.pixels)");
  }
  Header header{kind.format, static_cast<int>(sides->width), static_cast<int>(sides->height),
                sides->orientation};
  if (header.orientation >= 5) std::swap(header.width, header.height);
  return header;
}

}  // namespace

Result<Header> read_header(Span encoded, const ImageLimits& limits) {
  if (encoded.empty()) return fail(Errc::bad_input, "the picture is empty (0 bytes)");
  const Reader in{encoded};
  for (const Known& kind : known) {
    if (!in.has(0, kind.signature)) continue;
    if (kind.format == Format::webp && !in.has(8, "WEBP")) continue;
    return check(kind, kind.read(encoded), limits);
  }
  return fail(Errc::bad_input, "this is no JPEG, PNG, BMP, WebP, TIFF or GIF");
}

}  // namespace vedette::vision
