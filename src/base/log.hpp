#pragma once
/// One line an event on stderr, for people ("text") or for programs ("json").
///
///     2026-03-01T09:30:00.125Z info  http: answered status=200 ms=1.2 request=01KJ…
///     {"time": "…", "level": "info", "room": "http", "message": "answered", "status": 200, …}
///
/// Never give it a secret or a face. Any thread; a line is written at once and in one piece.

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/value.hpp"

namespace vedette::log {

enum class Level { trace, debug, info, warn, error, off };
enum class Format { text, json };

struct Field {
  std::string_view name;
  Value value;
};
using Fields = std::initializer_list<Field>;

/// Before other threads log. Until then: info and up, as text.
void set_up(Level least, Format format);
/// "warn" and so on, as the configuration has it; info for a name that is none.
[[nodiscard]] Level level_named(std::string_view name);
[[nodiscard]] bool is_on(Level level);

void write(Level level, std::string_view room, std::string_view message, Fields fields = {});

inline void debug(std::string_view room, std::string_view message, Fields fields = {}) {
  if (is_on(Level::debug)) write(Level::debug, room, message, fields);
}
inline void info(std::string_view room, std::string_view message, Fields fields = {}) {
  write(Level::info, room, message, fields);
}
inline void warn(std::string_view room, std::string_view message, Fields fields = {}) {
  write(Level::warn, room, message, fields);
}
inline void error(std::string_view room, std::string_view message, Fields fields = {}) {
  write(Level::error, room, message, fields);
}

/// While it lives, every line of this thread names the request. Open one wherever work for a
/// request begins: on the I/O thread, on a compute thread, in a worker's answer.
class RequestScope {
 public:
  explicit RequestScope(std::string id);
  ~RequestScope();
  RequestScope(const RequestScope&) = delete;
  RequestScope& operator=(const RequestScope&) = delete;

 private:
  std::string outer_;
};

/// The id of the innermost RequestScope of this thread; empty without one.
[[nodiscard]] std::string_view request_id();

}  // namespace vedette::log
