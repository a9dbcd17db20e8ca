#include "api/guard.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cctype>

namespace vedette::api {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// "[::1]:80" → "::1"; "host:80" → "host".
std::string without_port(std::string_view host) {
  if (host.starts_with('[')) return lower(host.substr(1, host.find(']') - 1));
  return lower(host.substr(0, host.find(':')));
}

bool is_loopback_name(std::string_view name) {
  if (name == "localhost" || name == "::1" || name.ends_with(".localhost")) return true;
  in_addr address{};
  return ::inet_pton(AF_INET, std::string(name).c_str(), &address) == 1 &&
         (ntohl(address.s_addr) >> 24) == 127;
}

bool is_numeric(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return ::inet_pton(AF_INET, name.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), address.data()) == 1;
}

/// "https://host:1/path" → "https://host:1".
std::string origin_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == url.npos) return {};
  return lower(url.substr(0, url.find('/', scheme + 3)));
}

}  // namespace

Guard::Guard(GuardSettings settings)
    : settings_(std::move(settings)), public_origin_(origin_of(settings_.public_url)) {
  if (!public_origin_.empty()) {
    public_host_ =
        without_port(std::string_view(public_origin_).substr(public_origin_.find("://") + 3));
  }
  for (std::string& origin : settings_.origins) {
    origin = origin == "null" ? origin : origin_of(origin);
  }
}

bool Guard::knows_host(std::string_view host) const {
  const std::string name = without_port(host);
  if (name.empty()) return false;
  if (is_loopback_name(name) || name == lower(settings_.listen_host)) return true;
  if (!public_host_.empty() && name == public_host_) return true;
  const bool everywhere = settings_.listen_host == "0.0.0.0" || settings_.listen_host == "::";
  return everywhere && is_numeric(name);
}

Guard::Caller Guard::caller(std::string_view origin, std::string_view host) const {
  if (origin.empty()) return Caller::own;
  const std::string from = lower(origin);
  if (from == "http://" + lower(host) || from == "https://" + lower(host)) return Caller::own;
  if (!public_origin_.empty() && from == public_origin_) return Caller::own;
  const auto is_listed = std::ranges::find(settings_.origins, from) != settings_.origins.end();
  return is_listed ? Caller::listed : Caller::foreign;
}

std::string media_type(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  while (type.starts_with(' ')) type.remove_prefix(1);
  return lower(type);
}

}  // namespace vedette::api
