#pragma once
/// "did you mean …?"

#include <span>
#include <string_view>

namespace vedette {

/// The known name that `wrong` was most likely meant to be, a view into `known`; empty where none
/// is near: more than a third of the characters wrong, swapped, missing or too many. Letters in
/// the other case do not count. Of equals the first.
[[nodiscard]] std::string_view nearest(std::string_view wrong,
                                       std::span<const std::string_view> known);

}  // namespace vedette
