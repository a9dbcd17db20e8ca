/// What the face models give by themselves, and what is left of it when pictures go through them.
///
///     models_bench [SECONDS]
///
/// The networks run on nothing new; a picture is decoded, searched for faces, and every face is
/// aligned and embedded. "of the models" is the share of the rate at which the two networks alone
/// could do that picture's inferences.

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>

#include "vision/faces.hpp"
#include "vision/image.hpp"
#include "vision/session.hpp"

namespace vedette::vision {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_streams = 2;
const std::string project = VEDETTE_PROJECT;

double milliseconds(Clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

struct Rate {
  double per_second = 0;
  double least_ms = 0;  ///< the quickest of all
};

/// Every task again and again on a thread of its own.
Rate measure(const std::vector<std::function<void()>>& tasks, std::chrono::duration<double> time) {
  std::vector<std::size_t> counts(tasks.size());
  std::vector<double> least(tasks.size(), 1e9);
  for (const auto& task : tasks) task();
  const auto begun = Clock::now();
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    threads.emplace_back([&, i] {
      while (Clock::now() - begun < time) {
        const auto before = Clock::now();
        tasks[i]();
        least[i] = std::min(least[i], milliseconds(Clock::now() - before));
        ++counts[i];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::size_t total = 0;
  for (const std::size_t count : counts) total += count;
  return {1000 * static_cast<double>(total) / milliseconds(Clock::now() - begun),
          std::ranges::min(least)};
}

Rate measure_network(const std::string& file, const TensorShape& shape, std::size_t streams,
                     std::chrono::duration<double> time) {
  const auto network =
      load_network(project + "/models/" + file, {.usual = shape, .streams = most_streams}).value();
  std::vector<std::function<void()>> tasks;
  for (std::size_t i = 0; i < streams; ++i) {
    const std::shared_ptr<Session> session = network->open().value();
    std::ranges::fill(session->input(shape).value(), 128.F);
    tasks.emplace_back([session] { session->run().value(); });
  }
  const Rate rate = measure(tasks, time);
  fmt::print("{:<32} {} thread(s)  {:7.2f} ms  {:7.1f}/s\n", file, streams, rate.least_ms,
             rate.per_second);
  return rate;
}

void measure_pictures(const FaceModels& models, const std::string& name, std::size_t threads,
                      const Rate& detector, const Rate& embedder,
                      std::chrono::duration<double> time) {
  std::ifstream file(project + "/tests/fixtures/faces/" + name, std::ios::binary);
  const auto encoded =
      std::make_shared<const Bytes>(Bytes(std::istreambuf_iterator<char>(file), {}));
  std::size_t found = 0;
  const auto recognise = [&] {
    const cv::Mat pixels = Image::from_encoded(encoded).value()->pixels().value();
    const auto faces = models.detect(pixels).value();
    for (const Face& face : faces) models.embed(pixels, face).value();
    return faces.size();
  };
  found = recognise();
  const std::vector<std::function<void()>> tasks(threads, recognise);
  const Rate rate = measure(tasks, time);
  const double models_alone =
      1 / (1 / detector.per_second + static_cast<double>(found) / embedder.per_second);
  fmt::print("{:<20} {} face(s)  {} thread(s)  {:7.2f} ms  {:7.1f}/s  {:5.1f} % of the models\n",
             name, found, threads, rate.least_ms, rate.per_second,
             100 * rate.per_second / models_alone);
}

}  // namespace
}  // namespace vedette::vision

int main(int argc, char** argv) {
  using namespace vedette::vision;  // NOLINT(google-build-using-namespace): a program's end
  const std::chrono::duration<double> time(argc > 1 ? std::strtod(argv[1], nullptr) : 3);
  const auto begun = Clock::now();
  const auto models = load_face_models({.models = project + "/models", .streams = most_streams});
  if (!models) {
    fmt::print(stderr, "{}\n", models.error().what);
    return 1;
  }
  fmt::print("both models are ready after {:.0f} ms\n", milliseconds(Clock::now() - begun));
  for (std::size_t threads = 1; threads <= most_streams; ++threads) {
    const Rate detector =
        measure_network("face_detection_yunet_2023mar.onnx", {{1, 3, 480, 640}}, threads, time);
    const Rate embedder = measure_network("dlib_resnet128.onnx", {{1, 3, 150, 150}}, threads, time);
    for (const char* name : {"one.jpg", "six.jpg"}) {
      measure_pictures(**models, name, threads, detector, embedder, time);
    }
  }
  return 0;
}
