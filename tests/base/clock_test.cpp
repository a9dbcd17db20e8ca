#include "base/clock.hpp"

#include <gtest/gtest.h>

namespace vedette {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

const Clock::time_point morning = sys_days{2026y / 3 / 1} + 9h + 30min + 125ms;

TEST(Rfc3339, IsWrittenInUtcWithMilliseconds) {
  EXPECT_EQ(rfc3339(morning), "2026-03-01T09:30:00.125Z");
  EXPECT_EQ(rfc3339(morning + 874ms + 999us), "2026-03-01T09:30:00.999Z") << "cut, not rounded up";
  EXPECT_EQ(rfc3339(Clock::time_point{} - 1ms), "1969-12-31T23:59:59.999Z");
}

struct Text {
  std::string name, text;
  Clock::time_point time;
};

class ReadRfc3339 : public testing::TestWithParam<Text> {};

TEST_P(ReadRfc3339, TellsTheTime) {
  const auto time = read_rfc3339(GetParam().text);
  ASSERT_TRUE(time) << time.error().what;
  EXPECT_EQ(*time, GetParam().time);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, ReadRfc3339,
    testing::Values(Text{"Ours", "2026-03-01T09:30:00.125Z", morning},
                    Text{"Ahead", "2026-03-01T17:30:00.125+08:00", morning},
                    Text{"Behind", "2026-03-01T04:00:00.125-05:30", morning},
                    Text{"OverMidnight", "2026-02-28T23:30:00.125-10:00", morning},
                    Text{"NoFraction", "2026-03-01T09:30:00Z", morning - 125ms},
                    Text{"LongFraction", "2026-03-01t09:30:00.1250019999999z", morning + 1us},
                    Text{"Blank", "2026-03-01 09:30:00.125Z", morning},
                    Text{"LeapDay", "2024-02-29T00:00:00Z", sys_days{2024y / 2 / 29}},
                    Text{"LeapSecond", "2016-12-31T23:59:60Z", sys_days{2017y / 1 / 1}}),
    [](const auto& test) { return test.param.name; });

class ReadRfc3339Refuses : public testing::TestWithParam<std::string> {};

TEST_P(ReadRfc3339Refuses, WhatIsNoTime) {
  const auto time = read_rfc3339(GetParam());
  ASSERT_FALSE(time) << rfc3339(*time);
  EXPECT_EQ(time.error().code, Errc::bad_input);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, ReadRfc3339Refuses,
    testing::Values("", "now", "2026-03-01", "2026-03-01T09:30Z", "2026-03-01T09:30:00",
                    "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-03-00T00:00:00Z",
                    "2026-03-01T24:00:00Z", "2026-03-01T09:60:00Z", "2026-03-01T09:30:61Z",
                    "2026-03-01T09:30:00.Z", "2026-03-01T09:30:00Z ", "2026-03-01T09:30:00+0800",
                    "2026-03-01T09:30:00+24:00", "2026-3-1T09:30:00Z", "-026-03-01T09:30:00Z",
                    "2026-03-01T-9:30:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"));

}  // namespace
}  // namespace vedette
