/// Any text as a workflow's definition, and any text as the inputs of one: an answer, never a
/// crash.

#include <cstdint>
#include <memory>
#include <string_view>

#include "workflow/catalogue.hpp"
#include "workflow/engine.hpp"

namespace vedette::workflow {
namespace {

/// One block with a property of each sort, that gives back what it was given.
class Everything final : public Block {
 public:
  In<Value> value{*this, {.name = "value", .literals = Literal::any, .kinds = {kind::any}}};
  In<std::int64_t> number{*this,
                          {.name = "number",
                           .literals = Literal::integer,
                           .kinds = {kind::integer},
                           .fallback = 1,
                           .least = 0,
                           .most = 100}};
  In<Dict> named{*this,
                 {.name = "named",
                  .literals = Literal::any,
                  .kinds = {kind::any},
                  .fallback = Dict(),
                  .shape = Shape::dict_of}};
  Out out{*this, "out", {kind::any}};

  const Traits& traits() const override {
    static const Traits is{.type = "fuzz/any@v1", .about = "Gives back."};
    return is;
  }
  Outcome<void> run(Step& step) override {
    step.put(out, List{step[value], Value(step[number]), step[named]});
    return {};
  }
};
const Registered<Everything> everything;

class Deeper final : public Block {
 public:
  In<Value> value{*this, {.name = "value", .literals = Literal::any, .kinds = {kind::any}}};
  In<Value> next{*this,
                 {.name = "next_steps",
                  .literals = Literal::null,
                  .fallback = Value(),
                  .shape = Shape::steps}};
  Out out{*this, "out", {kind::any}};

  const Traits& traits() const override {
    static const Traits is{
        .type = "fuzz/deeper@v1", .about = "One becomes two.", .output_depth = 1};
    return is;
  }
  Outcome<void> run(Step& step) override {
    step.put(out, List{step[value], Value()});
    return {};
  }
};
const Registered<Deeper> deeper;

/// Code that never runs.
class NoCode final : public DynamicBlocks {
 public:
  Outcome<std::unique_ptr<Block>> make(std::shared_ptr<const DynamicBlock>) override {
    return std::unique_ptr<Block>(std::make_unique<Everything>());
  }
};

Services services() {
  Services all;
  all.add<DynamicBlocks>(std::make_shared<NoCode>());
  return all;
}

void run_with(const Plan& plan, std::string_view inputs) {
  const auto given = json::read(inputs, json::as_python);
  if (!given || !given->is_dict()) return;
  const auto report = run(plan, given->dict(), {}, nullptr);
  std::string out;
  if (report) (void)write_outputs(*report, nullptr, out);
}

}  // namespace
}  // namespace vedette::workflow

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vedette::workflow;  // NOLINT: the function is C's, all that it uses is ours
  static const Services all = services();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // A line of its own parts the definition from the inputs.
  const std::size_t line = std::min(text.find('\n'), text.size());
  const PlanLimits limits{.steps = 50, .definition_bytes = 1u << 16, .json_depth = 64, .batch = 64};
  const auto plan = compile(std::make_shared<const std::string>(text.substr(0, line)), all, limits);
  if (!plan) {
    (void)as_json(plan.error());
    return 0;
  }
  (void)(*plan)->interface();
  // Dynamic blocks are stand-ins of another contract: they are compiled, not run.
  if (text.find("dynamic_blocks_definitions") == text.npos) {
    run_with(**plan, text.substr(std::min(line + 1, text.size())));
  }
  return 0;
}
