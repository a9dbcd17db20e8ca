#pragma once
/// Which rows of a step's inputs the routing steps before it let through.

#include "workflow/run_state.hpp"

namespace vedette::workflow {

class Masks {
 public:
  Masks(const RunState& run, const PlanStep& step);

  /// A decision that is one for all said no: nothing goes on.
  [[nodiscard]] bool is_shut() const { return shut_; }
  /// Is there nothing that holds rows back?
  [[nodiscard]] bool is_open() const { return !shut_ && !active_; }
  [[nodiscard]] bool allows(std::size_t depth, std::size_t row) const {
    if (shut_) return false;
    return !active_ || (depth < by_depth_.size() && row < by_depth_[depth].size() &&
                        by_depth_[depth][row] != 0);
  }

 private:
  void meet(const RunState& run, const PlanStep& step, std::size_t depth);
  void keep_chains(const RunState& run, const PlanStep& step);

  bool shut_ = false;
  bool active_ = false;
  std::vector<std::size_t> depths_;          // at which inputs or gates lie, ascending
  std::vector<std::vector<char>> by_depth_;  // over the rows of the level at that depth
};

}  // namespace vedette::workflow
