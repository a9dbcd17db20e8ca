#include "api/surface.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "api/answered.hpp"
#include "api/runs.hpp"
#include "base/id.hpp"
#include "base/log.hpp"

namespace vedette::api {
namespace {

using Steady = std::chrono::steady_clock;

bool is_native(std::string_view path) { return path.starts_with("/api/v1/"); }

/// In the form in which the clients of that route read errors.
Answer refusal(const Call& call, int status, std::string text) {
  if (is_native(call.path)) return problem(call, status, std::move(text));
  return message(status, text);
}

std::string_view bearer(const Call& call) {
  constexpr std::string_view scheme = "Bearer ";
  std::string_view header = call.header("authorization");
  if (header.size() < scheme.size()) return {};
  const bool fits = std::ranges::equal(header.substr(0, scheme.size()), scheme,
                                       [](char a, char b) { return (a | 32) == (b | 32); });
  return fits ? header.substr(scheme.size()) : std::string_view();
}

Answer not_found(const Call& call) {
  for (const std::string_view later : {"/api/v1/devices", "/api/v1/events", "/api/v1/deliveries",
                                       "/api/v1/sinks", "/api/v1/recognition", "/api/v1/detection",
                                       "/api/v1/verification", "/inference_pipelines"}) {
    if (call.path.starts_with(later)) {
      return refusal(call, 404, fmt::format("{}: not in this version", later));
    }
  }
  if (is_native(call.path)) {
    return problem(call, 404, "no such route; /openapi.json lists what there is");
  }
  return json_answer(Dict{{"detail", "Not Found"}}, 404);
}

Answer preflight() {
  Answer answer{.status = 204, .type = {}};
  answer.headers.push_back({"Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE"});
  answer.headers.push_back(
      {"Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match, Idempotency-Key"});
  answer.headers.push_back({"Access-Control-Max-Age", "600"});
  return answer;
}

Answer too_busy(const Call& call, std::string text) {
  Answer answer = refusal(call, 503, std::move(text));
  answer.headers.push_back({"Retry-After", "1"});
  return answer;
}

}  // namespace

bool is_admitted(const House& house, const Call& call, std::string_view in_body) {
  if (!house.needs_key || call.trusted) return true;
  if (house.keys->accepts(bearer(call)) || house.keys->accepts(in_body)) return true;
  const auto in_query = call.query("api_key");
  return in_query && house.keys->accepts(*in_query);
}

Answer unauthorized(const Call& call) {
  Answer answer = refusal(call, 401,
                          "a key is needed: `vedette key create NAME` makes one; send it as "
                          "`Authorization: Bearer KEY` or `api_key`");
  answer.headers.push_back({"WWW-Authenticate", "Bearer"});
  return answer;
}

Surface::Surface(House& house, GuardSettings guard)
    : house_(house), guard_(std::move(guard)), answered_(std::make_shared<Answered>()) {
  add_status_routes(table_, house);
  add_roboflow_routes(table_, house);
  add_people_routes(table_, house);
  add_workflow_routes(table_, house);
  add_live_routes(table_, house);
  add_page_routes(table_);
  table_.add({.method = "GET",
              .path = "/openapi.json",
              .about = "This document",
              .lane = Lane::io,
              .access = Access::open,
              .before_ready = true,
              .handle = answers(
                  [this](const Call&) { return json_answer(openapi(table_, house_.version)); })});
  table_.sort();
}

Surface::~Surface() = default;

std::optional<Answer> Surface::refuse(const Call& call) const {
  if (call.trusted) return std::nullopt;
  const std::string_view host = call.header("host");
  if (!guard_.knows_host(host)) {
    house_.metrics.refused("host");
    return refusal(call, 403,
                   "the Host header names neither this listener nor a loopback name; set "
                   "http.public_url to the address by which this server is known");
  }
  if (guard_.caller(call.header("origin"), host) == Guard::Caller::foreign) {
    house_.metrics.refused("origin");
    return refusal(call, 403, "a page from elsewhere may not ask; http.origins lists who may");
  }
  return std::nullopt;
}

std::optional<Answer> Surface::refuse_body(const Call& call, const Route& route) const {
  if (route.takes.empty()) return std::nullopt;
  const std::string type = media_type(call.header("content-type"));
  if (std::ranges::find(route.takes, type) != route.takes.end()) return std::nullopt;
  if (type.empty() && call.body->empty()) return std::nullopt;  // the handler says what is missing
  return refusal(call, 415,
                 fmt::format("the body must be declared as {}{}", fmt::join(route.takes, " or "),
                             type.empty() ? "" : ", not as " + type));
}

std::optional<Answer> Surface::refuse_socket(Call& call) const {
  if (call.id.empty()) call.id = make_ulid();
  call.path = call.target.substr(0, call.target.find('?'));
  if (auto answer = refuse(call)) return answer;
  if (!is_admitted(house_, call)) return unauthorized(call);
  return std::nullopt;
}

void Surface::handle(Call call, Reply reply) {
  if (call.id.empty()) call.id = make_ulid();
  call.path = call.target.substr(0, call.target.find('?'));
  auto match = table_.find(call.method, call.path);
  const bool listed = !call.trusted && guard_.caller(call.header("origin"), call.header("host")) ==
                                           Guard::Caller::listed;
  const std::string_view shape = match.route ? match.route->path : "other";
  reply = [this, begun = Steady::now(), method = call.method, shape, id = call.id, listed,
           origin = std::string(call.header("origin")),
           next = std::move(reply)](Answer answer) mutable {
    const std::chrono::duration<double> took = Steady::now() - begun;
    house_.metrics.request(method, shape, answer.status, took);
    if (log::is_on(log::Level::debug)) {
      log::debug("http", "answered",
                 {{"method", method},
                  {"route", shape},
                  {"status", answer.status},
                  {"ms", took.count() * 1e3},
                  {"request", id}});
    }
    answer.headers.push_back({"X-Request-Id", id});
    if (listed) {
      answer.headers.push_back({"Access-Control-Allow-Origin", origin});
      answer.headers.push_back({"Vary", "Origin"});
    }
    next(std::move(answer));
  };

  if (auto answer = refuse(call)) return reply(std::move(*answer));
  if (call.method == "OPTIONS" && listed) return reply(preflight());
  if (!match.route) {
    if (match.allow.empty()) return reply(not_found(call));
    Answer answer = is_native(call.path)
                        ? problem(call, 405, "this path takes " + match.allow)
                        : json_answer(Dict{{"detail", "Method Not Allowed"},
                                           {"message", "this path takes " + match.allow}},
                                      405);
    answer.headers.push_back({"Allow", match.allow});
    return reply(std::move(answer));
  }
  const Route& route = *match.route;
  if (route.access == Access::key && !is_admitted(house_, call)) return reply(unauthorized(call));
  if (auto answer = refuse_body(call, route)) return reply(std::move(*answer));
  if (!route.before_ready && !house_.ready) {
    return reply(too_busy(call, "starting: the models are being loaded; /readyz tells when"));
  }
  call.captured = std::move(match.captured);
  call.shape = route.path;
  start(route, std::make_shared<const Call>(std::move(call)), std::move(reply));
}

void Surface::start(const Route& route, CallPtr call, Reply reply) {
  const std::string_view again = call->header("idempotency-key");
  if (!again.empty() && call->method == "POST" && is_native(call->path)) {
    const std::string key =
        fmt::format("{} {} {}", again, call->target, call->header("authorization"));
    auto begun = answered_->begin(key, sha256_hex(*call->body));
    switch (begun.state) {
      case Answered::State::answered:
        begun.answer.headers.push_back({"Idempotent-Replayed", "true"});
        return reply(std::move(begun.answer));
      case Answered::State::running:
        return reply(problem(*call, 409, "the first request with this Idempotency-Key still runs"));
      case Answered::State::differs:
        return reply(problem(*call, 422, "this Idempotency-Key was used for another body"));
      case Answered::State::fresh:
        break;
    }
    reply = [kept = answered_, key, next = std::move(reply)](Answer answer) mutable {
      kept->finish(key, answer);
      next(std::move(answer));
    };
  }
  if (route.lane == Lane::io) return route.handle(call, std::move(reply));

  const bool waits =
      route.lane == Lane::waits || (route.lane == Lane::by_body && may_wait(house_, *call->body));
  ComputePool& pool = waits ? *house_.waits : *house_.compute;
  auto shared = std::make_shared<Reply>(std::move(reply));
  const bool taken =
      pool.try_submit([&route, call, shared]() mutable { route.handle(call, std::move(*shared)); });
  if (!taken) {
    house_.metrics.refused("queue");
    (*shared)(too_busy(*call, "too many requests are waiting already"));
  }
}

}  // namespace vedette::api
