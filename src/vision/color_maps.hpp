#pragma once
/// Matplotlib's maps of colours, as supervision takes them from there.

#include <string_view>

namespace vedette::vision {

/// name     as the visualization blocks write it after "Matplotlib ": "Viridis", "Tab10"
/// returns  its colours, six hexadecimal digits each, in order; empty where there is no such map
[[nodiscard]] std::string_view find_color_map(std::string_view name);

}  // namespace vedette::vision
