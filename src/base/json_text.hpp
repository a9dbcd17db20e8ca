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
/// so this looks at 32 bytes at once, in the compiler's portable vectors.
inline const char* plain_end(const char* at, const char* end) {
  using Block = std::uint8_t __attribute__((vector_size(32)));
  for (Block block; end - at >= static_cast<std::ptrdiff_t>(sizeof block); at += sizeof block) {
    std::memcpy(&block, at, sizeof block);
    const auto hits = (block == '"') | (block == '\\') | (block < 0x20);
    std::uint64_t parts[4];
    std::memcpy(parts, &hits, sizeof parts);
    if ((parts[0] | parts[1] | parts[2] | parts[3]) != 0) break;
  }
  while (at != end && !is_special(*at)) ++at;
  return at;
}

}  // namespace vedette::json
