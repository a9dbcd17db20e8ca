#pragma once
/// Faces: found, laid upright, turned into numbers that can be compared.

#include <array>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "vision/detections.hpp"

namespace vedette::vision {

/// Right eye, left eye, nose, right mouth corner, left mouth corner: right and left of the person.
using FiveMarks = std::array<Point, 5>;

struct Face {
  Box box;                ///< px; not clipped: may reach beyond the picture
  double confidence = 0;  ///< the detector's, 0 to 1
  FiveMarks marks;
};

/// As the embedder gives it; compare with distance() only. One that compares angles gives length 1,
/// so that with any embedder the nearest by L2 distance is the nearest by distance().
using Embedding = std::vector<float>;

struct FaceSettings {
  std::string models;                    ///< folder of the .onnx files
  std::string detector = "yunet";        ///< yunet
  std::string embedder = "dlib-resnet";  ///< dlib-resnet or fr_feature
  int det_size = 640;                    ///< longer side of what the detector sees, px
  static constexpr int least_det_size = 320, most_det_size = 1920;
  double confidence = 0.6;  ///< faces under it are not reported
  double overlap = 0.3;     ///< intersection over union over which the weaker face goes
  std::size_t streams = 2;  ///< how many threads may ask at once
};

/// Detector and embedder, ready. Any thread; as many at once as there are streams, others wait.
class FaceModels {
 public:
  virtual ~FaceModels() = default;

  /// Largest first. `pixels` is BGR.
  [[nodiscard]] virtual Result<std::vector<Face>> detect(const cv::Mat& pixels) const = 0;
  [[nodiscard]] virtual Result<Embedding> embed(const cv::Mat& pixels, const Face& face) const = 0;

  /// "dlib-resnet/1": changes whenever embeddings of old and new cannot be compared.
  [[nodiscard]] virtual const std::string& embedder() const = 0;
  [[nodiscard]] virtual std::size_t dimension() const = 0;

  /// Distance as the embedder's authors measure it (L2 for dlib, cosine for fr_feature).
  [[nodiscard]] virtual double distance(std::span<const float> a,
                                        std::span<const float> b) const = 0;
  /// The calibrated scale, 0 to 1, on which 0.5 is the operating point: 1 - d/1.16 for dlib.
  [[nodiscard]] virtual double similarity(double distance) const = 0;
};

/// Loads and warms both networks.
/// fails  not_found: a model file is missing (names it); bad_input: no detector or embedder of
///        that name
[[nodiscard]] Result<std::shared_ptr<const FaceModels>> load_face_models(const FaceSettings&);

}  // namespace vedette::vision
