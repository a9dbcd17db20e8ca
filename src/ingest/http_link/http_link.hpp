#pragma once
/// The HTTP door: HTTP/1.1 and WebSocket over TCP, for any number of clients on a few threads.
///
/// The link speaks the protocol and keeps its limits; what a request means is the handler's
/// business. A connection lives on one I/O thread and takes its requests one after the other.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "ingest/http_link/web_socket.hpp"

namespace vedette::ingest {

/// Who overstays a time is cut off without an answer.
struct HttpLimits {
  std::size_t header_bytes = 16u << 10;  ///< over it: 431
  std::size_t body_bytes = 16u << 20;    ///< over it: 413, before it is read where it is declared
  std::size_t all_bodies = 1u << 30;     ///< bytes of all requests in flight; over it: 503
  std::size_t connections = 20'000;      ///< over it: 503, and the connection ends
  std::size_t in_flight = 4'096;         ///< requests not answered yet; over it: 503
  std::chrono::milliseconds header_time{10'000};  ///< from the first byte to the last
  std::chrono::milliseconds body_time{60'000};    ///< for the whole body
  std::chrono::milliseconds write_time{60'000};   ///< for the whole answer
  std::chrono::milliseconds idle_time{60'000};    ///< between two requests
};

struct HttpSettings {
  std::string address = "127.0.0.1";  ///< in numbers, IPv4 or IPv6
  std::uint16_t port = 0;             ///< 0: any that is free
  std::size_t threads = 1;            ///< for I/O
  HttpLimits limits = {};
};

struct HttpHeader {
  std::string name;
  std::string value;
};

struct HttpRequest {
  std::string id;      ///< ULID
  std::string method;  ///< "GET", …; HEAD arrives as GET, and the link leaves the body out
  std::string target;  ///< as it was sent: "/a%20b?c=d+e"
  std::string path;    ///< decoded: "/a b"
  std::vector<std::pair<std::string, std::string>> query;  ///< decoded, in order: {"c", "d e"}
  std::vector<HttpHeader> headers;                         ///< as sent, in order
  std::shared_ptr<const std::string> body;                 ///< never null; views into it may stay
  std::string peer;                                        ///< address in numbers, without the port
  bool is_upgrade = false;  ///< asks for a WebSocket: HttpReply::upgrade() is possible

  /// The first header of that name, in whatever case; empty where there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

/// Bytes of a body that somebody else keeps: sent from where they lie.
struct SharedBytes {
  std::shared_ptr<const void> owner;
  std::string_view bytes;
};

struct HttpResponse {
  int status = 200;
  std::string type = {};                 ///< Content-Type; empty: none
  std::vector<HttpHeader> headers = {};  ///< further ones; length, date and connection are ours
  std::string body = {};
  std::vector<SharedBytes> more = {};  ///< follows `body`
};

/// The right to answer one request, once, from any thread. Whoever drops it unused answers 500.
class HttpReply {
 public:
  explicit HttpReply(std::shared_ptr<class HttpExchange> exchange);
  HttpReply(HttpReply&&) noexcept = default;
  HttpReply& operator=(HttpReply&& other) noexcept;
  ~HttpReply();

  void send(HttpResponse response) &&;

  /// Opens the WebSocket that the request asks for (`is_upgrade`). What is sent before the
  /// handshake ends is kept. `extra` are further headers of the handshake's answer.
  std::shared_ptr<WebSocket> upgrade(WebSocketEvents events, WebSocketLimits limits = {},
                                     std::vector<HttpHeader> extra = {}) &&;

 private:
  std::shared_ptr<class HttpExchange> exchange_;
};

/// Called on an I/O thread: it hands the request on and returns, or answers within microseconds.
using HttpHandler = std::function<void(HttpRequest, HttpReply)>;

struct HttpCounts {
  std::size_t connections = 0;
  std::size_t in_flight = 0;
  std::size_t body_bytes = 0;  ///< of the requests in flight
};

class HttpLink {
 public:
  /// Listens and serves from now on.
  /// fails  io: "127.0.0.1:6699: address already in use"; bad_input: no address
  [[nodiscard]] static Result<std::unique_ptr<HttpLink>> open(HttpSettings settings,
                                                              HttpHandler handler);
  ~HttpLink();  ///< stop() without patience
  HttpLink(const HttpLink&) = delete;
  HttpLink& operator=(const HttpLink&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] HttpCounts counts() const;  ///< any thread

  /// Takes no new connection, lets the requests in flight be answered for as long as `patience`
  /// lasts, tells WebSockets that we go, then closes what is left. Returns when all I/O threads
  /// have ended; replies that come later go nowhere. Not from an I/O thread.
  void stop(std::chrono::milliseconds patience);

 private:
  class Impl;
  explicit HttpLink(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vedette::ingest
