#pragma once
/// Base 64 with the standard alphabet (RFC 4648, section 4).

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace vedette::base64 {

void encode(std::span<const std::uint8_t> bytes, std::string& out);  ///< appends, padded

/// Missing padding is accepted, as are line breaks; anything else that is not in the alphabet is
/// refused. `most` limits how many bytes are decoded (for a look at a header); the rest is not
/// even read.
/// fails  bad_input
[[nodiscard]] Result<std::vector<std::uint8_t>> decode(std::string_view text,
                                                       std::size_t most = SIZE_MAX);

}  // namespace vedette::base64
