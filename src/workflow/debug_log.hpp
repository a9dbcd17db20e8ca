#pragma once
/// What user code printed and traced during one run that was asked to tell.

#include <mutex>
#include <string>

#include "base/value.hpp"

namespace vedette::workflow {

/// Any thread.
class DebugLog {
 public:
  /// One call of a step's code; an empty text goes out as null.
  void add_streams(std::string_view step, std::string_view out, std::string_view err);
  /// {"step", "value"}, with "timestamp" and "timestamp_timezone" where the code asked for them.
  void add_trace(Value trace);

  // Null where there is nothing to tell.
  [[nodiscard]] Value streams() const;  ///< {step: [{"stdout", "stderr"}]}; null: none
  [[nodiscard]] Value traces() const;   ///< in the order in which they came

 private:
  mutable std::mutex mutex_;
  Dict streams_;  // step → list
  List traces_;
};

}  // namespace vedette::workflow
