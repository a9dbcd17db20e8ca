#include "workflow/run_masks.hpp"

#include <algorithm>

#include "workflow/planner.hpp"

namespace vedette::workflow {
namespace {

std::size_t level_at(const CompiledPlan& plan, std::size_t level, std::size_t depth) {
  while (plan.levels[level].depth > depth) level = plan.levels[level].parent;
  return level;
}

}  // namespace

Masks::Masks(const RunState& run, const PlanStep& step) {
  for (const std::size_t gate : step.gates) {
    const Decision& decision = run.decisions[gate];
    if (decision.state == Decision::State::rows) active_ = true;
    shut_ = shut_ || decision.state == Decision::State::open ||
            (decision.state == Decision::State::single && !decision.yes);
  }
  if (shut_ || !active_) return;
  depths_ = step.gate_depths;
  for (const Feed& feed : step.feeds) {
    each_single(feed, [&](const Feed& one) {
      if (one.level > 0) depths_.push_back(run.plan.levels[one.level].depth);
    });
  }
  std::ranges::sort(depths_);
  depths_.erase(std::unique(depths_.begin(), depths_.end()), depths_.end());
  if (depths_.empty()) return;
  by_depth_.resize(depths_.back() + 1);
  for (const std::size_t depth : depths_) meet(run, step, depth);
  if (depths_.size() > 1) keep_chains(run, step);
}

/// As the peer has it: at each depth the decisions made at that very depth count, those that let
/// nothing through are passed over where others let something through, and where none is left
/// nothing goes on. A decision about pictures therefore holds back whatever looks at their crops.
void Masks::meet(const RunState& run, const PlanStep& step, std::size_t depth) {
  const std::size_t count = run.rows[level_at(run.plan, step.deepest, depth)].count;
  std::vector<char>& mask = by_depth_[depth];
  bool any = false;
  for (const std::size_t gate : step.gates) {
    const Decision& decision = run.decisions[gate];
    const bool here = decision.state == Decision::State::rows &&
                      run.plan.levels[run.plan.branches[gate].level].depth == depth;
    if (!here || std::ranges::find(decision.by_row, 1) == decision.by_row.end()) continue;
    if (!any) mask.assign(count, 1);
    any = true;
    for (std::size_t row = 0; row < count; ++row) {
      mask[row] = static_cast<char>(mask[row] & decision.by_row[row]);
    }
  }
  if (!any) mask.assign(count, 0);
}

/// Keeps a row where its parents are kept and one of its children is.
void Masks::keep_chains(const RunState& run, const PlanStep& step) {
  const auto rows_at = [&](std::size_t depth) -> const Rows& {
    return run.rows[level_at(run.plan, step.deepest, depth)];
  };
  for (std::size_t i = depths_.size(); i-- > 1;) {
    const Rows& below = rows_at(depths_[i]);
    std::vector<char> has_child(by_depth_[depths_[i - 1]].size(), 0);
    for (std::size_t row = 0; row < below.count; ++row) {
      if (by_depth_[depths_[i]][row]) has_child[below.parent[row]] = 1;
    }
    for (std::size_t row = 0; row < has_child.size(); ++row) {
      by_depth_[depths_[i - 1]][row] =
          static_cast<char>(by_depth_[depths_[i - 1]][row] & has_child[row]);
    }
  }
  for (std::size_t i = 1; i < depths_.size(); ++i) {
    const Rows& below = rows_at(depths_[i]);
    for (std::size_t row = 0; row < below.count; ++row) {
      if (!by_depth_[depths_[i - 1]][below.parent[row]]) by_depth_[depths_[i]][row] = 0;
    }
  }
}

}  // namespace vedette::workflow
