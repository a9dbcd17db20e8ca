#pragma once
/// Detections of a crop told in the picture that was sent.

#include "base/value.hpp"

namespace vedette::workflow {

/// `value` with every detection in it (also within lists and dicts) shifted to the root picture;
/// the same value where there is nothing to shift.
[[nodiscard]] Value to_root(const Value& value);

}  // namespace vedette::workflow
