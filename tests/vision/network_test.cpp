#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <thread>

#include "models.hpp"
#include "vision/session.hpp"

namespace vedette::vision {
namespace {

const TensorShape face_shape{{1, 3, 150, 150}};

Result<std::shared_ptr<const Network>> load_dlib() {
  return load_network(models_folder() + "/dlib_resnet128.onnx", {.usual = face_shape});
}

void fill(std::span<float> input, float phase) {
  for (std::size_t i = 0; i < input.size(); ++i) {
    input[i] = 128 + 100 * std::sin(static_cast<float>(i % 977) * 0.05F + phase);
  }
}

Result<std::vector<float>> ask(Session& session, float phase) {
  const auto input = session.input(face_shape);
  if (!input) return fail(input.error());
  fill(*input, phase);
  const auto outputs = session.run();
  if (!outputs) return fail(outputs.error());
  const auto data = outputs->front().data;
  return std::vector<float>(data.begin(), data.end());
}

TEST(TensorShape, CountsItsNumbers) {
  EXPECT_EQ(face_shape.count(), 3u * 150 * 150);
  EXPECT_EQ(TensorShape{}.count(), 1u);
}

TEST(Network, NamesTheMissingFileAndTheRemedy) {
  const auto network = load_network("/nowhere/yunet.onnx", {});
  ASSERT_FALSE(network);
  EXPECT_EQ(network.error().code, Errc::not_found);
  EXPECT_NE(network.error().what.find("/nowhere/yunet.onnx"), std::string::npos);
  EXPECT_NE(network.error().what.find("get_models.py"), std::string::npos);
}

TEST(Network, RefusesAFileThatIsNoNetwork) {
  const std::string path = testing::TempDir() + "no_network.onnx";
  std::ofstream(path) << "this is no network";
  const auto network = load_network(path, {.usual = face_shape});
  ASSERT_FALSE(network);
  EXPECT_EQ(network.error().code, Errc::bad_input) << network.error().what;
}

TEST(Network, DescribesWhatItAnswers) {
  const auto network = load_dlib();
  ASSERT_TRUE(network) << network.error().what;
  EXPECT_EQ((*network)->name(), "dlib_resnet128");
  const auto session = (*network)->open();
  ASSERT_TRUE(session) << session.error().what;
  const auto input = (*session)->input(face_shape);
  ASSERT_TRUE(input) << input.error().what;
  EXPECT_EQ(input->size(), face_shape.count());
  fill(*input, 0);
  const auto outputs = (*session)->run();
  ASSERT_TRUE(outputs) << outputs.error().what;
  ASSERT_EQ(outputs->size(), 1u);
  EXPECT_EQ(outputs->front().name, "output");
  EXPECT_EQ(outputs->front().shape, (TensorShape{{1, 128}}));
  EXPECT_EQ(outputs->front().data.size(), 128u);
}

TEST(Network, DoesNotRunBeforeItHasInput) {
  const auto session = load_dlib().value()->open().value();
  const auto outputs = session->run();
  ASSERT_FALSE(outputs);
  EXPECT_EQ(outputs.error().code, Errc::bad_input);
}

TEST(Network, SaysWhichShapeItCannotTake) {
  const auto session = load_dlib().value()->open().value();
  const auto input = session->input({{1, 4, 150, 150}});
  ASSERT_FALSE(input);
  EXPECT_EQ(input.error().code, Errc::bad_input);
  EXPECT_NE(input.error().what.find("dlib_resnet128"), std::string::npos);
}

TEST(Network, RefusesAUsualShapeThatItCannotTake) {
  const std::string path = models_folder() + "/dlib_resnet128.onnx";
  const auto network = load_network(path, {.usual = {{1, 4, 150, 150}}});
  ASSERT_FALSE(network);
  EXPECT_EQ(network.error().code, Errc::bad_input);
  EXPECT_NE(network.error().what.find(path), std::string::npos);
}

TEST(Network, AnswersInOtherShapesAsInItsUsualOne) {
  const std::string yunet = models_folder() + "/face_detection_yunet_2023mar.onnx";
  const TensorShape small{{1, 3, 64, 96}};
  const auto made_for_it = load_network(yunet, {.usual = small}).value()->open().value();
  const auto made_for_other =
      load_network(yunet, {.usual = {{1, 3, 96, 64}}}).value()->open().value();
  for (const TensorShape& before : {TensorShape{{1, 3, 96, 64}}, TensorShape{{1, 3, 128, 32}}}) {
    ASSERT_TRUE(made_for_other->input(before));
    ASSERT_TRUE(made_for_other->run());
    fill(made_for_it->input(small).value(), 0);
    fill(made_for_other->input(small).value(), 0);
    const auto expected = made_for_it->run().value();
    const auto found = made_for_other->run().value();
    ASSERT_EQ(found.size(), 12u);
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].name, expected[i].name);
      ASSERT_EQ(found[i].shape, expected[i].shape);
      for (std::size_t n = 0; n < found[i].data.size(); ++n) {
        ASSERT_NEAR(found[i].data[n], expected[i].data[n], 1e-3) << found[i].name << ' ' << n;
      }
    }
  }
}

TEST(Network, AnswersTheSameOnEveryStreamAtOnce) {
  constexpr std::size_t streams = 2;  // as is usual
  const auto network = load_dlib();
  ASSERT_TRUE(network) << network.error().what;
  const auto alone = (*network)->open().value();
  const std::array expected{ask(*alone, 0.F).value(), ask(*alone, 1.F).value()};
  ASSERT_NE(expected[0], expected[1]);

  std::array<int, streams> differing{};
  std::array<std::thread, streams> threads;
  for (std::size_t i = 0; i < streams; ++i) {
    threads[i] = std::thread([&, i, session = std::shared_ptr((*network)->open().value())] {
      for (int turn = 0; turn < 10; ++turn) {
        if (ask(*session, static_cast<float>(i)) != expected[i]) ++differing[i];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(differing, (std::array<int, streams>{}));
}

}  // namespace
}  // namespace vedette::vision
