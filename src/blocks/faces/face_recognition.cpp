#include <algorithm>
#include <array>

#include "base/id.hpp"
#include "gallery/gallery.hpp"
#include "vision/faces.hpp"
#include "workflow/catalogue.hpp"

namespace vedette::blocks {
namespace {

using gallery::Gallery, gallery::Match;
using vision::Detection, vision::Detections, vision::Face, vision::FaceModels, vision::Frame,
    vision::Point;
using workflow::Block, workflow::In, workflow::Literal, workflow::Out, workflow::Outcome,
    workflow::Problem, workflow::Registered, workflow::Services, workflow::Step, workflow::Traits;

constexpr std::size_t matches_told = 5;
constexpr std::array mark_names{"right_eye", "left_eye", "nose", "right_mouth", "left_mouth"};

using Polygon = std::vector<Point>;

Result<Point> read_point(const Value& value) {
  if (!value.is_list() || value.list().size() != 2 || !value.list()[0].is_number() ||
      !value.list()[1].is_number()) {
    return fail(Errc::bad_input, "regions: a corner is [x, y] in pixels");
  }
  return Point{value.list()[0].number(), value.list()[1].number()};
}

Result<std::vector<Polygon>> read_regions(const Value& value) {
  std::vector<Polygon> regions;
  if (value.is_null()) return regions;
  for (const Value& region : value.list()) {
    if (!region.is_list() || region.list().size() < 3) {
      return fail(Errc::bad_input, "regions: a region is a list of three corners or more");
    }
    Polygon& polygon = regions.emplace_back();
    for (const Value& corner : region.list()) {
      auto point = read_point(corner);
      if (!point) return fail(std::move(point).error());
      polygon.push_back(*point);
    }
  }
  return regions;
}

/// By the parity of the edges that a ray to the right crosses.
bool contains(const Polygon& polygon, Point p) {
  bool inside = false;
  for (std::size_t i = 0, j = polygon.size() - 1; i < polygon.size(); j = i++) {
    const Point a = polygon[i];
    const Point b = polygon[j];
    if ((a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x) {
      inside = !inside;
    }
  }
  return inside;
}

bool counts(const std::vector<Polygon>& regions, const Face& face) {
  return regions.empty() || std::ranges::any_of(regions, [&face](const Polygon& region) {
           return contains(region, face.box.centre());
         });
}

List tell(const std::vector<Match>& matches) {
  List told;
  for (const Match& match : matches) {
    told.emplace_back(Dict{{"person_id", match.person},
                           {"name", match.name},
                           {"similarity", match.similarity},
                           {"distance", match.distance},
                           {"valid", match.valid}});
  }
  return told;
}

/// Finds the faces in a picture and says whose they are.
class FaceRecognition final : public Block {
 public:
  [[nodiscard]] const Traits& traits() const override {
    static const Traits all{.type = "daoai/face_recognition_model@v1",
                            .family = "model",
                            .about = "Finds faces and names those who are in the gallery.",
                            .is_trivial = false};
    return all;
  }

  [[nodiscard]] Outcome<void> prepare(const Services& services,
                                      std::span<const Value> literals) override {
    models_ = services.find<FaceModels>();
    gallery_ = services.find<Gallery>();
    if (!models_ || !gallery_) {
      return std::unexpected(
          Problem({Errc::not_found,
                   "the face models are not loaded; `vedette doctor` says what is amiss"}));
    }
    const auto regions = read_regions(literals[regions_.slot()]);
    if (!regions) return std::unexpected(regions.error());
    return {};
  }

  [[nodiscard]] Outcome<void> run(Step& step) override {
    auto found = recognize(step);
    if (!found) return std::unexpected(std::move(found).error());
    step.put(predictions_, *std::move(found));
    return {};
  }

 private:
  Result<Detections> recognize(const Step& step) const {
    const Frame& frame = step[images_];
    const auto pixels = frame.image->pixels();
    if (!pixels) return fail(pixels.error());
    auto faces = models_->detect(*pixels);
    if (!faces) return fail(std::move(faces).error());
    const auto regions = read_regions(step[regions_]);
    if (!regions) return fail(regions.error());
    std::erase_if(*faces, [&regions](const Face& face) { return !counts(*regions, face); });
    const auto most = static_cast<std::size_t>(step[max_faces_]);
    if (faces->size() > most) faces->resize(most);

    const auto from = std::make_shared<const vision::Provenance>(
        vision::Provenance{frame.image->width(), frame.image->height(), frame.parent, frame.root});
    Detections found;
    for (const Face& face : *faces) {
      const auto embedding = models_->embed(*pixels, face);
      if (!embedding) return fail(embedding.error());
      const auto matches = gallery_->search(*embedding, matches_told);
      found.rows.push_back(describe(face, matches, step[similarity_threshold_]));
      found.rows.back().from = from;
    }
    return found;
  }

  static Detection describe(const Face& face, const std::vector<Match>& matches, double threshold) {
    Detection row{.box = face.box, .class_name = "unknown", .id = make_uuid()};
    Value person;
    if (!matches.empty()) {
      const Match& best = matches.front();
      row.confidence = best.similarity;
      if (best.similarity >= threshold && best.valid) {
        row.class_id = best.number;
        row.class_name = best.name;
        person = best.person;
      }
    }
    auto marks = std::make_shared<std::vector<vision::Keypoint>>();
    for (std::size_t i = 0; i < face.marks.size(); ++i) {
      marks->push_back(
          {static_cast<std::int64_t>(i), mark_names[i], face.confidence, face.marks[i]});
    }
    row.keypoints = std::move(marks);
    row.extra = {{"person_id", std::move(person)},
                 {"detection_confidence", face.confidence},
                 {"matches", tell(matches)}};
    return row;
  }

  In<Frame> images_{
      *this,
      {.name = "images", .about = "the picture to look at", .kinds = {workflow::kind::image}}};
  In<std::int64_t> max_faces_{*this,
                              {.name = "max_faces",
                               .about = "how many faces are told; the largest come first",
                               .literals = Literal::integer,
                               .kinds = {workflow::kind::integer},
                               .fallback = 10,
                               .least = 1,
                               .most = 1000}};
  In<double> similarity_threshold_{
      *this,
      {.name = "similarity_threshold",
       .about = "similarity from which a face is named; 0.5 is the operating point",
       .literals = Literal::number,
       .kinds = {workflow::kind::zero_to_one, workflow::kind::real},
       .fallback = 0.5,
       .least = 0,
       .most = 1}};
  In<Value> regions_{
      *this,
      {.name = "regions",
       .about =
           "polygons in pixels; a face counts where its centre is inside one. null: everywhere",
       .literals = Literal::list | Literal::null,
       .kinds = {workflow::kind::list},
       .fallback = Value()}};
  Out predictions_{*this,
                   "predictions",
                   {workflow::kind::object_detection},
                   "the faces; class is the person's name or `unknown`"};
  std::shared_ptr<FaceModels> models_;
  std::shared_ptr<Gallery> gallery_;
};

const Registered<FaceRecognition> registered;

}  // namespace
}  // namespace vedette::blocks
