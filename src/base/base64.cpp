#include "base/base64.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <fmt/format.h>

namespace vedette::base64 {
namespace {

static_assert(std::endian::native == std::endian::little, "the tables are laid out for it");

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint32_t foreign = 0xff000000;  // in a decoding table: not of the alphabet

/// The two characters of any 12 bits.
constexpr auto pairs = [] {
  std::array<std::array<char, 2>, 4096> all{};
  for (std::size_t bits = 0; bits < all.size(); ++bits) {
    all[bits] = {alphabet[bits >> 6], alphabet[bits & 63]};
  }
  return all;
}();

/// What a character adds to the three bytes of its group of four, by its place in the group. The
/// first byte is the lowest, so that a group is stored by one copy.
constexpr auto shares = [] {
  std::array<std::array<std::uint32_t, 256>, 4> all{};
  for (std::size_t place = 0; place < 4; ++place) {
    all[place].fill(foreign);
    for (std::uint32_t value = 0; value < 64; ++value) {
      const std::uint32_t big = value << (6 * (3 - place));
      all[place][static_cast<unsigned char>(alphabet[value])] =
          (big >> 16 & 0xff) | (big & 0xff00) | (big & 0xff) << 16;
    }
  }
  return all;
}();

std::uint32_t group(const char* four) {
  const auto share = [four](std::size_t place) {
    return shares[place][static_cast<unsigned char>(four[place])];
  };
  return share(0) | share(1) | share(2) | share(3);
}

bool is_break(char c) { return c == '\n' || c == '\r'; }

/// One group, character by character: with line breaks in it, or cut short by the end.
struct SlowGroup {
  std::uint32_t three = 0;
  std::size_t digits = 0;

  Result<void> read(std::string_view text, std::size_t& at) {
    for (; at < text.size() && digits < 4 && text[at] != '='; ++at) {
      if (is_break(text[at])) continue;
      const std::uint32_t share = shares[digits][static_cast<unsigned char>(text[at])];
      if (share == foreign) return fail(Errc::bad_input, fmt::format("no base 64 at byte {}", at));
      three |= share;
      ++digits;
    }
    if (digits == 4) return {};
    if (digits == 1) return fail(Errc::bad_input, "base 64 ends in the middle of a byte");
    return end(text, at);
  }

  /// After the last digit: line breaks, and exactly the padding that is due, or none.
  Result<void> end(std::string_view text, std::size_t& at) const {
    std::size_t padding = 0;
    for (; at < text.size(); ++at) {
      if (is_break(text[at])) continue;
      if (text[at] != '=') {
        return fail(Errc::bad_input, fmt::format("base 64 goes on after its end, at byte {}", at));
      }
      ++padding;
    }
    const std::size_t due = digits == 0 ? 0 : 4 - digits;
    if (padding == 0 || padding == due) return {};
    return fail(Errc::bad_input,
                fmt::format("base 64 ends in {} '=' where {} are due", padding, due));
  }
};

}  // namespace

void encode(std::span<const std::uint8_t> bytes, std::string& out) {
  const std::size_t begin = out.size();
  out.resize(begin + (bytes.size() + 2) / 3 * 4);
  char* to = out.data() + begin;
  const std::uint8_t* from = bytes.data();
  for (std::size_t left = bytes.size(); left >= 3; left -= 3, from += 3, to += 4) {
    const std::uint32_t bits = static_cast<std::uint32_t>(from[0] << 16 | from[1] << 8 | from[2]);
    std::memcpy(to, pairs[bits >> 12].data(), 2);
    std::memcpy(to + 2, pairs[bits & 4095].data(), 2);
  }
  if (const std::size_t left = bytes.size() % 3; left != 0) {
    const auto bits = static_cast<std::uint32_t>(from[0] << 16 | (left == 2 ? from[1] << 8 : 0));
    std::memcpy(to, pairs[bits >> 12].data(), 2);
    to[2] = left == 2 ? pairs[bits & 4095][0] : '=';
    to[3] = '=';
  }
}

Result<std::vector<std::uint8_t>> decode(std::string_view text, std::size_t most) {
  const std::size_t groups = std::min(text.size() / 4 + 1, most / 3 + 1);
  std::vector<std::uint8_t> bytes(groups * 3 + 1);  // a group is stored as four bytes
  std::size_t length = 0;
  for (std::size_t at = 0; at < text.size() && length < most;) {
    std::uint32_t three = text.size() - at >= 4 ? group(text.data() + at) : foreign;
    std::size_t digits = 4;
    if (three < foreign) [[likely]] {
      at += 4;
    } else {
      SlowGroup slow;
      if (auto read = slow.read(text, at); !read) return fail(std::move(read).error());
      three = slow.three;
      digits = slow.digits;
    }
    std::memcpy(bytes.data() + length, &three, 4);
    if (digits != 0) length += digits - 1;
  }
  bytes.resize(std::min(length, most));
  return bytes;
}

}  // namespace vedette::base64
