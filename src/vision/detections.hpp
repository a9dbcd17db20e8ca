#pragma once
/// What a model found in a picture, and where that picture stood in the one that was sent.

#include <cstdint>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/value.hpp"
#include "vision/image.hpp"

namespace vedette::vision {

/// A place in a picture, in pixels: x to the right, y down, (0, 0) the corner of the first.
struct Point {
  double x = 0;
  double y = 0;
  bool operator==(const Point&) const = default;
};

/// left ≤ right, top ≤ bottom; pixels of the picture that the step saw.
struct Box {
  double left = 0, top = 0, right = 0, bottom = 0;

  [[nodiscard]] double width() const { return right - left; }
  [[nodiscard]] double height() const { return bottom - top; }
  [[nodiscard]] Point centre() const { return {(left + right) / 2, (top + bottom) / 2}; }
  [[nodiscard]] double area() const { return width() * height(); }
  bool operator==(const Box&) const = default;
};

/// A picture by name, and where its corner lies in another.
struct Origin {
  std::string id;             ///< the input's name, or the detection that a crop was cut for
  int x = 0, y = 0;           ///< offset of its corner in the picture it is told relative to, px
  int width = 0, height = 0;  ///< of the picture it is told relative to, px
  bool operator==(const Origin&) const = default;
};
using OriginPtr = std::shared_ptr<const Origin>;

struct VideoMetadata {
  std::string video_identifier;
  std::int64_t frame_number = 0;
  std::string frame_timestamp;  ///< ISO 8601, as it came or as now() was
  std::optional<double> fps, measured_fps;
  std::optional<bool> comes_from_video_file;
};

/// A picture on its way through a workflow.
struct Frame {
  ImagePtr image;
  OriginPtr parent;  ///< the picture that it was cut from; itself for one that was sent
  OriginPtr root;    ///< the picture that was sent
  std::shared_ptr<const VideoMetadata> video;
};

struct Keypoint {
  std::int64_t class_id = 0;
  std::string class_name;
  double confidence = 0;
  Point at;
};

/// Where the picture in which something was found belongs. Shared by all rows of one step.
struct Provenance {
  int width = 0, height = 0;  ///< of the picture that the step saw; 0 where unknown
  OriginPtr parent, root;     ///< of that picture; root may be null
  bool operator==(const Provenance&) const = default;
};

struct Detection {
  Box box;
  double confidence = 0;
  std::int64_t class_id = 0;
  std::string class_name;
  std::string id;  ///< a UUID unless given
  std::optional<std::int64_t> tracker_id;
  std::shared_ptr<const cv::Mat> mask;  ///< CV_8UC1 of the whole picture, 0 or 1; null: none
  std::shared_ptr<const std::vector<Keypoint>> keypoints;
  std::shared_ptr<const Provenance> from;
  Dict extra;  ///< further keys, as they go out in JSON
  Dict kept;   ///< further keys that user code set for other user code; they do not go out
};

/// Never changed once it is in a Value: a block that changes one makes another.
struct Detections {
  std::vector<Detection> rows;
  bool has_masks = false;  ///< says that rows may have one even where there are none
  /// False: user code left out ids, names, scores or classes, without which they do not go out.
  bool is_whole = true;
};

/// One picture classified: what the JSON says, as it goes out.
struct Classification {
  Dict fields;
};

}  // namespace vedette::vision
