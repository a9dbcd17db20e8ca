#include "ingest/http_link/connection.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <exception>
#include <fmt/format.h>

#include "base/id.hpp"
#include "base/log.hpp"

namespace vedette::ingest {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr auto quietly = asio::as_tuple(asio::use_awaitable_t<Executor>());
constexpr std::size_t read_size = 4096;
constexpr std::chrono::seconds linger_time{5};

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

bool is_leaving(const boost::system::error_code& error) {
  return error.category() != http::make_error_code(http::error::end_of_stream).category() ||
         error == http::error::end_of_stream || error == http::error::partial_message;
}

/// The text of Beast's error is for programmers: "bad method", "bad value", …
std::string malformed(const boost::system::error_code& error) {
  return fmt::format("this is no HTTP request: {}", error.message());
}

}  // namespace

Connection::Connection(Door& door, Loop& loop, Socket socket)
    : door_(door), loop_(loop), stream_(std::move(socket)), buffer_(door.limits.header_bytes) {
  boost::system::error_code ignored;
  stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  const auto peer = stream_.socket().remote_endpoint(ignored);
  if (!ignored) peer_ = peer.address().to_string();
  loop_.connections.insert(this);
}

Connection::~Connection() { loop_.connections.erase(this); }

Task<> Connection::serve() {
  for (bool more = true; more && !door_.stopping;) more = co_await turn();
  if (lingers_) co_await linger();
}

Task<> Connection::turn_away() {
  (void)co_await refuse(503, "too many connections: try again later");
  if (lingers_) co_await linger();
}

void Connection::finish() {
  if (is_idle_) abort();
  if (web_socket_) web_socket_->close(1001, "the server goes away");
}

void Connection::abort() {
  if (web_socket_) return web_socket_->abort();
  stream_.close();
  if (exchange_) exchange_->answer(Abandoned{});
}

/// True where another request may follow.
Task<bool> Connection::turn() {
  Turn turn;
  turn.parser.header_limit(static_cast<std::uint32_t>(door_.limits.header_bytes));
  turn.parser.body_limit(boost::none);  // counted by us
  if (!co_await read_head(turn.parser)) co_return false;

  if (const auto refusal = take_head(turn)) {
    co_return co_await refuse(refusal->status, refusal->body);
  }
  struct Share {
    Door& door;
    Turn& turn;
    ~Share() {
      --door.in_flight;
      door.body_bytes -= turn.reserved;
    }
  };
  const std::size_t others = door_.in_flight++;
  const Share share{door_, turn};
  if (others >= door_.limits.in_flight) {
    co_return co_await refuse(503, "too many requests at once: try again later");
  }
  if (!co_await read_body(turn)) co_return false;
  co_return co_await answer(turn);
}

Task<bool> Connection::read_head(Parser& parser) {
  if (buffer_.size() == 0) {
    is_idle_ = true;
    stream_.expires_after(door_.limits.idle_time);
    const auto [gone, size] = co_await stream_.async_read_some(room(), quietly);
    is_idle_ = false;
    if (gone) co_return false;
    buffer_.commit(size);
  }
  stream_.expires_after(door_.limits.header_time);
  // Beast's own limit is one for each read; this one is for all of the head.
  for (std::size_t taken = 0;;) {
    boost::system::error_code error;
    const std::size_t used = parser.put(buffer_.data(), error);
    buffer_.consume(used);
    taken += used;
    if (error && error != http::error::need_more && error != http::error::header_limit) {
      co_return co_await refuse(400, malformed(error));
    }
    if (parser.is_header_done() && taken <= door_.limits.header_bytes) co_return true;
    if (taken + buffer_.size() >= door_.limits.header_bytes) {
      co_return co_await refuse(
          431, fmt::format("the headers are longer than {} bytes", door_.limits.header_bytes));
    }
    const auto [gone, size] = co_await stream_.async_read_some(room(), quietly);
    if (gone) co_return false;
    buffer_.commit(size);
  }
}

/// What the head says becomes the request; what it may not say, a refusal.
std::optional<HttpResponse> Connection::take_head(Turn& turn) const {
  const auto& head = turn.parser.get();
  HttpRequest& request = turn.request;
  std::size_t hosts = 0;
  for (const auto& field : head) {
    if (field.name() == http::field::host) ++hosts;
    request.headers.push_back(
        {std::string(view(field.name_string())), std::string(view(field.value()))});
  }
  if (hosts > 1 || (hosts == 0 && head.version() == 11)) {
    return plain_answer(400, "a request must name one host");
  }
  request.target = view(head.target());
  auto target = read_target(request.target);
  if (!target) return plain_answer(400, target.error().what);
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  const auto coding = head.find(http::field::transfer_encoding);
  if (coding != head.end() && !beast::iequals(coding->value(), "chunked")) {
    return plain_answer(501, "of the transfer codings only chunked is known");
  }
  const auto expected = head.find(http::field::expect);
  if (expected != head.end() && !beast::iequals(expected->value(), "100-continue")) {
    return plain_answer(417, "no other expectation than 100-continue can be met");
  }
  turn.is_head = head.method() == http::verb::head;
  request.method = turn.is_head ? "GET" : std::string(view(head.method_string()));
  request.id = make_ulid();
  request.peer = peer_;
  request.is_upgrade = beast::websocket::is_upgrade(head);
  if (!head.keep_alive()) {
    turn.after = After::close;
  } else if (head.version() < 11) {
    turn.after = After::keep_spoken;
  }
  return std::nullopt;
}

Task<bool> Connection::read_body(Turn& turn) {
  const bool is_chunked = turn.parser.chunked();
  const std::size_t length = turn.parser.content_length().value_or(0);
  if (!is_chunked && length == 0) {
    static const auto nothing = std::make_shared<const std::string>();
    turn.request.body = nothing;
    co_return true;
  }
  if (length > door_.limits.body_bytes) {
    co_return co_await refuse(413, fmt::format("a body of {} bytes is over the limit of {}", length,
                                               door_.limits.body_bytes));
  }
  if (!reserve(turn, is_chunked ? door_.limits.body_bytes : length)) {
    co_return co_await refuse(503, "too much is being sent at once: try again later");
  }
  stream_.expires_after(door_.limits.body_time);
  if (!co_await invite_body(turn)) co_return false;
  if (is_chunked) co_return co_await read_chunked_body(turn);
  co_return co_await read_plain_body(turn, length);
}

/// Straight into the string that the handler gets.
Task<bool> Connection::read_plain_body(Turn& turn, std::size_t length) {
  std::string body;
  // Not filled with zeros: memory that the peer only promises to fill is never touched.
  // g++ 12 hands on the capacity where the size is due.
  body.resize_and_overwrite(length, [length](char*, std::size_t) { return length; });
  const std::size_t here = asio::buffer_copy(asio::buffer(body), buffer_.data());
  buffer_.consume(here);
  if (here < length) {
    const auto rest = asio::buffer(body) + here;
    const auto [error, size] = co_await asio::async_read(stream_, rest, quietly);
    if (error) co_return false;
  }
  turn.request.body = std::make_shared<const std::string>(std::move(body));
  co_return true;
}

Task<bool> Connection::read_chunked_body(Turn& turn) {
  http::request_parser<http::string_body> parser(std::move(turn.parser));
  parser.body_limit(door_.limits.body_bytes);
  const auto [error, size] = co_await http::async_read(stream_, buffer_, parser, quietly);
  if (error == http::error::body_limit) {
    co_return co_await refuse(
        413, fmt::format("the body is over the limit of {} bytes", door_.limits.body_bytes));
  }
  if (error && is_leaving(error)) co_return false;
  if (error) co_return co_await refuse(400, malformed(error));
  auto body = std::make_shared<const std::string>(std::move(parser.get().body()));
  door_.body_bytes -= turn.reserved - body->size();
  turn.reserved = body->size();
  turn.request.body = std::move(body);
  co_return true;
}

/// A peer that asks first whether its body is welcome.
Task<bool> Connection::invite_body(const Turn& turn) {
  if (turn.request.header("Expect").empty() || buffer_.size() != 0) co_return true;
  static constexpr std::string_view welcome = "HTTP/1.1 100 Continue\r\n\r\n";
  const auto [error, size] =
      co_await asio::async_write(stream_, asio::buffer(welcome.data(), welcome.size()), quietly);
  co_return !error;
}

Task<bool> Connection::answer(Turn& turn) {
  stream_.expires_never();
  exchange_ = std::make_shared<HttpExchange>(loop_.io.get_executor());
  try {
    door_.handler(std::move(turn.request), HttpReply(exchange_));
  } catch (const std::exception& error) {  // its reply was dropped, and has answered
    log::error("http", "a handler failed", {{"what", error.what()}});
  }
  Outcome outcome = co_await exchange_->outcome();
  exchange_.reset();
  if (auto* upgrade = std::get_if<Upgrade>(&outcome)) {
    co_await talk(turn, std::move(*upgrade));
    co_return false;
  }
  const auto* response = std::get_if<HttpResponse>(&outcome);
  if (!response) co_return false;
  if (door_.stopping) turn.after = After::close;
  co_return co_await write(*response, turn.after, turn.is_head);
}

Task<> Connection::talk(Turn& turn, Upgrade upgrade) {
  web_socket_ = std::move(upgrade.session);
  if (door_.stopping) {
    web_socket_->never_begins();
  } else {
    co_await web_socket_->run(std::move(stream_), turn.parser.release(), std::move(upgrade.extra));
  }
  web_socket_.reset();
}

Task<bool> Connection::write(const HttpResponse& response, After after, bool is_head) {
  const std::string head = head_of(response, after);
  std::vector<asio::const_buffer> all{asio::buffer(head)};
  if (!is_head && has_body(response.status)) {
    all.push_back(asio::buffer(response.body));
    for (const SharedBytes& part : response.more) {
      all.push_back(asio::buffer(part.bytes.data(), part.bytes.size()));
    }
  }
  stream_.expires_after(door_.limits.write_time);
  const auto [error, size] = co_await asio::async_write(stream_, all, quietly);
  co_return !error && after != After::close;
}

/// The end of a connection on which the peer may still be sending.
Task<bool> Connection::refuse(int status, std::string_view what) {
  const HttpResponse response = plain_answer(status, what);
  lingers_ = true;
  co_return co_await write(response, After::close, false);
}

/// Reads on for a moment: a socket that is closed with bytes unread is reset, and the peer may
/// never see the answer.
Task<> Connection::linger() {
  is_idle_ = true;
  boost::system::error_code ignored;
  stream_.socket().shutdown(asio::socket_base::shutdown_send, ignored);
  stream_.expires_after(linger_time);
  buffer_.clear();
  for (bool more = true; more;) {
    const auto [error, size] = co_await stream_.async_read_some(room(), quietly);
    more = !error;
  }
}

beast::flat_buffer::mutable_buffers_type Connection::room() {
  return buffer_.prepare(std::min(read_size, buffer_.max_size() - buffer_.size()));
}

bool Connection::reserve(Turn& turn, std::size_t bytes) const {
  turn.reserved = bytes;
  return door_.body_bytes.fetch_add(bytes) + bytes <= door_.limits.all_bodies;
}

}  // namespace vedette::ingest
