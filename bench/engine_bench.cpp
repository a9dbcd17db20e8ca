/// What the engine itself costs: compiling, running nothing, running steps that do next to nothing.
///
///     ninja engine_bench && ./bench/engine_bench
///
/// Prints the least of many turns for each; nothing else may run beside it.

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <functional>
#include <memory>
#include <string>

#include "workflow/catalogue.hpp"
#include "workflow/engine.hpp"

namespace vedette::workflow {
namespace {

class Next final : public Block {
 public:
  In<Value> value{*this, {.name = "value", .literals = Literal::integer, .kinds = {kind::any}}};
  In<std::int64_t> step{
      *this, {.name = "by", .literals = Literal::integer, .kinds = {kind::integer}, .fallback = 1}};
  Out out{*this, "out", {kind::integer}};

  const Traits& traits() const override {
    static const Traits is{.type = "bench/next@v1", .about = "One more."};
    return is;
  }
  Outcome<void> run(Step& at) override {
    at.put(out, Value(at[value].integer() + at[step]));
    return {};
  }
};
const Registered<Next> next;

/// `count` steps, each fed by the one before.
std::string chain(std::size_t count) {
  std::string steps;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string from = i == 0 ? "$inputs.n" : fmt::format("$steps.s{}.out", i - 1);
    steps += fmt::format(R"({}{{"type": "bench/next@v1", "name": "s{}", "value": "{}"}})",
                         i == 0 ? "" : ", ", i, from);
  }
  const std::string last = count == 0 ? "$inputs.n" : fmt::format("$steps.s{}.out", count - 1);
  return fmt::format(
      R"({{"version": "1.0", "inputs": [{{"type": "WorkflowBatchInput", "name": "n"}}], )"
      R"("steps": [{}], "outputs": [{{"type": "JsonField", "name": "o", "selector": "{}"}}]}})",
      steps, last);
}

/// The least time of `turns`, in microseconds.
double least(int turns, const std::function<void()>& work) {
  double best = 1e12;
  for (int turn = 0; turn < turns; ++turn) {
    const auto begun = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begun;
    best = std::min(best, took.count());
  }
  return best;
}

double run_time(std::size_t steps, std::size_t batch) {
  constexpr int turns = 2000;
  const auto plan = compile(std::make_shared<const std::string>(chain(steps)), {});
  if (!plan) return -1;
  const Dict inputs{{"n", batch == 1 ? Value(1) : Value(List(batch, Value(1)))}};
  return least(turns, [&] {
    const auto report = run(**plan, inputs, {}, nullptr);
    if (!report) std::abort();
  });
}

int bench() {
  constexpr std::size_t many = 100;
  constexpr std::size_t batch = 64;
  const auto text = std::make_shared<const std::string>(chain(500));
  const double compiled = least(20, [&] {
    if (!compile(text, {})) std::abort();
  });
  const double nothing = run_time(0, 1);
  const double one = run_time(1, 1);
  const double all = run_time(many, 1);
  const double batched = run_time(1, batch) - run_time(0, batch);
  fmt::print("compile 500 steps     {:8.2f} ms   (at most 20)\n", compiled / 1000);
  fmt::print("run without steps     {:8.2f} us   (at most 20)\n", nothing);
  fmt::print("run of one step       {:8.2f} us   (at most 20)\n", one);
  fmt::print("each trivial step     {:8.2f} us   (at most 2)\n",
             (all - nothing) / static_cast<double>(many));
  fmt::print("each batched element  {:8.2f} us\n", batched / static_cast<double>(batch));
  return 0;
}

}  // namespace
}  // namespace vedette::workflow

int main() { return vedette::workflow::bench(); }
