#pragma once
/// Face models for tests of the store and the search: quick, and the same for the same picture.

#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <random>
#include <string>
#include <thread>

#include "base/id.hpp"
#include "gallery/gallery.hpp"

namespace vedette::gallery {

/// Every picture is one face. Its embedding is drawn from its pixels: equal for equal pictures, a
/// distance of about 1.4 for others. Pixels that are all black show no face.
class PixelModels final : public vision::FaceModels {
 public:
  explicit PixelModels(std::string version = "pixels/1", std::size_t dimension = 128)
      : version_(std::move(version)), dimension_(dimension) {}

  [[nodiscard]] Result<std::vector<vision::Face>> detect(const cv::Mat& pixels) const override {
    if (cv::norm(pixels, cv::NORM_INF) == 0) return std::vector<vision::Face>{};
    const double width = pixels.cols, height = pixels.rows;
    const auto at = [&](double x, double y) { return vision::Point{x * width, y * height}; };
    return std::vector{
        vision::Face{.box = {0, 0, width, height},
                     .confidence = 0.9,
                     .marks = {at(.25, .4), at(.75, .4), at(.5, .6), at(.3, .8), at(.7, .8)}}};
  }

  [[nodiscard]] Result<vision::Embedding> embed(const cv::Mat& pixels,
                                                const vision::Face&) const override {
    ++embedded;
    std::this_thread::sleep_for(takes.load());
    const std::size_t bytes = pixels.total() * pixels.elemSize();
    const std::string digest =
        sha256_hex(version_ + std::string(reinterpret_cast<const char*>(pixels.data), bytes));
    std::seed_seq seed(digest.begin(), digest.end());
    std::mt19937 chance(seed);
    std::normal_distribution<float> normal(0, 1 / std::sqrt(static_cast<float>(dimension_)));
    vision::Embedding embedding(dimension_);
    for (float& x : embedding) x = normal(chance);
    return embedding;
  }

  [[nodiscard]] const std::string& embedder() const override { return version_; }
  [[nodiscard]] std::size_t dimension() const override { return dimension_; }
  [[nodiscard]] double distance(std::span<const float> a, std::span<const float> b) const override {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
      sum += difference * difference;
    }
    return std::sqrt(sum);
  }
  [[nodiscard]] double similarity(double distance) const override {
    return std::max(0.0, 1 - distance / 1.16);
  }

  mutable std::atomic<int> embedded = 0;
  std::atomic<std::chrono::milliseconds> takes{};

 private:
  std::string version_;
  std::size_t dimension_;
};

/// A PNG of noise; another one for every number.
inline vision::SharedBytes picture(unsigned number) {
  cv::Mat pixels(64, 64, CV_8UC3);
  cv::RNG(number * 2 + 1).fill(pixels, cv::RNG::UNIFORM, 0, 256);
  vision::Bytes bytes;
  cv::imencode(".png", pixels, bytes, {cv::IMWRITE_PNG_COMPRESSION, 0});
  return std::make_shared<const vision::Bytes>(std::move(bytes));
}

/// What the models make of a picture.
inline vision::Embedding embedding_of(const vision::FaceModels& models,
                                      const vision::SharedBytes& encoded) {
  const cv::Mat pixels = cv::imdecode(*encoded, cv::IMREAD_COLOR);
  return models.embed(pixels, models.detect(pixels).value().at(0)).value();
}

/// A folder of its own, gone with the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "gallery-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Waits until something is so; false after ten seconds.
template <class Condition>
[[nodiscard]] bool soon(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

}  // namespace vedette::gallery
