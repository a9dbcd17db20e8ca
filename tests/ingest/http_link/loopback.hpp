#pragma once
/// A client over a real socket, as plain as can be: it sends bytes and reads answers.

#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "ingest/http_link/http_link.hpp"

namespace vedette::ingest {

struct Seen {
  int status = 0;
  std::string head;
  std::string body;
};

class Client {
 public:
  explicit Client(std::uint16_t port) {
    socket_.connect({boost::asio::ip::address_v4::loopback(), port});
  }

  void send(std::string_view bytes) {
    boost::system::error_code peer_has_closed;
    boost::asio::write(socket_, boost::asio::buffer(bytes.data(), bytes.size()), peer_has_closed);
  }

  /// The next answer; status 0 where the connection ends first.
  Seen receive(bool has_body = true) {
    boost::system::error_code error;
    const std::size_t size =
        boost::asio::read_until(socket_, boost::asio::dynamic_buffer(read_), "\r\n\r\n", error);
    if (error) return {};
    Seen seen{std::stoi(read_.substr(9, 3)), read_.substr(0, size), ""};
    read_.erase(0, size);
    const std::string name = "Content-Length: ";
    const auto length = seen.head.find(name);
    if (!has_body || length == seen.head.npos) return seen;
    const std::size_t wanted = std::stoul(seen.head.substr(length + name.size()));
    if (read_.size() < wanted) {
      const std::size_t here = read_.size();
      read_.resize(wanted);
      boost::asio::read(socket_, boost::asio::buffer(read_) + here, error);
    }
    seen.body = read_.substr(0, wanted);
    read_.erase(0, wanted);
    return seen;
  }

  Seen ask(std::string_view bytes) {
    send(bytes);
    return receive();
  }

  /// Nothing more comes, and the peer has closed or reset.
  [[nodiscard]] bool is_closed() {
    char more = 0;
    boost::system::error_code error;
    return read_.empty() && socket_.read_some(boost::asio::buffer(&more, 1), error) == 0;
  }

  void close() { socket_.close(); }

 private:
  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_{io_};
  std::string read_;
};

/// A link on a free port of the loopback.
inline std::unique_ptr<HttpLink> open_link(HttpHandler handler, HttpLimits limits = {},
                                           std::size_t threads = 1) {
  auto link = HttpLink::open({.threads = threads, .limits = limits}, std::move(handler));
  EXPECT_TRUE(link) << link.error().what;
  return *std::move(link);
}

/// Waits until `holds` does; false when it takes too long.
template <class Condition>
[[nodiscard]] bool soon(Condition holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace vedette::ingest
