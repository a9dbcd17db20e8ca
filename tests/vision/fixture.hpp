#pragma once
/// Files under tests/fixtures, for the tests of this room.

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "vision/image.hpp"

namespace vedette::vision {

/// Throws where there is no such file: a test without its fixture cannot pass.
inline Bytes read_fixture(const std::string& name) {
  std::ifstream file(std::string(VEDETTE_FIXTURES) + "/" + name, std::ios::binary);
  if (!file) throw std::runtime_error("no fixture " + name);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

inline std::string read_text_fixture(const std::string& name) {
  const Bytes bytes = read_fixture(name);
  return {bytes.begin(), bytes.end()};
}

inline cv::Mat read_picture(const std::string& name) {
  const auto image = Image::from_encoded(std::make_shared<const Bytes>(read_fixture(name)));
  if (!image) throw std::runtime_error(name + ": " + image.error().what);
  return (*image)->pixels().value();
}

/// How far the two are apart where they are farthest apart; 256 where they are not comparable.
inline int difference(const cv::Mat& a, const cv::Mat& b) {
  if (a.size() != b.size() || a.type() != b.type()) return 256;
  int most = 0;
  for (int y = 0; y < a.rows; ++y) {
    for (int x = 0; x < a.cols * a.channels(); ++x) {
      most = std::max(most, std::abs(a.ptr(y)[x] - b.ptr(y)[x]));
    }
  }
  return most;
}

}  // namespace vedette::vision
