#pragma once
/// The table that the whole HTTP surface is made from: it routes, it says what a body must look
/// like, and `/openapi.json` is written from it.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/call.hpp"

namespace vedette::api {

using CallPtr = std::shared_ptr<const Call>;

/// Where a handler runs.
enum class Lane : std::uint8_t {
  io,       ///< at once, where the request was read: microseconds, neither disk nor pictures
  compute,  ///< on the compute pool
  waits,    ///< on the pool for what may wait long for others, such as user code
  by_body,  ///< waits where the body brings user code or a picture's URL, else compute
};

enum class Access : std::uint8_t {
  open,         ///< nobody needs a key
  key,          ///< header or query
  key_in_body,  ///< there, or `api_key` in the body: the handler asks for it
};

/// One member of a body that is a JSON object.
struct Field {
  std::string_view name;
  std::string_view type;  ///< "object", "array", "string", "boolean", "integer", "number", "any"
  std::string_view about;
  bool required = false;
};

struct Route {
  std::string_view method = {};
  std::string_view path = {};  ///< "/api/v1/people/{id}"
  std::string_view about = {};
  Lane lane = Lane::compute;
  Access access = Access::key;
  std::vector<std::string_view> takes = {};  ///< media types of the body; empty: it has none
  std::vector<Field> fields = {};            ///< of the body, or of the form
  std::string_view gives = "application/json";
  int success = 200;
  bool before_ready = false;  ///< answers also while models are still being loaded
  std::function<void(const CallPtr&, Reply)> handle = {};
};

/// For a handler that has its answer when it returns.
template <class Handler>
[[nodiscard]] auto answers(Handler handler) {
  return [handler](const CallPtr& call, Reply reply) { reply(handler(*call)); };
}

/// All routes; the first match wins, exact paths before patterns. Filled at start, then only read.
class Table {
 public:
  void add(Route route) { routes_.push_back(std::move(route)); }
  void sort();  ///< once, after the last add()

  struct Match {
    const Route* route = nullptr;
    std::vector<std::string> captured;
    std::string allow;  ///< no route: the methods that the path has; empty: no such path
  };
  [[nodiscard]] Match find(std::string_view method, std::string_view path) const;
  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
  std::map<std::string_view, std::vector<const Route*>, std::less<>> exact_;
  std::vector<const Route*> patterns_;
};

/// First parts of a path that are never a workspace.
[[nodiscard]] bool is_reserved(std::string_view workspace);

/// OpenAPI 3.1 of a table.
[[nodiscard]] Value openapi(const Table& table, std::string_view version);

}  // namespace vedette::api
