#pragma once
/// The right name that somebody probably meant.

#include <string>
#include <string_view>
#include <vector>

namespace vedette::workflow {

/// The one of `names` that takes the fewest letters to change; empty where that is more than a
/// third of them. Case does not count.
[[nodiscard]] std::string nearest(std::string_view wrong,
                                  const std::vector<std::string_view>& names);

}  // namespace vedette::workflow
