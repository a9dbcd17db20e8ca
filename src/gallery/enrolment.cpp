#include "gallery/enrolment.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace vedette::gallery {
namespace {

/// Where a photo is as large and as sharp as helps, in multiples of what is refused.
constexpr double ample_size = 3;
constexpr double ample_sharpness = 10;

constexpr std::array<std::string_view, 6> verdict_names{"ok",    "no_face", "several",
                                                        "small", "blurred", "looks_like"};

double side(const vision::Face& face) { return std::sqrt(face.box.area()); }

double eyes_apart(const vision::Face& face) {
  return std::hypot(face.marks[0].x - face.marks[1].x, face.marks[0].y - face.marks[1].y);
}

Verdict verdict(std::span<const vision::Face> faces, double sharp, const GalleryLimits& limits) {
  if (faces.size() > 1 && side(faces[1]) > limits.second_face * side(faces[0])) {
    return Verdict::several;
  }
  if (eyes_apart(faces[0]) < limits.eyes_apart) return Verdict::small;
  if (sharp < limits.sharpness) return Verdict::blurred;
  return Verdict::ok;
}

/// The geometric mean of three shares, each 1 where there is nothing left to wish for.
double quality(const vision::Face& face, double sharp, const GalleryLimits& limits) {
  const auto share = [](double value, double ample) { return std::clamp(value / ample, 0.0, 1.0); };
  return std::cbrt(share(face.confidence, 1) *
                   share(eyes_apart(face), ample_size * limits.eyes_apart) *
                   share(sharp, ample_sharpness * limits.sharpness));
}

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  return verdict_names[static_cast<std::size_t>(verdict)];
}

Verdict verdict_named(std::string_view name) {
  const auto found = std::ranges::find(verdict_names, name);
  return found == verdict_names.end() ? Verdict::ok
                                      : static_cast<Verdict>(found - verdict_names.begin());
}

bool is_kept(Verdict verdict) { return verdict == Verdict::ok || verdict == Verdict::looks_like; }

double sharpness(const cv::Mat& pixels, const vision::Face& face) {
  constexpr double most_side = 112;
  const cv::Rect whole({0, 0}, pixels.size());
  const cv::Rect box = cv::Rect(cv::Point(cvFloor(face.box.left), cvFloor(face.box.top)),
                                cv::Point(cvCeil(face.box.right), cvCeil(face.box.bottom))) &
                       whole;
  if (box.empty()) return 0;
  cv::Mat gray;
  cv::cvtColor(pixels(box), gray, cv::COLOR_BGR2GRAY);
  const double scale = most_side / std::max(box.width, box.height);
  if (scale < 1) cv::resize(gray, gray, {}, scale, scale, cv::INTER_AREA);
  const auto variance = [](const cv::Mat& levels) {
    cv::Scalar mean, deviation;
    cv::meanStdDev(levels, mean, deviation);
    return deviation[0] * deviation[0];
  };
  cv::Mat edges;
  cv::Laplacian(gray, edges, CV_32F);
  return variance(edges) / std::max(variance(gray), 1.0);
}

Result<Judgement> judge(const vision::FaceModels& models, vision::SharedBytes encoded,
                        const GalleryLimits& limits) {
  Judgement judged;
  judged.photo.model = models.embedder();
  const auto image =
      vision::Image::from_encoded(std::move(encoded), {.encoded = limits.photo_bytes});
  if (!image) return fail(image.error());
  const auto pixels = (*image)->pixels();
  if (!pixels) return fail(pixels.error());
  const auto faces = models.detect(*pixels);
  if (!faces) return fail(faces.error());
  if (faces->empty()) {
    judged.photo.verdict = Verdict::no_face;
    return judged;
  }
  const vision::Face& face = faces->front();
  const double sharp = sharpness(*pixels, face);
  judged.photo.verdict = verdict(*faces, sharp, limits);
  judged.photo.quality = quality(face, sharp, limits);
  auto embedding = models.embed(*pixels, face);
  if (!embedding) return fail(std::move(embedding).error());
  if (!std::ranges::all_of(*embedding, [](float x) { return std::isfinite(x); })) {
    return fail(Errc::io, "the embedder " + models.embedder() + " answers with what is no number");
  }
  judged.embedding = std::make_shared<const vision::Embedding>(*std::move(embedding));
  return judged;
}

}  // namespace vedette::gallery
