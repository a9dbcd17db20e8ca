#pragma once
/// A WebSocket as the rest of the house sees it: messages in, messages out.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace vedette::ingest {

struct WebSocketLimits {
  std::size_t message_bytes = 1u << 20;  ///< of one that comes in; over it: closed with 1009
  std::size_t waiting = 64;              ///< messages that wait to go out
  std::size_t waiting_bytes = 64u << 20;
  bool newest_wins = false;  ///< over that: the oldest waiting one goes; else send() refuses
  std::chrono::milliseconds silence{60'000};  ///< pinged after half of it, then let go
};

/// Called on the connection's I/O thread, one at a time; they hand on and return.
struct WebSocketEvents {
  std::function<void(std::string message, bool is_binary)> on_message;
  std::function<void()> on_close;  ///< once, at the end, however it came; nothing follows it
};

/// The sending side. Any thread. It may outlive its connection: then send() refuses.
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  using Bytes = std::shared_ptr<const std::string>;  ///< shared, as one message goes to many

  /// False where the connection has ended, or where too much waits and the oldest is to stay.
  virtual bool send(Bytes message, bool is_binary = false) = 0;
  bool send(std::string text) { return send(std::make_shared<const std::string>(std::move(text))); }

  /// After what waits has been sent. `code` as RFC 6455 has it: 1000 done, 1001 going away,
  /// 1008 against the rules, 1011 our fault.
  virtual void close(std::uint16_t code = 1000, std::string_view reason = {}) = 0;

  [[nodiscard]] virtual std::size_t waiting() const = 0;  ///< messages not yet handed to the system
};

}  // namespace vedette::ingest
