#include "workflow/read_detections.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <opencv2/imgproc.hpp>

#include "base/id.hpp"
#include "workflow/definition.hpp"
#include "workflow/masks.hpp"

namespace vedette::workflow {
namespace {

using vision::Detection, vision::Detections, vision::Keypoint, vision::Provenance;

constexpr double widest = 1e6;  // px: what is further out is a mistake, not a place

/// Further members that come along; a member is read where the first prediction has it.
constexpr std::array<std::string_view, 16> further{
    "height",         "width",          "path_deviation",
    "time_in_zone",   "polygon",        "angle",
    "rect",           "data",           "speed",
    "smoothed_speed", "velocity",       "smoothed_velocity",
    "area_px",        "area_converted", "nearest_target_distance",
    "rle_mask"};

using Failure = std::unexpected<ReadFailure>;

Failure fail(std::string words, std::string hint = {}) {
  return Failure(ReadFailure{std::move(words), std::move(hint)});
}

std::expected<double, ReadFailure> number(const Dict& from, std::string_view key) {
  const Value* found = from.find(key);
  if (!found) return fail(fmt::format("'{}'", key));
  if (found->is_bool()) return found->boolean() ? 1.0 : 0.0;
  if (!found->is_number()) {
    return fail(
        fmt::format("unsupported operand type(s) for -: '{}' and 'float'", python_type(*found)));
  }
  return found->number();
}

/// An integer as Python's int() cuts it.
std::int64_t whole(double value) {
  constexpr double most = 9e18;
  return std::isfinite(value) ? static_cast<std::int64_t>(std::clamp(value, -most, most)) : 0;
}

struct Size {
  int width = 0, height = 0;
};

std::expected<Size, ReadFailure> size_of(const Value& image, const ReadContext& context) {
  if (!image.is_dict()) {
    return fail(fmt::format("'{}' object is not subscriptable", python_type(image)));
  }
  for (const char* key : {"width", "height"}) {
    const Value* side = image.dict().find(key);
    if (side && !side->is_number()) {
      return fail(
          fmt::format("int() argument must be a string, a bytes-like object or a real "
                      "number, not '{}'",
                      python_type(*side)));
    }
  }
  const auto width = number(image.dict(), "width");
  const auto height = number(image.dict(), "height");
  if (!width) return Failure(width.error());
  if (!height) return Failure(height.error());
  const bool sane = *width >= 0 && *height >= 0 && *width <= widest && *height <= widest &&
                    *width * *height <= static_cast<double>(context.limits.pixels);
  if (!sane) {
    return fail(fmt::format("a picture of {} x {} pixels is over the limit of {} pixels", *width,
                            *height, context.limits.pixels));
  }
  return Size{static_cast<int>(*width), static_cast<int>(*height)};
}

/// One prediction becomes one row; nothing where the peer drops it (an outline of two points).
class RowReader {
 public:
  RowReader(const std::string& name, const List& all, Size size, const ReadContext& context)
      : name_(name), first_(all.front().dict()), size_(size), context_(context) {
    const auto has_all = [&all](const char* key) {
      return std::ranges::all_of(all, [key](const Value& one) { return one.dict().find(key); });
    };
    all_have_ = {.parent = has_all("parent_origin"), .root = has_all("root_parent_origin")};
  }

  std::expected<std::optional<Detection>, ReadFailure> read(const Dict& given) {
    Detection row;
    if (auto box = read_box(row, given); !box) return Failure(box.error());
    if (const Value* points = given.find("points")) {
      if (!points->is_list() || points->list().size() < 3) return std::nullopt;
      if (auto mask = read_outline(row, points->list()); !mask) return Failure(mask.error());
    }
    if (auto told = read_further(row, given); !told) return Failure(told.error());
    if (auto from = read_provenance(row, given); !from) return Failure(from.error());
    return row;
  }

 private:
  using Done = std::expected<void, ReadFailure>;

  static Done read_box(Detection& row, const Dict& given) {
    std::array<double, 4> at{};
    constexpr std::array<std::string_view, 4> keys{"x", "y", "width", "height"};
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto one = number(given, keys[i]);
      if (!one) return Failure(one.error());
      at[i] = *one;
    }
    row.box.left = at[0] - at[2] / 2;
    row.box.top = at[1] - at[3] / 2;
    row.box.right = row.box.left + at[2];
    row.box.bottom = row.box.top + at[3];
    const auto class_id = number(given, "class_id");
    const auto confidence = number(given, "confidence");
    const Value* class_name = given.find("class");
    if (!class_id) return Failure(class_id.error());
    if (!class_name) return fail("'class'");
    if (!confidence) return Failure(confidence.error());
    row.class_id = whole(*class_id);
    row.confidence = *confidence;
    row.class_name =
        class_name->is_string() ? std::string(class_name->string()) : json::write(*class_name);
    const Value& id = given["detection_id"];
    row.id = id.is_string() ? std::string(id.string()) : make_uuid();
    if (const Value& tracker = given["tracker_id"]; tracker.is_number()) {
      row.tracker_id = whole(tracker.number());
    }
    return {};
  }

  Done read_outline(Detection& row, const List& points) const {
    std::vector<cv::Point> corners;
    for (const Value& point : points) {
      if (!point.is_dict()) return fail("string indices must be integers, not 'str'");
      const auto x = number(point.dict(), "x");
      const auto y = number(point.dict(), "y");
      if (!x) return Failure(x.error());
      if (!y) return Failure(y.error());
      if (!std::isfinite(*x) || !std::isfinite(*y)) {
        return fail("cannot convert float NaN to integer");
      }
      corners.emplace_back(static_cast<int>(std::clamp(*x, -widest, widest)),
                           static_cast<int>(std::clamp(*y, -widest, widest)));
    }
    cv::Mat mask = cv::Mat::zeros(size_.height, size_.width, CV_8UC1);
    if (!mask.empty()) cv::fillPoly(mask, std::vector{corners}, cv::Scalar(1));
    row.mask = std::make_shared<const cv::Mat>(std::move(mask));
    return {};
  }

  Done read_further(Detection& row, const Dict& given) const {
    for (const std::string_view key : further) {
      if (!first_.find(key)) continue;
      const Value* found = given.find(key);
      if (!found) return fail(fmt::format("'{}'", key));
      row.extra.set(key, *found);
    }
    for (const char* key : {"rle_mask", "rle"}) {
      const Value* coded = given.find(key);
      if (!coded || row.mask) continue;
      auto mask = decode_mask(*coded, context_.limits.pixels);
      if (!mask) return fail(mask.error().what);
      row.mask = std::make_shared<const cv::Mat>(*std::move(mask));
    }
    if (!first_.find("keypoints")) return {};
    const Value& points = given["keypoints"];
    if (!points.is_list()) return fail("'keypoints'");
    auto read = std::make_shared<std::vector<Keypoint>>();
    for (const Value& point : points.list()) {
      if (!point.is_dict()) return fail("string indices must be integers, not 'str'");
      auto keypoint = read_keypoint(point.dict());
      if (!keypoint) return Failure(keypoint.error());
      read->push_back(*std::move(keypoint));
    }
    row.keypoints = std::move(read);
    return {};
  }

  static std::expected<Keypoint, ReadFailure> read_keypoint(const Dict& given) {
    Keypoint keypoint;
    const auto class_id = number(given, "class_id");
    const auto confidence = number(given, "confidence");
    const auto x = number(given, "x");
    const auto y = number(given, "y");
    for (const auto* one : {&class_id, &confidence, &x, &y}) {
      if (!*one) return Failure(one->error());
    }
    keypoint.class_id = whole(*class_id);
    keypoint.confidence = *confidence;
    keypoint.at = {*x, *y};
    if (const Value& name = given["class"]; name.is_string()) keypoint.class_name = name.string();
    return keypoint;
  }

  Done read_provenance(Detection& row, const Dict& given) {
    const auto id_of = [&](const char* key) {
      const Value& id = given[key];
      return id.is_string() ? std::string(id.string()) : name_;
    };
    static const Value none;
    const Value& parent_origin = all_have_.parent ? given["parent_origin"] : none;
    const Value& root_origin = all_have_.root ? given["root_parent_origin"] : none;
    auto parent = read_origin(name_, id_of("parent_id"), parent_origin);
    if (!parent) return Failure(parent.error());
    auto root = read_origin(name_, id_of("root_parent_id"), root_origin);
    if (!root) return Failure(root.error());
    Provenance from{.width = size_.width,
                    .height = size_.height,
                    .parent = *std::move(parent),
                    .root = *std::move(root)};
    const bool same = last_ && last_->width == from.width && last_->height == from.height &&
                      *last_->parent == *from.parent && *last_->root == *from.root;
    if (!same) last_ = std::make_shared<const Provenance>(std::move(from));
    row.from = last_;
    return {};
  }

  const std::string& name_;
  struct {
    bool parent = false, root = false;
  } all_have_;  // origins count only where every prediction has one
  const Dict& first_;
  Size size_;
  const ReadContext& context_;
  std::shared_ptr<const Provenance> last_;  // rows from one picture share it
};

}  // namespace

std::expected<vision::OriginPtr, ReadFailure> read_origin(const std::string& name,
                                                          std::string_view id, const Value& given) {
  vision::Origin origin{.id = std::string(id)};
  const bool absent = given.is_null() || (given.is_dict() && given.dict().empty());
  if (absent) return std::make_shared<const vision::Origin>(std::move(origin));
  const auto refuse = [&name](std::string_view why) {
    return fail(
        fmt::format("Detected runtime parameter `{}` holding `ParentOrigin`, but provided "
                    "value is {}",
                    name, why));
  };
  if (!given.is_dict()) return refuse("not a dict.");
  const auto read = [&given](const char* key, int& into, int least) {
    const auto value = number(given.dict(), key);
    if (!value || *value != std::floor(*value) || *value < least || std::abs(*value) > widest) {
      return false;
    }
    into = static_cast<int>(*value);
    return true;
  };
  constexpr int anywhere = -static_cast<int>(widest);
  const bool good = read("offset_x", origin.x, anywhere) && read("offset_y", origin.y, anywhere) &&
                    read("width", origin.width, 1) && read("height", origin.height, 1);
  if (!good) return refuse("malformed. See details in inner error.");
  return std::make_shared<const vision::Origin>(std::move(origin));
}

ReadResult read_detections(const std::string& name, const Value& given,
                           const ReadContext& context) {
  if (!given.is_dict()) {
    return fail(
        fmt::format("Detected runtime parameter `{}` declared to hold detections, but "
                    "invalid type of data found.",
                    name));
  }
  const Value* image = given.dict().find("image");
  const Value* predictions = given.dict().find("predictions");
  if (!image || !predictions) {
    return fail(
        fmt::format("Detected runtime parameter `{}` declared to hold detections, but "
                    "dictionary misses required keys.",
                    name));
  }
  if (!predictions->is_list()) {
    return fail(predictions->is_string()
                    ? "string indices must be integers, not 'str'"
                    : fmt::format("'{}' object is not iterable", python_type(*predictions)));
  }
  Detections detections;
  const List& all = predictions->list();
  if (all.empty()) return Value::box(std::move(detections));
  const auto size = size_of(*image, context);
  if (!size) return Failure(size.error());
  for (const Value& one : all) {
    if (!one.is_dict()) {
      return fail(one.is_string()
                      ? "string indices must be integers, not 'str'"
                      : fmt::format("'{}' object is not subscriptable", python_type(one)));
    }
  }
  const auto tracked = std::ranges::count_if(
      all, [](const Value& one) { return one.dict().find("tracker_id") != nullptr; });
  if (tracked > 0 && static_cast<std::size_t>(tracked) < all.size()) {
    return fail(
        fmt::format("tracker_id must be a 1D np.ndarray with shape ({},), but got shape "
                    "({},)",
                    all.size(), tracked));
  }
  RowReader reader(name, all, *size, context);
  for (const Value& one : all) {
    auto row = reader.read(one.dict());
    if (!row) return Failure(row.error());
    if (!*row) continue;
    detections.has_masks = detections.has_masks || (*row)->mask;
    detections.rows.push_back(**std::move(row));
  }
  return Value::box(std::move(detections));
}

}  // namespace vedette::workflow
