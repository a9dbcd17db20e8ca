#include "workflow/coordinates.hpp"

#include <algorithm>
#include <cmath>

#include "vision/detections.hpp"

namespace vedette::workflow {
namespace {

using vision::Detection, vision::Detections, vision::Keypoint, vision::Origin, vision::Provenance;

/// Is there a root picture, and is it another than the one that the step saw?
bool lies_elsewhere(const Detection& row) {
  if (!row.from || !row.from->root || row.from->root->width <= 0) return false;
  const Origin& root = *row.from->root;
  return root.x != 0 || root.y != 0 || root.width != row.from->width ||
         root.height != row.from->height;
}

Value shifted(const Value& points, const Origin& by) {
  if (!points.is_list()) return points;
  List all;
  for (const Value& point : points.list()) {
    const bool pair = point.is_list() && point.list().size() == 2 && point.list()[0].is_number() &&
                      point.list()[1].is_number();
    if (!pair) return points;
    all.push_back(List{Value(std::round(point.list()[0].number()) + by.x),
                       Value(std::round(point.list()[1].number()) + by.y)});
  }
  return all;
}

/// The mask laid into one of the root's size; what sticks out is cut.
std::shared_ptr<const cv::Mat> laid_into(const cv::Mat& mask, const Origin& root) {
  cv::Mat whole = cv::Mat::zeros(root.height, root.width, CV_8UC1);
  const cv::Rect place =
      cv::Rect(root.x, root.y, mask.cols, mask.rows) & cv::Rect(0, 0, root.width, root.height);
  if (!place.empty()) {
    mask(cv::Rect(place.x - root.x, place.y - root.y, place.width, place.height))
        .copyTo(whole(place));
  }
  return std::make_shared<const cv::Mat>(std::move(whole));
}

Detection at_root(Detection row, std::shared_ptr<const Provenance>& last) {
  const Origin root = *row.from->root;
  row.box.left += root.x;
  row.box.right += root.x;
  row.box.top += root.y;
  row.box.bottom += root.y;
  if (row.keypoints) {
    std::vector<Keypoint> points = *row.keypoints;
    for (Keypoint& point : points) point.at = {point.at.x + root.x, point.at.y + root.y};
    row.keypoints = std::make_shared<const std::vector<Keypoint>>(std::move(points));
  }
  if (row.mask) row.mask = laid_into(*row.mask, root);
  if (const Value* polygon = row.extra.find("polygon")) {
    row.extra.set("polygon", shifted(*polygon, root));
  }
  const Origin own{.id = root.id, .width = root.width, .height = root.height};
  if (!last || *last->root != own) {
    const auto origin = std::make_shared<const Origin>(own);
    last = std::make_shared<const Provenance>(
        Provenance{.width = own.width, .height = own.height, .parent = origin, .root = origin});
  }
  row.from = last;
  return row;
}

bool needs_shift(const Value& value) {
  if (const auto* detections = value.get_if<Detections>()) {
    return std::ranges::any_of(detections->rows, lies_elsewhere);
  }
  if (value.is_list()) return std::ranges::any_of(value.list(), needs_shift);
  if (!value.is_dict()) return false;
  return std::ranges::any_of(value.dict(),
                             [](const Dict::Item& item) { return needs_shift(item.second); });
}

Value shift(const Value& value) {
  if (const auto* detections = value.get_if<Detections>()) {
    Detections moved{.rows = {}, .has_masks = detections->has_masks};
    std::shared_ptr<const Provenance> last;
    for (const Detection& row : detections->rows) {
      moved.rows.push_back(lies_elsewhere(row) ? at_root(row, last) : row);
    }
    return Value::box(std::move(moved));
  }
  if (value.is_list()) {
    List moved;
    for (const Value& one : value.list()) moved.push_back(shift(one));
    return moved;
  }
  if (value.is_dict()) {
    Dict moved;
    for (const auto& [name, one] : value.dict()) moved.append(name, shift(one));
    return moved;
  }
  return value;
}

}  // namespace

Value to_root(const Value& value) { return needs_shift(value) ? shift(value) : value; }

}  // namespace vedette::workflow
