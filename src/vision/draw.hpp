#pragma once
/// Boxes and labels on a picture, to the pixel as supervision 0.29.1's annotators draw them.

#include <opencv2/core/mat.hpp>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "vision/detections.hpp"

namespace vedette::vision {

struct Color {
  std::uint8_t r = 0, g = 0, b = 0;
  bool operator==(const Color&) const = default;
};

/// "#rgb", "#rrggbb", "rgb(1, 2, 3)", "bgr(…)" or a name ("WHITE", any case).
/// fails  bad_input, with the words that the peer uses
[[nodiscard]] Result<Color> read_color(std::string_view text);

using Palette = std::vector<Color>;  ///< never empty

/// `name` is "DEFAULT", "CUSTOM" (then `custom` are the colours), or one of matplotlib's maps
/// that the manifest lists ("Matplotlib Viridis"); `size` colours are taken from a map.
/// fails  bad_input
[[nodiscard]] Result<Palette> make_palette(std::string_view name, int size,
                                           std::span<const std::string> custom);

/// By what a detection takes its colour from the palette.
enum class ColorAxis : std::uint8_t { index, by_class, track };

/// One colour for each row.
/// fails  bad_input, where by track and a row has no tracker id
[[nodiscard]] Result<std::vector<Color>> pick_colors(const Detections& detections,
                                                     const Palette& palette, ColorAxis axis);

struct BoxStyle {
  int thickness = 2;     ///< px
  double roundness = 0;  ///< 0 to 1: of the half of the shorter side
};
void draw_boxes(cv::Mat& pixels, const Detections& detections, std::span<const Color> colors,
                const BoxStyle& style);

enum class LabelPosition : std::uint8_t {
  center,
  center_left,
  center_right,
  top_center,
  top_left,
  top_right,
  bottom_left,
  bottom_center,
  bottom_right,
  center_of_mass,
};

struct LabelStyle {
  LabelPosition position = LabelPosition::top_left;
  Color text{255, 255, 255};
  double scale = 1;       ///< of OpenCV's Hershey simplex font
  int thickness = 1;      ///< px
  int padding = 10;       ///< px
  int border_radius = 0;  ///< px
};
/// labels, colors  one for each row
void draw_labels(cv::Mat& pixels, const Detections& detections, std::span<const std::string> labels,
                 std::span<const Color> colors, const LabelStyle& style);

}  // namespace vedette::vision
