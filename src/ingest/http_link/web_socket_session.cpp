#include "ingest/http_link/web_socket_session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/beast/websocket.hpp>

namespace vedette::ingest {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;

constexpr auto quietly = asio::as_tuple(asio::use_awaitable_t<Executor>());
constexpr std::chrono::seconds handshake_time{10};
constexpr std::size_t longest_reason = 123;  // RFC 6455, section 5.5

}  // namespace

WebSocketSession::WebSocketSession(Executor executor, WebSocketEvents events,
                                   WebSocketLimits limits)
    : events_(std::move(events)), limits_(limits), to_write_(executor), written_(executor) {}

bool WebSocketSession::send(Bytes message, bool is_binary) {
  {
    const std::lock_guard lock(mutex_);
    const std::size_t size = message->size();
    if (ended_ || farewell_ || size > limits_.waiting_bytes) return false;
    while (queue_.size() >= limits_.waiting || queued_bytes_ + size > limits_.waiting_bytes) {
      if (!limits_.newest_wins || queue_.empty()) return false;
      queued_bytes_ -= queue_.front().bytes->size();
      queue_.pop_front();
    }
    queued_bytes_ += size;
    queue_.push_back({std::move(message), is_binary});
  }
  to_write_.notify();
  return true;
}

void WebSocketSession::close(std::uint16_t code, std::string_view reason) {
  {
    const std::lock_guard lock(mutex_);
    if (ended_ || farewell_) return;
    farewell_ = {code, std::string(reason.substr(0, longest_reason))};
  }
  to_write_.notify();
}

std::size_t WebSocketSession::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

Task<> WebSocketSession::run(Stream stream, BeastRequest request, std::vector<HttpHeader> extra) {
  stream_.emplace(std::move(stream));
  if (co_await shake_hands(request, extra)) {
    const auto self = shared_from_this();
    asio::co_spawn(stream_->get_executor(), write(), [self](const std::exception_ptr&) {
      beast::get_lowest_layer(*self->stream_).close();
      self->written_.notify();
    });
    co_await read();
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    to_write_.notify();
    co_await written_.wait();
  }
  stream_.reset();
  end();
}

void WebSocketSession::never_begins() { end(); }

void WebSocketSession::abort() {
  if (stream_) beast::get_lowest_layer(*stream_).close();
}

Task<bool> WebSocketSession::shake_hands(const BeastRequest& request,
                                         const std::vector<HttpHeader>& extra) {
  beast::get_lowest_layer(*stream_).expires_never();  // the WebSocket keeps the time itself
  stream_->set_option(websocket::stream_base::timeout{.handshake_timeout = handshake_time,
                                                      .idle_timeout = limits_.silence,
                                                      .keep_alive_pings = true});
  stream_->set_option(websocket::stream_base::decorator([&extra](websocket::response_type& answer) {
    for (const HttpHeader& header : extra) answer.set(header.name, header.value);
  }));
  stream_->read_message_max(limits_.message_bytes);
  const auto [error] = co_await stream_->async_accept(request, quietly);
  stream_->set_option(websocket::stream_base::decorator([](websocket::response_type&) {}));
  co_return !error;
}

Task<> WebSocketSession::read() {
  for (;;) {
    std::string message;
    auto buffer = asio::dynamic_buffer(message);
    const auto [error, size] = co_await stream_->async_read(buffer, quietly);
    if (error) co_return;
    if (events_.on_message) events_.on_message(std::move(message), stream_->got_binary());
  }
}

Task<> WebSocketSession::write() {
  std::optional<Farewell> farewell;
  for (;;) {
    const std::optional<Message> message = next(farewell);
    if (message) {
      stream_->binary(message->is_binary);
      const auto [error, size] =
          co_await stream_->async_write(asio::buffer(*message->bytes), quietly);
      if (error) co_return;
    } else if (farewell) {
      const websocket::close_reason reason(static_cast<websocket::close_code>(farewell->code),
                                           farewell->reason);
      (void)co_await stream_->async_close(reason, quietly);
      co_return;
    } else {
      {
        const std::lock_guard lock(mutex_);
        if (ended_) co_return;
      }
      co_await to_write_.wait();
    }
  }
}

/// What to write now; nothing, with a farewell, where all has been written.
std::optional<WebSocketSession::Message> WebSocketSession::next(std::optional<Farewell>& farewell) {
  const std::lock_guard lock(mutex_);
  if (ended_) return std::nullopt;
  if (queue_.empty()) {
    farewell = farewell_;
    return std::nullopt;
  }
  Message message = std::move(queue_.front());
  queue_.pop_front();
  queued_bytes_ -= message.bytes->size();
  return message;
}

void WebSocketSession::end() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    queue_.clear();
    queued_bytes_ = 0;
  }
  const WebSocketEvents events = std::exchange(events_, {});  // they may hold us: no circle stays
  if (events.on_close) events.on_close();
}

}  // namespace vedette::ingest
