#include "ingest/http_link/web_socket.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <mutex>
#include <vector>

#include "loopback.hpp"

namespace vedette::ingest {
namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using std::chrono::milliseconds;

class WebClient {
 public:
  explicit WebClient(std::uint16_t port) {
    stream_.next_layer().connect({asio::ip::address_v4::loopback(), port});
    stream_.handshake(answer_, "here:1", "/live");
  }

  void send(std::string_view text, bool is_binary = false) {
    stream_.binary(is_binary);
    stream_.write(asio::buffer(text.data(), text.size()));
  }

  /// The next message; empty where the connection has ended.
  std::string receive() {
    boost::beast::flat_buffer buffer;
    boost::system::error_code error;
    stream_.read(buffer, error);
    return error ? "" : boost::beast::buffers_to_string(buffer.data());
  }

  [[nodiscard]] int close_code() const { return stream_.reason().code; }
  websocket::stream<tcp::socket>& stream() { return stream_; }
  [[nodiscard]] const websocket::response_type& answer() const { return answer_; }

 private:
  asio::io_context io_;
  websocket::stream<tcp::socket> stream_{io_};
  websocket::response_type answer_;
};

/// A link that lets everybody upgrade, and remembers the server's side of each.
class WebSockets : public testing::Test {
 protected:
  void open(WebSocketLimits limits = {}) {
    link_ = open_link([this, limits](const HttpRequest& request, HttpReply reply) {
      ASSERT_TRUE(request.is_upgrade);
      const std::lock_guard lock(mutex_);
      sockets_.push_back(std::move(reply).upgrade(
          {.on_message = [this, index = sockets_.size()](
                             std::string text, bool is_binary) { echo(index, text, is_binary); },
           .on_close = [this] { ++closed_; }},
          limits, {{"X-Room", "live"}}));
      (void)sockets_.back()->send("welcome");  // before the handshake has ended
    });
  }

  void echo(std::size_t index, const std::string& text, bool is_binary) {
    const std::lock_guard lock(mutex_);
    EXPECT_TRUE(sockets_[index]->send(std::make_shared<const std::string>(text), is_binary));
  }

  WebSocket& socket(std::size_t index = 0) {
    const std::lock_guard lock(mutex_);
    return *sockets_.at(index);
  }

  std::mutex mutex_;
  std::vector<std::shared_ptr<WebSocket>> sockets_;
  std::atomic<int> closed_ = 0;
  std::unique_ptr<HttpLink> link_;
};

TEST_F(WebSockets, EchoMessages) {
  open();
  WebClient client(link_->port());
  EXPECT_EQ(client.answer()["X-Room"], "live");
  EXPECT_EQ(client.receive(), "welcome");
  for (const std::string& text : {std::string("a"), std::string(), std::string(500'000, 'x')}) {
    client.send(text);
    EXPECT_EQ(client.receive(), text);
    EXPECT_TRUE(client.stream().got_text());
  }
  client.send(std::string("\0\xff", 2), true);
  EXPECT_EQ(client.receive(), std::string("\0\xff", 2));
  EXPECT_TRUE(client.stream().got_binary());
}

TEST_F(WebSockets, EndWhenThePeerCloses) {
  open();
  {
    WebClient client(link_->port());
    EXPECT_EQ(client.receive(), "welcome");
    client.stream().close(websocket::close_code::normal);
    EXPECT_TRUE(soon([this] { return closed_ == 1; }));
  }
  EXPECT_FALSE(socket().send("too late"));
  EXPECT_TRUE(soon([this] { return link_->counts().connections == 0; }));
  EXPECT_EQ(closed_, 1);
}

TEST_F(WebSockets, EndWhenThePeerVanishes) {
  open();
  {
    WebClient client(link_->port());
    EXPECT_EQ(client.receive(), "welcome");
  }
  EXPECT_TRUE(soon([this] { return closed_ == 1; }));
}

TEST_F(WebSockets, SendWhatWaitsBeforeTheyClose) {
  open();
  WebClient client(link_->port());
  EXPECT_EQ(client.receive(), "welcome");
  EXPECT_TRUE(socket().send("last words"));
  socket().close(1008, "against the rules");
  EXPECT_FALSE(socket().send("too late"));
  EXPECT_EQ(client.receive(), "last words");
  EXPECT_EQ(client.receive(), "");
  EXPECT_EQ(client.close_code(), 1008);
  EXPECT_EQ(client.stream().reason().reason, "against the rules");
  EXPECT_TRUE(soon([this] { return closed_ == 1; }));
}

TEST_F(WebSockets, RefuseAMessageThatIsTooLong) {
  open({.message_bytes = 100});
  WebClient client(link_->port());
  EXPECT_EQ(client.receive(), "welcome");
  client.send(std::string(101, 'x'));
  EXPECT_EQ(client.receive(), "");
  EXPECT_EQ(client.close_code(), 1009);
}

/// Fills the queue of a peer that does not read, with messages that tell their number.
int fill(WebSocket& socket, int most) {
  int taken = 0;
  for (int i = 0; i < most; ++i) {
    taken += socket.send(std::to_string(i) + std::string(1'000'000, ' ')) ? 1 : 0;
  }
  return taken;
}

TEST_F(WebSockets, RefuseWhatAPeerDoesNotKeepUpWith) {
  open({.waiting = 5});
  WebClient client(link_->port());
  EXPECT_EQ(client.receive(), "welcome");
  const int taken = fill(socket(), 50);
  EXPECT_LT(taken, 50);
  EXPECT_GE(taken, 5);
  EXPECT_LE(socket().waiting(), 5u);
  for (int i = 0; i < taken; ++i) EXPECT_FALSE(client.receive().empty());
}

TEST_F(WebSockets, KeepTheNewestWhereThatIsWanted) {
  open({.waiting = 3, .newest_wins = true});
  WebClient client(link_->port());
  EXPECT_EQ(client.receive(), "welcome");
  EXPECT_EQ(fill(socket(), 50), 50);
  EXPECT_LE(socket().waiting(), 3u);
  socket().close();
  std::vector<int> seen;
  for (std::string text = client.receive(); !text.empty(); text = client.receive()) {
    seen.push_back(std::stoi(text));
  }
  EXPECT_LT(seen.size(), 50u);
  EXPECT_TRUE(std::ranges::is_sorted(seen));
  ASSERT_GE(seen.size(), 3u);
  EXPECT_EQ(std::vector<int>(seen.end() - 3, seen.end()), (std::vector<int>{47, 48, 49}));
}

TEST_F(WebSockets, LetASilentPeerGo) {
  open({.silence = milliseconds(100)});
  WebClient client(link_->port());  // reads nothing, so it answers no ping
  EXPECT_TRUE(soon([this] { return closed_ == 1; }));
}

TEST_F(WebSockets, HearThatTheServerGoes) {
  open();
  WebClient client(link_->port());
  EXPECT_EQ(client.receive(), "welcome");
  std::jthread stopping([this] { link_->stop(milliseconds(10'000)); });
  EXPECT_EQ(client.receive(), "");
  EXPECT_EQ(client.close_code(), 1001);
  stopping.join();
  EXPECT_EQ(closed_, 1);
}

TEST_F(WebSockets, EndWithTheServerWhereThePeerDoesNotListen) {
  open();
  WebClient client(link_->port());
  EXPECT_EQ(client.receive(), "welcome");
  link_->stop(milliseconds(50));
  EXPECT_EQ(closed_, 1);
  link_.reset();
  EXPECT_FALSE(socket().send("nobody there"));
}

TEST(WebSocketUpgrade, MayBeRefused) {
  const auto link = open_link([](const HttpRequest& request, HttpReply reply) {
    std::move(reply).send({.status = request.is_upgrade ? 403 : 200, .body = "no"});
  });
  EXPECT_THROW(WebClient(link->port()), boost::system::system_error);
  EXPECT_EQ(Client(link->port()).ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
}

}  // namespace
}  // namespace vedette::ingest
