#pragma once
/// The newest picture of each step that shows one.

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/value.hpp"
#include "workflow/live.hpp"

namespace vedette::api {

struct LivePicture {
  std::string id;  ///< stays the same for its workflow and step; stands in the picture's address
  std::string workflow, step;
  std::int64_t version = 0;  ///< counts the pictures shown here
  Clock::time_point time;
  vision::ImagePtr image;
};

[[nodiscard]] Value as_json(const LivePicture& picture);

/// Newest wins; over `most` places, the one that was silent the longest goes.
class LivePictures final : public workflow::LiveBoard {
 public:
  explicit LivePictures(std::size_t most = 64) : most_(most) {}

  void show(std::string_view workflow, std::string_view step, const vision::Frame& frame) override;

  [[nodiscard]] std::vector<LivePicture> list() const;  ///< the newest first
  [[nodiscard]] std::optional<LivePicture> find(std::string_view id) const;

  /// Called with each picture, on the thread that showed it; set before the first show().
  std::function<void(const LivePicture&)> on_show;

 private:
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::int64_t shown_ = 0;
  std::map<std::string, LivePicture, std::less<>> places_;  // by id
};

}  // namespace vedette::api
