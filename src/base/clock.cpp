#include "base/clock.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fmt/format.h>

namespace vedette {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::year_month_day;

/// Reads from the front of a text; once something does not fit, it stays `bad`.
struct Front {
  std::string_view left;
  bool bad = false;

  int digits(std::size_t count) {
    int number = 0;
    const std::string_view text = left.substr(0, count);
    const auto [end, failed] = std::from_chars(text.begin(), text.end(), number);
    bad |= text.size() != count || failed != std::errc{} || end != text.end() || text[0] == '-';
    left.remove_prefix(text.size());
    return number;
  }

  int digits_up_to(std::size_t count, int most) {
    const int number = digits(count);
    bad |= number > most;
    return number;
  }

  char one_of(std::string_view wanted) {
    if (left.empty() || wanted.find(left.front()) == wanted.npos) return bad = true, '\0';
    const char c = left.front();
    left.remove_prefix(1);
    return c;
  }

  /// ".125", or nothing.
  microseconds fraction() {
    if (!left.starts_with('.')) return {};
    left.remove_prefix(1);
    const auto end = std::ranges::find_if(left, [](char c) { return c < '0' || c > '9'; });
    const std::string_view text(left.begin(), end);
    bad |= text.empty();
    left.remove_prefix(text.size());
    long sum = 0;
    for (std::size_t i = 0; i < 6; ++i) sum = 10 * sum + (i < text.size() ? text[i] - '0' : 0);
    return microseconds(sum);
  }

  /// "Z", "+02:00": how far the clock on that wall is ahead of UTC.
  minutes offset() {
    const char sign = one_of("Zz+-");
    if (bad || sign == 'Z' || sign == 'z') return {};
    const int hour = digits_up_to(2, 23);
    (void)one_of(":");
    const minutes ahead = hours(hour) + minutes(digits_up_to(2, 59));
    return sign == '-' ? -ahead : ahead;
  }
};

}  // namespace

std::string rfc3339(Clock::time_point time) {
  const auto whole = std::chrono::floor<milliseconds>(time);
  const auto day = std::chrono::floor<days>(whole);
  const year_month_day date(day);
  const std::chrono::hh_mm_ss of_day(whole - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     of_day.hours().count(), of_day.minutes().count(), of_day.seconds().count(),
                     of_day.subseconds().count());
}

Result<Clock::time_point> read_rfc3339(std::string_view text) {
  const auto refused = [text] {
    return fail(
        Errc::bad_input,
        fmt::format("a time must be like 2026-03-01T09:30:00.125Z, not '{}'", text.substr(0, 40)));
  };
  Front front{text};
  const std::chrono::year year(front.digits(4));
  (void)front.one_of("-");
  const std::chrono::month month(static_cast<unsigned>(front.digits(2)));
  (void)front.one_of("-");
  const std::chrono::day day(static_cast<unsigned>(front.digits(2)));
  (void)front.one_of("Tt ");
  const hours hour(front.digits_up_to(2, 23));
  (void)front.one_of(":");
  const minutes minute(front.digits_up_to(2, 59));
  (void)front.one_of(":");
  const seconds second(front.digits_up_to(2, 60));  // 60: a leap second, read as the next one
  const microseconds fraction = front.fraction();
  const minutes ahead = front.offset();
  const year_month_day date(year, month, day);
  if (front.bad || !front.left.empty() || !date.ok()) return refused();
  if (year < std::chrono::year(1678) || year > std::chrono::year(2261)) {
    return fail(Errc::bad_input,
                fmt::format("a year from 1678 to 2261, not {}", static_cast<int>(year)));
  }
  return std::chrono::sys_days(date) + hour + minute + second + fraction - ahead;
}

}  // namespace vedette
