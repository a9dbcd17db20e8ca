#pragma once
/// What the reader and the writer of JSON share: the scan for the end of plain text.

#include <cstdint>
#include <cstring>

namespace vedette::json {

/// Must this byte be escaped in a JSON string?
constexpr bool is_special(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

/// The first byte of [at, end) that is special, or `end`. Pictures travel as strings of base 64,
/// so this looks at 16 bytes at once, in the compiler's portable vectors.
inline const char* plain_end(const char* at, const char* end) {
  using Block = std::uint8_t __attribute__((vector_size(16)));
  for (Block block; end - at >= static_cast<std::ptrdiff_t>(sizeof block); at += sizeof block) {
    std::memcpy(&block, at, sizeof block);
    const auto hits = (block == '"') | (block == '\\') | (block < 0x20);
    std::uint64_t halves[2];
    std::memcpy(halves, &hits, sizeof halves);
    if ((halves[0] | halves[1]) != 0) break;
  }
  while (at != end && !is_special(*at)) ++at;
  return at;
}

}  // namespace vedette::json
