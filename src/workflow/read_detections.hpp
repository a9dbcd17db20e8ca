#pragma once
/// Detections from JSON, as the peer writes them.

#include "vision/detections.hpp"
#include "workflow/read_kinds.hpp"

namespace vedette::workflow {

/// `given` is {"image": {"width", "height"}, "predictions": […]}.
[[nodiscard]] ReadResult read_detections(const std::string& name, const Value& given,
                                         const ReadContext& context);

/// {"offset_x", "offset_y", "width", "height"} of a picture's place in another.
[[nodiscard]] std::expected<vision::OriginPtr, ReadFailure> read_origin(const std::string& name,
                                                                        std::string_view id,
                                                                        const Value& given);

}  // namespace vedette::workflow
