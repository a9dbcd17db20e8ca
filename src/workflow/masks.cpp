#include "workflow/masks.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <opencv2/imgproc.hpp>

namespace vedette::workflow {
namespace {

using Runs = std::vector<std::int64_t>;  // lengths, zeros first, down the columns

/// Numbers of any size in six bits a letter, from '0' on; from the third on as differences to the
/// last but one.
std::string pack(const Runs& runs) {
  std::string text;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    std::int64_t rest = i > 2 ? runs[i] - runs[i - 2] : runs[i];
    for (bool more = true; more;) {
      auto bits = rest & 0x1f;
      rest >>= 5;
      more = (bits & 0x10) ? rest != -1 : rest != 0;
      if (more) bits |= 0x20;
      text += static_cast<char>(bits + '0');
    }
  }
  return text;
}

Result<Runs> unpack(std::string_view text) {
  Runs runs;
  for (std::size_t at = 0; at < text.size();) {
    std::int64_t value = 0;
    for (int shift = 0;; shift += 5) {
      if (at == text.size() || shift > 55) return fail(Errc::bad_input, "counts: cut off");
      const int bits = text[at++] - '0';
      if (bits < 0 || bits > 0x3f) return fail(Errc::bad_input, "counts: an unknown letter");
      value |= std::int64_t{bits & 0x1f} << shift;
      if (bits & 0x20) continue;
      if (bits & 0x10) value |= -(std::int64_t{1} << (shift + 5));
      break;
    }
    if (runs.size() > 2) value += runs[runs.size() - 2];
    runs.push_back(value);
  }
  return runs;
}

Result<Runs> runs_of(const Value& counts) {
  if (counts.is_string()) return unpack(counts.string());
  if (!counts.is_list()) return fail(Errc::bad_input, "counts: neither text nor a list");
  Runs runs;
  for (const Value& one : counts.list()) {
    if (!one.is_integer()) return fail(Errc::bad_input, "counts: not a list of whole numbers");
    runs.push_back(one.integer());
  }
  return runs;
}

}  // namespace

std::vector<cv::Point> outline_of(const cv::Mat& mask) {
  constexpr std::size_t least = 3;
  std::vector<std::vector<cv::Point>> contours;
  if (mask.empty()) return {};
  cv::findContours(mask, contours, cv::RETR_TREE, cv::CHAIN_APPROX_SIMPLE);
  if (contours.empty()) return {};
  const auto area = [](const std::vector<cv::Point>& one) { return cv::contourArea(one); };
  std::vector<cv::Point> largest = *std::ranges::max_element(contours, {}, area);
  while (largest.size() < least) largest.push_back(largest.back());
  return largest;
}

Value encode_mask(const cv::Mat& mask) {
  Runs runs;
  bool inside = false;
  std::int64_t run = 0;
  for (int x = 0; x < mask.cols; ++x) {
    for (int y = 0; y < mask.rows; ++y) {
      if ((mask.at<std::uint8_t>(y, x) != 0) != inside) {
        runs.push_back(std::exchange(run, 0));
        inside = !inside;
      }
      ++run;
    }
  }
  runs.push_back(run);
  return Dict{{"size", List{Value(mask.rows), Value(mask.cols)}}, {"counts", pack(runs)}};
}

Result<cv::Mat> decode_mask(const Value& coded, std::int64_t most_pixels) {
  constexpr std::int64_t most_side = 1'000'000;
  const Value& size = coded.is_dict() ? coded.dict()["size"] : coded;
  const bool sized = size.is_list() && size.list().size() == 2 && size.list()[0].is_integer() &&
                     size.list()[1].is_integer();
  if (!sized) return fail(Errc::bad_input, "rle_mask: no size [height, width]");
  const std::int64_t height = size.list()[0].integer();
  const std::int64_t width = size.list()[1].integer();
  if (height < 0 || width < 0 || height > most_side || width > most_side ||
      height * width > most_pixels) {
    return fail(Errc::too_large, fmt::format("rle_mask: {} x {} pixels, more than the {} allowed",
                                             width, height, most_pixels));
  }
  auto runs = runs_of(coded.dict()["counts"]);
  if (!runs) return fail(std::move(runs).error().within("rle_mask"));
  cv::Mat mask = cv::Mat::zeros(static_cast<int>(height), static_cast<int>(width), CV_8UC1);
  std::int64_t at = 0;
  bool inside = false;
  for (const std::int64_t run : *runs) {
    if (run < 0 || run > height * width - at) {
      return fail(Errc::bad_input, "rle_mask: counts do not fit the size");
    }
    for (std::int64_t end = at + run; at < end; ++at) {
      if (inside)
        mask.at<std::uint8_t>(static_cast<int>(at % height), static_cast<int>(at / height)) = 1;
    }
    inside = !inside;
  }
  return mask;
}

}  // namespace vedette::workflow
