#pragma once
/// The networks that turn an upright face into numbers, and what their distances mean.

#include <span>
#include <string_view>

#include "base/result.hpp"
#include "vision/faces.hpp"
#include "vision/session.hpp"

namespace vedette::vision {

/// All that tells one embedder from another; constants, one for each.
struct Embedder {
  std::string_view name;     ///< as a configuration calls it
  std::string_view version;  ///< name/n: changes whenever embeddings cannot be compared any more
  std::string_view file;     ///< in the folder of models
  std::size_t dimension;
  int side;             ///< px: of the square picture that it sees
  FiveMarks reference;  ///< where the marks lie in it, px
  bool is_rgb;          ///< else BGR
  float mean, scale;    ///< input = (level − mean) · scale

  /// As the embedder's authors measure it, and on the scale where 0.5 is the operating point.
  double (*distance)(std::span<const float> a, std::span<const float> b);
  double (*similarity)(double distance);
};

/// fails  bad_input: no embedder of that name (the message lists those that there are)
[[nodiscard]] Result<const Embedder*> find_embedder(std::string_view name);

/// pixels  CV_8UC3 in BGR order
/// fails   as align_face() and Session
[[nodiscard]] Result<Embedding> embed_face(Session& session, const Embedder& embedder,
                                           const cv::Mat& pixels, const FiveMarks& marks);

}  // namespace vedette::vision
