#pragma once
/// The YuNet face detector: what it sees, and how its numbers become faces.

#include <memory>
#include <opencv2/core/mat.hpp>
#include <vector>

#include "base/result.hpp"
#include "vision/faces.hpp"
#include "vision/session.hpp"

namespace vedette::vision {

/// The square or rectangle in which the detector sees a picture, shrunk or grown to touch its
/// right or lower edge and with black beyond. Both sides are multiples of 32.
struct YunetView {
  cv::Size canvas;   ///< px: of the detector's input
  cv::Size picture;  ///< px: of the picture on it, in its upper left corner
};

/// det_size is the canvas's longer side, rounded up to a multiple of 32; the other is one of
/// 0.4, 0.6, 0.75 and 1 times as long, whatever holds the picture. So there are 7 shapes in all,
/// and 16:9, 4:3 and square pictures lose little to the black.
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
