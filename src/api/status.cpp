/// How the server is: for probes, for Prometheus, for people.
#include <fmt/format.h>

#include "api/surface.hpp"

namespace vedette::api {
namespace {

Answer readiness(const House& house) {
  if (!house.ready) {
    return json_answer(Dict{{"status", "starting"}, {"components", Dict{{"models", "loading"}}}},
                       503);
  }
  const auto size = house.gallery->size();
  const Dict parts{{"models", house.models->embedder()},
                   {"people", static_cast<std::int64_t>(size.people)},
                   {"photos", static_cast<std::int64_t>(size.photos)}};
  const bool draining = house.draining;
  return json_answer(Dict{{"status", draining ? "draining" : "ready"}, {"components", parts}},
                     draining ? 503 : 200);
}

}  // namespace

void add_status_routes(Table& table, House& house) {
  const auto add = [&](std::string_view path, std::string_view about, auto handler,
                       Access access = Access::open) {
    table.add({.method = "GET",
               .path = path,
               .about = about,
               .lane = Lane::io,
               .access = access,
               .before_ready = true,
               .handle = answers(handler)});
  };
  add("/healthz", "Does the process live",
      [](const Call&) { return json_answer(Dict{{"status", "healthy"}}); });
  table.add({.method = "GET",
             .path = "/readyz",
             .about = "Is everything loaded, part by part",
             .lane = Lane::waits,  // it counts people in the store
             .access = Access::open,
             .before_ready = true,
             .handle = answers([&house](const Call&) { return readiness(house); })});
  add("/readiness", "Is everything loaded", [&house](const Call&) {
    const bool ready = house.ready && !house.draining;
    return json_answer(Dict{{"status", ready ? "ready" : "not ready"}}, ready ? 200 : 503);
  });
  add(
      "/info", "Name and version",
      [&house](const Call&) {
        return json_answer(
            Dict{{"name", "Vedette"}, {"version", house.version}, {"uuid", house.instance}});
      },
      Access::key);
  table.add({.method = "GET",
             .path = "/metrics",
             .about = "For Prometheus",
             .gives = "text/plain",
             .before_ready = true,
             .handle = answers([&house](const Call&) {
               return Answer{.type = "text/plain; version=0.0.4", .body = house.metrics.text()};
             })});
}

}  // namespace vedette::api
