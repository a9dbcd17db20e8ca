#pragma once
/// Is this photo good enough to know somebody by?

#include <memory>

#include "gallery/gallery.hpp"

namespace vedette::gallery {

/// A photo as its pixels tell. Whom else it looks like, the gallery knows.
struct Judgement {
  Photo photo;                                         ///< verdict, quality and model
  std::shared_ptr<const vision::Embedding> embedding;  ///< of the largest face; null: no face
};

/// fails  bad_input: not a picture; too_large: too many pixels
[[nodiscard]] Result<Judgement> judge(const vision::FaceModels& models, vision::SharedBytes encoded,
                                      const GalleryLimits& limits);

/// The verdict of that name; ok for a name that is none.
[[nodiscard]] Verdict verdict_named(std::string_view name);

/// How sharp a face is, whatever its size and light: the variance of its Laplacian as a part of
/// the variance of its brightness, within a face that is no larger than 112 px.
/// pixels  CV_8UC3
[[nodiscard]] double sharpness(const cv::Mat& pixels, const vision::Face& face);

}  // namespace vedette::gallery
