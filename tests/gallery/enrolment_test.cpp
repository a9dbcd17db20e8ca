#include "gallery/enrolment.hpp"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "pixel_models.hpp"

namespace vedette::gallery {
namespace {

const std::string project = std::string(VEDETTE_FIXTURES) + "/../..";
const std::string obama = project + "/demo/people/Barack Obama/portrait-2012.jpg";
const std::string obama_later = project + "/demo/photos/obama-blue-room-2010.jpg";
const std::string three_people = project + "/demo/photos/three-people.jpg";

/// Loaded once for all tests of this file: loading takes longer than asking.
std::shared_ptr<const vision::FaceModels> models() {
  static const auto loaded = [] {
    const char* const set = std::getenv("VEDETTE_MODELS");  // NOLINT(concurrency-mt-unsafe)
    return vision::load_face_models({.models = set ? set : project + "/models"}).value();
  }();
  return loaded;
}

cv::Mat read(const std::string& path) {
  cv::Mat pixels = cv::imread(path);
  if (pixels.empty()) throw std::runtime_error("no picture " + path);
  return pixels;
}

vision::SharedBytes encoded(const cv::Mat& pixels) {
  vision::Bytes bytes;
  cv::imencode(".png", pixels, bytes);
  return std::make_shared<const vision::Bytes>(std::move(bytes));
}

vision::Face face_in(const cv::Mat& pixels) { return models()->detect(pixels).value().at(0); }

double eyes_apart(const vision::Face& face) {
  return std::hypot(face.marks[0].x - face.marks[1].x, face.marks[0].y - face.marks[1].y);
}

/// The portrait, scaled until the eyes are so many pixels apart.
cv::Mat portrait_of_size(double eyes) {
  const cv::Mat portrait = read(obama);
  const double scale = eyes / eyes_apart(face_in(portrait));
  cv::Mat scaled;
  cv::resize(portrait, scaled, {}, scale, scale, cv::INTER_AREA);
  return scaled;
}

/// The portrait, blurred by a part of the distance between the eyes.
cv::Mat blurred(double by) {
  const cv::Mat portrait = read(obama);
  cv::Mat soft;
  cv::GaussianBlur(portrait, soft, {}, by * eyes_apart(face_in(portrait)));
  return soft;
}

/// The portrait, and beside it the same one in smaller.
cv::Mat with_a_second_face(double side) {
  const cv::Mat portrait = read(obama);
  cv::Mat both(portrait.rows, portrait.cols * 2, CV_8UC3, cv::Scalar::all(128));
  portrait.copyTo(both.colRange(0, portrait.cols));
  cv::Mat small;
  cv::resize(portrait, small, {}, side, side, cv::INTER_AREA);
  small.copyTo(both(cv::Rect({portrait.cols, 0}, small.size())));
  return both;
}

struct Case {
  std::string name;
  cv::Mat (*make)();
  Verdict verdict;
};
class Judging : public testing::TestWithParam<Case> {};

TEST_P(Judging, SaysWhatIsWrongWithAPhoto) {
  const auto judged = judge(*models(), encoded(GetParam().make()), {});
  ASSERT_TRUE(judged) << judged.error().what;
  EXPECT_EQ(judged->photo.verdict, GetParam().verdict)
      << verdict_name(judged->photo.verdict) << ", quality " << judged->photo.quality;
  EXPECT_EQ(judged->embedding == nullptr, GetParam().verdict == Verdict::no_face);
  EXPECT_GE(judged->photo.quality, 0);
  EXPECT_LE(judged->photo.quality, 1);
}

INSTANTIATE_TEST_SUITE_P(
    Photos, Judging,
    testing::Values(
        Case{"Portrait", [] { return read(obama); }, Verdict::ok},
        Case{"FromAnEvent", [] { return read(obama_later); }, Verdict::ok},
        Case{"Dark", [] { return cv::Mat(read(obama) * 0.3); }, Verdict::ok},
        Case{"Empty", [] { return cv::Mat(480, 640, CV_8UC3, cv::Scalar::all(90)); },
             Verdict::no_face},
        Case{"ThreePeople", [] { return read(three_people); }, Verdict::several},
        Case{"SixPeople", [] { return read(VEDETTE_FIXTURES "/faces/six.jpg"); }, Verdict::several},
        Case{"ASecondFaceOfSixTenths", [] { return with_a_second_face(0.6); }, Verdict::several},
        Case{"ASecondFaceOfFourTenths", [] { return with_a_second_face(0.4); }, Verdict::ok},
        Case{"EyesTwentyApart", [] { return portrait_of_size(20); }, Verdict::small},
        Case{"EyesThirtyApart", [] { return portrait_of_size(30); }, Verdict::ok},
        Case{"ALittleSoft", [] { return blurred(0.02); }, Verdict::ok},
        Case{"OutOfFocus", [] { return blurred(0.12); }, Verdict::blurred}),
    [](const auto& test) { return test.param.name; });

TEST(Quality, FallsWithSizeAndSharpness) {
  const auto quality = [](const cv::Mat& pixels) {
    return judge(*models(), encoded(pixels), {})->photo.quality;
  };
  const double best = quality(read(obama));
  EXPECT_GT(best, 0.9);
  EXPECT_LT(quality(portrait_of_size(30)), best);
  EXPECT_LT(quality(portrait_of_size(20)), quality(portrait_of_size(30)));
  EXPECT_LT(quality(blurred(0.05)), best);
  EXPECT_LT(quality(blurred(0.12)), quality(blurred(0.05)));
}

TEST(Sharpness, IsOfTheFaceWhateverItsLight) {
  const cv::Mat portrait = read(obama);
  const vision::Face face = face_in(portrait);
  const double bright = sharpness(portrait, face);
  EXPECT_NEAR(sharpness(cv::Mat(portrait * 0.5), face) / bright, 1, 0.1);

  constexpr int rim = 4;
  const cv::Rect box(static_cast<int>(face.box.left) - rim, static_cast<int>(face.box.top) - rim,
                     static_cast<int>(face.box.width()) + 2 * rim,
                     static_cast<int>(face.box.height()) + 2 * rim);
  cv::Mat face_only = portrait.clone();
  cv::GaussianBlur(portrait(box), face_only(box), {}, 8);
  EXPECT_LT(sharpness(face_only, face), bright / 10) << "a sharp background does not count";
}

TEST(Sharpness, TakesAFaceAtTheEdge) {
  const cv::Mat pixels(100, 100, CV_8UC3, cv::Scalar::all(50));
  EXPECT_EQ(sharpness(pixels, {.box = {-50, -50, 20, 20}}), 0);
  EXPECT_EQ(sharpness(pixels, {.box = {150, 150, 200, 200}}), 0);
}

TEST(Verdicts, HaveTheNamesOfTheContract) {
  const std::vector<std::pair<Verdict, std::string>> names{
      {Verdict::ok, "ok"},           {Verdict::no_face, "no_face"},
      {Verdict::several, "several"}, {Verdict::small, "small"},
      {Verdict::blurred, "blurred"}, {Verdict::looks_like, "looks_like"}};
  for (const auto& [verdict, name] : names) {
    EXPECT_EQ(verdict_name(verdict), name);
    EXPECT_EQ(verdict_named(name), verdict);
    EXPECT_EQ(is_kept(verdict), name == "ok" || name == "looks_like");
  }
}

TEST(Enrolling, RefusesReportsAndForces) {
  const Folder folder;
  const auto gallery = open_gallery(folder.path(), models()).value();
  const std::string first = gallery->add_person({.name = "Barack Obama"})->id;
  const std::string second = gallery->add_person({.name = "Somebody else"})->id;
  ASSERT_EQ(gallery->add_photo(first, encoded(read(obama)), false)->verdict, Verdict::ok);

  const auto small = encoded(portrait_of_size(20));
  EXPECT_EQ(gallery->add_photo(first, small, false)->id, "") << "refused";
  EXPECT_EQ(gallery->size().photos, 1U);
  const Photo forced = gallery->add_photo(first, small, true).value();
  EXPECT_NE(forced.id, "");
  EXPECT_EQ(forced.verdict, Verdict::small) << "kept, and still said";

  const auto nobody = encoded(cv::Mat(480, 640, CV_8UC3, cv::Scalar::all(90)));
  EXPECT_EQ(gallery->add_photo(first, nobody, true)->id, "") << "no force makes a face";

  const Photo like = gallery->add_photo(second, encoded(read(obama_later)), false).value();
  EXPECT_EQ(like.verdict, Verdict::looks_like);
  EXPECT_EQ(like.like, "Barack Obama");
  EXPECT_GE(like.like_score, 0.6);
  EXPECT_NE(like.id, "") << "reported, but kept";
  EXPECT_EQ(gallery->size().photos, 3U);
}

}  // namespace
}  // namespace vedette::gallery
