#pragma once
/// What every request passes on its way in: who may ask, from where, in which form; and where
/// its handler then runs.

#include <memory>
#include <string>

#include "api/call.hpp"
#include "api/guard.hpp"
#include "api/house.hpp"
#include "api/route.hpp"

namespace vedette::api {

/// Any thread. Outlives the house, whose pools may still have calls of it to answer.
class Surface {
 public:
  Surface(House& house, GuardSettings guard);
  ~Surface();

  /// Answers every call, once.
  void handle(Call call, Reply reply);

  /// May this WebSocket be opened? An answer is a refusal.
  [[nodiscard]] std::optional<Answer> refuse_socket(Call& call) const;

  [[nodiscard]] const Table& table() const { return table_; }

 private:
  [[nodiscard]] std::optional<Answer> refuse(const Call& call) const;
  [[nodiscard]] std::optional<Answer> refuse_body(const Call& call, const Route& route) const;
  void start(const Route& route, CallPtr call, Reply reply);

  House& house_;
  Guard guard_;
  Table table_;
  std::shared_ptr<class Answered> answered_;  ///< by Idempotency-Key
};

/// Does `call` bring a key that is good, or need none? `in_body` is the body's api_key, if any.
[[nodiscard]] bool is_admitted(const House& house, const Call& call, std::string_view in_body = {});
[[nodiscard]] Answer unauthorized(const Call& call);

/// The groups of routes; each in a file of its own.
void add_roboflow_routes(Table& table, House& house);
void add_people_routes(Table& table, House& house);
void add_workflow_routes(Table& table, House& house);
void add_live_routes(Table& table, House& house);
void add_status_routes(Table& table, House& house);
void add_page_routes(Table& table);

}  // namespace vedette::api
