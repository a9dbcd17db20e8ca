#include "api/native.hpp"

#include <charconv>

#include "base/json.hpp"

namespace vedette::api {

std::expected<Dict, Answer> body_object(const House& house, const Call& call) {
  const auto body = json::read(*call.body, {.depth = house.json_depth});
  if (!body) return std::unexpected(problem(call, body.error()));
  if (!body->is_dict()) return std::unexpected(problem(call, 400, "the body must be an object"));
  return body->dict();
}

std::expected<std::size_t, Answer> limit_of(const Call& call) {
  constexpr std::size_t usual = 50;
  constexpr std::size_t most = 500;
  const auto text = call.query("limit");
  if (!text) return usual;
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc{} || end != text->data() + text->size() || limit < 1 || limit > most) {
    return std::unexpected(problem(call, 400, "limit must be a whole number from 1 to 500"));
  }
  return limit;
}

Answer list_answer(List items, const std::string& next) {
  return json_answer(
      Dict{{"items", std::move(items)}, {"next", next.empty() ? Value() : Value(next)}});
}

}  // namespace vedette::api
