#pragma once
/// What is written beside a detection.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "vision/detections.hpp"

namespace vedette::blocks {

/// One text for each detection. `text` names what to tell ("Class", "Confidence", …), or a
/// further key of the detections.
/// fails  bad_input, where it is neither
[[nodiscard]] Result<std::vector<std::string>> label_texts(const vision::Detections& detections,
                                                           std::string_view text);

}  // namespace vedette::blocks
