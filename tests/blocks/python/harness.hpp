#pragma once
/// Blocks of users' code, made and called as the engine does it, with real workers.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "blocks/python/python_blocks.hpp"
#include "workflow/block.hpp"
#include "workflow/debug_log.hpp"

namespace vedette::blocks::python {

/// The project's own environment and package.
inline Settings real_settings() {
  const std::filesystem::path root = std::filesystem::path(VEDETTE_FIXTURES) / "../..";
  Settings settings;
  settings.interpreter = root / ".venv/bin/python";
  settings.package = root / "python/vedette_worker";
  return settings;
}

/// What a definition says of a block; ports of any kind.
struct Declared {
  std::string code;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs = {"result"};
  bool takes_batches = false;
  int output_depth = 0;
  std::string init = {};
  std::vector<std::string> imports = {};
};

inline std::shared_ptr<const workflow::DynamicBlock> define(const Declared& declared) {
  auto block = std::make_shared<workflow::DynamicBlock>();
  block->block_type = "Custom";
  block->traits.type = block->block_type;
  block->traits.takes_batches = declared.takes_batches;
  block->traits.output_depth = declared.output_depth;
  for (const std::string& name : declared.inputs) block->properties.push_back({.name = name});
  for (const std::string& name : declared.outputs) block->outputs.push_back({name, {}, {}});
  block->code.run_function_code = declared.code;
  block->code.init_function_code = declared.init;
  block->code.imports = declared.imports;
  return block;
}

/// One block and its workers.
class Bench {
 public:
  explicit Bench(PythonBlocks& python, const Declared& declared)
      : outputs_(declared.outputs.size()), made_(python.make(define(declared))) {}

  [[nodiscard]] bool is_made() const { return made_.has_value(); }
  [[nodiscard]] const workflow::Problem& problem() const { return made_.error(); }
  [[nodiscard]] workflow::Block& block() { return **made_; }

  /// One call with these inputs, as a scalar step; its outputs in order.
  workflow::Outcome<List> run(List inputs, workflow::DebugLog* log = nullptr) {
    if (!made_) return std::unexpected(made_.error());
    List outputs(outputs_);
    const workflow::RunContext context{.step = "custom", .debug = log != nullptr, .log = log};
    workflow::Step step(inputs, outputs, context);
    if (auto done = (*made_)->run(step); !done) return std::unexpected(done.error());
    return outputs;
  }

  /// A batch of calls, or one for all where the block takes batches; the first output of each.
  workflow::Outcome<List> run_batch(std::vector<List> inputs, std::vector<bool> varies = {}) {
    if (!made_) return std::unexpected(made_.error());
    const workflow::RunContext context{.step = "custom"};
    std::vector<List> outputs(inputs.size(), List(outputs_));
    std::vector<workflow::Step> steps;
    std::vector<std::vector<std::size_t>> indices;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      steps.emplace_back(inputs[i], outputs[i], context);
      indices.push_back({i});
    }
    const std::unique_ptr<bool[]> flags(new bool[varies.size()]);  // NOLINT: a span of bools
    for (std::size_t i = 0; i < varies.size(); ++i) flags[i] = varies[i];
    workflow::Batch batch(steps, indices, {flags.get(), varies.size()});
    if (auto done = (*made_)->run_batch(batch); !done) return std::unexpected(done.error());
    List first;
    for (const List& each : outputs) first.push_back(each.empty() ? Value() : each[0]);
    return first;
  }

  /// The one output of one call; fails the test where there is none.
  Value result(List inputs) {
    auto outputs = run(std::move(inputs));
    if (outputs) return outputs->at(0);
    ADD_FAILURE() << outputs.error().message << "; " << outputs.error().inner_message;
    return {};
  }

 private:
  std::size_t outputs_;
  workflow::Outcome<std::unique_ptr<workflow::Block>> made_;
};

/// Workers that several tests share: starting them takes half a second.
inline PythonBlocks& shared_workers() {
  static PythonBlocks python(real_settings());
  return python;
}

}  // namespace vedette::blocks::python
