#pragma once
/// Definition → plan → run.
///
/// A definition is read and checked once and becomes a Plan: steps in topological order, every
/// selector a slot, every literal converted, kinds and dimensions checked. A run touches no JSON
/// and no map of names.

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/compute_pool.hpp"
#include "base/json.hpp"
#include "workflow/dynamic.hpp"
#include "workflow/problem.hpp"
#include "workflow/services.hpp"

namespace vedette::workflow {

struct PlanLimits {
  std::size_t steps = 1000;
  std::size_t definition_bytes = 4u << 20;
  int json_depth = 64;
  std::size_t batch = 4096;  ///< elements of one input, all levels together
};

/// A compiled workflow; immutable, shared by any number of runs.
class Plan {
 public:
  virtual ~Plan() = default;
  [[nodiscard]] virtual const std::string& definition() const = 0;  ///< its JSON
  /// {"inputs": {name: [kinds]}, "outputs": {…}, "typing_hints": …, "kinds_schemas": …}
  [[nodiscard]] virtual Outcome<Value> interface() const = 0;
  /// Inputs that are pictures, in order: what a link binds to.
  [[nodiscard]] virtual std::vector<std::string> image_inputs() const = 0;
  [[nodiscard]] virtual std::size_t step_count() const = 0;
};
using PlanPtr = std::shared_ptr<const Plan>;

/// `definition` is a definition, or a template file that wraps one under "definition".
/// fails  as section 8 of the contract; with position and nearest name
[[nodiscard]] Outcome<PlanPtr> compile(std::shared_ptr<const std::string> definition,
                                       const Services& services, const PlanLimits& limits = {});

/// What a definition takes and gives, as Plan::interface(), also where it cannot be compiled whole.
/// fails  WorkflowDefinitionError, WorkflowExecutionEngineVersionError, and as compile()
[[nodiscard]] Outcome<Value> describe_interface(std::shared_ptr<const std::string> definition,
                                                const PlanLimits& limits = {});

/// Plans by the text of their definition; the least recently used goes first. Any thread; the
/// same text is compiled once however many ask.
class PlanCache {
 public:
  PlanCache(const Services& services, PlanLimits limits, std::size_t most_plans = 256);
  ~PlanCache();
  [[nodiscard]] Outcome<PlanPtr> get(std::string_view definition);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct RunOptions {
  std::string_view workflow;  ///< its name, where it has one
  std::string_view request;   ///< request id
  std::vector<std::string> excluded_fields;
  bool debug = false;
  bool disable_sinks = false;
  bool profile = false;  ///< fill StepReport::ms
};

struct StepReport {
  std::string_view step;  ///< lives as long as the plan
  double ms = 0;
  std::size_t elements = 0;  ///< for how many of the batch it ran
};

/// What a run gave; values are still objects, to be written as JSON or looked into.
struct RunReport {
  std::vector<Dict> outputs;  ///< one for each element of the batch, in `outputs` order
  std::vector<StepReport> steps;
  Value output_streams;  ///< debug: {step: [{stdout, stderr}]}, else null
  Value debug_traces;    ///< debug: [{step, value}], else null
};

/// Reads `inputs` (as the request has them), runs every step, makes the outputs. Independent
/// steps that are worth it share `pool`; null runs all on this thread.
[[nodiscard]] Outcome<RunReport> run(const Plan& plan, const Dict& inputs,
                                     const RunOptions& options, ComputePool* pool);

/// Appends `[{…}, …]`: pictures as base64 JPEG (encoded side by side on `pool`), detections and
/// the rest as their kinds are written.
[[nodiscard]] Outcome<void> write_outputs(const RunReport& report, ComputePool* pool,
                                          std::string& out);

/// The same for one value, with any boxed objects within it.
[[nodiscard]] Outcome<void> write_value(const Value& value, std::string& out);

// What the HTTP API tells about the language itself.
[[nodiscard]] Value describe_blocks(std::span<const DynamicBlock> dynamic);
[[nodiscard]] Value definition_schema();
/// The outputs of one step's manifest: [{name, kind: […]}].
[[nodiscard]] Outcome<Value> dynamic_outputs(const Value& step_manifest);
inline constexpr std::string_view engine_version = "1.15.0";

}  // namespace vedette::workflow
