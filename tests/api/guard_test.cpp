#include "api/guard.hpp"

#include <gtest/gtest.h>

namespace vedette::api {
namespace {

struct HostCase {
  std::string listen, host;
  bool known;
};

TEST(Guard, KnowsItsOwnNames) {
  for (const auto& [listen, host, known] : {
           HostCase{"127.0.0.1", "127.0.0.1:6699", true},
           {"127.0.0.1", "localhost:6699", true},
           {"127.0.0.1", "LOCALHOST", true},
           {"127.0.0.1", "localhost:8080", true},  // through a tunnel
           {"127.0.0.1", "[::1]:6699", true},
           {"127.0.0.1", "127.0.0.2", true},
           {"127.0.0.1", "app.localhost", true},
           {"127.0.0.1", "cam.example", true},  // http.public_url
           {"127.0.0.1", "cam.example:444", true},
           {"127.0.0.1", "", false},
           {"127.0.0.1", "evil.example", false},
           {"127.0.0.1", "evil.example:6699", false},
           {"127.0.0.1", "127.0.0.1.evil.example", false},
           {"127.0.0.1", "localhost.evil.example", false},
           {"127.0.0.1", "10.0.0.5", false},
           {"127.0.0.1", "127.0.0.1@evil.example", false},
           {"10.0.0.5", "10.0.0.5:6699", true},
           {"10.0.0.5", "10.0.0.6:6699", false},
           {"0.0.0.0", "192.168.1.4:6699", true},
           {"0.0.0.0", "[fd00::1]", true},
           {"0.0.0.0", "rebound.example:6699", false},
       }) {
    const Guard guard(
        {.listen_host = listen, .public_url = "https://Cam.example/v", .origins = {}});
    EXPECT_EQ(guard.knows_host(host), known) << listen << " asked as " << host;
  }
}

struct OriginCase {
  std::string origin;
  Guard::Caller caller;
};

TEST(Guard, TellsItsOwnPagesFromForeignOnes) {
  using enum Guard::Caller;
  const Guard guard({.public_url = "https://cam.example", .origins = {"http://Intra.example:81/"}});
  for (const auto& [origin, caller] : {
           OriginCase{"", own},
           {"http://127.0.0.1:6699", own},
           {"https://cam.example", own},
           {"http://intra.example:81", listed},
           {"http://intra.example", foreign},
           {"http://127.0.0.1:3000", foreign},
           {"http://localhost:6699", foreign},
           {"http://evil.example", foreign},
           {"https://cam.example.evil.example", foreign},
           {"null", foreign},
           {"file://", foreign},
       }) {
    EXPECT_EQ(guard.caller(origin, "127.0.0.1:6699"), caller) << origin;
  }
}

TEST(Guard, LetsNullInOnlyWhereListed) {
  const Guard guard({.origins = {"null"}});
  EXPECT_EQ(guard.caller("null", "localhost"), Guard::Caller::listed);
}

TEST(MediaType, IsWithoutParametersAndCase) {
  EXPECT_EQ(media_type("Application/JSON ; charset=utf-8"), "application/json");
  EXPECT_EQ(media_type(""), "");
}

}  // namespace
}  // namespace vedette::api
