#include "api/run_log.hpp"

namespace vedette::api {

Value as_json(const RunRecord& run) {
  List steps;
  for (const RunStep& step : run.steps) {
    steps.emplace_back(Dict{{"name", step.name},
                            {"ms", step.ms},
                            {"elements", static_cast<std::int64_t>(step.elements)}});
  }
  return Dict{{"id", run.id},
              {"workflow", run.workflow.empty() ? Value() : Value(run.workflow)},
              {"started", rfc3339(run.started)},
              {"ms", run.ms},
              {"status", run.status},
              {"message", run.message.empty() ? Value() : Value(run.message)},
              {"batch", static_cast<std::int64_t>(run.batch)},
              {"steps", std::move(steps)}};
}

void RunLog::add(RunRecord run) {
  const auto shared = std::make_shared<const RunRecord>(std::move(run));
  RunPtr gone;  // freed outside the lock
  {
    const std::scoped_lock lock(mutex_);
    runs_.push_front(shared);
    if (runs_.size() > most_) {
      gone = std::move(runs_.back());
      runs_.pop_back();
    }
  }
  if (on_add) on_add(shared);
}

RunLog::Page RunLog::list(std::string_view workflow, std::string_view after,
                          std::size_t limit) const {
  Page page;
  const std::scoped_lock lock(mutex_);
  bool begun = after.empty();  // a cursor that has left the log has nothing after it
  for (const RunPtr& run : runs_) {
    if (!begun) {
      begun = run->id == after;
      continue;
    }
    if (!workflow.empty() && run->workflow != workflow) continue;
    if (page.runs.size() == limit) {
      page.more = true;
      break;
    }
    page.runs.push_back(run);
  }
  return page;
}

}  // namespace vedette::api
