#include "gallery/text.hpp"

#include <algorithm>
#include <clocale>
#include <optional>
#include <wctype.h>

namespace vedette::gallery {
namespace {

/// Takes the first code point off `text`; nothing, and nothing taken, where it is not UTF-8.
std::optional<char32_t> take(std::string_view& text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char lead = byte(0);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if ((lead >= 0x80 && lead < 0xC2) || lead > 0xF4 || text.size() < length) return std::nullopt;
  char32_t point = length == 1 ? lead : lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
    point = point << 6 | (byte(i) & 0x3FU);
  }
  const bool is_short = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  const bool is_surrogate = point >= 0xD800 && point < 0xE000;
  if (is_short || is_surrogate || point > 0x10FFFF) return std::nullopt;
  text.remove_prefix(length);
  return point;
}

void append(char32_t point, std::string& out) {
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  const auto more = [&](int shift) { put(0x80 | ((point >> shift) & 0x3F)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | point >> 6);
    more(0);
  } else if (point < 0x10000) {
    put(0xE0 | point >> 12);
    more(6), more(0);
  } else {
    put(0xF0 | point >> 18);
    more(12), more(6), more(0);
  }
}

}  // namespace

std::string fold(std::string_view text) {
  static const locale_t everywhere = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  std::string folded;
  folded.reserve(text.size());
  while (!text.empty()) {
    if (const auto point = take(text)) {
      append(everywhere ? towlower_l(static_cast<wint_t>(*point), everywhere) : *point, folded);
    } else {
      folded.push_back(text.front());
      text.remove_prefix(1);
    }
  }
  return folded;
}

bool is_one_line(std::string_view text) {
  while (!text.empty()) {
    const auto point = take(text);
    if (!point || *point < 0x20 || (*point >= 0x7F && *point < 0xA0)) return false;
  }
  return true;
}

}  // namespace vedette::gallery
