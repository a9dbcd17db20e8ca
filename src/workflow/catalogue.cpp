#include "workflow/catalogue.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "base/nearest.hpp"

namespace vedette::workflow {
namespace {

constexpr std::string_view roboflow = "roboflow_core/";
constexpr std::string_view core = "core/";

struct Catalogue {
  std::map<std::string_view, const Entry*> by_type;  // every type and alias
  std::vector<const Entry*> all;
};

Catalogue& catalogue() {
  static Catalogue it;  // filled by constructors of other files: made when the first one asks
  return it;
}

}  // namespace

void enter_in_catalogue(Maker make) {
  // Never freed: blocks are looked up until the last thread has ended.
  auto* entry = new Entry{.make = make, .model = make()};  // NOLINT
  const Traits& traits = entry->model->traits();
  std::vector<std::string_view> names = traits.aliases;
  names.insert(names.begin(), traits.type);
  for (const std::string_view name : names) {
    if (catalogue().by_type.emplace(name, entry).second) continue;
    std::fprintf(stderr, "two blocks are called '%.*s'\n", static_cast<int>(name.size()),
                 name.data());
    std::abort();
  }
  auto& all = catalogue().all;
  const auto type = [](const Entry* one) { return one->model->traits().type; };
  all.insert(std::ranges::upper_bound(all, traits.type, {}, type), entry);
}

const Entry* find_block(std::string_view type) {
  const auto& by_type = catalogue().by_type;
  auto found = by_type.find(type);
  if (found == by_type.end() && type.starts_with(core)) {
    found = by_type.find(std::string(roboflow) + std::string(type.substr(core.size())));
  }
  return found == by_type.end() ? nullptr : found->second;
}

const std::vector<const Entry*>& all_blocks() { return catalogue().all; }

std::string nearest_block(std::string_view type) {
  std::vector<std::string_view> names;
  std::vector<std::string> dialect;
  const bool in_dialect = type.starts_with(core);
  for (const auto& [name, entry] : catalogue().by_type) {
    if (in_dialect && name.starts_with(roboflow)) {
      dialect.push_back(std::string(core) + std::string(name.substr(roboflow.size())));
    } else {
      names.push_back(name);
    }
  }
  names.insert(names.end(), dialect.begin(), dialect.end());
  return std::string(nearest(type, names));
}

}  // namespace vedette::workflow
