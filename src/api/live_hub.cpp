#include "api/live_hub.hpp"

#include "base/json.hpp"

namespace vedette::api {
namespace {

constexpr std::size_t runs_at_first = 50;

}  // namespace

LiveHub::LiveHub(House& house) : house_(house) {
  house.runs.on_add = [this](const RunPtr& run) {
    if (pages() > 0) tell("run", "run", as_json(*run));
  };
  house.live->on_show = [this](const LivePicture& picture) {
    if (pages() > 0) tell("picture", "picture", as_json(picture));
  };
}

void LiveHub::open(ingest::HttpReply reply) {
  // What happens between the snapshot and the first message is in either or in both: pages know
  // runs and pictures by their ids.
  const ingest::WebSocketLimits limits{.message_bytes = 1024, .newest_wins = true};
  auto known = std::make_shared<std::weak_ptr<ingest::WebSocket>>();
  const auto on_close = [this, known] {
    const std::scoped_lock lock(mutex_);
    std::erase(sockets_, known->lock());
    open_ = sockets_.size();
  };
  const auto socket = std::move(reply).upgrade({.on_message = {}, .on_close = on_close}, limits);
  if (!socket) return;
  *known = socket;
  {
    const std::scoped_lock lock(mutex_);
    sockets_.push_back(socket);
    open_ = sockets_.size();
  }
  List runs;
  for (const RunPtr& run : house_.runs.list({}, {}, runs_at_first).runs) {
    runs.push_back(as_json(*run));
  }
  List pictures;
  for (const LivePicture& picture : house_.live->list()) pictures.push_back(as_json(picture));
  socket->send(json::write(Dict{{"type", "snapshot"},
                                {"version", house_.version},
                                {"runs", std::move(runs)},
                                {"pictures", std::move(pictures)}}));
}

void LiveHub::tell(std::string_view type, std::string_view member, const Value& value) {
  Dict message{{"type", type}};
  message.set(member, value);
  const auto text = std::make_shared<const std::string>(json::write(message));
  const std::scoped_lock lock(mutex_);
  for (const auto& socket : sockets_) socket->send(text);
}

}  // namespace vedette::api
