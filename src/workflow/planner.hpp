#pragma once
/// Definition → plan, in the order in which the peer finds mistakes.

#include "workflow/plan.hpp"

namespace vedette::workflow {

/// Resolves every selector of `plan.parts`: fills inputs, steps' feeds, branches and outputs.
/// fails  InvalidReferenceTargetError, ExecutionGraphStructureError, ReferenceTypeError
[[nodiscard]] Outcome<void> connect(CompiledPlan& plan);

/// Orders the steps into stages.
/// fails  ExecutionGraphStructureError, where they form a circle
[[nodiscard]] Outcome<void> order(CompiledPlan& plan);

/// Finds the level of every feed, step and output.
/// fails  StepInputDimensionalityError, StepInputLineageError, ControlFlowDefinitionError,
///        BlockInterfaceError, ExecutionGraphStructureError
[[nodiscard]] Outcome<void> lay_out(CompiledPlan& plan);

/// The level one dimension below `parent`; made on the first call for that pair.
[[nodiscard]] std::size_t level_below(CompiledPlan& plan, std::size_t parent,
                                      std::size_t dimension);

/// The steps that `step` waits for: those whose data or whose decisions it needs.
[[nodiscard]] std::vector<std::size_t> predecessors(const CompiledPlan& plan, const PlanStep& step);

/// Calls `visit` with each single feed of `feed`: itself, or the parts of a list or dict.
template <class Visit>
void each_single(Feed& feed, Visit visit) {
  if (!feed.is_compound()) return visit(feed);
  for (Feed& part : feed.parts) visit(part);
}
template <class Visit>
void each_single(const Feed& feed, Visit visit) {
  if (!feed.is_compound()) return visit(feed);
  for (const Feed& part : feed.parts) visit(part);
}

}  // namespace vedette::workflow
