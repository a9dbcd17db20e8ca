#pragma once
/// Names that nobody else will think of.

#include <string>
#include <string_view>

namespace vedette {

/// 26 characters of Crockford's base 32: 48 bits of milliseconds, 80 of chance; sorts by time.
/// Source: the ULID specification. Any thread.
[[nodiscard]] std::string make_ulid();

/// Version 4, in lower case: "9b2f0a7e-…". Any thread. Source: RFC 9562.
[[nodiscard]] std::string make_uuid();

/// 64 hexadecimal digits. Source: FIPS 180-4.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

}  // namespace vedette
