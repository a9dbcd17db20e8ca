#pragma once
/// Names in any alphabet.

#include <string>
#include <string_view>

namespace vedette::gallery {

/// In lower case, letter by letter; bytes that are not UTF-8 stay as they are.
[[nodiscard]] std::string fold(std::string_view text);

/// UTF-8 without control characters.
[[nodiscard]] bool is_one_line(std::string_view text);

}  // namespace vedette::gallery
