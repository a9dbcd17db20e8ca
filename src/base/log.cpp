#include "base/log.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <fmt/format.h>
#include <memory>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <utility>

#include "base/clock.hpp"
#include "base/json.hpp"

namespace vedette::log {
namespace {

constexpr std::array<std::string_view, 6> names{"trace", "debug", "info", "warn", "error", "off"};

std::string_view name_of(Level level) { return names[static_cast<std::size_t>(level)]; }

std::atomic<Level> least_level = Level::info;
std::atomic<Format> line_format = Format::text;

thread_local std::string current_request;

/// spdlog carries the line to stderr; what is in it is ours.
spdlog::logger& logger() {
  static const auto held = [] {
    auto made = std::make_unique<spdlog::logger>("vedette",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::trace);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *held;
}

/// A value that would blur where the next one begins is put in quotes, and line breaks never
/// reach the log as such: what a peer sends cannot pass for a line of ours.
std::string in_text(const Value& value) {
  if (!value.is_string()) return json::write(value);
  const std::string_view text = value.string();
  const auto plain = [](char c) {
    return c > ' ' && c != '"' && c != '\\' && c != '=' && c != 0x7f;
  };
  if (!text.empty() && std::ranges::all_of(text, plain)) return std::string(text);
  std::string quoted;
  json::write_string(text, quoted);
  return quoted;
}

std::string one_line(std::string_view message) {
  if (std::ranges::none_of(message, [](char c) { return c >= 0 && c < ' '; })) {
    return std::string(message);
  }
  std::string quoted;
  json::write_string(message, quoted);
  return quoted;
}

std::string text_line(Level level, std::string_view room, std::string_view message, Fields fields) {
  std::string line = fmt::format("{} {:<5} {}: {}", rfc3339(Clock::now()), name_of(level), room,
                                 one_line(message));
  for (const Field& field : fields) line += fmt::format(" {}={}", field.name, in_text(field.value));
  if (!current_request.empty()) line += fmt::format(" request={}", in_text(Value(current_request)));
  return line;
}

std::string json_line(Level level, std::string_view room, std::string_view message, Fields fields) {
  Dict line{{"time", rfc3339(Clock::now())},
            {"level", name_of(level)},
            {"room", room},
            {"message", message}};
  for (const Field& field : fields) line.set(field.name, field.value);
  if (!current_request.empty()) line.set("request", Value(current_request));
  return json::write(Value(std::move(line)));
}

}  // namespace

void set_up(Level least, Format format) {
  least_level = least;
  line_format = format;
}

Level level_named(std::string_view name) {
  const auto found = std::ranges::find(names, name);
  return found == names.end() ? Level::info : static_cast<Level>(found - names.begin());
}

bool is_on(Level level) { return level >= least_level.load(std::memory_order_relaxed); }

void write(Level level, std::string_view room, std::string_view message, Fields fields) {
  if (!is_on(level)) return;
  const auto line = line_format == Format::json ? json_line : text_line;
  logger().log(spdlog::level::info, spdlog::string_view_t(line(level, room, message, fields)));
}

RequestScope::RequestScope(std::string id)
    : outer_(std::exchange(current_request, std::move(id))) {}

RequestScope::~RequestScope() { current_request = std::move(outer_); }

std::string_view request_id() { return current_request; }

}  // namespace vedette::log
