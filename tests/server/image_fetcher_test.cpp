#include "server/image_fetcher.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <atomic>
#include <netinet/in.h>

#include "ingest/http_link/http_link.hpp"

namespace vedette::server {
namespace {

bool is_public_text(const char* text) {
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  if (::inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
    return is_public(reinterpret_cast<const sockaddr&>(v6));
  }
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  EXPECT_EQ(::inet_pton(AF_INET, text, &v4.sin_addr), 1) << text;
  return is_public(reinterpret_cast<const sockaddr&>(v4));
}

TEST(PublicAddress, IsOneOfTheOpenInternet) {
  for (const char* open : {"1.1.1.1", "8.8.8.8", "172.32.0.1", "172.15.255.255", "192.169.0.1",
                           "100.128.0.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"}) {
    EXPECT_TRUE(is_public_text(open)) << open;
  }
  for (const char* closed : {"0.0.0.0",
                             "10.0.0.1",
                             "100.64.0.1",
                             "127.0.0.1",
                             "127.255.255.254",
                             "169.254.169.254",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.0.0.8",
                             "192.168.1.1",
                             "198.18.0.1",
                             "203.0.113.9",
                             "224.0.0.1",
                             "255.255.255.255",
                             "::",
                             "::1",
                             "fe80::1",
                             "fc00::1",
                             "fd00::1",
                             "ff02::1",
                             "::ffff:127.0.0.1",
                             "::ffff:10.0.0.1",
                             "64:ff9b::7f00:1",
                             "2002:7f00:1::",
                             "2001:db8::1",
                             "2001::1",
                             "::127.0.0.1"}) {
    EXPECT_FALSE(is_public_text(closed)) << closed;
  }
}

/// A server on loopback that gives out what its paths say.
class Fetching : public testing::Test {
 protected:
  void SetUp() override {
    auto link =
        ingest::HttpLink::open({}, [](const ingest::HttpRequest& request, ingest::HttpReply reply) {
          if (request.path == "/picture") {
            std::move(reply).send({.type = "image/png", .body = "pixels"});
          } else if (request.path == "/big") {
            std::move(reply).send({.type = "image/png", .body = std::string(10'000, 'x')});
          } else if (request.path == "/redirect") {
            std::move(reply).send({.status = 302, .headers = {{"Location", "/picture"}}});
          } else {
            std::move(reply).send({.status = 404});
          }
        });
    ASSERT_TRUE(link) << link.error().what;
    link_ = std::move(*link);
  }
  [[nodiscard]] std::string url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(link_->port()) + std::string(path);
  }
  std::unique_ptr<ingest::HttpLink> link_;
  std::shared_ptr<workflow::ImageFetcher> fetcher_ = make_image_fetcher(
      {.bytes = 1000, .time = std::chrono::seconds(5), .private_addresses = true});
};

TEST_F(Fetching, BringsThePicture) {
  const auto bytes = fetcher_->fetch(url("/picture"));
  ASSERT_TRUE(bytes) << bytes.error().what;
  EXPECT_EQ(std::string((*bytes)->begin(), (*bytes)->end()), "pixels");
}

TEST_F(Fetching, RefusesLoopbackUnlessAllowed) {
  const auto careful = make_image_fetcher({});
  for (const std::string& address :
       {url("/picture"), "http://localhost:" + std::to_string(link_->port()) + "/picture"}) {
    const auto bytes = careful->fetch(address);
    ASSERT_FALSE(bytes);
    EXPECT_EQ(bytes.error().code, Errc::bad_input) << bytes.error().what;
  }
}

TEST_F(Fetching, KeepsItsLimits) {
  EXPECT_EQ(fetcher_->fetch(url("/big")).error().code, Errc::too_large);
  EXPECT_EQ(fetcher_->fetch(url("/redirect")).error().code, Errc::io);
  EXPECT_EQ(fetcher_->fetch(url("/nothing")).error().code, Errc::io);
  for (const char* scheme :
       {"file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/", ""}) {
    EXPECT_EQ(fetcher_->fetch(scheme).error().code, Errc::bad_input) << scheme;
  }
}

}  // namespace
}  // namespace vedette::server
