#include "server/config.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <set>
#include <sstream>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include "base/nearest.hpp"
#include "server/settings.hpp"

namespace vedette::server {
namespace fs = std::filesystem;
namespace {

std::vector<Key>& declared() {
  static std::vector<Key> keys;
  return keys;
}

constexpr std::string_view env_prefix = "VEDETTE__";

struct Wrong {
  YAML::Mark at;
  std::string what;
};

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::boolean:
      return "true or false";
    case Kind::integer:
      return "a whole number";
    case Kind::real:
      return "a number";
    case Kind::texts:
    case Kind::records:
      return "a list";
    case Kind::network:
      return "all, none or a list of host:port";
    case Kind::open:
      return "an object";
    default:
      return "a text";
  }
}

bool is_zone(const std::string& name) {
  std::error_code ignored;
  return name == "system" || (!name.contains("..") && !name.starts_with('/') &&
                              fs::is_regular_file(fs::path("/usr/share/zoneinfo") / name, ignored));
}

/// Any YAML as plain data.
Value plain(const YAML::Node& node) {
  if (node.IsSequence()) {
    List list;
    for (const auto& item : node) list.push_back(plain(item));
    return list;
  }
  if (node.IsMap()) {
    Dict dict;
    for (const auto& item : node) dict.set(item.first.Scalar(), plain(item.second));
    return dict;
  }
  if (!node.IsScalar()) return nullptr;
  bool boolean = false;
  std::int64_t integer = 0;
  double real = 0;
  if (node.Tag() == "!") return node.Scalar();  // quoted
  if (YAML::convert<std::int64_t>::decode(node, integer)) return integer;
  if (YAML::convert<double>::decode(node, real)) return real;
  if (YAML::convert<bool>::decode(node, boolean)) return boolean;
  return node.Scalar();
}

}  // namespace

std::size_t detail::declare(Key key) {
  declared().push_back(std::move(key));
  return declared().size() - 1;
}

const std::vector<Key>& all_keys() { return declared(); }

/// Reads one source after another over the defaults.
class Reader {
 public:
  explicit Reader(const Sources& sources) : sources_(sources) {
    config_.file_ = sources.file;
    std::error_code ignored;
    here_ = fs::current_path(ignored);
    base_ = sources.file.empty() ? here_ : fs::absolute(sources.file, ignored).parent_path();
  }

  std::expected<Config, Complaints> read() {
    for (const Key& key : all_keys()) {
      folder_ = base_;
      where_ = "default";
      auto value = convert(key, YAML::Load(std::string(key.fallback)));
      config_.values_.push_back(value.value_or(Value()));
      config_.origins_.emplace_back("default");
    }
    read_file();
    read_environment();
    folder_ = here_;
    where_ = "flag";
    for (const auto& [path, text] : sources_.flags) set_text(path, text);
    check_unbuilt();
    if (!complaints_.empty()) return std::unexpected(std::move(complaints_));
    return std::move(config_);
  }

 private:
  using Converted = std::expected<Value, Wrong>;

  void complain(const YAML::Mark& at, std::string what) {
    std::string where = where_;
    if (in_file_ && !at.is_null()) where += fmt::format(":{}:{}", at.line + 1, at.column + 1);
    complaints_.push_back({std::move(where), std::move(what)});
  }

  void read_file() {
    if (sources_.file.empty()) return;
    folder_ = base_;
    where_ = sources_.file;
    std::ifstream file(sources_.file);
    if (!file) {
      complaints_.push_back({where_, "cannot be read; check the path and its permissions"});
      return;
    }
    in_file_ = true;
    try {
      const YAML::Node root = YAML::Load(file);
      if (root.IsMap()) {
        read_section(root, "");
      } else if (!root.IsNull()) {
        complain(root.Mark(), "the file must be an object of keys");
      }
    } catch (const YAML::Exception& error) {
      complain(error.mark, "is not YAML: " + error.msg);
    }
    in_file_ = false;
  }

  void read_section(const YAML::Node& section, const std::string& prefix) {
    std::set<std::string> seen;
    for (const auto& item : section) {
      const std::string path = prefix + item.first.Scalar();
      if (!seen.insert(path).second) {
        complain(item.first.Mark(), path + ": stands here twice");
      } else if (const auto slot = find(path)) {
        set(*slot, item.second);
      } else if (!is_section(path)) {
        complain(item.first.Mark(), unknown(path));
      } else if (item.second.IsMap()) {
        read_section(item.second, path + ".");
      } else if (!item.second.IsNull()) {
        complain(item.second.Mark(), path + ": must be an object of keys");
      }
    }
  }

  void read_environment() {
    folder_ = here_;
    for (const auto& [name, text] : sources_.environment) {
      if (!name.starts_with(env_prefix)) continue;
      std::string path;
      for (std::size_t i = env_prefix.size(); i < name.size(); ++i) {
        const bool dot = name.compare(i, 2, "__") == 0;
        path += dot ? '.' : static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
        if (dot) ++i;
      }
      where_ = "environment " + name;
      set_text(path, text);
    }
  }

  void set_text(const std::string& path, const std::string& text) {
    const auto slot = find(path);
    if (!slot) return complain({}, unknown(path));
    try {
      const Kind kind = all_keys()[*slot].kind;
      const bool structured = kind == Kind::texts || kind == Kind::records || kind == Kind::open ||
                              kind == Kind::network;
      set(*slot, structured || text == "null" ? YAML::Load(text) : YAML::Node(text));
    } catch (const YAML::Exception& error) {
      complain({}, path + ": is not YAML: " + error.msg);
    }
  }

  void set(std::size_t slot, const YAML::Node& node) {
    const Key& key = all_keys()[slot];
    auto value = convert(key, node);
    if (!value)
      return complain(value.error().at, fmt::format("{}: {}", key.path, value.error().what));
    config_.values_[slot] = std::move(*value);
    config_.origins_[slot] = in_file_ ? fmt::format("{}:{}", where_, node.Mark().line + 1) : where_;
  }

  Converted convert(const Key& key, const YAML::Node& node) const {
    const auto wrong = [&](std::string what) {
      return std::unexpected(Wrong{node.Mark(), std::move(what)});
    };
    if (!node.IsDefined() || node.IsNull()) {
      if (key.nullable) return Value();
      return wrong(fmt::format("must be {}", kind_name(key.kind)));
    }
    switch (key.kind) {
      case Kind::texts:
        return convert_texts(node);
      case Kind::records:
        return convert_records(key, node);
      case Kind::network:
        return node.IsSequence() ? convert_texts(node) : convert_network(node);
      case Kind::open:
        if (!node.IsMap()) return wrong("must be an object");
        return plain(node);
      default:
        break;
    }
    if (!node.IsScalar()) return wrong(fmt::format("must be {}", kind_name(key.kind)));
    auto text = substituted(node.Scalar());
    if (!text) return wrong(std::move(text).error().what);
    auto value = convert_scalar(key, *text);
    if (!value) return wrong(std::move(value).error().what);
    return *value;
  }

  Converted convert_network(const YAML::Node& node) const {
    if (node.IsScalar() && (node.Scalar() == "all" || node.Scalar() == "none")) {
      return Value(node.Scalar());
    }
    return std::unexpected(Wrong{node.Mark(), "must be all, none or a list of host:port"});
  }

  Converted convert_texts(const YAML::Node& node) const {
    if (!node.IsSequence()) return std::unexpected(Wrong{node.Mark(), "must be a list"});
    List list;
    for (const auto& item : node) {
      if (!item.IsScalar()) return std::unexpected(Wrong{item.Mark(), "must be a list of texts"});
      auto text = substituted(item.Scalar());
      if (!text) return std::unexpected(Wrong{item.Mark(), text.error().what});
      list.emplace_back(std::move(*text));
    }
    return Value(std::move(list));
  }

  Converted convert_records(const Key& key, const YAML::Node& node) const {
    if (!node.IsSequence()) return std::unexpected(Wrong{node.Mark(), "must be a list of objects"});
    std::vector<std::string_view> names;
    for (const Key& item : key.items) names.push_back(item.path);
    List list;
    for (const auto& record : node) {
      if (!record.IsMap()) return std::unexpected(Wrong{record.Mark(), "must be an object"});
      Dict dict;
      for (const auto& field : record) {
        const std::string& name = field.first.Scalar();
        const auto item = std::ranges::find(key.items, name, &Key::path);
        if (item == key.items.end()) {
          return std::unexpected(Wrong{field.first.Mark(), no_such(name, names)});
        }
        auto value = convert(*item, field.second);
        if (!value) {
          value.error().what.insert(0, name + ": ");
          return value;
        }
        dict.set(name, std::move(*value));
      }
      list.emplace_back(std::move(dict));
    }
    return Value(std::move(list));
  }

  Result<Value> convert_scalar(const Key& key, const std::string& text) const {
    switch (key.kind) {
      case Kind::boolean: {
        bool boolean = false;
        if (YAML::convert<bool>::decode(YAML::Node(text), boolean)) return Value(boolean);
        break;
      }
      case Kind::integer: {
        std::int64_t number = 0;
        if (!YAML::convert<std::int64_t>::decode(YAML::Node(text), number)) break;
        return in_range(key, number, text);
      }
      case Kind::real: {
        double number = 0;
        if (!YAML::convert<double>::decode(YAML::Node(text), number)) break;
        return in_range(key, number, text);
      }
      case Kind::duration:
      case Kind::size: {
        const auto number = key.kind == Kind::size ? read_size(text) : read_duration(text);
        if (!number) return fail(number.error());
        return in_range(key, *number, text);
      }
      case Kind::address:
        if (const auto address = read_address(text); !address) return fail(address.error());
        return Value(text);
      case Kind::zone:
        if (!is_zone(text)) {
          return fail(Errc::bad_input, fmt::format("'{}' must be system or a time zone, as in "
                                                   "Asia/Shanghai",
                                                   text));
        }
        return Value(text);
      case Kind::path:
        if (text.empty()) return fail(Errc::bad_input, "must not be empty");
        return Value((folder_ / text).lexically_normal().string());
      default:
        if (!key.one_of.empty() && std::ranges::find(key.one_of, text) == key.one_of.end()) {
          return fail(Errc::bad_input,
                      fmt::format("'{}' must be one of: {}", text, fmt::join(key.one_of, ", ")));
        }
        return Value(text);
    }
    return fail(Errc::bad_input, fmt::format("'{}' must be {}", text, kind_name(key.kind)));
  }

  template <class Number>
  Result<Value> in_range(const Key& key, Number number, const std::string& text) const {
    const auto shown = [&](double limit) {
      if (key.kind == Kind::duration) return write_duration(static_cast<std::int64_t>(limit));
      if (key.kind == Kind::size) return write_size(static_cast<std::int64_t>(limit));
      return fmt::format("{}", limit);
    };
    const auto as_real = static_cast<double>(number);
    if (key.least && as_real < *key.least) {
      return fail(Errc::bad_input, fmt::format("{} must be at least {}", text, shown(*key.least)));
    }
    if (key.most && as_real > *key.most) {
      return fail(Errc::bad_input, fmt::format("{} must be at most {}", text, shown(*key.most)));
    }
    return Value(number);
  }

  /// `${NAME}` and `${file:PATH}` replaced.
  Result<std::string> substituted(const std::string& text) const {
    std::string out;
    for (std::size_t at = 0;;) {
      const auto open = text.find("${", at);
      out.append(text, at, open - at);
      if (open == text.npos) return out;
      const auto close = text.find('}', open);
      if (close == text.npos) return fail(Errc::bad_input, "'${' without '}'");
      const std::string name = text.substr(open + 2, close - open - 2);
      at = close + 1;
      if (name.starts_with("file:")) {
        std::ifstream file(folder_ / name.substr(5));
        if (!file) return fail(Errc::bad_input, "cannot read the file of ${" + name + "}");
        std::stringstream content;
        content << file.rdbuf();
        std::string value = content.str();
        while (value.ends_with('\n') || value.ends_with('\r')) value.pop_back();
        out += value;
      } else if (const auto found = sources_.environment.find(name);
                 found != sources_.environment.end()) {
        out += found->second;
      } else {
        return fail(Errc::bad_input, "the environment has no variable " + name);
      }
    }
  }

  static std::optional<std::size_t> find(const std::string& path) {
    const auto found = std::ranges::find(all_keys(), path, &Key::path);
    if (found == all_keys().end()) return std::nullopt;
    return static_cast<std::size_t>(found - all_keys().begin());
  }

  static bool is_section(const std::string& path) {
    return std::ranges::any_of(all_keys(),
                               [&](const Key& key) { return key.path.starts_with(path + "."); });
  }

  static std::string no_such(const std::string& name, const std::vector<std::string_view>& names) {
    const std::string_view near = nearest(name, names);
    return near.empty() ? fmt::format("{}: no such key; `vedette config schema` lists them", name)
                        : fmt::format("{}: no such key; did you mean {}?", name, near);
  }

  static std::string unknown(const std::string& path) {
    std::set<std::string_view> names;
    for (const Key& key : all_keys()) {
      names.insert(key.path);
      for (auto dot = key.path.find('.'); dot != key.path.npos; dot = key.path.find('.', dot + 1)) {
        names.insert(key.path.substr(0, dot));
      }
    }
    return no_such(path, {names.begin(), names.end()});
  }

  /// What is set for a part that is not built must not be passed over in silence.
  void check_unbuilt() {
    for (std::size_t slot = 0; slot < all_keys().size(); ++slot) {
      const Key& key = all_keys()[slot];
      if (!key.later || config_.origins_[slot] == "default") continue;
      if (config_.values_[slot].is_null()) continue;
      const bool harmful = key.path.starts_with("http.tls") || key.kind == Kind::records;
      if (key.kind == Kind::records && config_.values_[slot].list().empty()) continue;
      Complaint complaint{config_.origins_[slot],
                          fmt::format("{}: not in this version{}", key.path,
                                      harmful ? "; remove it" : ", and without effect")};
      (harmful ? complaints_ : config_.warnings_).push_back(std::move(complaint));
    }
  }

  const Sources& sources_;
  Config config_;
  Complaints complaints_;
  fs::path here_, base_, folder_;
  std::string where_;
  bool in_file_ = false;
};

std::expected<Config, Complaints> Config::load(const Sources& sources) {
  return Reader(sources).read();
}

std::string find_config_file(const std::string& named,
                             const std::map<std::string, std::string>& environment) {
  if (!named.empty()) return named;
  const auto variable = environment.find("VEDETTE_CONFIG");
  if (variable != environment.end() && !variable->second.empty()) return variable->second;
  std::error_code ignored;
  for (const char* path : {"vedette.yaml", "/etc/vedette/vedette.yaml"}) {
    if (fs::exists(path, ignored)) return path;
  }
  return {};
}

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (equals != text.npos) variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

}  // namespace vedette::server
