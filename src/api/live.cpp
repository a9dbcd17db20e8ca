/// /api/v1/live/pictures: what the page shows.
#include "api/native.hpp"
#include "api/surface.hpp"

namespace vedette::api {
namespace {

Answer list(const House& house) {
  List items;
  for (const LivePicture& picture : house.live->list()) items.push_back(as_json(picture));
  return list_answer(std::move(items), {});
}

Answer picture(const House& house, const Call& call) {
  const auto found = house.live->find(call.captured[0]);
  if (!found) return problem(call, 404, "no such picture; it may have been replaced");
  const std::string etag = '"' + std::to_string(found->version) + '"';
  Answer answer{.type = "image/jpeg", .revalidate = true};
  answer.headers.push_back({"ETag", etag});
  if (call.header("if-none-match") == etag) {
    answer.status = 304;
    return answer;
  }
  const auto jpeg = found->image->jpeg();
  if (!jpeg) return problem(call, jpeg.error());
  answer.bytes = *jpeg;
  return answer;
}

}  // namespace

void add_live_routes(Table& table, House& house) {
  table.add({.method = "GET",
             .path = "/api/v1/live/pictures",
             .about = "The newest picture of each step that shows one",
             .handle = answers([&house](const Call&) { return list(house); })});
  table.add({.method = "GET",
             .path = "/api/v1/live/pictures/{id}",
             .about = "One of them, as a JPEG",
             .gives = "image/jpeg",
             .handle = answers([&house](const Call& call) { return picture(house, call); })});
  table.add({.method = "GET",
             .path = "/api/v1/live",
             .about = "WebSocket: a snapshot, then each run and each new picture as it comes",
             .lane = Lane::io,
             .success = 101,
             .before_ready = true,
             .handle = answers([](const Call& call) {
               Answer answer = problem(call, 426, "this is a WebSocket: ask for an upgrade");
               answer.headers.push_back({"Upgrade", "websocket"});
               return answer;
             })});
}

}  // namespace vedette::api
