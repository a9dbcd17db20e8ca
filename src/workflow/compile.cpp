#include <algorithm>

#include "workflow/planner.hpp"

namespace vedette::workflow {
namespace {

constexpr std::string_view not_allowed =
    "Cannot use dynamic blocks with custom Python code in this installation of `workflows`. This "
    "can be changed by either setting environmental variable "
    "`ALLOW_CUSTOM_PYTHON_EXECUTION_IN_WORKFLOWS=True` for local execution or "
    "`WORKFLOWS_CUSTOM_PYTHON_EXECUTION_MODE=modal` for secure remote execution.";

/// Blocks of users' code, made before anything else is looked at: as the peer does.
using Prototypes = std::vector<std::unique_ptr<Block>>;

Outcome<Prototypes> make_prototypes(const Definition& definition, const Services& services) {
  Prototypes made;
  if (definition.dynamic.empty()) return made;
  const auto maker = services.find<DynamicBlocks>();
  const json::Path path{std::string("dynamic_blocks_definitions")};
  if (!maker) {
    auto problem = problem_of("WorkflowEnvironmentConfigurationError", std::string(not_allowed),
                              "workflow_compilation | dynamic_blocks_compilation");
    problem.nearest = "python.enabled: true";
    return std::unexpected(located(std::move(problem), definition, path));
  }
  for (std::size_t i = 0; i < definition.dynamic.size(); ++i) {
    auto block = maker->make(definition.dynamic[i]);
    if (!block) {
      json::Path place = path;
      place.emplace_back(i);
      return std::unexpected(located(std::move(block).error(), definition, std::move(place)));
    }
    made.push_back(*std::move(block));
  }
  return made;
}

/// A step's literals: null where a selector stands.
List literals_of(const PlanStep& step) {
  List literals;
  for (const Feed& feed : step.feeds) {
    literals.push_back(feed.from == Feed::From::literal ? feed.literal : Value());
  }
  return literals;
}

void add_steps(CompiledPlan& plan) {
  for (const StepDefinition& given : plan.parts.steps) {
    PlanStep step{.name = std::string(given.name),
                  .type = std::string(given.type),
                  .contract = given.contract,
                  .outputs = *given.contract.outputs,
                  .block = nullptr,
                  .feeds = {},
                  .literals = {},
                  .gates = {},
                  .gate_depths = {},
                  .targets = {}};
    if (given.contract.traits->dynamic_outputs && given.contract.native) {
      step.outputs = given.contract.native->model->outputs_of(given.values);
    }
    plan.steps.push_back(std::move(step));
  }
}

Outcome<void> make_blocks(CompiledPlan& plan, Prototypes prototypes) {
  const auto maker = plan.services.find<DynamicBlocks>();
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    PlanStep& step = plan.steps[i];
    const json::Path path{std::string("steps"), plan.parts.steps[i].place};
    std::unique_ptr<Block> block;
    if (step.contract.native) {
      block = step.contract.native->make();
    } else {
      const auto found = std::ranges::find(plan.parts.dynamic, step.contract.dynamic);
      auto& prototype = prototypes[static_cast<std::size_t>(found - plan.parts.dynamic.begin())];
      block = std::move(prototype);  // the first step of its type takes it
      if (!block) {
        auto made = maker->make(step.contract.dynamic);
        if (!made) return std::unexpected(located(std::move(made).error(), plan.parts, path));
        block = *std::move(made);
      }
    }
    step.literals = literals_of(step);
    if (auto ready = block->prepare(plan.services, step.literals); !ready) {
      Problem problem = std::move(ready).error();
      if (problem.blocks.empty()) {
        problem.blocks.push_back({.block_id = step.name,
                                  .block_type = step.type,
                                  .block_details = problem.message,
                                  .property_name = {},
                                  .property_details = {},
                                  .traceback = {}});
      }
      json::Path place = path;
      place.insert(place.end(), problem.path.begin(), problem.path.end());
      return std::unexpected(located(std::move(problem), plan.parts, std::move(place)));
    }
    if (!step.contract.traits->has_state) step.block = std::move(block);
  }
  return {};
}

}  // namespace

Outcome<PlanPtr> compile(std::shared_ptr<const std::string> definition, const Services& services,
                         const PlanLimits& limits) {
  auto parts = read_definition(definition, limits);
  if (!parts) return std::unexpected(std::move(parts).error());
  auto prototypes = make_prototypes(*parts, services);
  if (!prototypes) return std::unexpected(std::move(prototypes).error());
  if (auto read = read_parts(*parts, limits); !read) {
    return std::unexpected(std::move(read).error());
  }
  auto plan = std::make_shared<CompiledPlan>();
  plan->parts = *std::move(parts);
  plan->limits = limits;
  plan->services = services;
  if (const auto image = services.find<vision::ImageLimits>()) plan->reading.limits = *image;
  plan->reading.fetcher = services.find<ImageFetcher>();
  add_steps(*plan);
  auto done = connect(*plan);
  if (done) done = order(*plan);
  if (done) done = lay_out(*plan);
  if (done) done = make_blocks(*plan, *std::move(prototypes));
  if (!done) return std::unexpected(std::move(done).error());
  return plan;
}

std::vector<std::string> CompiledPlan::image_inputs() const {
  std::vector<std::string> names;
  for (const PlanInput& input : inputs) {
    if (input.definition.type.ends_with("Image")) names.emplace_back(input.definition.name);
  }
  return names;
}

}  // namespace vedette::workflow
