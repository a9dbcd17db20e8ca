#include "workflow/debug_log.hpp"

namespace vedette::workflow {

void DebugLog::add_streams(std::string_view step, std::string_view out, std::string_view err) {
  const std::lock_guard lock(mutex_);
  const Value& calls = streams_[step];
  List list = calls.is_list() ? calls.list() : List();
  list.push_back(Dict{{"stdout", out}, {"stderr", err}});
  streams_.set(step, std::move(list));
}

void DebugLog::add_trace(std::string_view step, Value value) {
  const std::lock_guard lock(mutex_);
  traces_.push_back(Dict{{"step", step}, {"value", std::move(value)}});
}

Value DebugLog::streams() const {
  const std::lock_guard lock(mutex_);
  return streams_;
}

Value DebugLog::traces() const {
  const std::lock_guard lock(mutex_);
  return traces_;
}

}  // namespace vedette::workflow
