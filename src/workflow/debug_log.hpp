#pragma once
/// What user code printed and traced during one run that was asked to tell.

#include <mutex>
#include <string>

#include "base/value.hpp"

namespace vedette::workflow {

/// Any thread.
class DebugLog {
 public:
  /// One call of a step's code.
  void add_streams(std::string_view step, std::string_view out, std::string_view err);
  void add_trace(std::string_view step, Value value);

  [[nodiscard]] Value streams() const;  ///< {step: [{"stdout", "stderr"}]}
  [[nodiscard]] Value traces() const;   ///< [{"step", "value"}]

 private:
  mutable std::mutex mutex_;
  Dict streams_;  // step → list
  List traces_;
};

}  // namespace vedette::workflow
