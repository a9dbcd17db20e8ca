#pragma once
/// One key of vedette.yaml.
///
/// A key is an object, declared once: the declaration enters it in the list that the file is
/// checked against (and that the JSON Schema and `config show` are printed from), and is itself
/// what the value is read by:
///
///     inline const Setting<std::string> listen{{.path = "http.listen", .kind = Kind::address,
///                                               .fallback = "127.0.0.1:6699", .about = "…"}};
///     … config[listen] …

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/value.hpp"

namespace vedette::server {

/// How a value is written, and what it is read as.
enum class Kind : std::uint8_t {
  boolean,   ///< true, false → boolean
  integer,   ///< → integer
  real,      ///< → real
  text,      ///< → string
  path,      ///< file or folder → string, absolute
  address,   ///< "host:port" → string
  zone,      ///< an IANA time zone, or system → string
  duration,  ///< "80ms", "10s", "5m", "1h", "7d" → integer, ms
  size,      ///< "16MiB", "512KiB", "2GiB", bytes → integer, bytes
  texts,     ///< a list of texts → list
  network,   ///< all, none, or a list of "host:port" → string or list
  records,   ///< a list of objects with the keys of `items` → list of dicts
  open,      ///< an object with keys of the user's → dict
};

struct Key {
  std::string_view path;  ///< "http.listen"; within `items` the bare name
  Kind kind = Kind::text;
  std::string_view fallback = "null";           ///< as it would be written in the file
  std::string_view about = {};                  ///< one sentence
  std::string_view unit = {};                   ///< of a number
  std::optional<double> least = {}, most = {};  ///< inclusive; ms and bytes for their kinds
  std::vector<std::string_view> one_of = {};    ///< of a text; empty: any
  bool nullable = false;
  bool secret = false;  ///< never shown
  bool later = false;   ///< its part is not in this version: only the default is taken
  std::vector<Key> items = {};
};

/// Every declared key, in the order of declaration.
[[nodiscard]] const std::vector<Key>& all_keys();

namespace detail {
std::size_t declare(Key key);

template <class T>
struct Reads;
template <>
struct Reads<bool> {
  static bool from(const Value& v) { return v.boolean(); }
};
template <>
struct Reads<std::int64_t> {
  static std::int64_t from(const Value& v) { return v.integer(); }
};
template <>
struct Reads<double> {
  static double from(const Value& v) { return v.number(); }
};
template <>
struct Reads<std::size_t> {
  static std::size_t from(const Value& v) { return static_cast<std::size_t>(v.integer()); }
};
template <>
struct Reads<std::chrono::milliseconds> {
  static std::chrono::milliseconds from(const Value& v) {
    return std::chrono::milliseconds(v.integer());
  }
};
template <>
struct Reads<std::string> {
  static std::string from(const Value& v) { return std::string(v.string()); }
};
template <>
struct Reads<std::optional<std::string>> {
  static std::optional<std::string> from(const Value& v) {
    return v.is_null() ? std::nullopt : std::optional(std::string(v.string()));
  }
};
template <>
struct Reads<std::vector<std::string>> {
  static std::vector<std::string> from(const Value& v) {
    std::vector<std::string> texts;
    for (const Value& item : v.list()) texts.emplace_back(item.string());
    return texts;
  }
};
template <>
struct Reads<Value> {
  static const Value& from(const Value& v) { return v; }
};
}  // namespace detail

template <class T>
class Setting {
 public:
  explicit Setting(Key key) : slot_(detail::declare(std::move(key))) {}
  [[nodiscard]] std::size_t slot() const { return slot_; }

 private:
  std::size_t slot_;
};

}  // namespace vedette::server
