#pragma once
/// One client of the HTTP link, from accept to close.

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/http/parser.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "ingest/http_link/exchange.hpp"
#include "ingest/http_link/http_link.hpp"
#include "ingest/http_link/message_text.hpp"
#include "ingest/http_link/web_socket_session.hpp"

namespace vedette::ingest {

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

/// What all connections of a link share. Any thread.
struct Door {
  HttpLimits limits;
  HttpHandler handler;
  std::atomic<bool> stopping = false;
  std::atomic<std::size_t> in_flight = 0;
  std::atomic<std::size_t> body_bytes = 0;

  mutable std::mutex mutex;
  std::condition_variable left;  ///< a connection has ended
  std::size_t connections = 0;
};

class Connection;

/// One I/O thread and the connections that live on it.
struct Loop {
  boost::asio::io_context io{1};
  boost::asio::executor_work_guard<Executor> guard{io.get_executor()};
  std::set<Connection*> connections;  ///< this thread only
};

/// Runs on its loop's thread alone.
class Connection {
 public:
  Connection(Door& door, Loop& loop, Socket socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Task<> serve();
  /// Instead of serve(): says that the house is full.
  Task<> turn_away();

  void finish();  ///< ends after the request that is being served
  void abort();   ///< ends at once

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::empty_body>;

  /// One request and its answer. `parser` has the head when it begins.
  struct Turn {
    Parser parser;
    HttpRequest request;
    bool is_head = false;
    After after = After::keep;
    std::size_t reserved = 0;  ///< bytes, of Door::body_bytes
  };

  Task<bool> turn();
  Task<bool> read_head(Parser& parser);
  [[nodiscard]] std::optional<HttpResponse> take_head(Turn& turn) const;
  Task<bool> read_body(Turn& turn);
  Task<bool> read_plain_body(Turn& turn, std::size_t length);
  Task<bool> read_chunked_body(Turn& turn);
  Task<bool> invite_body(const Turn& turn);
  Task<bool> answer(Turn& turn);
  Task<> talk(Turn& turn, Upgrade upgrade);
  Task<bool> write(const HttpResponse& response, After after, bool is_head);
  Task<bool> refuse(int status, std::string_view what);
  Task<> linger();

  boost::beast::flat_buffer::mutable_buffers_type room();  ///< to read into
  [[nodiscard]] bool reserve(Turn& turn, std::size_t bytes) const;

  Door& door_;
  Loop& loop_;
  Stream stream_;
  boost::beast::flat_buffer buffer_;  ///< read, but not used yet
  std::string peer_;
  bool is_idle_ = false;                          ///< nothing would be lost by an end now
  bool lingers_ = false;                          ///< before it closes
  std::shared_ptr<HttpExchange> exchange_;        ///< while a handler is at work
  std::shared_ptr<WebSocketSession> web_socket_;  ///< while it talks
};

}  // namespace vedette::ingest
