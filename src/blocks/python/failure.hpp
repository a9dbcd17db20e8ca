#pragma once
/// What is answered when users' code fails.

#include <optional>
#include <string>
#include <string_view>

#include "base/value.hpp"
#include "blocks/python/channel.hpp"
#include "workflow/dynamic.hpp"

namespace vedette::blocks::python {

/// What a worker says of a failure (BlockFailure in python/vedette_worker/blocks.py), or what is
/// known where it could not say anything.
struct Failure {
  std::string kind;  ///< compile, symbol, init, run or result
  std::string message;
  std::string inner_type, inner_message;
  std::optional<std::int64_t> line;  ///< of the user's code, from 1
  std::string snippet, trace;        ///< empty: none
};

/// Of ("failed", …); `items` has its nine items or eight.
[[nodiscard]] Failure read_failure(const List& items);

/// A worker that did not answer: `what` became of it, and where it was, if its stderr tells.
[[nodiscard]] Failure describe_end(std::string_view what, std::string_view inner_type,
                                   const workflow::PythonCode& code, const Printed& err);

/// As the peer's clients read it.
[[nodiscard]] workflow::Problem as_problem(Failure failure, const std::string& block_type,
                                           const Printed& out, const Printed& err);

/// The text, or null where there is none.
[[nodiscard]] Value as_value(const Printed& printed);

}  // namespace vedette::blocks::python
