#include "ingest/http_link/http_link.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cassert>
#include <deque>
#include <fmt/format.h>
#include <thread>

#include "base/log.hpp"
#include "ingest/http_link/connection.hpp"

namespace vedette::ingest {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto quietly = asio::as_tuple(asio::use_awaitable_t<Executor>());
constexpr std::chrono::milliseconds accept_pause{50};
constexpr std::size_t told_so = 100;  // connections over the limit that still hear why

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

std::string_view HttpRequest::header(std::string_view name) const {
  const auto found = std::ranges::find_if(
      headers, [name](const HttpHeader& header) { return same_name(header.name, name); });
  return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

HttpReply::HttpReply(std::shared_ptr<HttpExchange> exchange) : exchange_(std::move(exchange)) {}

HttpReply& HttpReply::operator=(HttpReply&& other) noexcept {
  std::swap(exchange_, other.exchange_);
  return *this;
}

HttpReply::~HttpReply() {
  if (exchange_) exchange_->answer(plain_answer(500, "this request was not answered"));
}

void HttpReply::send(HttpResponse response) && {
  assert(exchange_ && "answered already");
  std::exchange(exchange_, nullptr)->answer(std::move(response));
}

std::shared_ptr<WebSocket> HttpReply::upgrade(WebSocketEvents events, WebSocketLimits limits,
                                              std::vector<HttpHeader> extra) && {
  assert(exchange_ && "answered already");
  const auto exchange = std::exchange(exchange_, nullptr);
  auto session =
      std::make_shared<WebSocketSession>(exchange->executor(), std::move(events), limits);
  exchange->answer(Upgrade{session, std::move(extra)});
  return session;
}

class HttpLink::Impl {
 public:
  using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;

  Impl(HttpLimits limits, HttpHandler handler, std::size_t threads)
      : loops_(std::max<std::size_t>(threads, 1)), acceptor_(loops_.front().io.get_executor()) {
    door_.limits = limits;
    door_.handler = std::move(handler);
  }

  Result<void> listen(const std::string& address, std::uint16_t port) {
    boost::system::error_code error;
    const tcp::endpoint place(asio::ip::make_address(address, error), port);
    if (error) return fail(Errc::bad_input, fmt::format("'{}' is no IP address", address));
    acceptor_.open(place.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(place, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return fail(Errc::io, fmt::format("port {} of {}: {}", port, address, error.message()));
    }
    port_ = acceptor_.local_endpoint().port();
    return {};
  }

  void start() {
    asio::co_spawn(loops_.front().io, accept(), asio::detached);
    for (Loop& loop : loops_) threads_.emplace_back([&loop] { loop.io.run(); });
  }

  void stop(std::chrono::milliseconds patience) {
    if (threads_.empty()) return;
    door_.stopping = true;
    asio::post(loops_.front().io, [this] { acceptor_.close(); });
    tell_all(&Connection::finish);
    if (!wait_for_all(patience)) tell_all(&Connection::abort);
    while (!wait_for_all(accept_pause)) tell_all(&Connection::abort);
    for (Loop& loop : loops_) loop.guard.reset();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

  [[nodiscard]] HttpCounts counts() const {
    const std::lock_guard lock(door_.mutex);
    return {door_.connections, door_.in_flight, door_.body_bytes};
  }

 private:
  Task<> accept() {
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, Executor>
        pause(loops_.front().io.get_executor());
    for (std::size_t turn = 0; !door_.stopping; ++turn) {
      Loop& loop = loops_[turn % loops_.size()];
      auto [error, socket] = co_await acceptor_.async_accept(loop.io.get_executor(), quietly);
      if (!error) {
        welcome(loop, std::move(socket));
      } else if (!door_.stopping) {  // no file descriptor left, or the peer has gone already
        log::warn("http", "a connection was not accepted", {{"reason", error.message()}});
        pause.expires_after(accept_pause);
        (void)co_await pause.async_wait(quietly);
      }
    }
  }

  void welcome(Loop& loop, Socket socket) {
    bool full = false;
    {
      const std::lock_guard lock(door_.mutex);
      if (door_.connections >= door_.limits.connections + told_so) return;
      full = door_.connections++ >= door_.limits.connections;
    }
    asio::co_spawn(loop.io, attend(loop, std::move(socket), full),
                   [this](const std::exception_ptr& failed) { say_farewell(failed); });
  }

  Task<> attend(Loop& loop, Socket socket, bool full) {
    Connection connection(door_, loop, std::move(socket));
    if (full) {
      co_await connection.turn_away();
    } else {
      co_await connection.serve();
    }
  }

  void say_farewell(const std::exception_ptr& failed) {
    try {
      if (failed) std::rethrow_exception(failed);
    } catch (const std::exception& error) {
      log::error("http", "a connection failed", {{"what", error.what()}});
    }
    const std::lock_guard lock(door_.mutex);
    --door_.connections;
    door_.left.notify_all();
  }

  void tell_all(void (Connection::*what)()) {
    for (Loop& loop : loops_) {
      asio::post(loop.io, [&loop, what] {
        const auto all = loop.connections;  // each takes itself out when it ends
        for (Connection* connection : all) (connection->*what)();
      });
    }
  }

  bool wait_for_all(std::chrono::milliseconds patience) {
    std::unique_lock lock(door_.mutex);
    return door_.left.wait_for(lock, patience, [this] { return door_.connections == 0; });
  }

  Door door_;
  std::deque<Loop> loops_;
  Acceptor acceptor_;
  std::uint16_t port_ = 0;
  std::vector<std::thread> threads_;
};

HttpLink::HttpLink(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpLink::~HttpLink() { impl_->stop(std::chrono::milliseconds(0)); }

Result<std::unique_ptr<HttpLink>> HttpLink::open(HttpSettings settings, HttpHandler handler) {
  auto impl = std::make_unique<Impl>(settings.limits, std::move(handler), settings.threads);
  if (auto listening = impl->listen(settings.address, settings.port); !listening) {
    return fail(std::move(listening).error());
  }
  impl->start();
  return std::unique_ptr<HttpLink>(new HttpLink(std::move(impl)));
}

std::uint16_t HttpLink::port() const { return impl_->port(); }

HttpCounts HttpLink::counts() const { return impl_->counts(); }

void HttpLink::stop(std::chrono::milliseconds patience) { impl_->stop(patience); }

}  // namespace vedette::ingest
