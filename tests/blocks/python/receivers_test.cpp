/// The blocks that users already have, each with a receiver on loopback.

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <fstream>
#include <sstream>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include "base/json.hpp"
#include "harness.hpp"
#include "vision/detections.hpp"

namespace vedette::blocks::python {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(std::string(VEDETTE_FIXTURES) + "/" + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void replace(std::string& text, std::string_view what, const std::string& by) {
  const std::size_t found = text.find(what);
  ASSERT_NE(found, std::string::npos);
  text.replace(found, what.size(), by);
}

/// Listens on a free port of 127.0.0.1 and holds one conversation: reads until `end` has come,
/// answers, reads what else there is.
class Receiver {
 public:
  Receiver(std::string end, std::string answer) : end_(std::move(end)), answer_(std::move(answer)) {
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listening_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listening_, 1);
    ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ::ntohs(address.sin_port);
    thread_ = std::thread([this] { converse(); });
  }
  ~Receiver() {
    if (thread_.joinable()) thread_.join();
    ::close(listening_);
  }

  [[nodiscard]] int port() const { return port_; }
  /// All that came; waits for the end of the conversation.
  const std::string& received() {
    thread_.join();
    return received_;
  }

 private:
  void converse() {
    const int peer = ::accept(listening_, nullptr, nullptr);
    bool answered = false;
    char bytes[4096];
    for (ssize_t got = 0; (got = ::recv(peer, bytes, sizeof bytes, 0)) > 0;) {
      received_.append(bytes, static_cast<std::size_t>(got));
      if (answered || received_.find(end_) == std::string::npos) continue;
      answered = true;
      std::string answer = answer_;
      if (const std::size_t key = received_.find("Sec-WebSocket-Key: "); key != std::string::npos) {
        answer += accept_key(received_.substr(key + 19, 24));
      }
      ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
    ::close(peer);
  }

  /// The rest of a handshake's answer, worked out by Python.
  static std::string accept_key(const std::string& key) {
    Bench bench(shared_workers(),
                {.code = "import base64, hashlib\ndef run(self, key):\n"
                         "    digest = hashlib.sha1((key + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11')"
                         ".encode()).digest()\n"
                         "    return {'result': base64.b64encode(digest).decode()}",
                 .inputs = {"key"}});
    return "Sec-WebSocket-Accept: " + std::string(bench.result({key}).string()) + "\r\n\r\n";
  }

  std::string end_, answer_, received_;
  int listening_ = -1;
  int port_ = 0;
  std::thread thread_;
};

constexpr std::string_view ok =
    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ndone";

Declared handler() {
  const Value workflow =
      *json::read(read_file("../../workflows/face_http_push.json"), json::as_python);
  const Value block = workflow.dict()["dynamic_blocks_definitions"].list().at(0);
  return {.code = std::string(block.dict()["code"].dict()["run_function_code"].string()),
          .inputs = {"prediction", "url"},
          .outputs = {"message", "status_code", "debug_message", "time", "identity"}};
}

Value faces(const std::vector<std::string>& names) {
  vision::Detections found;
  for (const std::string& name : names) {
    found.rows.push_back({.box = {1, 2, 3, 4}, .confidence = 0.8, .class_name = name, .id = name});
  }
  return Value::box(std::move(found));
}

TEST(Receivers, GetTheMessageOfTheReferenceWorkflow) {
  Bench bench(shared_workers(), handler());
  Receiver receiver("}", std::string(ok));
  const auto outputs = bench.run(
      {faces({"Ann", "unknown", "Bob"}), "http://127.0.0.1:" + std::to_string(receiver.port())});
  ASSERT_TRUE(outputs) << outputs.error().message;
  EXPECT_EQ(json::write((*outputs)[1]), "200");
  EXPECT_EQ((*outputs)[2].string(), "done");
  EXPECT_EQ((*outputs)[4].string(), "unknown");
  EXPECT_NE(receiver.received().find("\"timestamp\""), std::string::npos);
}

TEST(Receivers, TheReferenceWorkflowKnowsOneFromNone) {
  Bench bench(shared_workers(), handler());
  for (const auto& [names, identity] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"Bob", "Ann", "Bob"}, "Ann, Bob"}, {{}, ""}}) {
    Receiver receiver("}", std::string(ok));
    const auto outputs =
        bench.run({faces(names), "http://127.0.0.1:" + std::to_string(receiver.port())});
    ASSERT_TRUE(outputs) << outputs.error().message;
    EXPECT_EQ(json::write((*outputs)[1]), "200") << json::write((*outputs)[2]);
    EXPECT_EQ((*outputs)[4].string(), identity);
  }
}

TEST(Receivers, ThatAreDownAreTheBlocksOwnBusiness) {
  Bench bench(shared_workers(), handler());
  const auto outputs = bench.run({faces({}), "http://127.0.0.1:9"});
  ASSERT_TRUE(outputs) << outputs.error().message;
  EXPECT_EQ(json::write((*outputs)[1]), "-1");
  EXPECT_TRUE((*outputs)[0].is_null());
}

TEST(Receivers, GetATimestampByHttp) {
  Receiver receiver("}", std::string(ok));
  std::string code = read_file("reference/push_timestamp_http.py");
  replace(code, "127.0.0.1:8000", "127.0.0.1:" + std::to_string(receiver.port()));
  Bench bench(shared_workers(), {.code = code, .outputs = {"message", "status_code"}});
  const auto outputs = bench.run({});
  ASSERT_TRUE(outputs) << outputs.error().message;
  EXPECT_EQ(json::write((*outputs)[1]), "200");
  EXPECT_NE(receiver.received().find("POST /event"), std::string::npos);
}

TEST(Receivers, GetATimestampByWebSocket) {
  Receiver receiver("\r\n\r\n",
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\n");
  std::string code = read_file("reference/push_timestamp_websocket.py");
  replace(code, "127.0.0.1:8000", "127.0.0.1:" + std::to_string(receiver.port()));
  Bench bench(shared_workers(), {.code = code, .outputs = {"message", "status_code"}});
  const auto outputs = bench.run({});
  ASSERT_TRUE(outputs) << outputs.error().message;
  EXPECT_EQ(json::write((*outputs)[1]), "0") << json::write((*outputs)[0]);
  const std::string& received = receiver.received();
  const std::string message = received.substr(received.find("\r\n\r\n") + 4);
  ASSERT_EQ(message.size(), 2u + 4u + 13u);  // a masked text frame with milliseconds
  EXPECT_EQ(static_cast<unsigned char>(message[0]), 0x81);
}

}  // namespace
}  // namespace vedette::blocks::python
