#include "vision/yunet.hpp"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "models.hpp"

namespace vedette::vision {
namespace {

struct ViewCase {
  std::string name;
  cv::Size picture;
  int det_size;
  cv::Size canvas, shown;
};

class TheYunetView : public testing::TestWithParam<ViewCase> {};

TEST_P(TheYunetView, HoldsThePicture) {
  const YunetView view = yunet_view(GetParam().picture, GetParam().det_size);
  EXPECT_EQ(view.canvas, GetParam().canvas);
  EXPECT_EQ(view.picture, GetParam().shown);
}

INSTANTIATE_TEST_SUITE_P(
    Pictures, TheYunetView,
    testing::Values(ViewCase{"Vga", {640, 480}, 640, {640, 480}, {640, 480}},
                    ViewCase{"FullHd", {1920, 1080}, 640, {640, 384}, {640, 360}},
                    ViewCase{"Portrait", {1080, 1920}, 640, {384, 640}, {360, 640}},
                    ViewCase{"Square", {500, 500}, 640, {640, 640}, {640, 640}},
                    ViewCase{"Panorama", {4000, 500}, 640, {640, 96}, {640, 80}},
                    ViewCase{"OneLine", {5000, 1}, 640, {640, 32}, {640, 1}},
                    ViewCase{"OnePixel", {1, 1}, 320, {320, 320}, {320, 320}},
                    ViewCase{"NoMultipleOf32", {800, 600}, 1000, {1024, 768}, {1000, 750}}),
    [](const auto& test) { return test.param.name; });

/// One network for all tests of this file: it takes longer to load than to ask.
Session& yunet() {
  static const auto network = load_network(models_folder() + "/face_detection_yunet_2023mar.onnx",
                                           {.usual = {{1, 3, 480, 640}}, .streams = 1})
                                  .value();
  static const auto session = network->open().value();
  return *session;
}

std::vector<Face> find(const cv::Mat& pixels, const YunetLimits& limits = {}) {
  return find_faces(yunet(), pixels, limits).value();
}

void expect_near(Point found, Point expected, double tolerance) {
  EXPECT_NEAR(found.x, expected.x, tolerance);
  EXPECT_NEAR(found.y, expected.y, tolerance);
}

TEST(Yunet, FindsWhereAFaceIs) {
  const auto faces = find(project_picture("tests/fixtures/faces/one.jpg"));
  ASSERT_EQ(faces.size(), 1u);
  const Face& face = faces.front();
  EXPECT_GT(face.confidence, 0.9);
  expect_near({face.box.left, face.box.top}, {255, 100}, 4);
  expect_near({face.box.right, face.box.bottom}, {424, 332}, 4);
  const FiveMarks marks{{{319, 178}, {396, 184}, {364, 224}, {315, 260}, {383, 266}}};
  for (std::size_t i = 0; i < marks.size(); ++i) expect_near(face.marks[i], marks[i], 3);
}

TEST(Yunet, FindsAllOfSixLargestFirst) {
  const auto faces = find(project_picture("tests/fixtures/faces/six.jpg"));
  ASSERT_EQ(faces.size(), 6u);
  EXPECT_TRUE(std::ranges::is_sorted(faces, std::greater{},
                                     [](const Face& face) { return face.box.area(); }));
}

TEST(Yunet, ReportsInPixelsOfThePictureWhateverItsSize) {
  const cv::Mat pixels = project_picture("tests/fixtures/faces/one.jpg");
  const Face usual = find(pixels).at(0);
  for (const double factor : {0.5, 3.0}) {
    cv::Mat resized;
    cv::resize(pixels, resized, {}, factor, factor, factor < 1 ? cv::INTER_AREA : cv::INTER_CUBIC);
    const auto faces = find(resized);
    ASSERT_EQ(faces.size(), 1u);
    for (std::size_t i = 0; i < usual.marks.size(); ++i) {
      const Point mark = faces[0].marks[i];
      expect_near({mark.x / factor, mark.y / factor}, usual.marks[i], 4);
    }
  }
}

TEST(Yunet, FindsTheSameAgain) {
  const cv::Mat six = project_picture("tests/fixtures/faces/six.jpg");
  const cv::Mat wide = project_picture("demo/photos/three-people.jpg");
  const auto first = find(six);
  EXPECT_EQ(find(wide).size(), 3u);  // another shape in between, with black below
  const auto again = find(six);
  ASSERT_EQ(first.size(), again.size());
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first[i].box, again[i].box);
}

TEST(Yunet, DropsWhatIsNotSureEnough) {
  const cv::Mat one = project_picture("tests/fixtures/faces/one.jpg");
  EXPECT_TRUE(find(one, {.confidence = 0.99}).empty());
}

TEST(Yunet, FindsNothingInAnEmptyScene) {
  EXPECT_TRUE(find(cv::Mat(480, 640, CV_8UC3, cv::Scalar::all(127))).empty());
  EXPECT_TRUE(find(cv::Mat(1, 1, CV_8UC3, cv::Scalar::all(0))).empty());
}

}  // namespace
}  // namespace vedette::vision
