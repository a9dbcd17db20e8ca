#pragma once
/// A request and its answer as the API's handlers see them, whichever way they came: over HTTP,
/// or from the command line within one process.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/value.hpp"
#include "workflow/problem.hpp"

namespace vedette::api {

struct Header {
  std::string name;  ///< lower case in a Call
  std::string value;
};

struct Call {
  std::string method;  ///< "GET", …
  std::string target;  ///< as it was sent: path, and query if any
  std::vector<Header> headers;
  std::shared_ptr<const std::string> body = std::make_shared<const std::string>();
  bool trusted = false;  ///< comes from this process: needs no key

  // Filled by the Surface before a handler sees it.
  std::string id;                     ///< ULID: the request's, in logs and errors
  std::string path;                   ///< without query, not decoded
  std::vector<std::string> captured;  ///< what stood for {…} in the route, decoded
  std::string_view shape;             ///< the route's path

  /// The first of that name (lower case); empty where there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  /// The first value of `name` in the query, decoded.
  [[nodiscard]] std::optional<std::string> query(std::string_view name) const;
};

struct Answer {
  int status = 200;
  std::string type = "application/json";
  std::string body = {};
  std::shared_ptr<const std::vector<std::uint8_t>> bytes = {};  ///< sent instead of `body`, if set
  std::vector<Header> headers = {};
  bool revalidate = false;  ///< may be kept by browsers, if they ask each time; else no-store
};

/// Called once, on any thread.
using Reply = std::move_only_function<void(Answer)>;

/// "%41+b" → "Ab" with `plus`, "A+b" without; broken escapes stay as they are.
[[nodiscard]] std::string percent_decoded(std::string_view text, bool plus);

[[nodiscard]] Answer json_answer(const Value& body, int status = 200);

/// The words that belong to a status: "Not Found".
[[nodiscard]] std::string_view status_phrase(int status);
/// The status that belongs to an error.
[[nodiscard]] int status_of(Errc code);

/// RFC 9457. `further` members are put beside the standard ones.
[[nodiscard]] Answer problem(const Call& call, int status, std::string detail, Dict further = {});
[[nodiscard]] Answer problem(const Call& call, const Error& error);

/// As the routes of Roboflow's API answer: `{"message": …}`.
[[nodiscard]] Answer message(int status, std::string_view text);
[[nodiscard]] Answer failure(const workflow::Problem& problem);

/// One thing that is wrong with a body, as FastAPI tells it with status 422.
struct Invalid {
  std::string type;        ///< "missing", "dict_type", …
  std::vector<Value> loc;  ///< {"body", "inputs"}
  std::string msg;
  Value input;
  Value ctx = {};  ///< left out where it is null
};
[[nodiscard]] Answer unprocessable(const std::vector<Invalid>& all);

}  // namespace vedette::api
