#include <algorithm>
#include <fmt/format.h>

#include "workflow/properties.hpp"
#include "workflow/run_state.hpp"

namespace vedette::workflow {
namespace {

Problem input_error(std::string message, const std::string& hint = {}) {
  auto problem = problem_of("RuntimeInputError", std::move(message),
                            "workflow_execution | runtime_input_validation");
  problem.nearest = hint;
  return problem;
}

std::size_t batch_size(const CompiledPlan& plan, const Dict& given) {
  for (const PlanInput& input : plan.inputs) {
    const Value& value = given[input.definition.name];
    if (input.level > 0 && value.is_list() && value.list().size() > 1) return value.list().size();
  }
  return 1;
}

/// Reads the elements of one input, however deep.
class BatchReader {
 public:
  BatchReader(RunState& run, std::size_t index, std::size_t batch)
      : run_(run), input_(run.plan.inputs[index]), values_(run.inputs[index]), batch_(batch) {}

  Outcome<void> read(const Value& given) {
    const InputDefinition& definition = input_.definition;
    const std::string name(definition.name);
    if (given.is_null()) {
      return std::unexpected(input_error(
          fmt::format("Detected runtime parameter `{}` defined as `{}` (of kind `[{}]`), but value "
                      "is not provided.",
                      name, definition.type, quoted(definition.kinds))));
    }
    for (std::size_t level = input_.level; level != 0; level = run_.plan.levels[level].parent) {
      chain_.insert(chain_.begin(), level);
    }
    if (!given.is_list()) return read_single(name, given);
    const List& all = given.list();
    const bool repeats = all.size() == 1 && batch_ > 1;
    if (all.size() != batch_ && !repeats) {
      return std::unexpected(input_error(fmt::format(
          "Expected all batch-oriented workflow inputs be the same length, or of length 1 - but "
          "parameter: {} provided with batch size {}, where expected batch size based on remaining "
          "parameters is: {}.",
          name, all.size(), batch_)));
    }
    for (std::size_t i = 0; i < batch_; ++i) {
      const std::size_t place = repeats ? 0 : i;
      const std::string element = fmt::format("{}.[{}]", name, place);
      if (repeats && i > 0 && chain_.size() == 1) {
        values_.push_back(values_.front());
      } else if (auto done = read_nested(element, all[place], 1, i); !done) {
        return done;
      }
    }
    return close();
  }

 private:
  static std::string quoted(const Kinds& kinds) {
    std::string text;
    for (const std::string_view kind : kinds) {
      text += fmt::format("{}'{}'", text.empty() ? "" : ", ", kind);
    }
    return text;
  }

  Outcome<void> read_single(const std::string& name, const Value& given) {
    if (chain_.size() > 1) {
      return std::unexpected(problem_of(
          "AssumptionError",
          "Could not establish input data batch indices. This is most likely the bug. Contact "
          "Roboflow team through github issues (https://github.com/roboflow/inference/issues) "
          "providing full context of the problem - including workflow definition you use.",
          "workflow_execution | step_input_assembling"));
    }
    auto value = read_element(name, given);
    if (!value) return std::unexpected(std::move(value).error());
    values_.assign(batch_, *value);
    return {};
  }

  Problem not_nested(std::size_t depth) const {
    return input_error(
        fmt::format("Workflow input `{}` is declared to be nested batch with dimensionality `{}`. "
                    "Input data does not define batch at the {} dimensionality level.",
                    input_.definition.name, input_.definition.depth, depth));
  }

  /// `row`  of the level above the one that `given` lists
  Outcome<void> read_nested(const std::string& name, const Value& given, std::size_t depth,
                            std::size_t row) {
    if (depth == chain_.size()) {
      if (++count_ > run_.plan.limits.batch) {
        return std::unexpected(input_error(
            fmt::format("input `{}` has more than the {} elements that one run may have",
                        input_.definition.name, run_.plan.limits.batch)));
      }
      auto value = read_element(name, given);
      if (!value) return std::unexpected(std::move(value).error());
      values_.push_back(*std::move(value));
      return {};
    }
    if (!given.is_list()) return std::unexpected(not_nested(depth));
    Rows& below = run_.rows[chain_[depth]];
    for (std::size_t i = 0; i < given.list().size(); ++i) {
      below.add(row, i);
      const std::string element = fmt::format("{}.[{}]", name, i);
      auto done = read_nested(element, given.list()[i], depth + 1, below.count - 1);
      if (!done) return done;
    }
    return {};
  }

  Outcome<void> close() {
    for (std::size_t depth = 1; depth < chain_.size(); ++depth) {
      run_.rows[chain_[depth]].close(run_.rows[chain_[depth - 1]].count);
    }
    return {};
  }

  Outcome<Value> read_element(const std::string& name, const Value& given) const {
    if (given.is_null()) return given;
    std::string failures;
    std::string hint;
    for (const std::string_view kind : input_.definition.kinds) {
      auto read = read_kind(kind, name, given, run_.plan.reading);
      if (!read) continue;
      if (*read) return **std::move(read);
      failures += fmt::format("\nKind: `{}` - Error: {}", kind, read->error().words);
      if (hint.empty()) hint = read->error().hint;
    }
    if (failures.empty()) return given;
    return std::unexpected(input_error(
        fmt::format("Failed to assemble `{}`. Could not successfully use any deserializer for "
                    "declared kinds. Details: {}",
                    name, failures),
        hint));
  }

  RunState& run_;
  const PlanInput& input_;
  List& values_;
  std::size_t batch_;
  std::size_t count_ = 0;
  std::vector<std::size_t> chain_;  // its levels, the outermost first
};

/// Parameters that stand in for literals must be what the literals must be.
Outcome<void> substitute(RunState& run) {
  for (std::size_t i = 0; i < run.plan.substitutions.size(); ++i) {
    const Substitution& place = run.plan.substitutions[i];
    const PlanStep& step = run.plan.steps[place.step];
    const Property& property = (*step.contract.properties)[place.property];
    const Value& given = run.inputs[place.input].front();
    auto taken = accept(property, given);
    if (taken && (fits(property, *taken) || taken->is_null())) {
      run.substituted[i] = *std::move(taken);
      continue;
    }
    auto problem = input_error(
        fmt::format("Provided input is incompatible with manifest of step {} regarding property {} "
                    "provided in input parameter named {}. Details available in inner error "
                    "object.",
                    step.name, property.name, run.plan.inputs[place.input].definition.name));
    problem.inner_type = "ValidationError";
    problem.inner_message =
        fmt::format("1 validation error for {}\n{}\n  {}", step.type, property.name,
                    taken ? "a value of another kind is needed here" : taken.error().message);
    return std::unexpected(std::move(problem));
  }
  return {};
}

}  // namespace

void Rows::close(std::size_t parents) {
  first.assign(parents + 1, 0);
  for (const std::uint32_t one : parent) ++first[one + 1];
  for (std::size_t i = 0; i < parents; ++i) first[i + 1] += first[i];
  is_known = true;
}

std::vector<std::size_t> RunState::index_of(std::size_t level, std::size_t row) const {
  std::vector<std::size_t> index(plan.levels[level].depth);
  for (std::size_t i = index.size(); i-- > 0; level = plan.levels[level].parent) {
    index[i] = rows[level].ordinal[row];
    row = rows[level].parent[row];
  }
  return index;
}

Outcome<void> read_inputs(RunState& run, const Dict& given) {
  const CompiledPlan& plan = run.plan;
  const std::size_t batch = batch_size(plan, given);
  if (batch > plan.limits.batch) {
    return std::unexpected(input_error(
        fmt::format("a batch of {} elements is over the limit of {}", batch, plan.limits.batch)));
  }
  for (std::size_t i = 0; i < plan.inputs.size(); ++i) {
    const PlanInput& input = plan.inputs[i];
    if (input.level == 0) {
      const Value* value = given.find(input.definition.name);
      run.inputs[i].push_back(value ? *value : input.definition.fallback);
      continue;
    }
    std::size_t top = input.level;
    while (plan.levels[top].depth > 1) top = plan.levels[top].parent;
    Rows& rows = run.rows[top];
    if (!rows.is_known) {
      for (std::size_t row = 0; row < batch; ++row) rows.add(0, row);
      rows.close(1);
    }
    if (auto done = BatchReader(run, i, batch).read(given[input.definition.name]); !done) {
      return done;
    }
  }
  return substitute(run);
}

}  // namespace vedette::workflow
