#pragma once
/// Who may use the API: keys, of which only hashes are kept.

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/value.hpp"

namespace vedette::api {

/// A random secret of 160 bits, in hexadecimal.
[[nodiscard]] std::string make_secret();

/// Reads the secret at `path`, or makes one there, readable by its owner only.
/// fails  io
[[nodiscard]] Result<std::string> keep_secret(const std::string& path);

/// The keys of one data folder. Any thread; another process may add keys meanwhile.
class Keys {
 public:
  explicit Keys(std::string file) : file_(std::move(file)) {}

  /// Makes a key and keeps its hash.
  /// returns  the key, which cannot be had again
  /// fails    io
  [[nodiscard]] Result<std::string> create(std::string_view name);

  [[nodiscard]] bool accepts(std::string_view key) const;
  [[nodiscard]] std::size_t count() const;

  /// Accepted too, but never written down: the command line's own.
  void accept_local(std::string_view key);

 private:
  void reload() const;

  std::string file_;
  mutable std::mutex mutex_;
  mutable std::int64_t changed_ = -1;
  mutable std::vector<std::string> hashes_;
  std::string local_hash_;
};

}  // namespace vedette::api
