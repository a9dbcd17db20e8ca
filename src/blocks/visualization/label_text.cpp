#include "blocks/visualization/label_text.hpp"

#include <cmath>
#include <fmt/format.h>
#include <opencv2/core.hpp>

#include "base/json.hpp"

namespace vedette::blocks {
namespace {

using vision::Detection, vision::Detections;

std::string area_text(const Detection& row) {
  const double area = row.mask ? cv::countNonZero(*row.mask) : row.box.area();
  return std::to_string(static_cast<std::int64_t>(area));
}

std::string dimensions_text(const Detection& row) {
  const auto whole = [](double v) { return static_cast<std::int64_t>(v); };
  return fmt::format("{}, {} {}x{}", whole(row.box.centre().x), whole(row.box.centre().y),
                     whole(row.box.width()), whole(row.box.height()));
}

/// `none` where the row has no such measure.
std::string measured(const Detection& row, std::string_view key, std::string_view before,
                     std::string_view none) {
  const Value& value = row.extra[key];
  if (!value.is_number()) return fmt::format("{}{}", before, none);
  return fmt::format("{}{:.2f}", before, value.number());
}

/// Rounded to two places and written as short as that allows: 1.5, 2.0.
std::string time_in_zone_text(const Detection& row) {
  const Value& seconds = row.extra["time_in_zone"];
  if (!seconds.is_number() || seconds.number() == 0) return "In zone: N/A";
  std::string text = "In zone: ";
  if (seconds.is_integer()) {
    text += std::to_string(seconds.integer());
  } else {
    json::write_number(std::stod(fmt::format("{:.2f}", seconds.number())), text);
  }
  return text + "s";
}

Result<std::string> column_text(const Detection& row, std::string_view key) {
  const Value* value = row.extra.find(key);
  if (!value) return fail(Errc::bad_input, "Invalid text type: " + std::string(key));
  if (value->is_null()) return std::string();
  return value->is_string() ? std::string(value->string()) : json::write(*value);
}

Result<std::string> text_of(const Detection& row, std::size_t index, std::string_view text) {
  if (text == "Class") return row.class_name;
  if (text == "Confidence") return fmt::format("{:.2f}", row.confidence);
  if (text == "Class and Confidence") {
    return fmt::format("{} {:.2f}", row.class_name, row.confidence);
  }
  if (text == "Index") return std::to_string(index);
  if (text == "Dimensions") return dimensions_text(row);
  if (text == "Area") return area_text(row);
  if (text == "Area (mask)") return measured(row, "area_px", "Area (mask): ", "N/A");
  if (text == "Area (converted)") return measured(row, "area_converted", "Area (conv): ", "N/A");
  if (text == "Time In Zone") return time_in_zone_text(row);
  if (text == "Tracker Id") {
    return row.tracker_id ? std::to_string(*row.tracker_id) : std::string("No Tracker ID");
  }
  return column_text(row, text);
}

}  // namespace

Result<std::vector<std::string>> label_texts(const Detections& detections, std::string_view text) {
  std::vector<std::string> texts;
  texts.reserve(detections.rows.size());
  for (const Detection& row : detections.rows) {
    auto one = text_of(row, texts.size(), text);
    if (!one) return fail(std::move(one).error());
    texts.push_back(*std::move(one));
  }
  return texts;
}

}  // namespace vedette::blocks
