#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>

#include "workflow/planner.hpp"

namespace vedette::workflow {
namespace {

constexpr std::string_view graph = "workflow_compilation | execution_graph_construction";
constexpr std::string_view offsets_context =
    "workflow_compilation | execution_graph_construction | verification_of_output_offset";
constexpr std::string_view inputs_context =
    "workflow_compilation | execution_graph_construction | collecting_step_input_data";
constexpr std::string_view dims_context =
    "workflow_compilation | execution_graph_construction | denoting_step_inputs_dimensionality";
constexpr std::string_view lineage_context =
    "workflow_compilation | execution_graph_construction | collecting_step_inputs_lineage";
constexpr std::string_view control_context =
    "workflow_compilation | execution_graph_construction | verification_of_control_flow_lineage";

/// Dimensions that steps add are counted from here, those of nested inputs below.
constexpr std::size_t first_step_dimension = std::size_t{1} << 20;

/// Lays one step out, after all that it waits for.
class Layout {
 public:
  Layout(CompiledPlan& plan, std::size_t index)
      : plan_(plan), index_(index), step_(plan.steps[index]) {}

  Outcome<void> run() {
    for (Feed& feed : step_.feeds) each_single(feed, [this](Feed& one) { find_level(one); });
    auto done = find_casts();
    if (done) done = find_depths();
    if (done) done = check_offsets();
    if (done) done = check_depths();
    if (done) done = find_lineages();
    if (done) done = check_gates();
    if (done) done = place();
    return done;
  }

 private:
  const Traits& traits() const { return *step_.contract.traits; }
  const Property& property(std::size_t p) const { return (*step_.contract.properties)[p]; }
  std::size_t depth(std::size_t level) const { return plan_.levels[level].depth; }

  void find_level(Feed& feed) const {
    if (feed.from == Feed::From::input) feed.level = plan_.inputs[feed.source].level;
    if (feed.from == Feed::From::step) feed.level = plan_.steps[feed.source].out;
  }

  /// The level `up` dimensions above, or level 0.
  std::size_t above(std::size_t level, std::size_t to_depth) const {
    while (depth(level) > to_depth) level = plan_.levels[level].parent;
    return level;
  }

  Problem problem(std::string_view type, std::string message, std::string_view context,
                  std::optional<std::size_t> p = {}) const {
    json::Path path{std::string("steps"), plan_.parts.steps[index_].place};
    if (p) path.emplace_back(property(*p).name);
    return located(problem_of(type, std::move(message), std::string(context)), plan_.parts,
                   std::move(path));
  }

  BlockProblem about() const {
    return {.block_id = step_.name,
            .block_type = step_.type,
            .block_details = {},
            .property_name = {},
            .property_details = {},
            .traceback = {}};
  }

  // --- which single values a block wants as batches

  Outcome<void> find_casts() {
    casts_.assign(step_.feeds.size(), false);
    for (std::size_t p = 0; p < step_.feeds.size(); ++p) {
      const Feed& feed = step_.feeds[p];
      const bool is_literal = feed.from == Feed::From::literal;
      bool has_batch = false;
      bool has_single = false;
      each_single(feed, [&](const Feed& one) { (one.level > 0 ? has_batch : has_single) = true; });
      if (property(p).batching == Batching::batch && has_single &&
          (!is_literal || property(p).casts_literals)) {
        casts_[p] = true;
      }
      if (is_literal || property(p).batching != Batching::scalar) continue;
      if (traits().takes_batches && has_batch) {
        return std::unexpected(problem(
            "ExecutionGraphStructureError",
            fmt::format(
                "Detected invalid reference plugged into property `{}` of step `$steps.{}` - the "
                "step property do not accept batch-oriented inputs, yet the input selector holds "
                "one - this indicates the problem with construction of your Workflow - usually the "
                "problem occurs when non-batch oriented step inputs are filled with outputs of "
                "batch-oriented steps or batch-oriented inputs.",
                property(p).name, step_.name),
            graph, p));
      }
    }
    return {};
  }

  // --- how deep each input lies

  Outcome<void> find_depths() {
    std::set<std::size_t> plain;
    for (std::size_t p = 0; p < step_.feeds.size(); ++p) {
      if (property(p).depth > 0) continue;
      each_single(step_.feeds[p], [&](const Feed& one) {
        if (one.level > 0) plain.insert(depth(one.level));
      });
    }
    if (plain.size() > 1) {
      auto wrong = problem("StepInputDimensionalityError",
                           fmt::format("For step {} attempted to plug input data that are in "
                                       "different dimensions, whereas block defines the inputs to "
                                       "be equal in that terms.",
                                       step_.name),
                           inputs_context);
      wrong.blocks.push_back(about());
      wrong.blocks.back().block_details =
          "Dimensionality of input parameters differs by more than 1. Detected dimensions: {}";
      return std::unexpected(std::move(wrong));
    }
    const std::size_t base = plain.empty() ? 1 : *plain.begin();
    depths_.assign(step_.feeds.size(), 0);
    for (std::size_t p = 0; p < step_.feeds.size(); ++p) {
      auto found = depth_of(p, base);
      if (!found) return std::unexpected(std::move(found).error());
      depths_[p] = *found;
    }
    return check_spread();
  }

  Outcome<std::size_t> depth_of(std::size_t p, std::size_t base) {
    const std::size_t cast_depth = base + static_cast<std::size_t>(std::max(property(p).depth, 0));
    std::set<std::size_t> found;
    each_single(step_.feeds[p], [&](Feed& one) {
      if (one.level == 0 && casts_[p]) one.cast_depth = cast_depth;
      const std::size_t here = one.level > 0 ? depth(one.level) : one.cast_depth;
      if (here > 0) found.insert(here);
    });
    if (found.size() < 2) return found.empty() ? 0 : *found.begin();
    const std::string set = fmt::format("{{{}, {}}}", *found.begin(), *found.rbegin());
    auto wrong = problem(
        "StepInputDimensionalityError",
        fmt::format("While evaluating compound property {} of step {}, detected multiple inputs "
                    "of differing batch dimensionalities: {}",
                    property(p).name, step_.name, set),
        inputs_context, p);
    wrong.blocks.push_back(about());
    wrong.blocks.back().property_name = property(p).name;
    wrong.blocks.back().property_details =
        "Detected multiple inputs of differing batch dimensionalities: " + set;
    return std::unexpected(std::move(wrong));
  }

  /// {'images': {1}, …}, as Python shows it.
  std::string shown(bool in_sets) const {
    std::string text;
    for (std::size_t p = 0; p < depths_.size(); ++p) {
      if (!in_sets && depths_[p] == 0) continue;
      text += fmt::format("{}'{}': {}{}{}", text.empty() ? "" : ", ", property(p).name,
                          in_sets ? "{" : "", depths_[p], in_sets ? "}" : "");
    }
    return "{" + text + "}";
  }

  Outcome<void> check_spread() {
    for (const std::size_t d : depths_) {
      if (d == 0) continue;
      least_ = least_ == 0 ? d : std::min(least_, d);
      most_ = std::max(most_, d);
    }
    if (most_ - least_ < 2) return {};
    auto wrong = problem("StepInputDimensionalityError",
                         fmt::format("For step {} attempted to plug input data differing in "
                                     "dimensionality more than 1",
                                     step_.name),
                         inputs_context);
    wrong.blocks.push_back(about());
    wrong.blocks.back().block_details =
        "Dimensionality of input parameters differs by more than 1. Detected dimensions: " +
        shown(true);
    return std::unexpected(std::move(wrong));
  }

  // --- do the block's own rules fit together

  std::string offsets() const {
    std::string text;
    for (std::size_t p = 0; p < depths_.size(); ++p) {
      if (property(p).depth == 0) continue;
      text +=
          fmt::format("{}'{}': {}", text.empty() ? "" : ", ", property(p).name, property(p).depth);
    }
    return "{" + text + "}";
  }

  Outcome<void> check_offsets() {
    std::size_t with_offset = 0;
    std::size_t batches = 0;
    for (std::size_t p = 0; p < depths_.size(); ++p) {
      if (property(p).depth != 0) ++with_offset;
      if (property(p).depth < 0) {
        return std::unexpected(problem(
            "BlockInterfaceError",
            fmt::format("Offsets could not be negative, but block defining step: {} defines that "
                        "values.",
                        step_.name),
            "workflow_compilation | execution_graph_construction | "
            "verification_of_input_offset_definitions",
            p));
      }
      if (depths_[p] > 0) ++batches;
      if (property(p).depth_reference) reference_ = p;
    }
    if (batches == 0 && traits().output_depth < 0) {
      return std::unexpected(problem(
          "StepInputDimensionalityError",
          fmt::format("Block defining step {} defines negative dimensionality offset while only "
                      "scalar inputs being provided - the block cannot run as there is no "
                      "dimension to collapse.",
                      step_.name),
          offsets_context));
    }
    if (reference_ && depths_[*reference_] == 0) {
      return std::unexpected(problem(
          "BlockInterfaceError",
          fmt::format("Block defining step {} defines dimensionality reference property which is "
                      "not in scope of parameters bring batch-oriented input, which makes it "
                      "impossible to use as reference for output dimensionality.",
                      step_.name),
          offsets_context, reference_));
    }
    if (with_offset > 0 && batches == with_offset && !reference_) {
      return std::unexpected(problem(
          "BlockInterfaceError",
          fmt::format(
              "Block defining step {} explicitly defines input dimensionalities offsetswith "
              "{}, but the definition lack 0-level input, which is not allowed, as in this "
              "scenario offsets could be adjusted to include 0",
              step_.name, offsets()),
          offsets_context));
    }
    if (with_offset > 0 && (!reference_ || traits().output_depth != 0)) {
      return std::unexpected(problem(
          "BlockInterfaceError",
          fmt::format("Block defining step {} explicitly defines input dimensionality offsets {}. "
                      "In this scenario it is required to provide dimensionality reference "
                      "property.",
                      step_.name, offsets()),
          offsets_context));
    }
    return {};
  }

  Outcome<void> check_depths() {
    if (!reference_) {
      if (most_ == least_) return {};
      auto wrong = problem(
          "StepInputDimensionalityError",
          fmt::format("Block defining step {} does not define dimensionality reference property, "
                      "which means that all batch-oriented parameters must be at the same "
                      "dimensionality level, but detected the following dimensionalities for "
                      "parameters {}",
                      step_.name, shown(false)),
          dims_context);
      wrong.blocks.push_back(about());
      wrong.blocks.back().block_details =
          "Dimensionality of input parameters doesn't match: " + shown(false);
      return std::unexpected(std::move(wrong));
    }
    const int zero = static_cast<int>(depths_[*reference_]) - property(*reference_).depth;
    for (std::size_t p = 0; p < depths_.size(); ++p) {
      if (depths_[p] == 0) continue;
      const int expected = zero + property(p).depth;
      if (expected <= 0) {
        return std::unexpected(problem(
            "StepInputDimensionalityError",
            fmt::format("Given the definition of block defining step {} and data provided, the "
                        "block would expect batch input dimensionality to be 0 or below, which is "
                        "invalid.",
                        step_.name),
            dims_context, p));
      }
      if (expected == static_cast<int>(depths_[p])) continue;
      auto wrong = problem("StepInputDimensionalityError",
                           fmt::format("Data fed into step `{}` property `{}` has actual "
                                       "dimensionality {}, when expected was {}",
                                       step_.name, property(p).name, depths_[p], expected),
                           dims_context, p);
      wrong.blocks.push_back(about());
      wrong.blocks.back().property_name = property(p).name;
      wrong.blocks.back().property_details = fmt::format(
          "Expected dimensionality {}, but received dimensionality {}", expected, depths_[p]);
      return std::unexpected(std::move(wrong));
    }
    return {};
  }

  // --- do the inputs belong together

  Outcome<void> find_lineages() {
    for (std::size_t p = 0; p < step_.feeds.size(); ++p) {
      const std::size_t known = lineages_.size();
      each_single(step_.feeds[p], [&](const Feed& one) {
        if (one.level > 0 && std::ranges::find(lineages_, one.level) == lineages_.end()) {
          lineages_.push_back(one.level);
        }
      });
      if (lineages_.size() - known > 1) {
        return std::unexpected(problem(
            "StepInputLineageError",
            fmt::format("Input data provided for step: `{}` comes with multiple different lineages "
                        "for property `{}` accepting multiple selectors, which is not allowed.",
                        step_.name, property(p).name),
            lineage_context, p));
      }
    }
    for (const std::size_t one : lineages_) {
      for (const std::size_t other : lineages_) {
        if (one != other && depth(one) == depth(other)) {
          return std::unexpected(
              problem("StepInputLineageError",
                      fmt::format("Among step `{}` inputs found different lineages at the same  "
                                  "dimensionality levels dimensionality.",
                                  step_.name),
                      lineage_context));
        }
        if (depth(one) < depth(other) && above(other, depth(one)) != one) {
          return std::unexpected(
              problem("StepInputLineageError",
                      fmt::format("Step `{}` inputs does not share common lineage.", step_.name),
                      lineage_context));
        }
        if (depth(other) > depth(longest_)) longest_ = other;
      }
    }
    return {};
  }

  Outcome<void> check_gates() {
    for (const std::size_t gate : step_.gates) {
      const std::size_t level = plan_.branches[gate].level;
      if (level == 0) continue;
      step_.gate_depths.push_back(depth(level));
      if (lineages_.empty()) {
        if (depth(level) > depth(control_)) control_ = level;
        continue;
      }
      if (above(longest_, depth(level)) == level) continue;
      return std::unexpected(problem(
          "ControlFlowDefinitionError",
          fmt::format("Step {} execution is impacted by control flow outcome of the following "
                      "steps ['$steps.{}'] which make decision based on data that is not "
                      "compatible with data fed to the step {} - which would cause the step to "
                      "never execute. This behaviour is invalid and prevented upfront by Workflows "
                      "compiler.",
                      step_.name, plan_.steps[plan_.branches[gate].router].name, step_.name),
          control_context));
    }
    return {};
  }

  // --- where it runs and where its outputs lie

  Outcome<void> place() {
    const int grows = traits().output_depth;
    const std::size_t data = lineages_.empty() ? control_ : longest_;
    std::size_t result = data;
    if (lineages_.size() > 1 && reference_) {
      each_single(step_.feeds[*reference_], [&](const Feed& one) {
        if (one.level > 0) result = one.level;
      });
    }
    if (grows < 0 && result > 0) result = plan_.levels[result].parent;
    if (grows > 0) result = level_below(plan_, result, first_step_dimension + index_);
    step_.out = result;
    step_.deepest = data;

    const bool only_gated = least_ == 0 && control_ > 0;
    if (!only_gated || grows != 0) step_.gate_depths.clear();
    step_.depth = only_gated ? depth(control_) : least_ - (grows < 0 && least_ > 0 ? 1 : 0);
    step_.at = above(data, step_.depth);
    step_.is_batched = least_ > 0 || only_gated;
    for (Feed& feed : step_.feeds) {
      each_single(feed, [&](Feed& one) {
        if (one.cast_depth > 0) one.support = above(longest_, one.cast_depth);
      });
    }
    for (const Target& target : step_.targets) plan_.branches[target.branch].level = step_.out;
    return {};
  }

  CompiledPlan& plan_;
  std::size_t index_;
  PlanStep& step_;
  std::vector<bool> casts_;
  std::vector<std::size_t> depths_;       // of each property; 0: one value for all
  std::size_t least_ = 0, most_ = 0;      // of those that are not 0
  std::optional<std::size_t> reference_;  // the property that says where outputs lie
  std::vector<std::size_t> lineages_;     // the different levels of its inputs
  std::size_t longest_ = 0;
  std::size_t control_ = 0;  // the deepest level of its gates, where it has no batch inputs
};

Problem circle(const CompiledPlan& plan, std::size_t step) {
  return located(
      problem_of("ExecutionGraphStructureError",
                 "Detected cycle in execution graph. This means that there is output from one step "
                 "that is connected to input of other step creating loop in the graph that would "
                 "never end if executed.",
                 std::string(graph)),
      plan.parts, {std::string("steps"), plan.parts.steps[step].place});
}

}  // namespace

std::vector<std::size_t> predecessors(const CompiledPlan& plan, const PlanStep& step) {
  std::vector<std::size_t> before;
  for (const Feed& feed : step.feeds) {
    each_single(feed, [&](const Feed& one) {
      if (one.from == Feed::From::step) before.push_back(one.source);
    });
  }
  for (const std::size_t gate : step.gates) before.push_back(plan.branches[gate].router);
  return before;
}

Outcome<void> order(CompiledPlan& plan) {
  const std::size_t count = plan.steps.size();
  std::vector<std::vector<std::size_t>> after(count);
  std::vector<std::size_t> waits(count), stage(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto before = predecessors(plan, plan.steps[i]);
    waits[i] = before.size();
    for (const std::size_t one : before) after[one].push_back(i);
  }
  std::vector<std::size_t> ready;
  for (std::size_t i = 0; i < count; ++i) {
    if (waits[i] == 0) ready.push_back(i);
  }
  for (std::size_t next = 0; next < ready.size(); ++next) {
    for (const std::size_t one : after[ready[next]]) {
      stage[one] = std::max(stage[one], stage[ready[next]] + 1);
      if (--waits[one] == 0) ready.push_back(one);
    }
  }
  if (ready.size() < count) {
    const auto stuck = std::ranges::find_if(waits, [](std::size_t left) { return left > 0; });
    return std::unexpected(circle(plan, static_cast<std::size_t>(stuck - waits.begin())));
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (stage[i] >= plan.stages.size()) plan.stages.resize(stage[i] + 1);
    plan.stages[stage[i]].push_back(i);
  }
  return {};
}

Outcome<void> lay_out(CompiledPlan& plan) {
  for (const auto& stage : plan.stages) {
    for (const std::size_t step : stage) {
      if (auto done = Layout(plan, step).run(); !done) return done;
    }
  }
  for (PlanOutput& output : plan.outputs) {
    output.feed.level = output.feed.from == Feed::From::step
                            ? plan.steps[output.feed.source].out
                            : plan.inputs[output.feed.source].level;
  }
  return {};
}

}  // namespace vedette::workflow
