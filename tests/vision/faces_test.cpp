#include "vision/faces.hpp"

#include <gtest/gtest.h>

#include <map>
#include <opencv2/core.hpp>
#include <thread>

#include "models.hpp"

namespace vedette::vision {
namespace {

/// One set of models for all tests of this file: loading takes longer than asking.
const FaceModels& dlib() {
  static const auto models = load_face_models(face_settings()).value();
  return *models;
}

Embedding largest(const FaceModels& models, const std::string& path) {
  const cv::Mat pixels = project_picture(path);
  return models.embed(pixels, models.detect(pixels).value().at(0)).value();
}

const std::map<std::string, std::string> people{
    {"Barack Obama", "demo/people/Barack Obama/portrait-2012.jpg"},
    {"Joe Biden", "demo/people/Joe Biden/blue-room-2010.jpg"},
    {"Eileen Collins", "demo/people/Eileen Collins/portrait.jpg"},
};

struct Probe {
  std::string name, picture;
  std::vector<std::string> persons;  ///< from left to right; empty: none of those
};

class DlibFaces : public testing::TestWithParam<Probe> {};

TEST_P(DlibFaces, AreToldApart) {
  const cv::Mat pixels = project_picture(GetParam().picture);
  auto faces = dlib().detect(pixels).value();
  ASSERT_EQ(faces.size(), GetParam().persons.size());
  std::ranges::sort(faces, {}, [](const Face& face) { return face.box.left; });
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const Embedding embedding = dlib().embed(pixels, faces[i]).value();
    ASSERT_EQ(embedding.size(), dlib().dimension());
    for (const auto& [person, photo] : people) {
      const double similarity =
          dlib().similarity(dlib().distance(embedding, largest(dlib(), photo)));
      if (person == GetParam().persons[i]) {
        EXPECT_GE(similarity, 0.60) << person << " should be known";
      } else {
        EXPECT_LE(similarity, 0.45) << person << " should not be taken for face " << i;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Photos, DlibFaces,
    testing::Values(
        Probe{"Congress", "demo/photos/obama-congress-2009.jpg", {"Barack Obama"}},
        Probe{"BlueRoom", "demo/photos/obama-blue-room-2010.jpg", {"Barack Obama"}},
        Probe{"Stranger", "demo/photos/stranger.jpg", {""}},
        Probe{"Three", "demo/photos/three-people.jpg", {"Barack Obama", "Joe Biden", ""}}),
    [](const auto& test) { return test.param.name; });

TEST(Dlib, SaysWhatItIs) {
  EXPECT_EQ(dlib().embedder(), "dlib-resnet/1");
  EXPECT_EQ(dlib().dimension(), 128u);
}

TEST(Dlib, HalvesAtItsOperatingPoint) {
  EXPECT_DOUBLE_EQ(dlib().similarity(0), 1);
  EXPECT_DOUBLE_EQ(dlib().similarity(0.58), 0.5);
  EXPECT_DOUBLE_EQ(dlib().similarity(2), 0);
}

TEST(Dlib, MeasuresTheStraightLine) {
  const Embedding a{0, 3}, b{4, 0};
  EXPECT_DOUBLE_EQ(dlib().distance(a, b), 5);
}

TEST(Dlib, GivesTheSameNumbersAgain) {
  EXPECT_EQ(largest(dlib(), "tests/fixtures/faces/one.jpg"),
            largest(dlib(), "tests/fixtures/faces/one.jpg"));
}

TEST(Dlib, ServesMoreThreadsThanItHasStreams) {
  const auto expected = largest(dlib(), "tests/fixtures/faces/one.jpg");
  std::array<Embedding, 5> found;
  std::array<std::thread, 5> threads;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    threads[i] =
        std::thread([&, i] { found[i] = largest(dlib(), "tests/fixtures/faces/one.jpg"); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Embedding& each : found) EXPECT_EQ(each, expected);
}

TEST(Dlib, RefusesPixelsItCannotRead) {
  EXPECT_EQ(dlib().detect({}).error().code, Errc::bad_input);
  EXPECT_EQ(dlib().detect(cv::Mat(9, 9, CV_8UC1)).error().code, Errc::bad_input);
}

TEST(Dlib, RefusesAFaceWithoutMarks) {
  const auto embedding = dlib().embed(cv::Mat(99, 99, CV_8UC3), Face{});
  ASSERT_FALSE(embedding);
  EXPECT_EQ(embedding.error().code, Errc::bad_input);
}

/// fr_feature is optional; where its file is missing, the message has to say so.
TEST(FrFeature, TellsPeopleApartOrThatItIsMissing) {
  FaceSettings settings = face_settings();
  settings.embedder = "fr_feature";
  const auto models = load_face_models(settings);
  if (!models) {
    EXPECT_EQ(models.error().code, Errc::not_found);
    EXPECT_NE(models.error().what.find("fr_feature.onnx"), std::string::npos);
    return;
  }
  EXPECT_EQ((*models)->dimension(), 512u);
  const auto similar = [&](const std::string& a, const std::string& b) {
    return (*models)->similarity((*models)->distance(largest(**models, a), largest(**models, b)));
  };
  const std::string& portrait = people.at("Barack Obama");
  EXPECT_NEAR(cv::norm(largest(**models, portrait)), 1, 1e-5);
  EXPECT_GE(similar(portrait, "demo/photos/obama-congress-2009.jpg"), 0.6);
  EXPECT_LE(similar(portrait, "demo/photos/stranger.jpg"), 0.4);
  EXPECT_DOUBLE_EQ((*models)->similarity(0.6), 0.5);
}

struct Refusal {
  std::string name;
  FaceSettings settings;
  Errc code;
  std::string says;
};

class LoadFaceModelsRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(LoadFaceModelsRefuses, AndSaysWhy) {
  const auto models = load_face_models(GetParam().settings);
  ASSERT_FALSE(models);
  EXPECT_EQ(models.error().code, GetParam().code);
  EXPECT_NE(models.error().what.find(GetParam().says), std::string::npos) << models.error().what;
}

FaceSettings with(void (*change)(FaceSettings&)) {
  FaceSettings settings = face_settings();
  change(settings);
  return settings;
}

INSTANTIATE_TEST_SUITE_P(
    Settings, LoadFaceModelsRefuses,
    testing::Values(Refusal{"NoModels", with([](FaceSettings& s) { s.models = "/nowhere"; }),
                            Errc::not_found, "/nowhere/face_detection_yunet_2023mar.onnx"},
                    Refusal{"NoSuchDetector", with([](FaceSettings& s) { s.detector = "mtcnn"; }),
                            Errc::bad_input, "'mtcnn'"},
                    Refusal{"NoSuchEmbedder", with([](FaceSettings& s) { s.embedder = "arc"; }),
                            Errc::bad_input, "there are dlib-resnet, fr_feature"},
                    Refusal{"TooSmall", with([](FaceSettings& s) { s.det_size = 319; }),
                            Errc::bad_input, "320 to 1920"},
                    Refusal{"TooLarge", with([](FaceSettings& s) { s.det_size = 1921; }),
                            Errc::bad_input, "320 to 1920"},
                    Refusal{"NoStream", with([](FaceSettings& s) { s.streams = 0; }),
                            Errc::bad_input, "stream"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace vedette::vision
