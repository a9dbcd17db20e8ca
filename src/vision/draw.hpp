#pragma once
/// Boxes and labels on a picture, to the pixel as supervision 0.29.1's annotators draw them.

#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "vision/detections.hpp"

namespace vedette::vision {

struct Color {
  std::uint8_t r = 0, g = 0, b = 0;
  bool operator==(const Color&) const = default;
};

/// "#rgb", "#rrggbb" (a further digit or pair for alpha is read and dropped), "rgb(1, 2, 3)",
/// "bgr(…)" or one of WHITE, BLACK, GREY, RED, GREEN, BLUE, YELLOW, ROBOFLOW in any case.
/// fails  bad_input, with the words that the peer uses
[[nodiscard]] Result<Color> read_color(std::string_view text);

using Palette = std::vector<Color>;  ///< empty only where "CUSTOM" came with no colours

/// `name` is "DEFAULT", "ROBOFLOW", "LEGACY", "CUSTOM" (then `custom` are the colours), or one of
/// matplotlib's maps that the manifest lists ("Matplotlib Viridis"); `size` colours are taken
/// from a map.
/// fails  bad_input
[[nodiscard]] Result<Palette> make_palette(std::string_view name, std::int64_t size,
                                           std::span<const std::string> custom);

/// By what a detection takes its colour from the palette.
enum class ColorAxis : std::uint8_t { index, by_class, track };

/// One colour for each row; gray for tracks that are not yet confirmed (id -1).
/// fails  bad_input: by track and a row has no tracker id; the palette is empty and a row is not
[[nodiscard]] Result<std::vector<Color>> pick_colors(const Detections& detections,
                                                     const Palette& palette, ColorAxis axis);

struct BoxStyle {
  std::int64_t thickness = 2;  ///< px; negative fills, 0 draws as 1
  double roundness = 0;  ///< 0 to 1: of the half of the shorter side; with it, thickness is not 0
};
/// Draws in place, on CV_8UC3 (BGR) or CV_8UC1; what lies outside is clipped.
/// colors  one for each row
/// fails   bad_input: a thickness over 32,767 px, or one that the peer refuses
[[nodiscard]] Result<void> draw_boxes(cv::Mat& pixels, const Detections& detections,
                                      std::span<const Color> colors, const BoxStyle& style);

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
  center_of_mass,  ///< of the mask, which every row must have
};

struct LabelStyle {
  LabelPosition position = LabelPosition::top_left;
  Color text{255, 255, 255};
  double scale = 1;                ///< of OpenCV's Hershey simplex font
  std::int64_t thickness = 1;      ///< px
  std::int64_t padding = 10;       ///< px
  std::int64_t border_radius = 0;  ///< px
};
/// Draws in place, as draw_boxes() does. Labels may have several lines.
/// labels, colors  one for each row
/// fails           bad_input: by centre of mass and a row has no mask; a style that the peer
///                 refuses (negative radius, a padding that leaves no room)
[[nodiscard]] Result<void> draw_labels(cv::Mat& pixels, const Detections& detections,
                                       std::span<const std::string> labels,
                                       std::span<const Color> colors, const LabelStyle& style);

}  // namespace vedette::vision
