#pragma once
/// What one run holds: a table for each input and step, laid over the plan's levels.

#include <cstdint>
#include <vector>

#include "workflow/debug_log.hpp"
#include "workflow/plan.hpp"

namespace vedette::workflow {

/// The rows of one level, in the order of their indices.
struct Rows {
  std::size_t count = 0;
  std::vector<std::uint32_t> parent;   ///< of each row, its row one level up
  std::vector<std::uint32_t> ordinal;  ///< of each row, its place among its parent's
  std::vector<std::uint32_t> first;    ///< of each parent, its first row here; one more at the end
  bool is_known = false;

  void add(std::size_t of_parent, std::size_t place) {
    parent.push_back(static_cast<std::uint32_t>(of_parent));
    ordinal.push_back(static_cast<std::uint32_t>(place));
    ++count;
  }
  /// After the last add(): makes `first`.
  void close(std::size_t parents);
};

/// What a routing step decided for one branch.
struct Decision {
  enum class State : std::uint8_t { open, single, rows };
  State state = State::open;  ///< open: the step never ran
  bool yes = false;           ///< of a single one
  std::vector<char> by_row;   ///< over the branch's level
};

struct RunState {
  RunState(const CompiledPlan& of_plan, const RunOptions& with)
      : plan(of_plan),
        options(with),
        rows(of_plan.levels.size()),
        inputs(of_plan.inputs.size()),
        substituted(of_plan.substitutions.size()),
        data(of_plan.steps.size()),
        decisions(of_plan.branches.size()) {
    rows[0].count = 1;
    rows[0].is_known = true;
  }

  [[nodiscard]] std::vector<std::size_t> index_of(std::size_t level, std::size_t row) const;

  const CompiledPlan& plan;
  const RunOptions& options;
  DebugLog log;
  std::vector<Rows> rows;           // by level
  std::vector<List> inputs;         // by input: over its level
  List substituted;                 // by substitution: as the property's block reads it
  std::vector<List> data;           // by step: row after row, its outputs side by side
  std::vector<Decision> decisions;  // by branch
};

/// Fills `inputs`, `substituted` and the rows of the levels that inputs bring.
/// fails  RuntimeInputError
[[nodiscard]] Outcome<void> read_inputs(RunState& run, const Dict& given);

/// Runs one step over its rows. Steps of one stage may do so at once.
/// fails  as its block; StepExecutionError, ExecutionEngineRuntimeError
[[nodiscard]] Outcome<std::size_t> run_step(RunState& run, std::size_t step, ComputePool* pool);

/// The answer's elements.
/// fails  ExecutionEngineRuntimeError
[[nodiscard]] Outcome<std::vector<Dict>> gather_outputs(const RunState& run);

}  // namespace vedette::workflow
