#pragma once
/// Times as people and other programs read them.

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vedette {

using Clock = std::chrono::system_clock;

/// "2026-03-01T09:30:00.125Z": RFC 3339, UTC, milliseconds.
[[nodiscard]] std::string rfc3339(Clock::time_point time);

/// Reads RFC 3339 with any offset; a fraction of any length, kept to microseconds.
/// fails  bad_input
[[nodiscard]] Result<Clock::time_point> read_rfc3339(std::string_view text);

}  // namespace vedette
