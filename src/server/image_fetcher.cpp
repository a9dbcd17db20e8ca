#include "server/image_fetcher.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <curl/curl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>

namespace vedette::server {
namespace {

struct Range {
  std::uint32_t base;
  int bits;
};
// Source: IANA IPv4 special-purpose address registry.
constexpr std::array<Range, 15> closed_ranges{{{0x00000000, 8},
                                               {0x0A000000, 8},
                                               {0x64400000, 10},
                                               {0x7F000000, 8},
                                               {0xA9FE0000, 16},
                                               {0xAC100000, 12},
                                               {0xC0000000, 24},
                                               {0xC0000200, 24},
                                               {0xC0586300, 24},
                                               {0xC0A80000, 16},
                                               {0xC6120000, 15},
                                               {0xC6336400, 24},
                                               {0xCB007100, 24},
                                               {0xE0000000, 4},
                                               {0xF0000000, 4}}};

bool is_public_v4(std::uint32_t address) {
  for (const Range& range : closed_ranges) {
    if ((address ^ range.base) >> (32 - range.bits) == 0) return false;
  }
  return true;
}

std::uint32_t v4_at(const in6_addr& address, std::size_t offset) {
  std::uint32_t v4 = 0;
  std::memcpy(&v4, address.s6_addr + offset, sizeof v4);
  return ntohl(v4);
}

bool is_public_v6(const in6_addr& a) {
  if (IN6_IS_ADDR_V4MAPPED(&a)) return is_public_v4(v4_at(a, 12));
  if (a.s6_addr[0] == 0x20 && a.s6_addr[1] == 0x02) return is_public_v4(v4_at(a, 2));  // 6to4
  constexpr std::array<unsigned char, 12> nat64{0x00, 0x64, 0xff, 0x9b};
  if (std::memcmp(a.s6_addr, nat64.data(), nat64.size()) == 0) return is_public_v4(v4_at(a, 12));
  if (a.s6_addr[0] == 0x20 && a.s6_addr[1] == 0x01 && a.s6_addr[2] <= 0x01) return false;
  if (a.s6_addr[0] == 0x20 && a.s6_addr[1] == 0x01 && a.s6_addr[2] == 0x0d &&
      a.s6_addr[3] == 0xb8) {
    return false;  // documentation
  }
  return (a.s6_addr[0] & 0xe0) == 0x20;  // 2000::/3 is all that is given out
}

struct Fetch {
  const FetchLimits& limits;
  vision::Bytes bytes;
  bool too_large = false;
  bool closed_address = false;
};

std::size_t on_data(char* data, std::size_t size, std::size_t count, void* to) {
  auto& fetch = *static_cast<Fetch*>(to);
  if (fetch.bytes.size() + size * count > fetch.limits.bytes) {
    fetch.too_large = true;
    return 0;
  }
  fetch.bytes.insert(fetch.bytes.end(), data, data + size * count);
  return size * count;
}

curl_socket_t on_socket(void* to, curlsocktype, curl_sockaddr* address) {
  auto& fetch = *static_cast<Fetch*>(to);
  if (!fetch.limits.private_addresses && !is_public(address->addr)) {
    fetch.closed_address = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

class CurlFetcher final : public workflow::ImageFetcher {
 public:
  explicit CurlFetcher(const FetchLimits& limits) : limits_(limits) {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    (void)ready;
  }

  Result<vision::SharedBytes> fetch(std::string_view url) override {
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> call(curl_easy_init(),
                                                                   &curl_easy_cleanup);
    if (!call) return fail(Errc::io, "a picture's URL cannot be fetched: no memory");
    Fetch fetch{.limits = limits_, .bytes = {}};
    set_up(call.get(), std::string(url), fetch);
    const CURLcode code = curl_easy_perform(call.get());
    return result_of(call.get(), code, fetch);
  }

 private:
  void set_up(CURL* call, const std::string& url, Fetch& fetch) const {
    const auto time = static_cast<long>(limits_.time.count());
    curl_easy_setopt(call, CURLOPT_URL, url.c_str());
    curl_easy_setopt(call, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(call, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(call, CURLOPT_PROXY, "");
    curl_easy_setopt(call, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    curl_easy_setopt(call, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(call, CURLOPT_TIMEOUT_MS, time);
    curl_easy_setopt(call, CURLOPT_CONNECTTIMEOUT_MS, time);
    curl_easy_setopt(call, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(limits_.bytes));
    curl_easy_setopt(call, CURLOPT_USERAGENT, "vedette");
    curl_easy_setopt(call, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(call, CURLOPT_WRITEDATA, &fetch);
    curl_easy_setopt(call, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(call, CURLOPT_OPENSOCKETDATA, &fetch);
  }

  Result<vision::SharedBytes> result_of(CURL* call, CURLcode code, Fetch& fetch) const {
    if (fetch.closed_address) {
      return fail(Errc::bad_input,
                  "a picture's URL leads to a loopback, private or reserved address; "
                  "blocks.fetch_private allows that");
    }
    if (fetch.too_large || code == CURLE_FILESIZE_EXCEEDED) {
      return fail(Errc::too_large,
                  fmt::format("the picture behind the URL has more than {} bytes", limits_.bytes));
    }
    if (code == CURLE_OPERATION_TIMEDOUT) {
      return fail(Errc::timed_out,
                  fmt::format("the picture behind the URL did not come within {} ms",
                              limits_.time.count()));
    }
    if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT) {
      return fail(Errc::bad_input, "a picture's URL must begin with http:// or https://");
    }
    if (code != CURLE_OK) {
      return fail(Errc::io,
                  fmt::format("the picture behind the URL: {}", curl_easy_strerror(code)));
    }
    long status = 0;
    curl_easy_getinfo(call, CURLINFO_RESPONSE_CODE, &status);
    if (status / 100 != 2) {
      return fail(Errc::io, fmt::format("the picture behind the URL: HTTP {}{}", status,
                                        status / 100 == 3 ? "; redirects are not followed" : ""));
    }
    return std::make_shared<const vision::Bytes>(std::move(fetch.bytes));
  }

  FetchLimits limits_;
};

}  // namespace

bool is_public(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    return is_public_v4(ntohl(v4.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    return is_public_v6(v6.sin6_addr);
  }
  return false;
}

std::shared_ptr<workflow::ImageFetcher> make_image_fetcher(const FetchLimits& limits) {
  return std::make_shared<CurlFetcher>(limits);
}

}  // namespace vedette::server
