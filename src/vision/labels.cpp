#include <cassert>
#include <opencv2/imgproc.hpp>

#include "vision/canvas.hpp"
#include "vision/draw.hpp"

namespace vedette::vision {
namespace {

constexpr int font = cv::FONT_HERSHEY_SIMPLEX;

/// How long the line break is with which `text` begins; 0 where it begins with anything else.
/// What breaks a line is what Python's str.splitlines() holds for one.
std::size_t line_break(std::string_view text) {
  if (text.starts_with("\r\n")) return 2;
  const auto first = static_cast<unsigned char>(text.front());
  if ((first >= 0x0A && first <= 0x0D) || (first >= 0x1C && first <= 0x1E)) return 1;
  if (text.starts_with("\xC2\x85")) return 2;                                          // U+0085
  if (text.starts_with("\xE2\x80\xA8") || text.starts_with("\xE2\x80\xA9")) return 3;  // U+2028
  return 0;
}

/// One line at least; a break at the end begins no new one.
std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = line_break(text.substr(at));
    if (size > 0) {
      lines.emplace_back(text.substr(begin, at - begin));
      begin = at + size;
    }
    at += std::max<std::size_t>(size, 1);
  }
  if (begin < text.size() || lines.empty()) lines.emplace_back(text.substr(begin));
  return lines;
}

/// Where the middle of a mask's pixels lies; the corner where it has none.
Point centre_of_mass(const cv::Mat& mask) {
  const cv::Moments moments = cv::moments(mask, true);
  if (moments.m00 == 0) return {};
  return {moments.m10 / moments.m00 + 0.5, moments.m01 / moments.m00 + 0.5};
}

Result<Point> find_anchor(const Detection& row, bool has_masks, LabelPosition position) {
  const Box& box = row.box;
  const Point centre = box.centre();
  switch (position) {
    case LabelPosition::center:
      return centre;
    case LabelPosition::center_left:
      return Point{box.left, centre.y};
    case LabelPosition::center_right:
      return Point{box.right, centre.y};
    case LabelPosition::top_center:
      return Point{centre.x, box.top};
    case LabelPosition::top_left:
      return Point{box.left, box.top};
    case LabelPosition::top_right:
      return Point{box.right, box.top};
    case LabelPosition::bottom_left:
      return Point{box.left, box.bottom};
    case LabelPosition::bottom_center:
      return Point{centre.x, box.bottom};
    case LabelPosition::bottom_right:
      return Point{box.right, box.bottom};
    case LabelPosition::center_of_mass:
      if (row.mask) return centre_of_mass(*row.mask);
      if (has_masks) return Point{};
      return fail(Errc::bad_input,
                  "Cannot use `Position.CENTER_OF_MASS` without a detection mask.");
  }
  std::unreachable();
}

/// Both corners of the plate behind a text belong to it.
struct Plate {
  int left, top, right, bottom;
};

/// Lays a plate of that size at an anchor: beside it, above it, under it or about it.
Plate lay_plate(const cv::Point& anchor, const cv::Size& size, LabelPosition position) {
  const auto [x, y] = std::pair(anchor.x, anchor.y);
  const int half_width = size.width >> 1;  // a half of an odd side is rounded down on both sides
  const int half_height = size.height >> 1;
  switch (position) {
    case LabelPosition::top_left:
      return {x, y - size.height, x + size.width, y};
    case LabelPosition::top_right:
      return {x - size.width, y - size.height, x, y};
    case LabelPosition::top_center:
      return {x - half_width, y - size.height, x + half_width, y};
    case LabelPosition::center:
    case LabelPosition::center_of_mass:
      return {x - half_width, y - half_height, x + half_width, y + half_height};
    case LabelPosition::bottom_left:
      return {x, y, x + size.width, y + size.height};
    case LabelPosition::bottom_right:
      return {x - size.width, y, x, y + size.height};
    case LabelPosition::bottom_center:
      return {x - half_width, y, x + half_width, y + size.height};
    case LabelPosition::center_left:
      return {x - size.width, y - half_height, x, y + half_height};
    case LabelPosition::center_right:
      return {x, y - half_height, x + size.width, y + half_height};
  }
  std::unreachable();
}

void draw_plate(cv::Mat& pixels, const Plate& at, int border_radius, const cv::Scalar& color) {
  const int shorter = std::min(at.right - at.left, at.bottom - at.top);
  const int radius = std::min(border_radius, shorter >> 1);
  const int left = at.left + radius, right = at.right - radius;
  const int top = at.top + radius, bottom = at.bottom - radius;
  cv::rectangle(pixels, {left, at.top}, {right, at.bottom}, color, cv::FILLED);
  if (radius == 0) return;  // the rest would draw the same pixels again
  cv::rectangle(pixels, {at.left, top}, {at.right, bottom}, color, cv::FILLED);
  for (const cv::Point centre : {cv::Point(left, top), cv::Point(right, top),
                                 cv::Point(left, bottom), cv::Point(right, bottom)}) {
    cv::circle(pixels, centre, radius, color, cv::FILLED);
  }
}

/// A style in OpenCV's terms.
struct Pen {
  LabelPosition position;
  cv::Scalar text;
  double scale;
  int thickness, padding, border_radius;

  [[nodiscard]] cv::Size measure(const std::string& line) const {
    int baseline = 0;
    return cv::getTextSize(line, font, scale, thickness, &baseline);
  }
};

void draw_label(cv::Mat& pixels, const std::string& label, const cv::Point& anchor,
                const cv::Scalar& color, const Pen& pen) {
  const std::vector<std::string> lines = split_lines(label);
  double width = 0;
  double height = -pen.padding;
  for (const std::string& line : lines) {
    const cv::Size size = pen.measure(line);
    width = std::max<double>(width, size.width);
    height += size.height + pen.padding;
  }
  const cv::Size size(as_pixel(width + 2.0 * pen.padding), as_pixel(height + 2.0 * pen.padding));
  const Plate plate = lay_plate(anchor, size, pen.position);
  draw_plate(pixels, plate, pen.border_radius, color);

  double y = plate.top + pen.padding;
  for (const std::string& line : lines) {
    y += pen.measure(line).height;
    if (!line.empty()) {
      cv::putText(pixels, line, {plate.left + pen.padding, as_pixel(y)}, font, pen.scale, pen.text,
                  pen.thickness, cv::LINE_AA);
    }
    y += pen.padding;
  }
}

}  // namespace

Result<void> draw_labels(cv::Mat& pixels, const Detections& detections,
                         std::span<const std::string> labels, std::span<const Color> colors,
                         const LabelStyle& style) {
  assert(labels.size() == detections.rows.size() && colors.size() == labels.size());
  const Pen pen{style.position,
                as_scalar(style.text),
                style.scale,
                as_pixel(static_cast<double>(style.thickness)),
                as_pixel(static_cast<double>(style.padding)),
                as_pixel(static_cast<double>(style.border_radius))};
  try {
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const auto anchor = find_anchor(detections.rows[i], detections.has_masks, style.position);
      if (!anchor) return fail(anchor.error());
      draw_label(pixels, labels[i], {as_pixel(anchor->x), as_pixel(anchor->y)},
                 as_scalar(colors[i]), pen);
    }
  } catch (const cv::Exception& error) {
    return cannot_draw(error);
  }
  return {};
}

}  // namespace vedette::vision
