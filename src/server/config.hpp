#pragma once
/// The configuration: file, environment and flags, checked against every declared key.

#include <cassert>
#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/setting.hpp"

namespace vedette::server {

/// One thing that is wrong, and where: "vedette.yaml:3:7: http.listne: no such key; did you mean
/// http.listen?"
struct Complaint {
  std::string where;  ///< "vedette.yaml:3:7", "environment", "flag"
  std::string what;
  [[nodiscard]] std::string text() const { return where + ": " + what; }
};
using Complaints = std::vector<Complaint>;

/// Where values come from besides the defaults.
struct Sources {
  std::string file;                                        ///< path; empty: no file
  std::map<std::string, std::string> environment;          ///< the process's own
  std::vector<std::pair<std::string, std::string>> flags;  ///< key and YAML text
};

class Config {
 public:
  /// fails  with everything that is wrong, not only the first
  [[nodiscard]] static std::expected<Config, Complaints> load(const Sources& sources);

  template <class T>
  [[nodiscard]] T operator[](const Setting<T>& key) const {
    return detail::Reads<T>::from(values_[key.slot()]);
  }

  [[nodiscard]] const Value& value(std::size_t slot) const { return values_[slot]; }
  /// "default", "vedette.yaml:3:7", "environment" or "flag"
  [[nodiscard]] const std::string& origin(std::size_t slot) const { return origins_[slot]; }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const Complaints& warnings() const { return warnings_; }

 private:
  friend class Reader;
  Config() = default;
  std::string file_;
  std::vector<Value> values_;
  std::vector<std::string> origins_;
  Complaints warnings_;
};

/// The file that is meant: `named`, $VEDETTE_CONFIG, ./vedette.yaml, /etc/vedette/vedette.yaml;
/// empty where there is none.
[[nodiscard]] std::string find_config_file(const std::string& named,
                                           const std::map<std::string, std::string>& environment);

/// This process's environment.
[[nodiscard]] std::map<std::string, std::string> process_environment();

/// JSON Schema 2020-12 of the file.
[[nodiscard]] Value config_schema();

/// "80ms", "1h" → milliseconds; "16MiB" → bytes.
/// fails  bad_input
[[nodiscard]] Result<std::int64_t> read_duration(std::string_view text);
[[nodiscard]] Result<std::int64_t> read_size(std::string_view text);
[[nodiscard]] std::string write_duration(std::int64_t milliseconds);
[[nodiscard]] std::string write_size(std::int64_t bytes);

/// The value as the file would have it, secrets as "********".
[[nodiscard]] std::string show(const Key& key, const Value& value);

/// "127.0.0.1:6699", "[::1]:6699", "localhost:0".
struct Address {
  std::string host;
  std::uint16_t port = 0;
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] std::string text() const;  ///< as a URL has it
};
/// fails  bad_input
[[nodiscard]] Result<Address> read_address(std::string_view text);

}  // namespace vedette::server
