#include "blocks/python/python_blocks.hpp"

#include <algorithm>
#include <atomic>
#include <fmt/format.h>
#include <map>
#include <mutex>

#include "base/id.hpp"
#include "blocks/python/call.hpp"
#include "blocks/python/wire.hpp"
#include "workflow/debug_log.hpp"
#include "workflow/definition.hpp"

namespace vedette::blocks::python {
namespace {

using workflow::Batch, workflow::Block, workflow::DynamicBlock, workflow::Outcome,
    workflow::Problem, workflow::problem_of, workflow::Step;

constexpr std::string_view registration = "workflow_execution | step_output_registration";
constexpr std::string_view most_likely =
    "This is most likely bug. Contact Roboflow team through github issues "
    "(https://github.com/roboflow/inference/issues) providing full context ofthe problem - "
    "including workflow definition you use.";
constexpr std::size_t told_of_stream = 16'384;  // bytes that debugging tells of one

std::string shortened(const Printed& printed) {
  if (printed.text.size() <= told_of_stream) return printed.text;
  return printed.text.substr(0, told_of_stream) + "\n... [output truncated]";
}

/// How much deeper outputs lie than the elements for which the block is called.
int depth_of(const DynamicBlock& block) {
  int depth = block.traits.output_depth;
  for (const auto& property : block.properties) {
    if (property.depth_reference) depth += property.depth;
  }
  return depth;
}

/// The same for all steps of one run, in the form that the peer gives it.
std::string execution_of(const workflow::RunContext& context) {
  if (context.request.empty()) return make_uuid();
  const std::string hash = sha256_hex(context.request);
  return fmt::format("{}-{}-4{}-a{}-{}", hash.substr(0, 8), hash.substr(8, 4), hash.substr(13, 3),
                     hash.substr(17, 3), hash.substr(20, 12));
}

/// Puts what run() returned where the engine takes it from, or says what is wrong with it, in the
/// words that the peer's clients know.
class Results {
 public:
  Results(const DynamicBlock& block, Batch& batch)
      : block_(block),
        batch_(batch),
        is_single_(batch.index(0).empty()),
        makes_several_(depth_of(block) > 0) {}

  /// One element's: a dict, or a list of them where the block makes several of one.
  Outcome<void> put(std::size_t element, const Value& result) {
    if (!makes_several_) return put_dict(batch_[element], result, {});
    if (!result.is_list()) {
      if (is_single_) return std::unexpected(no_dict(result, "list"));
      return std::unexpected(problem_of(
          "ExecutionEngineRuntimeError",
          fmt::format("Error in execution engine. Handing with step: $steps.{} output it was "
                      "expected that the output is nested list, but the condition is not met. {}",
                      name(), most_likely),
          std::string(registration)));
    }
    std::vector<List> columns(block_.outputs.size());
    for (const Value& each : result.list()) {
      if (auto done = put_dict(batch_[element], each, columns); !done) return done;
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
      batch_[element].outputs()[i] = std::move(columns[i]);
    }
    return {};
  }

  /// Of a call for the whole batch: a list with one for each element.
  Outcome<void> put_all(const Value& result) {
    if (is_single_ && result.is_dict()) return put(0, result);
    if (result.is_dict() && result.dict().size() != batch_.size()) {
      return std::unexpected(not_aligned(result.dict().size()));
    }
    if (!result.is_list()) return std::unexpected(no_dict(result, "len"));
    const List& each = result.list();
    if (is_single_ && each.empty()) return {};
    if (each.size() != batch_.size()) return std::unexpected(not_aligned(each.size()));
    for (std::size_t i = 0; i < each.size(); ++i) {
      if (auto done = put(i, each[i]); !done) return done;
    }
    return {};
  }

 private:
  [[nodiscard]] std::string_view name() { return batch_[0].context().step; }

  /// columns  where the block makes several of one: each value is added to its output's
  Outcome<void> put_dict(Step& step, const Value& result, std::span<List> columns) {
    if (is_single_ && columns.empty() && result.is_list()) {
      return std::unexpected(
          problem_of("ExecutionEngineRuntimeError",
                     fmt::format("Error in execution engine. Non-SIMD step {} produced list of "
                                 "results which is not expected. {}",
                                 name(), most_likely),
                     std::string(registration)));
    }
    if (!result.is_dict()) return std::unexpected(no_dict(result, "keys"));
    const Dict& given = result.dict();
    std::size_t known = 0;
    for (std::size_t i = 0; i < block_.outputs.size(); ++i) {
      const Value* value = given.find(block_.outputs[i].name);
      if (value == nullptr) return std::unexpected(other_outputs(given));
      ++known;
      if (columns.empty()) {
        step.outputs()[i] = *value;
      } else {
        columns[i].push_back(*value);
      }
    }
    if (known != given.size()) return std::unexpected(other_outputs(given));
    return {};
  }

  Problem not_aligned(std::size_t given) {
    return problem_of(
        "ExecutionEngineRuntimeError",
        fmt::format("Error in execution engine. Attempted to register batch of step outputs for "
                    "step:{} providing not aligned indices (length of indices: {},  length of "
                    "data: {}). {}",
                    name(), batch_.size(), given, most_likely),
        std::string(registration));
  }

  Problem no_dict(const Value& result, std::string_view lacks) {
    Problem problem = problem_of(
        "InvalidBlockBehaviourError",
        fmt::format("Block implementing step `{}` {}should return outputs which are {}dicts, but "
                    "the type of output does not match expectation.",
                    name(), is_single_ ? "`" : "", is_single_ ? "" : "lists of "),
        std::string(registration));
    const std::string_view type = workflow::python_type(result);
    problem.inner_type = lacks == "keys" ? "AttributeError" : "TypeError";
    problem.inner_message = lacks == "keys"
                                ? fmt::format("'{}' object has no attribute 'keys'", type)
                                : fmt::format("object of type '{}' has no len()", type);
    return problem;
  }

  Problem other_outputs(const Dict& given) {
    const auto quoted = [](std::string text, std::string_view next) {
      return std::move(text) + (text.empty() ? "'" : ", '") + std::string(next) + "'";
    };
    std::string expected, got;
    for (const auto& port : block_.outputs) expected = quoted(std::move(expected), port.name);
    for (const auto& [key, value] : given) got = quoted(std::move(got), key);
    expected = expected.empty() ? "set()" : "{" + expected + "}";
    if (is_single_) {
      got = "dict_keys([" + got + "])";
    } else {
      got = got.empty() ? "set()" : "{" + got + "}";
    }
    constexpr std::string_view contact = most_likely.substr(most_likely.find("Contact"));
    return problem_of("ExecutionEngineRuntimeError",
                      fmt::format("Step {} did not produce required outputs. Expected: {}. "
                                  "Got: {}. {}",
                                  name(), expected, got, contact),
                      std::string(registration));
  }

  const DynamicBlock& block_;
  Batch& batch_;
  bool is_single_;      // not part of any batch
  bool makes_several_;  // of one element
};

class PythonBlock final : public Block {
 public:
  PythonBlock(std::shared_ptr<Pool> pool, Code code)
      : pool_(std::move(pool)), code_(std::move(code)) {
    for (const auto& property : definition().properties) add_property(property);
    for (const auto& port : definition().outputs) add_output(port);
  }

  [[nodiscard]] const workflow::Traits& traits() const override { return definition().traits; }

  Outcome<void> run(Step& step) override {
    const std::vector<std::size_t> none;
    Batch batch({&step, 1}, {&none, 1});
    return run_batch(batch);
  }

  Outcome<void> run_batch(Batch& batch) override {
    if (batch.size() == 0) return {};
    const bool at_once = traits().takes_batches;
    MarshalWriter frame;
    ArgumentWriter arguments(frame);
    write_call(batch, frame, arguments);
    Call call(*pool_, code_);
    if (auto begun = call.begin(); !begun) return begun;
    Results results(definition(), batch);
    const auto take = [&](std::size_t row, const Value& answered) -> Outcome<void> {
      tell_streams(batch[0].context(), call);
      AnswerReader reader(call.memory(), arguments.pictures());
      const auto result = reader.read(answered);
      if (!result) return std::unexpected(unreadable(result.error()));
      return at_once ? results.put_all(*result) : results.put(row, *result);
    };
    auto done = call.run(frame.written(), at_once ? 1 : batch.size(), arguments.pictures(), take);
    if (!done) tell_streams(batch[0].context(), call);
    tell_traces(batch[0].context(), call);
    return done;
  }

 private:
  [[nodiscard]] const DynamicBlock& definition() const { return *code_.definition; }

  /// ("call", number, step, execution, debug, rows), as python/vedette_worker/worker.py takes it.
  void write_call(Batch& batch, MarshalWriter& frame, ArgumentWriter& arguments) const {
    const workflow::RunContext& context = batch[0].context();
    frame.tuple(6);
    frame.text("call");
    frame.integer(code_.number);
    frame.text(context.step);
    frame.text(execution_of(context));
    frame.boolean(context.debug && context.log != nullptr);
    const std::size_t width = properties().size();
    if (!traits().takes_batches) {
      frame.list(batch.size());
      for (const Step& element : batch) {
        frame.list(width);
        for (const Value& input : element.inputs()) {
          const auto* deeper = input.get_if<workflow::Elements>();
          const bool is_none = deeper && deeper->values.empty() && traits().takes_empty;
          arguments.put(is_none ? Value() : input);
        }
      }
      return;
    }
    std::vector<std::vector<std::size_t>> indices;
    for (std::size_t i = 0; i < batch.size(); ++i) indices.push_back(batch.index(i));
    frame.list(1);
    frame.list(width);
    for (std::size_t slot = 0; slot < width; ++slot) {
      if (!batch.varies(slot)) {
        arguments.put(batch[0].inputs()[slot]);
        continue;
      }
      arguments.begin_batch(indices);
      for (const Step& element : batch) arguments.put(element.inputs()[slot]);
    }
  }

  static void tell_streams(const workflow::RunContext& context, const Call& call) {
    if (!context.debug || context.log == nullptr) return;
    if (call.out().text.empty() && call.err().text.empty()) return;
    context.log->add_streams(context.step, shortened(call.out()), shortened(call.err()));
  }

  static void tell_traces(const workflow::RunContext& context, const Call& call) {
    if (context.log == nullptr || !call.traces().is_list()) return;
    for (const Value& trace : call.traces().list()) context.log->add_trace(trace);
  }

  static Problem unreadable(const Error& error) {
    Problem problem =
        problem_of("InvalidBlockBehaviourError", "Internal error.", std::string(registration));
    problem.inner_type = "ValueError";
    problem.inner_message = error.what;
    return problem;
  }

  std::shared_ptr<Pool> pool_;
  Code code_;
};

/// The same code has the same number, however many plans hold it: workers load it once.
std::int64_t number_of(const std::string& fields) {
  static std::mutex mutex;
  static std::map<std::string, std::int64_t> known;
  static std::int64_t last = 0;
  constexpr std::size_t most_known = 4096;
  const std::string hash = sha256_hex(fields);
  const std::lock_guard lock(mutex);
  if (known.size() >= most_known) known.clear();
  const auto [found, is_new] = known.try_emplace(hash, last + 1);
  if (is_new) ++last;
  return found->second;
}

Code code_of(std::shared_ptr<const DynamicBlock> definition) {
  const workflow::PythonCode& code = definition->code;
  MarshalWriter fields;  // of Definition in python/vedette_worker/blocks.py
  fields.text(definition->block_type);
  fields.text(code.run_function_code);
  fields.text(code.run_function_name);
  if (code.init_function_code.empty()) {
    fields.none();
  } else {
    fields.text(code.init_function_code);
  }
  fields.text(code.init_function_name);
  fields.list(code.imports.size());
  for (const std::string& line : code.imports) fields.text(line);
  fields.list(definition->properties.size());
  for (const auto& property : definition->properties) fields.text(property.name);

  const std::int64_t number = number_of(fields.written());
  MarshalWriter load;
  load.tuple(9);
  load.text("load");
  load.integer(number);
  load.raw(fields.written());
  return {number, load.take(), std::move(definition)};
}

}  // namespace

PythonBlocks::PythonBlocks(Settings settings)
    : pool_(std::make_shared<Pool>(std::move(settings))) {}

PythonBlocks::~PythonBlocks() = default;

Outcome<std::unique_ptr<Block>> PythonBlocks::make(std::shared_ptr<const DynamicBlock> definition) {
  if (!pool_->settings().enabled) {
    return std::unexpected(problem_of("WorkflowEnvironmentConfigurationError",
                                      "Cannot use dynamic blocks with custom Python code in this "
                                      "installation: its configuration says `python.enabled: "
                                      "false`",
                                      "workflow_compilation | dynamic_blocks_compilation"));
  }
  Code code = code_of(std::move(definition));
  Call call(*pool_, code);
  if (auto loaded = call.begin(); !loaded) return std::unexpected(std::move(loaded).error());
  return std::make_unique<PythonBlock>(pool_, std::move(code));
}

std::vector<pid_t> PythonBlocks::processes() const { return pool_->processes(); }

}  // namespace vedette::blocks::python
