#include <cassert>
#include <opencv2/imgproc.hpp>

#include "vision/canvas.hpp"
#include "vision/draw.hpp"

namespace vedette::vision {
namespace {

struct Corners {
  int left, top, right, bottom;
};

/// Four arcs and the four lines between them, in the order in which supervision draws them: they
/// have round ends and overlap.
void draw_round_box(cv::Mat& pixels, const Corners& at, const cv::Scalar& color, int thickness,
                    double roundness) {
  const int width = at.right - at.left;
  const int height = at.bottom - at.top;
  const int half = (std::abs(width) < std::abs(height) ? width : height) >> 1;
  const int radius = static_cast<int>(half * roundness);
  const int left = at.left + radius, right = at.right - radius;
  const int top = at.top + radius, bottom = at.bottom - radius;

  struct Piece {
    cv::Point centre;
    int angle;  // at which the arc begins, degrees
    cv::Point from, to;
  };
  const Piece pieces[] = {
      {{left, top}, 180, {left, at.top}, {right, at.top}},
      {{right, top}, 270, {at.right, top}, {at.right, bottom}},
      {{right, bottom}, 0, {left, at.bottom}, {right, at.bottom}},
      {{left, bottom}, 90, {at.left, top}, {at.left, bottom}},
  };
  for (const Piece& piece : pieces) {
    cv::ellipse(pixels, piece.centre, {radius, radius}, 0, piece.angle, piece.angle + 90, color,
                thickness);
    cv::line(pixels, piece.from, piece.to, color, thickness);
  }
}

}  // namespace

Result<void> draw_boxes(cv::Mat& pixels, const Detections& detections,
                        std::span<const Color> colors, const BoxStyle& style) {
  assert(colors.size() == detections.rows.size());
  const int thickness = as_pixel(static_cast<double>(style.thickness));
  try {
    for (std::size_t i = 0; i < colors.size(); ++i) {
      const Box& box = detections.rows[i].box;
      const Corners at{as_pixel(box.left), as_pixel(box.top), as_pixel(box.right),
                       as_pixel(box.bottom)};
      const cv::Scalar color = as_scalar(colors[i]);
      if (style.roundness > 0) {
        draw_round_box(pixels, at, color, thickness, style.roundness);
      } else {
        cv::rectangle(pixels, {at.left, at.top}, {at.right, at.bottom}, color, thickness);
      }
    }
  } catch (const cv::Exception& error) {
    return cannot_draw(error);
  }
  return {};
}

}  // namespace vedette::vision
