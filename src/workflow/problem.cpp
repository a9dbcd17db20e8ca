#include "workflow/problem.hpp"

#include <algorithm>
#include <array>

namespace vedette::workflow {
namespace {

/// How a class of errors is written. The peer grew four shapes; clients read all of them.
enum class Body : std::uint8_t {
  plain,      ///< five keys; inner message "None" where there is no inner error
  blocks,     ///< … and blocks_errors; both inner keys "None" where there is none
  execution,  ///< … and blocks_errors; inner keys null where there is none
  internal,   ///< five keys and those of debugging
};

struct ErrorClass {
  std::string_view name;
  int status;
  Body body;
};

constexpr std::array error_classes{
    ErrorClass{"WorkflowSyntaxError", 400, Body::blocks},
    ErrorClass{"InvalidReferenceTargetError", 400, Body::blocks},
    ErrorClass{"ExecutionGraphStructureError", 400, Body::blocks},
    ErrorClass{"StepInputDimensionalityError", 400, Body::blocks},
    ErrorClass{"DynamicBlockCodeError", 400, Body::execution},
    ErrorClass{"StepExecutionError", 500, Body::execution},
    ErrorClass{"WorkflowDefinitionError", 400, Body::plain},
    ErrorClass{"DuplicatedNameError", 400, Body::plain},
    ErrorClass{"ReferenceTypeError", 400, Body::plain},
    ErrorClass{"RuntimeInputError", 400, Body::plain},
    ErrorClass{"InvalidInputTypeError", 400, Body::plain},
    ErrorClass{"OperationTypeNotRecognisedError", 400, Body::plain},
    ErrorClass{"DynamicBlockError", 400, Body::plain},
    ErrorClass{"InnerWorkflowInvalidStepEntryError", 400, Body::plain},
    ErrorClass{"WorkflowExecutionEngineVersionError", 400, Body::plain},
    ErrorClass{"NotSupportedExecutionEngineError", 400, Body::plain},
};

ErrorClass class_of(std::string_view type) {
  const auto* found = std::ranges::find(error_classes, type, &ErrorClass::name);
  return found == error_classes.end() ? ErrorClass{type, 500, Body::internal} : *found;
}

Value text_or_null(const std::string& text) { return text.empty() ? Value() : Value(text); }

Value as_json(const BlockProblem& block) {
  return Dict{{"block_id", text_or_null(block.block_id)},
              {"block_type", text_or_null(block.block_type)},
              {"block_details", text_or_null(block.block_details)},
              {"property_name", text_or_null(block.property_name)},
              {"property_details", text_or_null(block.property_details)},
              {"block_traceback", block.traceback}};
}

}  // namespace

Problem problem_of(std::string_view type, std::string message, std::string context) {
  Problem problem;
  problem.status = class_of(type).status;
  problem.type = type;
  problem.message = std::move(message);
  problem.context = std::move(context);
  return problem;
}

Value as_json(const Problem& problem) {
  // The peer answers an exception that it does not know without a class.
  if (problem.type.empty()) return Dict{{"message", problem.message}};
  const Body body = class_of(problem.type).body;
  const auto inner = [](const std::string& text, bool in_words) {
    return text.empty() && in_words ? Value("None") : text_or_null(text);
  };
  const bool said = !problem.inner_type.empty() || !problem.inner_message.empty();
  Dict json{{"message", problem.message},
            {"error_type", problem.type},
            {"context", problem.context},
            {"inner_error_type", inner(problem.inner_type, body == Body::blocks)},
            {"inner_error_message",
             said ? Value(problem.inner_message) : inner({}, body != Body::execution)}};
  if (body == Body::blocks || body == Body::execution) {
    List blocks;
    for (const BlockProblem& block : problem.blocks) blocks.push_back(as_json(block));
    const bool lists = !blocks.empty() || problem.type == "WorkflowSyntaxError";
    json.append("blocks_errors", lists ? Value(std::move(blocks)) : Value());
  }
  if (body != Body::plain) {
    json.append("python_blocks_output_streams", problem.output_streams);
    json.append("python_blocks_debug_traces", problem.debug_traces);
  }
  if (problem.position.line > 0) {
    json.append("position", Dict{{"line", static_cast<std::int64_t>(problem.position.line)},
                                 {"column", static_cast<std::int64_t>(problem.position.column)}});
  }
  if (!problem.nearest.empty()) json.append("suggestion", problem.nearest);
  return json;
}

}  // namespace vedette::workflow
