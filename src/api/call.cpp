#include "api/call.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/json.hpp"

namespace vedette::api {

std::string_view Call::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &Header::name);
  return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

std::optional<std::string> Call::query(std::string_view name) const {
  const auto mark = target.find('?');
  if (mark == std::string::npos) return std::nullopt;
  std::string_view rest = std::string_view(target).substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const auto equals = pair.find('=');
    if (percent_decoded(pair.substr(0, equals), true) != name) continue;
    return equals == pair.npos ? std::string() : percent_decoded(pair.substr(equals + 1), true);
  }
  return std::nullopt;
}

std::string percent_decoded(std::string_view text, bool plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ptr ==
            text.data() + i + 3) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += plus && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

Answer json_answer(const Value& body, int status) {
  Answer answer{.status = status};
  json::write(body, answer.body);
  return answer;
}

std::string_view status_phrase(int status) {
  constexpr std::array<std::pair<int, std::string_view>, 20> phrases{
      {{200, "OK"},
       {400, "Bad Request"},
       {401, "Unauthorized"},
       {403, "Forbidden"},
       {404, "Not Found"},
       {405, "Method Not Allowed"},
       {408, "Request Timeout"},
       {409, "Conflict"},
       {411, "Length Required"},
       {412, "Precondition Failed"},
       {413, "Content Too Large"},
       {415, "Unsupported Media Type"},
       {422, "Unprocessable Content"},
       {428, "Precondition Required"},
       {429, "Too Many Requests"},
       {431, "Request Header Fields Too Large"},
       {500, "Internal Server Error"},
       {501, "Not Implemented"},
       {503, "Service Unavailable"},
       {504, "Gateway Timeout"}}};
  const auto* const found =
      std::ranges::find(phrases, status, &decltype(phrases)::value_type::first);
  return found == phrases.end() ? "Error" : found->second;
}

int status_of(Errc code) {
  switch (code) {
    case Errc::bad_input:
      return 400;
    case Errc::too_large:
      return 413;
    case Errc::not_found:
      return 404;
    case Errc::timed_out:
      return 504;
    case Errc::peer_gone:
    case Errc::io:
      break;
  }
  return 500;
}

Answer problem(const Call& call, int status, std::string detail, Dict further) {
  Dict body{{"type", "about:blank"},       {"title", status_phrase(status)}, {"status", status},
            {"detail", std::move(detail)}, {"instance", call.path},          {"trace_id", call.id}};
  for (const auto& [name, value] : further) body.set(name, value);
  Answer answer = json_answer(body, status);
  answer.type = "application/problem+json";
  return answer;
}

Answer problem(const Call& call, const Error& error) {
  return problem(call, status_of(error.code), error.what);
}

Answer message(int status, std::string_view text) {
  return json_answer(Dict{{"message", text}}, status);
}

Answer failure(const workflow::Problem& problem) {
  return json_answer(workflow::as_json(problem), problem.status);
}

Answer unprocessable(const std::vector<Invalid>& all) {
  List detail;
  for (const Invalid& one : all) {
    Dict told{{"type", one.type}, {"loc", one.loc}, {"msg", one.msg}, {"input", one.input}};
    if (!one.ctx.is_null()) told.set("ctx", one.ctx);
    detail.emplace_back(std::move(told));
  }
  return json_answer(Dict{{"detail", std::move(detail)}}, 422);
}

}  // namespace vedette::api
