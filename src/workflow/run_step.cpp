#include <algorithm>
#include <fmt/format.h>
#include <optional>

#include "workflow/planner.hpp"
#include "workflow/properties.hpp"
#include "workflow/run_masks.hpp"
#include "workflow/run_state.hpp"

namespace vedette::workflow {
namespace {

constexpr std::string_view registration = "workflow_execution | step_output_registration";

/// One step of one run: finds the rows that it runs for, fills its inputs, calls it, keeps what
/// it gave.
class StepRun {
 public:
  StepRun(RunState& run, std::size_t index, ComputePool* pool)
      : run_(run),
        plan_(run.plan),
        step_(run.plan.steps[index]),
        data_(run.data[index]),
        pool_(pool),
        traits_(*step_.contract.traits),
        masks_(run, step_),
        context_{.workflow = run.options.workflow,
                 .step = step_.name,
                 .request = run.options.request,
                 .disable_sinks = run.options.disable_sinks,
                 .debug = run.options.debug,
                 .log = run.options.debug ? &run.log : nullptr} {}

  Outcome<std::size_t> run() {
    if (grows()) run_.rows[step_.out].is_known = true;
    find_rows();
    auto block = instance();
    if (!block) return std::unexpected(std::move(block).error());
    block_ = *block;
    if (!grows()) data_.resize(run_.rows[step_.at].count * step_.outputs.size());
    begin_decisions();
    if (rows_.empty()) {
      if (grows()) close_growth();
      return 0;
    }
    // Users' code gets its elements in one call too: what it keeps in `self` lasts that long.
    const bool together = traits_.takes_batches || step_.contract.dynamic;
    auto done = together ? run_together() : run_one_by_one();
    if (done && grows()) done = spread();
    if (!done) return std::unexpected(std::move(done).error());
    return rows_.size();
  }

 private:
  [[nodiscard]] bool grows() const {
    return step_.out != step_.at && plan_.levels[step_.out].parent == step_.at;
  }
  [[nodiscard]] bool lies_below(const Feed& feed) const {
    return feed.level > 0 && plan_.levels[feed.level].depth > plan_.levels[step_.at].depth;
  }

  /// The block of the plan, or one of this run's own.
  Outcome<Block*> instance() {
    if (step_.block) return step_.block.get();
    own_ = step_.contract.native->make();
    if (auto ready = own_->prepare(plan_.services, step_.literals); !ready) {
      return std::unexpected(std::move(ready).error());
    }
    return own_.get();
  }

  // --- which rows

  [[nodiscard]] const Value& cell(const Feed& feed, std::size_t row) const {
    static const Value null;
    switch (feed.from) {
      case Feed::From::input:
        return run_.inputs[feed.source][row];
      case Feed::From::step: {
        const std::size_t place = row * plan_.steps[feed.source].outputs.size() + feed.output;
        const List& data = run_.data[feed.source];
        return place < data.size() ? data[place] : null;
      }
      case Feed::From::literal:
      case Feed::From::list:
      case Feed::From::dict:
        break;
    }
    return feed.literal;
  }

  void find_rows() {
    const std::size_t count = run_.rows[step_.at].count;
    const bool gated_only = step_.is_batched && step_.gate_depths.size() > 0;
    if (masks_.is_shut() && !(traits_.takes_empty && step_.is_batched)) return;
    if (gated_only && step_.feeds.empty()) return;  // the peer never runs such a step either
    for (std::size_t p = 0; p < step_.feeds.size(); ++p) {
      each_single(step_.feeds[p], [&](const Feed& feed) {
        if (lies_below(feed)) below_ = feed.level;
      });
    }
    if (below_) find_empty_children();
    const std::size_t depth = plan_.levels[step_.at].depth;
    rows_.reserve(count);
    for (std::size_t row = 0; row < count; ++row) {
      if (gated_only && !masks_.allows(depth, row)) continue;
      if (!traits_.takes_empty && has_empty(row)) continue;
      rows_.push_back(row);
    }
  }

  /// Elements without a value, in any of the deeper inputs: they are left out of all.
  void find_empty_children() {
    const Rows& children = run_.rows[*below_];
    empty_children_.assign(children.count, 0);
    if (traits_.takes_empty) return;
    const std::size_t depth = plan_.levels[*below_].depth;
    for (std::size_t p = 0; p < step_.feeds.size(); ++p) {
      each_single(step_.feeds[p], [&](const Feed& feed) {
        if (!lies_below(feed) || property(p).sees_empty) return;
        for (std::size_t child = 0; child < children.count; ++child) {
          if (cell(feed, child).is_null() || !masks_.allows(depth, child)) {
            empty_children_[child] = 1;
          }
        }
      });
    }
  }

  [[nodiscard]] const Property& property(std::size_t p) const {
    return (*step_.contract.properties)[p];
  }

  [[nodiscard]] bool has_empty(std::size_t row) const {
    for (std::size_t p = 0; p < step_.feeds.size(); ++p) {
      if (property(p).sees_empty) continue;
      bool empty = false;
      each_single(step_.feeds[p], [&](const Feed& feed) { empty = empty || is_empty(feed, row); });
      if (empty) return true;
    }
    return false;
  }

  [[nodiscard]] bool is_empty(const Feed& feed, std::size_t row) const {
    if (feed.from == Feed::From::literal) return is_cast_away(feed, row);
    if (lies_below(feed)) {
      const Rows& children = run_.rows[feed.level];
      if (!children.is_known || children.first[row] == children.first[row + 1]) return true;
      if (step_.at != 0 || traits_.takes_batches) return false;
      return std::ranges::find(empty_children_, 0) == empty_children_.end();
    }
    if (feed.level > 0) {
      return cell(feed, row).is_null() || !masks_.allows(plan_.levels[feed.level].depth, row);
    }
    // A parameter that is null is a value; what a step left out is not.
    const bool counts = feed.from == Feed::From::step || feed.cast_depth > 0;
    return (counts && cell(feed, 0).is_null()) || is_cast_away(feed, row);
  }

  /// A single value made into a batch, at an element that was not let through.
  [[nodiscard]] bool is_cast_away(const Feed& feed, std::size_t row) const {
    if (feed.cast_depth == 0 || feed.support == 0 || masks_.is_open()) return false;
    if (feed.literal.is_null() && feed.from == Feed::From::literal) return false;
    const std::size_t depth = plan_.levels[feed.support].depth;
    return depth == plan_.levels[step_.at].depth && !masks_.allows(depth, row);
  }

  // --- inputs

  Outcome<void> fill(std::size_t row, std::span<Value> into) const {
    for (std::size_t p = 0; p < step_.feeds.size(); ++p) {
      const Feed& feed = step_.feeds[p];
      switch (feed.from) {
        case Feed::From::literal:
          if (feed.cast_depth > 0) break;
          continue;  // in its place already
        case Feed::From::list:
        case Feed::From::dict: {
          auto whole = compound(feed, p, row);
          if (!whole) return std::unexpected(std::move(whole).error());
          into[p] = *std::move(whole);
          continue;
        }
        case Feed::From::input:
        case Feed::From::step:
          break;
      }
      auto one = single(feed, p, row);
      if (!one) return std::unexpected(std::move(one).error());
      into[p] = *std::move(one);
    }
    return {};
  }

  Outcome<Value> compound(const Feed& feed, std::size_t p, std::size_t row) const {
    List list;
    Dict dict;
    for (std::size_t i = 0; i < feed.parts.size(); ++i) {
      auto part = single(feed.parts[i], p, row);
      if (!part) return part;
      if (feed.from == Feed::From::list) list.push_back(*std::move(part));
      if (feed.from == Feed::From::dict) dict.append(feed.names[i], *std::move(part));
    }
    return feed.from == Feed::From::list ? Value(std::move(list)) : Value(std::move(dict));
  }

  Outcome<Value> single(const Feed& feed, std::size_t p, std::size_t row) const {
    if (feed.substitution != nowhere && feed.cast_depth == 0) {
      return run_.substituted[feed.substitution];
    }
    if (lies_below(feed)) return elements(feed, p, row);
    const bool cast = feed.cast_depth > 0 && !cell(feed, 0).is_null();
    if (cast && feed.cast_depth > step_.depth) return repeated(feed, row);
    if (feed.level > 0 && !masks_.is_open() &&
        !masks_.allows(plan_.levels[feed.level].depth, row)) {
      return Value();
    }
    const Value& value = cell(feed, feed.level > 0 ? row : 0);
    if (auto right = check(feed, p, value); !right) return std::unexpected(right.error());
    return value;
  }

  Outcome<Value> elements(const Feed& feed, std::size_t p, std::size_t row) const {
    const Rows& children = run_.rows[feed.level];
    const std::size_t depth = plan_.levels[feed.level].depth;
    Elements batch;
    if (!children.is_known || children.first[row] == children.first[row + 1]) return Value();
    for (std::size_t child = children.first[row]; child < children.first[row + 1]; ++child) {
      if (empty_children_[child]) continue;
      const Value value = masks_.allows(depth, child) ? cell(feed, child) : Value();
      if (auto right = check(feed, p, value); !right) return std::unexpected(right.error());
      batch.values.push_back(value);
      batch.indices.push_back(run_.index_of(feed.level, child));
    }
    return Value::box(std::move(batch));
  }

  /// One value as the batch that the block wants below this row.
  [[nodiscard]] Value repeated(const Feed& feed, std::size_t row) const {
    const Value& value =
        feed.substitution != nowhere ? run_.substituted[feed.substitution] : cell(feed, 0);
    Elements batch;
    const bool has_rows = feed.support > 0 && plan_.levels[feed.support].parent == step_.at;
    if (!has_rows) {
      batch.values.push_back(value);
      batch.indices.push_back(run_.index_of(step_.at, row));
      batch.indices.back().push_back(0);
      return Value::box(std::move(batch));
    }
    const Rows& children = run_.rows[feed.support];
    for (std::size_t child = children.first[row]; child < children.first[row + 1]; ++child) {
      if (!empty_children_.empty() && empty_children_[child]) continue;
      batch.values.push_back(value);
      batch.indices.push_back(run_.index_of(feed.support, child));
    }
    return Value::box(std::move(batch));
  }

  /// What users' code put out may be anything; native blocks read only what they asked for.
  Outcome<void> check(const Feed& feed, std::size_t p, const Value& value) const {
    if (!feed.unsure || step_.contract.dynamic || value.is_null() || fits(property(p), value)) {
      return {};
    }
    std::string kinds;
    for (const std::string_view kind : property(p).kinds) {
      kinds += fmt::format("{}`{}`", kinds.empty() ? "" : " or ", kind);
    }
    Problem problem;
    problem.message = fmt::format("property `{}` of step `{}` takes {}, but was given {}",
                                  property(p).name, step_.name, kinds, python_type(value));
    problem.inner_type = "TypeError";
    return std::unexpected(std::move(problem));
  }

  // --- calls

  Outcome<void> run_one_by_one() {
    if (grows()) grown_.resize(rows_.size() * step_.outputs.size());
    if (traits_.parallel_elements && pool_ && rows_.size() > 1) return run_side_by_side();
    List inputs = step_.literals;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (auto done = run_element(i, inputs); !done) return done;
    }
    return {};
  }

  Outcome<void> run_side_by_side() {
    std::vector<Outcome<void>> ends(rows_.size());
    std::vector<std::function<void()>> tasks;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      tasks.emplace_back([this, i, &ends] {
        List inputs = step_.literals;
        ends[i] = run_element(i, inputs);
      });
    }
    pool_->run_all(tasks);
    const auto failed = std::ranges::find_if(ends, [](const auto& end) { return !end; });
    if (failed != ends.end()) return std::move(*failed);
    return {};
  }

  Outcome<void> run_element(std::size_t i, List& inputs) {
    if (auto done = fill(rows_[i], inputs); !done) return done;
    Step element(inputs, outputs_of(i), context_);
    if (auto done = block_->run(element); !done) return done;
    decide(rows_[i], element.route());
    return {};
  }

  Outcome<void> run_together() {
    const std::size_t width = step_.feeds.size();
    if (grows()) grown_.resize(rows_.size() * step_.outputs.size());
    List inputs(rows_.size() * width);
    std::vector<Step> elements;
    std::vector<std::vector<std::size_t>> indices;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const auto into = std::span(inputs).subspan(i * width, width);
      std::ranges::copy(step_.literals, into.begin());
      if (auto done = fill(rows_[i], into); !done) return done;
      elements.emplace_back(into, outputs_of(i), context_);
      indices.push_back(run_.index_of(step_.at, rows_[i]));
      while (indices.back().size() < step_.depth) indices.back().push_back(0);
    }
    const std::unique_ptr<bool[]> varies(new bool[width]);  // NOLINT: vector<bool> is no array
    for (std::size_t p = 0; p < width; ++p) {
      varies[p] = false;
      each_single(step_.feeds[p], [&](const Feed& feed) {
        const bool cast = feed.cast_depth > 0 && !cell(feed, 0).is_null();
        varies[p] = varies[p] || feed.level > 0 || cast;
      });
    }
    Batch batch(elements, indices, {varies.get(), width});
    if (auto done = block_->run_batch(batch); !done) return done;
    for (std::size_t i = 0; i < rows_.size(); ++i) decide(rows_[i], elements[i].route());
    return {};
  }

  [[nodiscard]] std::span<Value> outputs_of(std::size_t i) {
    const std::size_t width = step_.outputs.size();
    return grows() ? std::span(grown_).subspan(i * width, width)
                   : std::span(data_).subspan(rows_[i] * width, width);
  }

  // --- what came of it

  void begin_decisions() {
    for (const Target& target : step_.targets) {
      Decision& decision = run_.decisions[target.branch];
      if (step_.out == 0) continue;
      decision.state = Decision::State::rows;
      decision.by_row.assign(run_.rows[step_.out].count, 0);
    }
  }

  void decide(std::size_t row, const Route& route) {
    for (const Target& target : step_.targets) {
      Decision& decision = run_.decisions[target.branch];
      const bool yes = std::ranges::find(route.next, target.selector) != route.next.end();
      if (step_.out == 0) {
        decision.state = Decision::State::single;
        decision.yes = decision.yes || yes;
      } else if (yes) {
        decision.by_row[row] = 1;
      }
    }
  }

  /// Lays out lists, one for each row, as rows of the level below.
  Outcome<void> spread() {
    const std::size_t width = step_.outputs.size();
    std::vector<std::size_t> sizes(rows_.size(), 0);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      std::optional<std::size_t> size;
      for (const Value& output : outputs_of(i)) {
        if (output.is_null()) continue;
        if (!output.is_list() || (size && *size != output.list().size())) {
          return std::unexpected(uneven());
        }
        size = output.list().size();
      }
      sizes[i] = size.value_or(0);
    }
    Rows& below = run_.rows[step_.out];
    const bool is_new = below.count == 0;  // else outputs lie where a deeper input does
    for (std::size_t i = 0; i < rows_.size() && is_new; ++i) {
      for (std::size_t place = 0; place < sizes[i]; ++place) below.add(rows_[i], place);
    }
    if (is_new) close_growth();
    data_.resize(below.count * width);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const std::size_t first = below.first[rows_[i]];
      const std::size_t count = std::min<std::size_t>(sizes[i], below.first[rows_[i] + 1] - first);
      for (std::size_t output = 0; output < width; ++output) {
        const Value& list = outputs_of(i)[output];
        for (std::size_t place = 0; place < count && list.is_list(); ++place) {
          data_[(first + place) * width + output] = list.list()[place];
        }
      }
    }
    return {};
  }

  void close_growth() {
    Rows& below = run_.rows[step_.out];
    if (below.first.empty()) below.close(run_.rows[step_.at].count);
  }

  [[nodiscard]] Problem uneven() const {
    return problem_of(
        "ExecutionEngineRuntimeError",
        fmt::format("Error in execution engine. Handing with step: $steps.{} output it was "
                    "expected that the output is nested list, but the condition is not met.",
                    step_.name),
        std::string(registration));
  }

  RunState& run_;
  const CompiledPlan& plan_;
  const PlanStep& step_;
  List& data_;
  ComputePool* pool_;
  const Traits& traits_;
  Masks masks_;
  RunContext context_;
  std::unique_ptr<Block> own_;  // a block with state
  Block* block_ = nullptr;
  std::vector<std::size_t> rows_;     // of `at`, for which it runs
  std::optional<std::size_t> below_;  // the level of inputs one deeper
  std::vector<char> empty_children_;  // over `below_`
  List grown_;                        // for each of rows_, its outputs: lists
};

}  // namespace

Outcome<std::size_t> run_step(RunState& run, std::size_t step, ComputePool* pool) {
  return StepRun(run, step, pool).run();
}

}  // namespace vedette::workflow
