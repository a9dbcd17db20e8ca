#include "base/id.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <openssl/sha.h>
#include <string_view>
#include <sys/random.h>

namespace vedette {
namespace {

constexpr std::string_view hex = "0123456789abcdef";

/// The system's chance, fetched for several ids at once.
class Chance {
 public:
  template <std::size_t N>
  std::array<std::uint8_t, N> take() {
    static_assert(N <= sizeof(Pool));
    if (pool_.size() - used_ < N) fill();
    std::array<std::uint8_t, N> bytes;
    std::memcpy(bytes.data(), pool_.data() + used_, N);
    used_ += N;
    return bytes;
  }

 private:
  using Pool = std::array<std::uint8_t, 256>;  // the most that getrandom() gives in one piece

  void fill() {
    while (getrandom(pool_.data(), pool_.size(), 0) != static_cast<ssize_t>(pool_.size())) {
      if (errno != EINTR) std::abort();  // a kernel without it is older than Debian 9
    }
    used_ = 0;
  }

  Pool pool_;
  std::size_t used_ = sizeof(Pool);
};

Chance& chance() {
  thread_local Chance mine;
  return mine;
}

/// Five bits a character, the highest first.
void append_base32(std::uint64_t bits, int characters, std::string& out) {
  static constexpr std::string_view crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  for (int i = characters - 1; i >= 0; --i) out += crockford[bits >> (5 * i) & 31];
}

}  // namespace

std::string make_ulid() {
  using std::chrono::milliseconds;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto random = chance().take<10>();
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  for (std::size_t i = 0; i < 5; ++i) first = first << 8 | random[i];
  for (std::size_t i = 5; i < 10; ++i) second = second << 8 | random[i];
  std::string id;
  id.reserve(26);
  append_base32(static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(now).count()),
                10, id);
  append_base32(first, 8, id);
  append_base32(second, 8, id);
  return id;
}

std::string make_uuid() {
  auto bytes = chance().take<16>();
  bytes[6] = static_cast<std::uint8_t>(0x40 | (bytes[6] & 0x0f));  // version 4
  bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3f));  // variant 1
  std::string id;
  id.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) id += '-';
    id += hex[bytes[i] >> 4];
    id += hex[bytes[i] & 15];
  }
  return id;
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  std::string text;
  text.reserve(2 * digest.size());
  for (const unsigned char byte : digest) {
    text += hex[byte >> 4];
    text += hex[byte & 15];
  }
  return text;
}

}  // namespace vedette
