#include "workflow/engine.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <optional>

#include "workflow/run_state.hpp"

namespace vedette::workflow {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// A picture that a step could not decode was bad from the start: it is the caller's mistake then,
/// not the step's.
std::optional<Problem> undecodable(const RunState& run) {
  for (std::size_t i = 0; i < run.inputs.size(); ++i) {
    for (const Value& value : run.inputs[i]) {
      const auto* frame = value.get_if<Frame>();
      if (!frame) continue;
      const auto pixels = frame->image->pixels();
      if (pixels) continue;
      auto problem = problem_of(
          "RuntimeInputError",
          fmt::format("Failed to assemble `{0}`. Could not successfully use any deserializer for "
                      "declared kinds. Details: \nKind: `image` - Error: Detected runtime "
                      "parameter `{0}` defined as `WorkflowImage` that is invalid. Failed on "
                      "input validation. Details: NumPy image type is not supported in this "
                      "configuration of `inference`.",
                      frame->parent->id),
          "workflow_execution | runtime_input_validation");
      problem.nearest = pixels.error().what;
      return problem;
    }
  }
  return std::nullopt;
}

/// A block's failure with what the answer tells of the step.
Problem told(Problem problem, const RunState& run, std::size_t index) {
  if (problem.type != "StepExecutionError") return problem;
  if (auto bad = undecodable(run)) return *std::move(bad);
  const PlanStep& step = run.plan.steps[index];
  if (problem.inner_type.empty()) problem.inner_type = "ValueError";
  if (problem.inner_message.empty()) problem.inner_message = problem.message;
  if (problem.blocks.empty()) {
    problem.blocks.push_back({.block_id = step.name,
                              .block_type = step.type,
                              .block_details = {},
                              .property_name = {},
                              .property_details = problem.inner_message,
                              .traceback = Dict{{"traceback", problem.inner_message},
                                                {"error_line", nullptr},
                                                {"code_snippet", nullptr},
                                                {"stdout", nullptr},
                                                {"stderr", nullptr}}});
  }
  return problem;
}

/// One stage: steps that do not wait for each other.
class Stage {
 public:
  Stage(RunState& run, const std::vector<std::size_t>& steps, ComputePool* pool,
        std::vector<StepReport>& reports)
      : run_(run), steps_(steps), pool_(pool), reports_(reports), ends_(steps.size()) {}

  Outcome<void> run() {
    std::vector<std::size_t> worth_it;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (!run_.plan.steps[steps_[i]].contract.traits->is_trivial) worth_it.push_back(i);
    }
    const bool together = pool_ && worth_it.size() > 1;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const bool waits = together && std::ranges::binary_search(worth_it, i);
      if (!waits) one(i);
      if (!waits && !ends_[i]) break;  // what comes after it in the stage need not run
    }
    if (together) {
      std::vector<std::function<void()>> tasks;
      for (const std::size_t i : worth_it) tasks.emplace_back([this, i] { one(i); });
      pool_->run_all(tasks);
    }
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (!ends_[i]) return std::unexpected(told(std::move(ends_[i]).error(), run_, steps_[i]));
    }
    return {};
  }

 private:
  void one(std::size_t i) {
    const std::size_t step = steps_[i];
    StepReport& report = reports_[step];
    const auto begun = run_.options.profile ? SteadyClock::now() : SteadyClock::time_point();
    auto ran = run_step(run_, step, pool_);
    if (run_.options.profile) {
      report.ms = std::chrono::duration<double, std::milli>(SteadyClock::now() - begun).count();
    }
    report.step = run_.plan.steps[step].name;
    if (ran) report.elements = *ran;
    if (!ran) ends_[i] = std::unexpected(std::move(ran).error());
  }

  RunState& run_;
  const std::vector<std::size_t>& steps_;
  ComputePool* pool_;
  std::vector<StepReport>& reports_;
  std::vector<Outcome<void>> ends_;
};

Outcome<void> execute(RunState& state, const Dict& inputs, ComputePool* pool, RunReport& report) {
  if (auto read = read_inputs(state, inputs); !read) return read;
  report.steps.resize(state.plan.steps.size());
  for (const auto& stage : state.plan.stages) {
    if (auto done = Stage(state, stage, pool, report.steps).run(); !done) return done;
  }
  auto outputs = gather_outputs(state);
  if (!outputs) return std::unexpected(std::move(outputs).error());
  report.outputs = *std::move(outputs);
  return {};
}

}  // namespace

Outcome<RunReport> run(const Plan& plan, const Dict& inputs, const RunOptions& options,
                       ComputePool* pool) {
  // There is one kind of Plan: what compile() made.
  RunState state(static_cast<const CompiledPlan&>(plan), options);
  RunReport report;
  auto done = execute(state, inputs, pool, report);
  Value streams = options.debug ? state.log.streams() : Value();
  Value traces = options.debug ? state.log.traces() : Value();
  if (!done) {
    Problem problem = std::move(done).error();
    problem.output_streams = std::move(streams);
    problem.debug_traces = std::move(traces);
    return std::unexpected(std::move(problem));
  }
  report.output_streams = std::move(streams);
  report.debug_traces = std::move(traces);
  return report;
}

}  // namespace vedette::workflow
