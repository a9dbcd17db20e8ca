#include "base/nearest.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace vedette {
namespace {

constexpr std::size_t longest = 100;  // a longer name is no slip of the finger

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Optimal string alignment: insertions, deletions, replacements and swaps of neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
  using Row = std::array<std::size_t, longest + 1>;
  Row before_last{};
  Row last{};
  Row row{};
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last = last;
    last = row;
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view wrong, std::span<const std::string_view> known) {
  if (wrong.size() > longest) return {};
  std::string_view best;
  std::size_t least = longest;
  for (const std::string_view name : known) {
    if (name.size() > longest) continue;
    const std::size_t apart = distance(wrong, name);
    if (apart < least && 3 * apart <= std::max(wrong.size(), name.size())) {
      least = apart;
      best = name;
    }
  }
  return best;
}

}  // namespace vedette
