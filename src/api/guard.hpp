#pragma once
/// Which requests may come in at all. Without this, any web page that a developer opens could
/// run Python on the developer's machine through the developer's own browser.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::api {

struct GuardSettings {
  std::string listen_host = "127.0.0.1";
  std::string public_url = {};            ///< empty: none
  std::vector<std::string> origins = {};  ///< foreign ones that are let in
};

/// Stateless; any thread.
class Guard {
 public:
  explicit Guard(GuardSettings settings);

  /// Is `host` (the Host header) a name of ours? A loopback name with any port always is; where
  /// all addresses are listened on, so is any address written in numbers, which no foreign page
  /// can make point elsewhere.
  [[nodiscard]] bool knows_host(std::string_view host) const;

  enum class Caller : std::uint8_t { own, listed, foreign };
  /// Which page sends this? An empty `origin` is no page at all, or our own.
  [[nodiscard]] Caller caller(std::string_view origin, std::string_view host) const;

 private:
  GuardSettings settings_;
  std::string public_host_;    ///< of public_url, without its port
  std::string public_origin_;  ///< of public_url: scheme, host and port
};

/// The media type of a Content-Type header, in lower case, without its parameters.
[[nodiscard]] std::string media_type(std::string_view content_type);

}  // namespace vedette::api
