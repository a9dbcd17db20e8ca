#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "base/base64.hpp"
#include "base/json.hpp"
#include "harness.hpp"
#include "vision/detections.hpp"

namespace vedette::blocks::python {
namespace {

using vision::Detection, vision::Detections, vision::Frame, vision::Image, vision::Origin;

cv::Mat gradient(int width, int height) {
  cv::Mat pixels(height, width, CV_8UC3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      pixels.at<cv::Vec3b>(y, x) =
          cv::Vec3b(static_cast<std::uint8_t>(x % 256), static_cast<std::uint8_t>(y % 256), 90);
    }
  }
  return pixels;
}

Frame frame_of(vision::ImagePtr image) {
  const auto origin =
      std::make_shared<const Origin>(Origin{"image", 0, 0, image->width(), image->height()});
  return {std::move(image), origin, origin, nullptr};
}

vision::ImagePtr jpeg(int width = 160, int height = 120) {
  auto bytes = *vision::encode_jpeg(gradient(width, height), 95);
  return *Image::from_encoded(std::make_shared<const vision::Bytes>(std::move(bytes)));
}

Declared on_image(std::string_view body) {
  return {.code = "def run(self, image):\n" + std::string(body), .inputs = {"image"}};
}

TEST(PythonPictures, OneThatNobodyReadsIsNeitherDecodedNorCopied) {
  Bench bench(shared_workers(), on_image("    return {'result': image}"));
  const Value sent = Value::box(frame_of(jpeg()));
  const Value back = bench.result({sent});
  EXPECT_EQ(back.get_if<Frame>(), sent.get_if<Frame>());
  EXPECT_FALSE(sent.as<Frame>().image->is_decoded());
}

TEST(PythonPictures, AJpegIsDecodedThereWithTheSamePixels) {
  Bench bench(shared_workers(), on_image("    p = image.numpy_image\n"
                                         "    return {'result': [list(p.shape), str(p.dtype), "
                                         "int(p.sum()), p.flags.writeable]}"));
  const auto image = jpeg();
  const Value told = bench.result({Value::box(frame_of(image))});
  EXPECT_FALSE(image->is_decoded());
  const cv::Scalar sums = cv::sum(*image->pixels());
  const auto sum = static_cast<std::int64_t>(sums[0] + sums[1] + sums[2]);
  EXPECT_EQ(json::write(told), "[[120,160,3],\"uint8\"," + std::to_string(sum) + ",true]");
}

TEST(PythonPictures, PixelsAreSharedAndWhatIsDrawnOnThemThereStaysThere) {
  Bench bench(shared_workers(), on_image("    image.numpy_image[:] = 0\n"
                                         "    return {'result': int(image.numpy_image.sum())}"));
  const auto image = Image::from_pixels(gradient(160, 120));
  EXPECT_EQ(json::write(bench.result({Value::box(frame_of(image))})), "0");
  EXPECT_EQ(cv::norm(*image->pixels(), gradient(160, 120), cv::NORM_INF), 0);
}

TEST(PythonPictures, AGrayOneHasTwoDimensions) {
  Bench bench(shared_workers(), on_image("    return {'result': list(image.numpy_image.shape)}"));
  const auto image = Image::from_pixels(cv::Mat(20, 30, CV_8UC1, cv::Scalar(7)).clone());
  EXPECT_EQ(json::write(bench.result({Value::box(frame_of(image))})), "[20,30]");
}

struct Drawn {
  std::string_view name, body;
};

class DrawnPictures : public testing::TestWithParam<Drawn> {};

TEST_P(DrawnPictures, ComeBackWithTheirPixels) {
  Bench bench(shared_workers(), on_image(GetParam().body));
  for (const auto& image : {jpeg(640, 480), Image::from_pixels(gradient(640, 480))}) {
    const Value back = bench.result({Value::box(frame_of(image))});
    const Frame* frame = back.get_if<Frame>();
    ASSERT_TRUE(frame);
    const cv::Mat expected = cv::Scalar::all(255) - *image->pixels();
    EXPECT_EQ(cv::norm(*frame->image->pixels(), expected, cv::NORM_INF), 0);
    EXPECT_EQ(*frame->parent, (Origin{"image", 0, 0, 640, 480}));
    EXPECT_EQ(*frame->root, *frame->parent);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Ways, DrawnPictures,
    testing::Values(Drawn{"replaced",
                          "    return {'result': WorkflowImageData.copy_and_replace(\n"
                          "        origin_image_data=image, numpy_image=255 - image.numpy_image)}"},
                    Drawn{"in_place",
                          "    image.numpy_image[:] = 255 - image.numpy_image\n"
                          "    return {'result': image}"},
                    Drawn{"declared",
                          "    image.numpy_image[:] = 255 - image.numpy_image\n"
                          "    image.declare_numpy_image_mutated()\n"
                          "    return {'result': image}"},
                    Drawn{"as_floats",
                          "    return {'result': WorkflowImageData.copy_and_replace(\n"
                          "        image, numpy_image=255.2 - image.numpy_image)}"},
                    Drawn{"turned",
                          "    p = np.rot90(np.rot90(255 - image.numpy_image, 2), 2)\n"
                          "    return {'result': WorkflowImageData.copy_and_replace(image, "
                          "numpy_image=p)}"}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(PythonPictures, ACropKnowsWhereItWasCut) {
  Bench bench(shared_workers(),
              on_image("    return {'result': WorkflowImageData.create_crop(image, 'cut', "
                       "image.numpy_image[10:60, 20:90], offset_x=20, offset_y=10)}"));
  Frame frame = frame_of(jpeg());
  frame.parent = std::make_shared<const Origin>(Origin{"crop", 7, 8, 900, 800});
  frame.root = std::make_shared<const Origin>(Origin{"whole", 7, 8, 900, 800});
  const Value back = bench.result({Value::box(std::move(frame))});
  const auto& cut = back.as<Frame>();
  EXPECT_EQ(cut.image->width(), 70);
  EXPECT_EQ(cut.image->height(), 50);
  EXPECT_EQ(*cut.parent, (Origin{"cut", 20, 10, 160, 120}));
  EXPECT_EQ(*cut.root, (Origin{"whole", 27, 18, 900, 800}));
}

TEST(PythonPictures, TheirTextIsThatOfTheBytesThatCame) {
  Bench bench(shared_workers(), on_image("    return {'result': image.base64_image}"));
  const auto image = jpeg();
  std::string text;
  base64::encode(**image->original(), text);
  EXPECT_EQ(bench.result({Value::box(frame_of(image))}).string(), text);
}

TEST(PythonPictures, OneThatIsKeptOutlivesItsCall) {
  Bench keep(shared_workers(), on_image("    globals['kept'] = image\n    return {'result': 1}"));
  Bench look(shared_workers(),
             {.code = "def run(self):\n"
                      "    return {'result': globals['kept'].numpy_image.shape[1]}"});
  EXPECT_EQ(json::write(keep.result({Value::box(frame_of(jpeg()))})), "1");
  EXPECT_EQ(json::write(look.result({})), "160");
}

TEST(PythonPictures, OneThatCannotBeDecodedIsAnErrorInTheLineThatReadIt) {
  Bench bench(shared_workers(), on_image("    return {'result': image.numpy_image.shape}"));
  std::vector<std::uint8_t> bytes;
  cv::imencode(".png", gradient(160, 120), bytes);
  bytes.resize(bytes.size() / 2);
  const auto image = *Image::from_encoded(std::make_shared<const vision::Bytes>(std::move(bytes)));
  const auto done = bench.run({Value::box(frame_of(image))});
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("Error in line 2, in run: ValueError: "), std::string::npos)
      << done.error().message;
}

Detections two_found() {
  const auto parent = std::make_shared<const Origin>(Origin{"crop", 20, 10, 160, 120});
  const auto root = std::make_shared<const Origin>(Origin{"image", 20, 10, 160, 120});
  const auto from =
      std::make_shared<const vision::Provenance>(vision::Provenance{70, 60, parent, root});
  Detections found;
  found.rows.push_back({.box = {10, 20, 50, 60},
                        .confidence = 0.9,
                        .class_id = 2,
                        .class_name = "Ann",
                        .id = "first",
                        .from = from,
                        .extra = {{"person_id", "p1"}, {"matches", List{Dict{{"name", "Ann"}}}}}});
  found.rows.push_back({.box = {30.5, 40.25, 90, 100},
                        .confidence = 0.25,
                        .class_id = 0,
                        .class_name = "unknown",
                        .id = "second",
                        .from = from,
                        .extra = {{"person_id", Value()}, {"matches", List{}}}});
  found.rows[0].keypoints = std::make_shared<const std::vector<vision::Keypoint>>(
      std::vector<vision::Keypoint>{{0, "eye", 0.5, {1, 2}}, {1, "nose", 0.75, {3, 4}}});
  return found;
}

Declared on_found(std::string_view body) {
  return {.code = "def run(self, found):\n" + std::string(body), .inputs = {"found"}};
}

TEST(PythonDetections, AreThoseOfSupervisionWithThePeersColumns) {
  Bench bench(shared_workers(),
              on_found("    d = found.data\n"
                       "    return {'result': [type(found).__name__, found.xyxy.tolist(), "
                       "str(found.xyxy.dtype), found.confidence.tolist(), found.class_id.tolist(), "
                       "d['class_name'].tolist(), d['class_name'].dtype.kind, "
                       "d['detection_id'].tolist(), d['image_dimensions'].tolist(), "
                       "d['parent_id'].tolist(), d['parent_coordinates'].tolist(), "
                       "d['parent_dimensions'].tolist(), d['root_parent_id'].tolist(), "
                       "d['person_id'].tolist(), d['matches'][0], "
                       "d['keypoints_xy'].tolist(), d['keypoints_class_name'].tolist(), "
                       "found.tracker_id, found.mask]}"));
  EXPECT_EQ(json::write(bench.result({Value::box(two_found())})),
            R"(["Detections",[[10.0,20.0,50.0,60.0],[30.5,40.25,90.0,100.0]],"float64",[0.9,0.25],)"
            R"([2,0],["Ann","unknown"],"U",["first","second"],[[60,70],[60,70]],["crop","crop"],)"
            R"([[20,10],[20,10]],[[120,160],[120,160]],["image","image"],["p1",null],)"
            R"([{"name":"Ann"}],[[[1.0,2.0],[3.0,4.0]],[[0.0,0.0],[0.0,0.0]]],)"
            R"([["eye","nose"],["",""]],null,null])");
}

TEST(PythonDetections, ComeBackAsTheyWere) {
  Bench bench(shared_workers(), on_found("    return {'result': found}"));
  const Detections sent = two_found();
  const Value back = bench.result({Value::box(sent)});
  const auto& found = back.as<Detections>();
  ASSERT_EQ(found.rows.size(), 2u);
  EXPECT_TRUE(found.is_whole);
  for (std::size_t i = 0; i < 2; ++i) {
    const Detection& was = sent.rows[i];
    const Detection& is = found.rows[i];
    EXPECT_EQ(is.box, was.box);
    EXPECT_EQ(is.confidence, was.confidence);
    EXPECT_EQ(is.class_id, was.class_id);
    EXPECT_EQ(is.class_name, was.class_name);
    EXPECT_EQ(is.id, was.id);
    EXPECT_EQ(is.extra, was.extra);
    EXPECT_TRUE(is.kept.empty());
    EXPECT_EQ(is.from->width, 70);
    EXPECT_EQ(*is.from->parent, *was.from->parent);
    EXPECT_EQ(*is.from->root, *was.from->root);
  }
  ASSERT_TRUE(found.rows[0].keypoints);
  EXPECT_EQ(found.rows[0].keypoints->size(), 2u);
  EXPECT_EQ(found.rows[0].keypoints->at(1).class_name, "nose");
}

TEST(PythonDetections, AreFilteredTrackedMaskedAndGivenColumns) {
  Bench bench(shared_workers(), on_found("    found = found[found.confidence > 0.5]\n"
                                         "    found.tracker_id = np.array([5])\n"
                                         "    found.mask = np.zeros((1, 60, 70), bool)\n"
                                         "    found.mask[0, 3:5, 7:9] = True\n"
                                         "    found['time_in_zone'] = np.array([1.5])\n"
                                         "    found['mine'] = np.array([[1, 2]])\n"
                                         "    return {'result': found}"));
  const Value back = bench.result({Value::box(two_found())});
  const auto& found = back.as<Detections>();
  ASSERT_EQ(found.rows.size(), 1u);
  const Detection& row = found.rows[0];
  EXPECT_EQ(row.tracker_id, 5);
  EXPECT_EQ(row.extra["time_in_zone"], Value(1.5));
  EXPECT_EQ(row.extra.find("mine"), nullptr);
  EXPECT_EQ(json::write(row.kept["mine"]), "[1,2]");
  ASSERT_TRUE(row.mask);
  EXPECT_EQ(row.mask->size(), cv::Size(70, 60));
  EXPECT_EQ(cv::countNonZero(*row.mask), 4);

  Bench next(shared_workers(), on_found("    return {'result': [found['mine'].tolist(), "
                                        "found.mask.sum().item(), found.tracker_id.tolist()]}"));
  EXPECT_EQ(json::write(next.result({back})), "[[[1,2]],4,[5]]");
}

TEST(PythonDetections, WhatIsLeftOutIsMadeUpAndRemembered) {
  Bench bench(shared_workers(),
              {.code = "def run(self):\n    return {'result': sv.Detections(xyxy=np.array([[1, 2, "
                       "3, 4]], np.float32))}"});
  const Value back = bench.result({});
  const auto& found = back.as<Detections>();
  ASSERT_EQ(found.rows.size(), 1u);
  EXPECT_FALSE(found.is_whole);
  EXPECT_EQ(found.rows[0].id.size(), 36u);
  EXPECT_EQ(found.rows[0].box, (vision::Box{1, 2, 3, 4}));
}

TEST(PythonDetections, NoneAtAllAreStillDetections) {
  Bench bench(shared_workers(),
              {.code = "def run(self, found):\n    return {'result': [len(found), "
                       "found.data['class_name'].tolist(), found]}",
               .inputs = {"found"}});
  const Value back = bench.result({Value::box(Detections{})});
  EXPECT_EQ(json::write(back.list()[0]), "0");
  EXPECT_EQ(json::write(back.list()[1]), "[]");
  EXPECT_TRUE(back.list()[2].as<Detections>().rows.empty());
}

}  // namespace
}  // namespace vedette::blocks::python
