#include <algorithm>
#include <fmt/format.h>

#include "workflow/coordinates.hpp"
#include "workflow/run_state.hpp"
#include "workflow/write_kinds.hpp"

namespace vedette::workflow {
namespace {

/// What the peer writes for a whole nested list of which nothing is there.
Value nothing(std::size_t depth) {
  if (depth == 0) return {};
  Value list = List();
  for (; depth > 1; --depth) list = List{std::move(list)};
  return list;
}

/// One output of the workflow over all rows of its level.
class Gatherer {
 public:
  Gatherer(const RunState& run, const PlanOutput& output)
      : run_(run),
        output_(output),
        rows_(run.rows[output.feed.level]),
        depth_(run.plan.levels[output.feed.level].depth) {}

  [[nodiscard]] std::size_t depth() const { return depth_; }

  /// The outermost dimension: the batch of the request, or one that a step made.
  [[nodiscard]] std::size_t top() const {
    std::size_t level = output_.feed.level;
    while (run_.plan.levels[level].depth > 1) level = run_.plan.levels[level].parent;
    return level;
  }

  Outcome<Value> single() const { return formed(value_at(0)); }

  /// An element for each row of the top level.
  Outcome<List> elements() {
    indices_.reserve(rows_.count);
    for (std::size_t row = 0; row < rows_.count; ++row) {
      indices_.push_back(run_.index_of(output_.feed.level, row));
    }
    auto list = nested(0, rows_.count, 0);
    if (!list) return list;
    while (list->size() < run_.rows[top()].count) list->push_back(nothing(depth_ - 1));
    return list;
  }

 private:
  Value value_at(std::size_t row) const {
    const Feed& feed = output_.feed;
    if (feed.from == Feed::From::input && depth_ > 1) return nested_input(row);
    if (feed.from == Feed::From::input) return run_.inputs[feed.source][row];
    const PlanStep& step = run_.plan.steps[feed.source];
    const List& data = run_.data[feed.source];
    const std::size_t count = step.outputs.size();
    const auto at = [&](std::size_t output) {
      const std::size_t place = row * count + output;
      return place < data.size() ? data[place] : Value();
    };
    if (!output_.whole_step) return at(feed.output);
    Dict all;
    for (std::size_t i = 0; i < count; ++i) all.append(step.outputs[i].name, at(i));
    return all;
  }

  /// The peer takes inputs to be one list deep: of a nested one it puts each outermost element,
  /// whole, in the place of an innermost, until there are none left; those without any are null.
  Value nested_input(std::size_t row) const {
    const auto has_any = [row](const auto& index) { return index.front() == row; };
    return std::ranges::any_of(indices_, has_any) ? all_below(top(), row) : Value();
  }

  /// What lies below one row of a nested input, as the lists that it came in.
  Value all_below(std::size_t level, std::size_t row) const {
    if (level == output_.feed.level) return run_.inputs[output_.feed.source][row];
    std::size_t below = output_.feed.level;
    while (run_.plan.levels[below].parent != level) below = run_.plan.levels[below].parent;
    const Rows& children = run_.rows[below];
    List list;
    for (std::size_t child = children.first[row]; child < children.first[row + 1]; ++child) {
      list.push_back(all_below(below, child));
    }
    return list;
  }

  Outcome<Value> formed(Value value) const {
    if (depth_ > 0 && !output_.own) value = to_root(value);
    if (!output_.whole_step) return as_output(std::move(value), output_.kinds[0], output_.name);
    Dict all;
    std::size_t i = 0;
    for (const auto& [name, one] : value.dict()) {
      auto form = as_output(one, output_.kinds[i++], fmt::format("{}['{}']", output_.name, name));
      if (!form) return form;
      all.append(name, *std::move(form));
    }
    return Value(std::move(all));
  }

  /// Rows from `begin` to `end`, which share `depth` ordinals, as nested lists; as long as the
  /// last of them asks for.
  Outcome<List> nested(std::size_t begin, std::size_t end, std::size_t depth) const {
    List list;
    while (begin < end) {
      const std::size_t ordinal = indices_[begin][depth];
      while (list.size() < ordinal) list.push_back(nothing(depth_ - depth - 1));
      if (depth + 1 == depth_) {
        auto value = formed(value_at(begin++));
        if (!value) return std::unexpected(std::move(value).error());
        list.push_back(*std::move(value));
        continue;
      }
      std::size_t behind = begin;
      while (behind < end && indices_[behind][depth] == ordinal) ++behind;
      auto inner = nested(begin, behind, depth + 1);
      if (!inner) return inner;
      list.push_back(*std::move(inner));
      begin = behind;
    }
    return list;
  }

  const RunState& run_;
  const PlanOutput& output_;
  const Rows& rows_;
  std::size_t depth_;
  std::vector<std::vector<std::size_t>> indices_;  // of each row
};

bool excluded(const RunState& run, const PlanOutput& output) {
  const auto& names = run.options.excluded_fields;
  return std::ranges::find(names, output.name) != names.end();
}

/// One output for each of `count` elements of the answer.
Outcome<List> column(const RunState& run, const PlanOutput& output, std::size_t count) {
  Gatherer gatherer(run, output);
  if (gatherer.depth() == 0) {
    auto value = gatherer.single();
    if (!value) return std::unexpected(std::move(value).error());
    return List(count, *value);
  }
  auto list = gatherer.elements();
  if (!list) return list;
  // A batch that a step made on its own belongs to no element: all of it goes into each.
  if (run.plan.levels[gatherer.top()].dimension != 0) return List(count, Value(*std::move(list)));
  list->resize(count);
  return list;
}

}  // namespace

Outcome<std::vector<Dict>> gather_outputs(const RunState& run) {
  std::size_t count = 1;
  for (const PlanOutput& output : run.plan.outputs) {
    const Gatherer gatherer(run, output);
    if (gatherer.depth() == 0 || run.plan.levels[gatherer.top()].dimension != 0) continue;
    count = run.rows[gatherer.top()].count;
  }
  std::vector<Dict> elements(count);
  for (const PlanOutput& output : run.plan.outputs) {
    if (excluded(run, output)) continue;
    auto values = column(run, output, count);
    if (!values) return std::unexpected(std::move(values).error());
    for (std::size_t i = 0; i < count; ++i) {
      elements[i].append(output.name, std::move((*values)[i]));
    }
  }
  return elements;
}

}  // namespace vedette::workflow
