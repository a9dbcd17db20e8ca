#pragma once
/// One run of a workflow for a client: from the members of its request to the text of the answer.

#include <optional>
#include <string>
#include <vector>

#include "api/house.hpp"
#include "api/route.hpp"
#include "base/json.hpp"

namespace vedette::api {

/// A body's members, none of them read yet.
class Members {
 public:
  /// fails  with the 422 that FastAPI would give, or 400 for a duplicate key
  [[nodiscard]] static std::expected<Members, Answer> of(const Call& call);

  /// The value's text; empty where there is no such member.
  [[nodiscard]] std::string_view raw(std::string_view key) const;
  /// True, 1 or a word for it, as FastAPI reads booleans.
  [[nodiscard]] bool is_true(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key) const;  ///< empty where it is no string
  /// `fields` that are required and missing, or of a wrong type.
  [[nodiscard]] std::vector<Invalid> check(const std::vector<Field>& fields) const;

 private:
  Members(const Call& call, std::vector<json::Member> members)
      : body_(call.body), members_(std::move(members)) {}
  std::shared_ptr<const std::string> body_;
  std::vector<json::Member> members_;
};

/// The 422 of a body that is no object where one is due; nothing where it is one.
[[nodiscard]] std::optional<Answer> refuse_no_object(const Call& call);

/// What is asked of a run, whatever API it came by.
struct RunRequest {
  std::string workflow;     ///< a saved one's name; empty: sent along
  std::string_view inputs;  ///< JSON within the body
  std::vector<std::string> excluded_fields;
  bool debug = false;
  bool disable_sinks = false;
};

/// Runs `definition` and answers; keeps a record of it. On a thread that may compute.
[[nodiscard]] Answer run_for(House& house, const Call& call, std::string_view definition,
                             const RunRequest& request);

/// May a run of this text wait long for somebody else: user code, or a picture's URL?
[[nodiscard]] bool may_wait(const House& house, std::string_view text);

/// Hands `work` to the pool for waiting runs, or says 503.
void run_in_waits(House& house, Reply reply, std::move_only_function<Answer()> work);

}  // namespace vedette::api
