#include "workflow/nearest.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace vedette::workflow {
namespace {

constexpr std::size_t longest_name = 128;  // longer ones are not names: no guess is made

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

/// How many letters must be put in, left out or changed. Source: Wagner and Fischer, 1974.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, change}));
    }
  }
  return row.back();
}

}  // namespace

std::string nearest(std::string_view wrong, const std::vector<std::string_view>& names) {
  std::string_view best;
  std::size_t least = std::max<std::size_t>(wrong.size() / 3, 1) + 1;
  if (wrong.empty() || wrong.size() > longest_name) return {};
  for (const std::string_view name : names) {
    if (name == wrong || name.size() > longest_name) continue;
    const auto [shorter, longer] = std::minmax(name.size(), wrong.size());
    if (longer - shorter >= least) continue;
    if (const std::size_t letters = distance(wrong, name); letters < least) {
      least = letters;
      best = name;
    }
  }
  return std::string(best);
}

}  // namespace vedette::workflow
