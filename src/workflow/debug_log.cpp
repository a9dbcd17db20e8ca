#include "workflow/debug_log.hpp"

namespace vedette::workflow {

void DebugLog::add_streams(std::string_view step, std::string_view out, std::string_view err) {
  const std::lock_guard lock(mutex_);
  const Value& calls = streams_[step];
  List list = calls.is_list() ? calls.list() : List();
  const auto text_or_null = [](std::string_view text) {
    return text.empty() ? Value() : Value(text);
  };
  list.push_back(Dict{{"stdout", text_or_null(out)}, {"stderr", text_or_null(err)}});
  streams_.set(step, std::move(list));
}

void DebugLog::add_trace(Value trace) {
  const std::lock_guard lock(mutex_);
  traces_.push_back(std::move(trace));
}

Value DebugLog::streams() const {
  const std::lock_guard lock(mutex_);
  return streams_.empty() ? Value() : Value(streams_);
}

Value DebugLog::traces() const {
  const std::lock_guard lock(mutex_);
  return traces_.empty() ? Value() : Value(traces_);
}

}  // namespace vedette::workflow
