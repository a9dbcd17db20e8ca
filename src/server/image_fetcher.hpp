#pragma once
/// Pictures by URL, for those who switched `blocks.fetch_urls` on.

#include <chrono>
#include <memory>
#include <sys/socket.h>

#include "workflow/fetch.hpp"

namespace vedette::server {

struct FetchLimits {
  std::size_t bytes = 64u << 20;
  std::chrono::milliseconds time{10'000};  ///< of the whole fetch, name look-up included
  bool private_addresses = false;          ///< may it lead to loopback, private or link-local
};

/// Is it an address of the open internet? Loopback, private, link-local, multicast and reserved
/// ones are not, nor are IPv6 forms that carry such an IPv4 address.
[[nodiscard]] bool is_public(const sockaddr& address);

/// http and https only; redirects are refused, proxies ignored. The address is checked at the
/// moment when the connection is made to it, so that a name cannot change its mind in between.
[[nodiscard]] std::shared_ptr<workflow::ImageFetcher> make_image_fetcher(const FetchLimits& limits);

}  // namespace vedette::server
