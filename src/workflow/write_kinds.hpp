#pragma once
/// From what steps work with to JSON, by kind.

#include "workflow/kinds.hpp"
#include "workflow/problem.hpp"

namespace vedette::workflow {

/// `value` as an output of those kinds goes out: secrets masked, masks in the form that the kinds
/// ask for. Pictures and detections stay objects, to be written later.
/// fails  ExecutionEngineRuntimeError, where it is of none of the kinds
[[nodiscard]] Outcome<Value> as_output(Value value, const Kinds& kinds, const std::string& name);

}  // namespace vedette::workflow
