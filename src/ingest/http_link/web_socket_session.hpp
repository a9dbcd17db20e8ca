#pragma once
/// A WebSocket over Beast: from the granted wish to the end.

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "ingest/http_link/http_link.hpp"
#include "ingest/http_link/signal.hpp"

namespace vedette::ingest {

using Stream = boost::beast::basic_stream<boost::asio::ip::tcp, Executor>;
using BeastRequest = boost::beast::http::request<boost::beast::http::empty_body>;

class WebSocketSession final : public WebSocket,
                               public std::enable_shared_from_this<WebSocketSession> {
 public:
  WebSocketSession(Executor executor, WebSocketEvents events, WebSocketLimits limits);

  bool send(Bytes message, bool is_binary) override;
  using WebSocket::send;
  void close(std::uint16_t code, std::string_view reason) override;
  [[nodiscard]] std::size_t waiting() const override;

  /// On the connection's thread: the handshake, the talk, the end.
  Task<> run(Stream stream, BeastRequest request, std::vector<HttpHeader> extra);
  /// In place of run(): there will be no talk.
  void never_begins();
  /// On the connection's thread: ends run() soon.
  void abort();

 private:
  struct Message {
    Bytes bytes;
    bool is_binary;
  };
  struct Farewell {
    std::uint16_t code;
    std::string reason;
  };

  Task<bool> shake_hands(const BeastRequest& request, const std::vector<HttpHeader>& extra);
  Task<> read();
  Task<> write();
  std::optional<Message> next(std::optional<Farewell>& farewell);
  void end();

  WebSocketEvents events_;  // the connection's thread only
  const WebSocketLimits limits_;
  Signal to_write_;  // a message, a farewell or the end
  Signal written_;   // write() has returned
  std::optional<boost::beast::websocket::stream<Stream>> stream_;  // the connection's thread only

  mutable std::mutex mutex_;  // for all that follows
  std::deque<Message> queue_;
  std::size_t queued_bytes_ = 0;
  std::optional<Farewell> farewell_;
  bool ended_ = false;
};

}  // namespace vedette::ingest
