#include "api/live_board.hpp"

#include <algorithm>

#include "base/id.hpp"

namespace vedette::api {

Value as_json(const LivePicture& picture) {
  return Dict{{"id", picture.id},
              {"workflow", picture.workflow.empty() ? Value() : Value(picture.workflow)},
              {"step", picture.step},
              {"version", picture.version},
              {"time", rfc3339(picture.time)},
              {"width", picture.image->width()},
              {"height", picture.image->height()},
              {"url", "/api/v1/live/pictures/" + picture.id}};
}

void LivePictures::show(std::string_view workflow, std::string_view step,
                        const vision::Frame& frame) {
  std::string key(workflow);
  key.append(1, '\0').append(step);
  LivePicture picture{.id = sha256_hex(key).substr(0, 16),
                      .workflow = std::string(workflow),
                      .step = std::string(step),
                      .time = Clock::now(),
                      .image = frame.image};
  {
    const std::scoped_lock lock(mutex_);
    picture.version = ++shown_;
    LivePicture& place = places_[picture.id];
    std::swap(place, picture);  // the old picture is freed outside the lock
    if (places_.size() > most_) {
      places_.erase(std::ranges::min_element(places_, {},
                                             [](const auto& one) { return one.second.version; }));
    }
    if (!on_show) return;
    picture = place;
  }
  on_show(picture);
}

std::vector<LivePicture> LivePictures::list() const {
  std::vector<LivePicture> all;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [id, picture] : places_) all.push_back(picture);
  }
  std::ranges::sort(all, std::greater{}, &LivePicture::version);
  return all;
}

std::optional<LivePicture> LivePictures::find(std::string_view id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = places_.find(id);
  return found == places_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace vedette::api
