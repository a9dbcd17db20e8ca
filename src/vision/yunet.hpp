#pragma once
/// The YuNet face detector: what it sees, and how its numbers become faces.

#include <memory>
#include <opencv2/core/mat.hpp>
#include <vector>

#include "base/result.hpp"
#include "vision/faces.hpp"
#include "vision/session.hpp"

namespace vedette::vision {

/// How the detector sees a picture: shrunk or grown, in the upper left corner of a canvas whose
/// sides are multiples of 32, with black beyond.
struct YunetView {
  cv::Size canvas;   ///< px: of the detector's input
  cv::Size picture;  ///< px: of the picture on it
};

/// det_size  the longer side of the picture on the canvas, px
[[nodiscard]] YunetView yunet_view(cv::Size picture, int det_size);

struct YunetLimits {
  int det_size = 640;       ///< px
  double confidence = 0.6;  ///< 0 to 1
  double overlap = 0.3;     ///< intersection over union
};

/// Faces in `pixels` (CV_8UC3 in BGR order, not empty), in its pixels, largest first.
/// fails   as Session
/// source  W. Wu, H. Peng, S. Yu, "YuNet: a tiny millisecond-level face detector", Machine
///         Intelligence Research 20, 2023: a cell of a grid with stride 8, 16 or 32 answers for
///         the face at its corner
[[nodiscard]] Result<std::vector<Face>> find_faces(Session& yunet, const cv::Mat& pixels,
                                                   const YunetLimits& limits);

}  // namespace vedette::vision
