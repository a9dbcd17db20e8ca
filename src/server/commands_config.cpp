#include <cstdio>
#include <fmt/format.h>

#include "base/json.hpp"
#include "server/commands.hpp"
#include "server/settings.hpp"

namespace vedette::server {

Sources Invocation::sources() const {
  Sources sources{.file = {}, .environment = process_environment(), .flags = flags};
  sources.file = find_config_file(config_file, sources.environment);
  return sources;
}

std::optional<Config> load_config(const Invocation& invocation) {
  auto config = Config::load(invocation.sources());
  if (!config) {
    for (const Complaint& complaint : config.error()) fmt::print(stderr, "{}\n", complaint.text());
    return std::nullopt;
  }
  return std::move(*config);
}

Exit config_check(const Invocation& invocation) {
  const auto config = Config::load(invocation.sources());
  const auto listed = [](const Complaints& complaints) {
    List list;
    for (const Complaint& one : complaints) {
      list.emplace_back(Dict{{"where", one.where}, {"message", one.what}});
    }
    return list;
  };
  if (invocation.json) {
    Dict answer{{"ok", config.has_value()},
                {"errors", config ? List() : listed(config.error())},
                {"warnings", config ? listed(config->warnings()) : List()}};
    fmt::print("{}\n", json::write_pretty(answer));
  } else if (config) {
    for (const Complaint& one : config->warnings()) fmt::print("warning: {}\n", one.text());
    fmt::print("{}: ok\n", config->file().empty() ? "defaults" : config->file());
  } else {
    for (const Complaint& one : config.error()) fmt::print(stderr, "{}\n", one.text());
  }
  return config ? Exit::ok : Exit::failed;
}

Exit config_show(const Invocation& invocation, bool origin) {
  const auto config = load_config(invocation);
  if (!config) return Exit::configuration;
  Dict answer;
  for (std::size_t slot = 0; slot < all_keys().size(); ++slot) {
    const Key& key = all_keys()[slot];
    const std::string shown = show(key, config->value(slot));
    if (invocation.json) {
      const bool hidden = key.secret && !config->value(slot).is_null();
      const Value value = hidden ? Value("********") : config->value(slot);
      answer.append(
          std::string(key.path),
          origin ? Value(Dict{{"value", value}, {"origin", config->origin(slot)}}) : value);
    } else if (origin) {
      fmt::print("{:<30} {:<28} {}\n", key.path, shown, config->origin(slot));
    } else {
      fmt::print("{}: {}\n", key.path, shown);
    }
  }
  if (invocation.json) fmt::print("{}\n", json::write_pretty(answer));
  return Exit::ok;
}

Exit config_schema_out() {
  fmt::print("{}\n", json::write_pretty(config_schema()));
  return Exit::ok;
}

}  // namespace vedette::server
