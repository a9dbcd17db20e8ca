/// How single values of the configuration are written and read.
#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

#include "base/json.hpp"
#include "server/config.hpp"

namespace vedette::server {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};
// The largest first: values are shown in the largest unit that leaves no rest.
constexpr std::array<Unit, 5> durations{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr std::array<Unit, 5> sizes{{{"TiB", std::int64_t{1} << 40},
                                     {"GiB", 1 << 30},
                                     {"MiB", 1 << 20},
                                     {"KiB", 1 << 10},
                                     {"B", 1}}};

/// The number before the unit, times the unit.
Result<std::int64_t> scaled(std::string_view text, const std::array<Unit, 5>& units,
                            std::string_view bare, std::string_view example) {
  const auto wrong = [&] {
    return fail(Errc::bad_input,
                fmt::format("'{}' must be a number and a unit, as in {}", text, example));
  };
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0) return wrong();
  std::string_view name(end, text.data() + text.size());
  if (name.empty()) name = number == 0 ? units.back().name : bare;
  const auto unit = std::ranges::find(units, name, &Unit::name);
  if (unit == units.end() || number > INT64_MAX / unit->factor) return wrong();
  return number * unit->factor;
}

std::string shown_in(std::int64_t number, const std::array<Unit, 5>& units) {
  if (number == 0) return fmt::format("0{}", units.back().name);
  const auto unit =
      std::ranges::find_if(units, [&](const Unit& u) { return number % u.factor == 0; });
  return fmt::format("{}{}", number / unit->factor, unit->name);
}

}  // namespace

Result<std::int64_t> read_duration(std::string_view text) {
  return scaled(text, durations, "", "80ms, 10s, 5m, 1h or 7d");
}
Result<std::int64_t> read_size(std::string_view text) { return scaled(text, sizes, "B", "16MiB"); }
std::string write_duration(std::int64_t milliseconds) { return shown_in(milliseconds, durations); }
std::string write_size(std::int64_t bytes) { return shown_in(bytes, sizes); }

std::string show(const Key& key, const Value& value) {
  if (value.is_null()) return "null";
  if (key.secret) return "'********'";
  switch (key.kind) {
    case Kind::duration:
      return write_duration(value.integer());
    case Kind::size:
      return write_size(value.integer());
    case Kind::text:
    case Kind::path:
    case Kind::address:
    case Kind::zone:
      return std::string(value.string());
    default:
      return json::write(value);
  }
}

bool Address::is_loopback() const {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::string Address::text() const {
  return host.contains(':') ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

Result<Address> read_address(std::string_view text) {
  const auto wrong = [&] {
    return fail(Errc::bad_input, fmt::format("'{}' must be host:port, as in 127.0.0.1:6699", text));
  };
  const auto colon = text.rfind(':');
  if (colon == text.npos || colon == 0) return wrong();
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.contains(':')) {
    return wrong();
  }
  Address address{std::string(host), 0};
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
  if (error != std::errc{} || end != digits.data() + digits.size() || host.empty()) return wrong();
  return address;
}

}  // namespace vedette::server
