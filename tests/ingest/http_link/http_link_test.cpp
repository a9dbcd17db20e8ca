#include "ingest/http_link/http_link.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <fmt/format.h>
#include <latch>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "loopback.hpp"

namespace vedette::ingest {
namespace {

using std::chrono::milliseconds;

/// Says in the body what the request was.
void echo(HttpRequest request, HttpReply reply) {
  std::string text = request.method + " " + request.path;
  for (const auto& [name, value] : request.query) text += " " + name + "=" + value;
  text += " [" + *request.body + "]";
  std::move(reply).send({.type = "text/plain", .body = std::move(text)});
}

std::string get(std::string_view target, std::string_view headers = "") {
  return fmt::format("GET {} HTTP/1.1\r\nHost: here\r\n{}\r\n", target, headers);
}

std::string post(std::string_view body, std::string_view headers = "") {
  return fmt::format("POST / HTTP/1.1\r\nHost: here\r\nContent-Length: {}\r\n{}\r\n{}", body.size(),
                     headers, body);
}

constexpr std::string_view chunked_head =
    "POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n";

struct Case {
  std::string name;
  std::string sent;
  int status;
  std::string body;  ///< how it begins
};

class HttpLinkAnswers : public testing::TestWithParam<Case> {};

TEST_P(HttpLinkAnswers, AndServesTheNext) {
  const auto link = open_link(echo, {.header_bytes = 4096, .body_bytes = 1000});
  Client client(link->port());
  const Seen seen = client.ask(GetParam().sent);
  EXPECT_EQ(seen.status, GetParam().status) << seen.head << seen.body;
  EXPECT_TRUE(seen.body.starts_with(GetParam().body)) << seen.body;
  if (seen.status >= 400) {
    EXPECT_NE(seen.head.find("Connection: close"), std::string::npos) << seen.head;
  } else {
    EXPECT_EQ(client.ask(get("/again")).body, "GET /again []");
  }
  EXPECT_EQ(Client(link->port()).ask(get("/other")).body, "GET /other []");
}

INSTANTIATE_TEST_SUITE_P(
    Good, HttpLinkAnswers,
    testing::Values(
        Case{"Get", get("/"), 200, "GET / []"}, Case{"Post", post("abc"), 200, "POST / [abc]"},
        Case{"Query", get("/p?a=1&b=c+d%21&e&&=f&a=%zz"), 200, "GET /p a=1 b=c d! e= =f a=%zz []"},
        Case{"Escapes", get("/%e5%bc%a0%2F+%4"), 200, "GET /\xe5\xbc\xa0/+%4 []"},
        Case{"Absolute", get("http://here:1/x?y=1"), 200, "GET /x y=1 []"},
        Case{"AbsoluteWithoutPath", get("http://here"), 200, "GET / []"},
        Case{"OtherMethod", "BREW /pot HTTP/1.1\r\nHost: h\r\n\r\n", 200, "BREW /pot []"},
        Case{"Chunked",
             std::string(chunked_head) + "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nX: y\r\n\r\n",
             200, "POST / [abc0123456789]"},
        Case{"EmptyBody", post(""), 200, "POST / []"},
        Case{"MostBody", post(std::string(1000, 'b')), 200, "POST / [bbb"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Bad, HttpLinkAnswers,
    testing::Values(
        Case{"Garbage", "\x16\x03\x01\x02\r\n\r\n", 400, "this is no HTTP request"},
        Case{"Version", "GET / HTTP/3.0\r\nHost: h\r\n\r\n", 400, "this is no HTTP request"},
        Case{"NoHost", "GET / HTTP/1.1\r\n\r\n", 400, "a request must name one host"},
        Case{"TwoHosts", get("/", "Host: there\r\n"), 400, "a request must name one host"},
        Case{"NoPath", get("*"), 400, "the target of a request must be a path"},
        Case{"BlankBeforeColon", get("/", "A : b\r\n"), 400, "this is no HTTP request"},
        Case{"Zero", get("/", std::string("A: b\0c\r\n", 8)), 400, "this is no HTTP request"},
        Case{"LongHeader", get("/", "A: " + std::string(5000, 'a') + "\r\n"), 431,
             "the headers are longer"},
        Case{"ManyHeaders",
             get("/",
                 [] {
                   std::string all;
                   for (int i = 0; i < 1000; ++i) all += "A: b\r\n";
                   return all;
                 }()),
             431, "the headers are longer"},
        Case{"BadLength", get("/", "Content-Length: x\r\n"), 400, "this is no HTTP request"},
        Case{"NegativeLength", get("/", "Content-Length: -1\r\n"), 400, "this is no HTTP request"},
        Case{"TwoLengths", get("/", "Content-Length: 1\r\nContent-Length: 2\r\n"), 400,
             "this is no HTTP request"},
        Case{"HugeLength", get("/", "Content-Length: 99999999999999999999\r\n"), 400,
             "this is no HTTP request"},
        Case{"LengthAndChunks", get("/", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
             400, "this is no HTTP request"},
        Case{"OtherCoding", get("/", "Transfer-Encoding: gzip, chunked\r\n"), 501,
             "of the transfer codings"},
        Case{"OtherExpectation", get("/", "Expect: miracle\r\n"), 417, "no other expectation"},
        Case{"BodyTooLong", post(std::string(1001, 'b')), 413,
             "a body of 1001 bytes is over the limit of 1000"},
        Case{"BodyTooLongUnread", get("/", "Content-Length: 100000000\r\n"), 413,
             "a body of 100000000 bytes"},
        Case{"ChunksTooLong",
             std::string(chunked_head) + "3e9\r\n" + std::string(1001, 'b') + "\r\n0\r\n\r\n", 413,
             "the body is over the limit of 1000"},
        Case{"BadChunk", std::string(chunked_head) + "xyz\r\nabc\r\n0\r\n\r\n", 400,
             "this is no HTTP request"}),
    [](const auto& test) { return test.param.name; });

TEST(HttpLink, TellsTheHandlerWhatCameFromWhom) {
  std::mutex mutex;
  std::vector<HttpRequest> requests;
  const auto link = open_link([&](HttpRequest request, HttpReply reply) {
    const std::lock_guard lock(mutex);
    requests.push_back(std::move(request));
    std::move(reply).send({});
  });
  Client client(link->port());
  client.ask(get("/a%20b?c=d", "X-Two: 1\r\nx-two:  2 \r\n"));
  client.ask(get("/"));
  const std::lock_guard lock(mutex);
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].target, "/a%20b?c=d");
  EXPECT_EQ(requests[0].header("X-TWO"), "1");
  EXPECT_EQ(requests[0].header("absent"), "");
  EXPECT_EQ(requests[0].headers[2].value, "2");
  EXPECT_EQ(requests[0].peer, "127.0.0.1");
  EXPECT_EQ(requests[0].id.size(), 26u);
  EXPECT_NE(requests[0].id, requests[1].id);
  EXPECT_FALSE(requests[0].is_upgrade);
}

TEST(HttpLink, SendsOwnedAndSharedBytesInOrder) {
  const auto shared = std::make_shared<const std::string>(3'000'000, 's');
  const auto link = open_link([shared](const HttpRequest&, HttpReply reply) {
    std::move(reply).send({.status = 201,
                           .type = "x/y",
                           .headers = {{"X-Evil", "a\r\nX-Forged: b"}},
                           .body = "<",
                           .more = {{shared, *shared}, {nullptr, ">"}}});
  });
  const Seen seen = Client(link->port()).ask(get("/"));
  EXPECT_EQ(seen.status, 201);
  EXPECT_EQ(seen.body, fmt::format("<{}>", *shared));
  EXPECT_NE(seen.head.find("HTTP/1.1 201 Created\r\nDate: "), std::string::npos) << seen.head;
  EXPECT_NE(seen.head.find("Content-Type: x/y\r\n"), std::string::npos) << seen.head;
  EXPECT_NE(seen.head.find("X-Evil: a  X-Forged: b\r\n"), std::string::npos) << seen.head;
}

TEST(HttpLink, AnswersHeadWithoutABody) {
  const auto link = open_link(echo);
  Client client(link->port());
  client.send("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n" + get("/next"));
  EXPECT_NE(client.receive(false).head.find("Content-Length: 9\r\n"), std::string::npos);
  EXPECT_EQ(client.receive().body, "GET /next []");
}

TEST(HttpLink, SendsNoBodyWithNoContent) {
  const auto link = open_link([](const HttpRequest&, HttpReply reply) {
    std::move(reply).send({.status = 204, .body = "nobody sees this"});
  });
  Client client(link->port());
  client.send(get("/") + get("/"));
  for (int i = 0; i < 2; ++i) {
    const Seen seen = client.receive();
    EXPECT_EQ(seen.status, 204);
    EXPECT_EQ(seen.head.find("Content-Length"), std::string::npos) << seen.head;
  }
}

TEST(HttpLink, AnswersPipelinedRequestsInOrder) {
  std::vector<std::jthread> threads;
  const auto link = open_link([&threads](HttpRequest request, HttpReply reply) {
    threads.emplace_back([request = std::move(request), reply = std::move(reply)]() mutable {
      if (request.path == "/0") std::this_thread::sleep_for(milliseconds(20));
      std::move(reply).send({.body = request.path + *request.body});
    });
  });
  Client client(link->port());
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all += fmt::format("POST /{} HTTP/1.1\r\nHost: h\r\nContent-Length: 300\r\n\r\n{}", i,
                       std::string(300, 'x'));
  }
  client.send(all);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(client.receive().body, fmt::format("/{}{}", i, std::string(300, 'x')));
  }
}

TEST(HttpLink, KeepsAConnectionAsItsVersionHasIt) {
  const auto link = open_link(echo);
  Client modern(link->port());
  EXPECT_EQ(modern.ask(get("/", "Connection: close\r\n")).status, 200);
  EXPECT_TRUE(modern.is_closed());
  Client old(link->port());
  EXPECT_EQ(old.ask("GET / HTTP/1.0\r\n\r\n").status, 200);
  EXPECT_TRUE(old.is_closed());
  Client keeping(link->port());
  const Seen kept = keeping.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_NE(kept.head.find("Connection: keep-alive"), std::string::npos) << kept.head;
  EXPECT_EQ(keeping.ask(get("/")).status, 200);
}

TEST(HttpLink, InvitesABodyThatAsksFirst) {
  const auto link = open_link(echo, {.body_bytes = 10});
  Client welcome(link->port());
  welcome.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(welcome.receive().status, 100);
  EXPECT_EQ(welcome.ask("abc").body, "POST / [abc]");
  Client too_long(link->port());
  too_long.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(too_long.receive().status, 413);
}

TEST(HttpLink, TakesABigBodyInPieces) {
  std::string big(16u << 20, 'x');
  for (std::size_t i = 0; i < big.size(); i += 4099) big[i] = static_cast<char>('a' + i % 26);
  const auto link = open_link([&big](const HttpRequest& request, HttpReply reply) {
    std::move(reply).send({.body = *request.body == big ? "same" : "other"});
  });
  Client client(link->port());
  const std::string sent = post(big);
  for (std::size_t at = 0; at < sent.size(); at += 1'000'000) {
    client.send(std::string_view(sent).substr(at, 1'000'000));
  }
  EXPECT_EQ(client.receive().body, "same");
  EXPECT_TRUE(soon([&] { return link->counts().body_bytes == 0; }));
}

TEST(HttpLink, Answers500WhereAHandlerDoesNot) {
  const auto link = open_link([](const HttpRequest& request, HttpReply reply) {
    if (request.path == "/throw") throw std::runtime_error("no");
    const HttpReply dropped = std::move(reply);
  });
  Client client(link->port());
  EXPECT_EQ(client.ask(get("/drop")).status, 500);
  EXPECT_EQ(client.ask(get("/throw")).status, 500);
}

TEST(HttpLink, LetsAPeerGoThatOverstaysATime) {
  const auto link = open_link(echo, {.header_time = milliseconds(50),
                                     .body_time = milliseconds(50),
                                     .idle_time = milliseconds(100)});
  for (const std::string begun :
       {"", "GET / HT", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab"}) {
    Client client(link->port());
    client.send(begun);
    EXPECT_TRUE(client.is_closed()) << begun;
  }
  Client drip(link->port());
  for (const char c : get("/a-header-that-comes-letter-by-letter")) {
    drip.send(std::string_view(&c, 1));
    std::this_thread::sleep_for(milliseconds(2));
  }
  EXPECT_TRUE(drip.is_closed());
  EXPECT_TRUE(soon([&] { return link->counts().connections == 0; }));
}

TEST(HttpLink, SurvivesAPeerThatLeavesWhileItsHandlerWorks) {
  std::mutex mutex;
  std::vector<HttpReply> replies;
  const auto link = open_link([&](const HttpRequest& request, HttpReply reply) {
    if (request.path == "/now") return std::move(reply).send({});
    const std::lock_guard lock(mutex);
    replies.push_back(std::move(reply));
  });
  {
    Client client(link->port());
    client.send(get("/later"));
    ASSERT_TRUE(soon([&] {
      const std::lock_guard lock(mutex);
      return !replies.empty();
    }));
  }
  {
    const std::lock_guard lock(mutex);
    std::move(replies.at(0)).send({.body = std::string(10'000'000, 'x')});
  }
  EXPECT_TRUE(soon([&] { return link->counts().connections == 0; }));
  EXPECT_EQ(Client(link->port()).ask(get("/now")).status, 200);
}

TEST(HttpLink, TurnsAwayWhatIsOverItsLimits) {
  std::latch go(1);
  std::vector<std::jthread> threads;
  const auto link = open_link(
      [&](HttpRequest request, HttpReply reply) {
        if (request.path == "/now") return std::move(reply).send({});
        threads.emplace_back([&go, reply = std::move(reply)]() mutable {
          go.wait();
          std::move(reply).send({});
        });
      },
      {.all_bodies = 100, .connections = 3, .in_flight = 2});
  Client first(link->port());
  Client second(link->port());
  Client third(link->port());
  first.send(post(std::string(60, 'x')));
  ASSERT_TRUE(soon([&] { return link->counts().body_bytes == 60; }));
  EXPECT_EQ(second.ask(post(std::string(60, 'x'))).status, 503) << "too many bytes at once";
  second.close();
  ASSERT_TRUE(soon([&] { return link->counts().connections == 2; }));
  Client again(link->port());
  again.send(get("/"));
  ASSERT_TRUE(soon([&] { return link->counts().in_flight == 2; }));
  EXPECT_EQ(third.ask(get("/now")).status, 503) << "too many requests at once";
  third.close();
  ASSERT_TRUE(soon([&] { return link->counts().connections == 2; }));
  Client last(link->port());
  ASSERT_TRUE(soon([&] { return link->counts().connections == 3; }));
  EXPECT_EQ(Client(link->port()).receive().status, 503) << "too many connections";
  go.count_down();
  EXPECT_EQ(first.receive().status, 200);
  EXPECT_EQ(again.receive().status, 200);
  EXPECT_EQ(last.ask(get("/now")).status, 200);
}

TEST(HttpLink, ServesTwoHundredConnectionsAtOnce) {
  const auto link = open_link(echo, {}, 2);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 200; ++i) clients.push_back(std::make_unique<Client>(link->port()));
  for (int round = 0; round < 5; ++round) {
    for (auto& client : clients) client->send(post(std::string(2000, 'x')));
    for (auto& client : clients) EXPECT_EQ(client->receive().body.size(), 9 + 2000u);
  }
  EXPECT_EQ(link->counts().connections, 200u);
}

TEST(HttpLinkOpen, NamesAPortThatIsTaken) {
  const auto link = open_link(echo);
  const auto second = HttpLink::open({.port = link->port()}, echo);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::io);
  EXPECT_EQ(second.error().what,
            fmt::format("port {} of 127.0.0.1: Address already in use", link->port()));
}

TEST(HttpLinkOpen, RefusesWhatIsNoAddress) {
  const auto link = HttpLink::open({.address = "localhost"}, echo);
  ASSERT_FALSE(link);
  EXPECT_EQ(link.error(), (Error{Errc::bad_input, "'localhost' is no IP address"}));
}

TEST(HttpLinkStop, LetsRequestsInFlightBeAnswered) {
  std::latch begun(1);
  std::vector<std::jthread> threads;
  const auto link = open_link([&](const HttpRequest&, HttpReply reply) {
    begun.count_down();
    threads.emplace_back([reply = std::move(reply)]() mutable {
      std::this_thread::sleep_for(milliseconds(100));
      std::move(reply).send({.body = "done"});
    });
  });
  Client idle(link->port());
  Client busy(link->port());
  busy.send(get("/"));
  begun.wait();
  std::jthread stopping([&link] { link->stop(milliseconds(10'000)); });
  EXPECT_TRUE(idle.is_closed());
  const Seen seen = busy.receive();
  EXPECT_EQ(seen.body, "done");
  EXPECT_NE(seen.head.find("Connection: close"), std::string::npos) << seen.head;
  busy.close();
  stopping.join();
  EXPECT_EQ(link->counts().connections, 0u);
  EXPECT_THROW(Client(link->port()), boost::system::system_error);
}

TEST(HttpLinkStop, DoesNotWaitLongerThanItsPatience) {
  std::mutex mutex;
  std::vector<HttpReply> replies;
  auto link = open_link([&](const HttpRequest&, HttpReply reply) {
    const std::lock_guard lock(mutex);
    replies.push_back(std::move(reply));
  });
  Client client(link->port());
  client.send(get("/"));
  ASSERT_TRUE(soon([&] { return link->counts().in_flight == 1; }));
  const auto begun = std::chrono::steady_clock::now();
  link->stop(milliseconds(50));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, milliseconds(5000));
  EXPECT_TRUE(client.is_closed());
  link.reset();
  std::move(replies.at(0)).send({});  // goes nowhere, and harms nobody
}

}  // namespace
}  // namespace vedette::ingest
