#pragma once
/// The last runs, for whoever asks what happened just now.

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/value.hpp"

namespace vedette::api {

struct RunStep {
  std::string name;
  double ms = 0;
  std::size_t elements = 0;
};

struct RunRecord {
  std::string id;        ///< ULID
  std::string workflow;  ///< empty: its definition was sent along
  Clock::time_point started;
  double ms = 0;
  int status = 200;          ///< of the answer
  std::string message = {};  ///< of a failure
  std::size_t batch = 0;
  std::vector<RunStep> steps = {};
};
using RunPtr = std::shared_ptr<const RunRecord>;

[[nodiscard]] Value as_json(const RunRecord& run);

/// Any thread. Newest wins: only the last `most` are kept, in memory.
class RunLog {
 public:
  explicit RunLog(std::size_t most = 500) : most_(most) {}

  void add(RunRecord run);
  struct Page {
    std::vector<RunPtr> runs;  ///< the newest first
    bool more = false;
  };
  /// workflow  only of this one; empty: of all
  /// after     id of the last one seen; empty: from the newest
  [[nodiscard]] Page list(std::string_view workflow, std::string_view after,
                          std::size_t limit) const;

  /// Called with each new run, on the thread that ran it; set before the first add().
  std::function<void(const RunPtr&)> on_add;

 private:
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::deque<RunPtr> runs_;
};

}  // namespace vedette::api
