#pragma once
/// What went wrong with a workflow, in the shape in which the peer's clients read it.

#include <expected>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace vedette::workflow {

/// One block's share in the problem; an empty text goes out as null.
struct BlockProblem {
  std::string block_id;  ///< the step's name
  std::string block_type;
  std::string block_details;
  std::string property_name;
  std::string property_details;
  Value traceback;  ///< {traceback, error_line, code_snippet, stdout, stderr}, or null
};

/// Status and class follow section 8 of the workflow contract.
struct Problem {
  int status = 500;
  std::string type = "StepExecutionError";
  std::string message;
  std::string context = "workflow_execution | step_execution";
  std::string inner_type;     ///< empty: null
  std::string inner_message;  ///< empty: null
  std::vector<BlockProblem> blocks;

  Value output_streams, debug_traces;  ///< as in RunReport, of a run that failed

  // Beyond the peer: where in the definition, and what was probably meant.
  json::Path path;
  json::Position position;  ///< line 0: not known
  std::string nearest;      ///< the nearest right name; empty: none is near

  Problem() = default;
  /// Any failure of a step that has no class of its own.
  explicit(false) Problem(Error error) : message(std::move(error.what)) {}
};

/// A problem of one of the classes of section 8, whose status it takes.
[[nodiscard]] Problem problem_of(std::string_view type, std::string message, std::string context);

template <class T>
using Outcome = std::expected<T, Problem>;

/// The body of the answer: `{message, error_type, context, inner_error_type, …}`.
[[nodiscard]] Value as_json(const Problem& problem);

}  // namespace vedette::workflow
