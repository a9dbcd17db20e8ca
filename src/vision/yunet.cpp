#include "vision/yunet.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace vedette::vision {
namespace {

constexpr int grain = 32;  ///< the coarsest stride: sides are multiples of it
constexpr std::array<int, 3> strides{8, 16, 32};

int on_grain(int side) { return (side + grain - 1) / grain * grain; }

/// B, G and R planes of 0 to 255, as the network was trained on.
void fill(std::span<float> input, const cv::Mat& pixels, const YunetView& view) {
  cv::Mat shown = pixels;
  if (pixels.size() != view.picture) {
    const bool shrinks_much = pixels.cols > 2 * view.picture.width;
    cv::resize(pixels, shown, view.picture, 0, 0, shrinks_much ? cv::INTER_AREA : cv::INTER_LINEAR);
  }
  std::array<cv::Mat, 3> planes;
  cv::split(shown, planes.data());
  const auto area = static_cast<std::size_t>(view.canvas.area());
  for (std::size_t i = 0; i < planes.size(); ++i) {
    cv::Mat plane(view.canvas, CV_32FC1, input.subspan(i * area, area).data());
    planes[i].convertTo(plane(cv::Rect({}, view.picture)), CV_32F);
    plane.colRange(view.picture.width, plane.cols).setTo(0);
    plane.rowRange(view.picture.height, plane.rows).setTo(0);
  }
}

/// The network's answers for one stride, a row for each cell.
struct Grid {
  std::span<const float> face, object;  ///< [n]: 0 to 1
  std::span<const float> box;           ///< [n, 4]: centre off the corner, log of the sides; cells
  std::span<const float> marks;         ///< [n, 5, 2]: off the corner; cells
};

/// The outputs are cls, obj, bbox and kps, each of them for every stride.
Grid grid_of(std::span<const TensorView> outputs, std::size_t i) {
  constexpr std::size_t n = strides.size();
  return {outputs[i].data, outputs[n + i].data, outputs[2 * n + i].data, outputs[3 * n + i].data};
}

Face face_at(const Grid& grid, std::size_t cell, Point corner, double stride, double confidence) {
  const auto box = grid.box.subspan(cell * 4, 4);
  const Point centre{(corner.x + box[0]) * stride, (corner.y + box[1]) * stride};
  const double half_width = static_cast<double>(std::exp(box[2])) * stride / 2;
  const double half_height = static_cast<double>(std::exp(box[3])) * stride / 2;
  Face face{.box = {centre.x - half_width, centre.y - half_height, centre.x + half_width,
                    centre.y + half_height},
            .confidence = confidence,
            .marks = {}};
  const auto marks = grid.marks.subspan(cell * 10, 10);
  for (std::size_t i = 0; i < face.marks.size(); ++i) {
    face.marks[i] = {(corner.x + marks[2 * i]) * stride, (corner.y + marks[2 * i + 1]) * stride};
  }
  return face;
}

/// Every cell that is sure enough of a face; in pixels of the canvas.
std::vector<Face> candidates(std::span<const TensorView> outputs, cv::Size canvas,
                             double confidence) {
  std::vector<Face> found;
  const double least = confidence * confidence;
  for (std::size_t i = 0; i < strides.size(); ++i) {
    const Grid grid = grid_of(outputs, i);
    const auto columns = static_cast<std::size_t>(canvas.width / strides[i]);
    for (std::size_t cell = 0; cell < grid.face.size(); ++cell) {
      const double product = std::clamp(grid.face[cell], 0.F, 1.F) *
                             static_cast<double>(std::clamp(grid.object[cell], 0.F, 1.F));
      if (product < least) continue;
      const std::size_t column = cell % columns;
      const std::size_t row = cell / columns;
      const Point corner{static_cast<double>(column), static_cast<double>(row)};
      found.push_back(face_at(grid, cell, corner, strides[i], std::sqrt(product)));
    }
  }
  return found;
}

double overlap(const Box& a, const Box& b) {
  const double width = std::min(a.right, b.right) - std::max(a.left, b.left);
  const double height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  return width * height / (a.area() + b.area() - width * height);
}

/// Of faces that overlap, the surest stays.
std::vector<Face> without_doubles(std::vector<Face> faces, double most) {
  std::ranges::stable_sort(faces, std::greater{}, &Face::confidence);
  std::vector<Face> kept;
  for (const Face& face : faces) {
    const auto doubles = [&](const Face& other) { return overlap(face.box, other.box) > most; };
    if (std::ranges::none_of(kept, doubles)) kept.push_back(face);
  }
  return kept;
}

void scale(Face& face, double x, double y) {
  face.box = {face.box.left * x, face.box.top * y, face.box.right * x, face.box.bottom * y};
  for (Point& mark : face.marks) mark = {mark.x * x, mark.y * y};
}

}  // namespace

YunetView yunet_view(cv::Size picture, int det_size) {
  const double scale = static_cast<double>(det_size) / std::max(picture.width, picture.height);
  const auto scaled = [&](int side) {
    return std::max(1, static_cast<int>(std::lround(side * scale)));
  };
  const cv::Size shown{scaled(picture.width), scaled(picture.height)};
  return {.canvas = {on_grain(shown.width), on_grain(shown.height)}, .picture = shown};
}

Result<std::vector<Face>> find_faces(Session& yunet, const cv::Mat& pixels,
                                     const YunetLimits& limits) {
  const YunetView view = yunet_view(pixels.size(), limits.det_size);
  const auto input = yunet.input({{1, 3, view.canvas.height, view.canvas.width}});
  if (!input) return fail(input.error());
  fill(*input, pixels, view);
  const auto outputs = yunet.run();
  if (!outputs) return fail(outputs.error());

  auto faces =
      without_doubles(candidates(*outputs, view.canvas, limits.confidence), limits.overlap);
  for (Face& face : faces) {
    scale(face, static_cast<double>(pixels.cols) / view.picture.width,
          static_cast<double>(pixels.rows) / view.picture.height);
  }
  std::ranges::stable_sort(faces, std::greater{}, [](const Face& face) { return face.box.area(); });
  return faces;
}

}  // namespace vedette::vision
