#include "base/log.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <thread>

#include "base/json.hpp"

namespace vedette::log {
namespace {

class Log : public testing::Test {
 protected:
  void TearDown() override { set_up(Level::info, Format::text); }

  template <class Deed>
  static std::string stderr_of(Deed deed) {
    testing::internal::CaptureStderr();
    deed();
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(Log, IsALineForPeople) {
  set_up(Level::info, Format::text);
  const std::string line = stderr_of([] {
    info("http", "answered",
         {{"status", 200}, {"path", "/a b"}, {"peer", "127.0.0.1"}, {"empty", ""}});
  });
  const std::regex form(
      R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info  http: answered status=200 path="/a b" peer=127\.0\.0\.1 empty=""\n)");
  EXPECT_TRUE(std::regex_match(line, form)) << line;
}

TEST_F(Log, IsAnObjectForPrograms) {
  set_up(Level::info, Format::json);
  const std::string line = stderr_of([] { warn("delivery", "late", {{"seconds", 1.5}}); });
  ASSERT_TRUE(line.ends_with("\n"));
  const auto value = json::read(line, json::strict);
  ASSERT_TRUE(value) << value.error().what;
  const Dict& fields = value->dict();
  EXPECT_EQ(fields["level"], "warn");
  EXPECT_EQ(fields["room"], "delivery");
  EXPECT_EQ(fields["message"], "late");
  EXPECT_EQ(fields["seconds"], 1.5);
  EXPECT_FALSE(fields.find("request"));
}

TEST_F(Log, NamesTheRequestOfItsThread) {
  const std::string lines = stderr_of([] {
    const RequestScope outer("R1");
    {
      const RequestScope inner("R2");
      info("a", "inner");
      std::thread([] { info("a", "other"); }).join();
    }
    info("a", "outer");
  });
  EXPECT_NE(lines.find("a: inner request=R2\n"), std::string::npos) << lines;
  EXPECT_NE(lines.find("a: other\n"), std::string::npos) << lines;
  EXPECT_NE(lines.find("a: outer request=R1\n"), std::string::npos) << lines;
  EXPECT_EQ(request_id(), "");
}

TEST_F(Log, LeavesOutWhatIsLessSevere) {
  set_up(level_named("warn"), Format::text);
  EXPECT_EQ(stderr_of([] { info("a", "hidden"); }), "");
  EXPECT_NE(stderr_of([] { error("a", "shown"); }), "");
  set_up(level_named("off"), Format::text);
  EXPECT_EQ(stderr_of([] { error("a", "hidden"); }), "");
}

TEST_F(Log, LetsNobodyForgeALine) {
  const std::string lines = stderr_of([] {
    info("http", "bad\nrequest", {{"path", "/x\n2026-01-01T00:00:00.000Z info  http: all well"}});
  });
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 1) << lines;
}

}  // namespace
}  // namespace vedette::log
