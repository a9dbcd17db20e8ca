#include "api/door.hpp"

#include <algorithm>

namespace vedette::api {
namespace {

constexpr std::string_view live_path = "/api/v1/live";

Call call_of(ingest::HttpRequest& request) {
  Call call;
  call.id = std::move(request.id);
  call.method = std::move(request.method);
  call.target = std::move(request.target);
  call.body = std::move(request.body);
  call.headers.reserve(request.headers.size());
  for (ingest::HttpHeader& header : request.headers) {
    std::ranges::transform(header.name, header.name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c;
    });
    call.headers.push_back({std::move(header.name), std::move(header.value)});
  }
  return call;
}

ingest::HttpResponse response_of(Answer answer) {
  ingest::HttpResponse response{.status = answer.status, .type = std::move(answer.type)};
  response.headers.reserve(answer.headers.size() + 2);
  for (Header& header : answer.headers) {
    response.headers.push_back({std::move(header.name), std::move(header.value)});
  }
  response.headers.push_back({"X-Content-Type-Options", "nosniff"});
  response.headers.push_back({"Cache-Control", answer.revalidate ? "no-cache" : "no-store"});
  response.body = std::move(answer.body);
  if (answer.bytes) {
    const auto* const data = reinterpret_cast<const char*>(answer.bytes->data());
    const std::string_view bytes(data, answer.bytes->size());
    response.more.push_back({std::move(answer.bytes), bytes});
  }
  return response;
}

}  // namespace

void Door::take(ingest::HttpRequest request, ingest::HttpReply reply) {
  const bool is_upgrade = request.is_upgrade;
  Call call = call_of(request);
  if (is_upgrade) return open_socket(std::move(call), std::move(reply));
  surface_.handle(std::move(call), [reply = std::move(reply)](Answer answer) mutable {
    std::move(reply).send(response_of(std::move(answer)));
  });
}

void Door::open_socket(Call call, ingest::HttpReply reply) {
  if (auto answer = surface_.refuse_socket(call)) {
    return std::move(reply).send(response_of(std::move(*answer)));
  }
  if (call.path == live_path) return hub_.open(std::move(reply));
  if (!ws_echo_.empty() && call.path == ws_echo_) {
    // The socket is known only once the upgrade has begun; its first message comes later.
    auto socket = std::make_shared<std::weak_ptr<ingest::WebSocket>>();
    constexpr std::size_t big = 64u << 20;
    const auto opened = std::move(reply).upgrade(
        {.on_message =
             [socket](std::string message, bool is_binary) {
               if (const auto open = socket->lock()) {
                 open->send(std::make_shared<const std::string>(std::move(message)), is_binary);
               }
             },
         .on_close = {}},
        {.message_bytes = big});
    *socket = opened;
    return;
  }
  std::move(reply).send(response_of(problem(call, 404, "no WebSocket is served on this path")));
}

}  // namespace vedette::api
