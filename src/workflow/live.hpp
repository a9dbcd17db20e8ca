#pragma once
/// Where blocks show pictures to people.

#include <string_view>

#include "vision/detections.hpp"

namespace vedette::workflow {

/// The live page's side of things; any thread. Newest wins: a picture nobody saw in time is gone.
class LiveBoard {
 public:
  virtual ~LiveBoard() = default;
  virtual void show(std::string_view workflow, std::string_view step,
                    const vision::Frame& frame) = 0;
};

}  // namespace vedette::workflow
