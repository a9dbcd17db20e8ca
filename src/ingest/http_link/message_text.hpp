#pragma once
/// The parts of HTTP that are only text: targets and heads of answers.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/http_link/http_link.hpp"

namespace vedette::ingest {

struct Target {
  std::string path;  ///< decoded
  std::vector<std::pair<std::string, std::string>> query;
};

/// "/a%20b?c=d", or the same behind "http://host". Escapes that are none stay as they are.
/// fails  bad_input, where there is no path
[[nodiscard]] Result<Target> read_target(std::string_view target);

/// What becomes of the connection after an answer, as its head has to tell.
enum class After : std::uint8_t {
  keep,         ///< HTTP/1.1's habit: nothing is said
  keep_spoken,  ///< to a client of HTTP/1.0
  close,
};

/// Status line and headers up to the empty line. Control characters in headers become blanks:
/// nobody can start a line of their own.
[[nodiscard]] std::string head_of(const HttpResponse& response, After after);

[[nodiscard]] bool has_body(int status);
[[nodiscard]] std::size_t body_size(const HttpResponse& response);

/// An answer of the link itself.
[[nodiscard]] HttpResponse plain_answer(int status, std::string_view what);

}  // namespace vedette::ingest
