#include "vision/image.hpp"

#include <array>
#include <cassert>

#include "base/base64.hpp"
#include "vision/decode.hpp"

namespace vedette::vision {
namespace {

constexpr int jpeg_quality = 95;  // the peer's

/// How much of a text is decoded to see the header: mostly the first is enough, but a thumbnail
/// or a colour profile may come before the size.
constexpr std::array<std::size_t, 3> looks{4096, 256u << 10, SIZE_MAX};

/// "data:image/jpeg;base64,…" is base64 after the comma.
std::string_view without_prefix(std::string_view text) {
  if (!text.starts_with("data:")) return text;
  constexpr std::size_t longest_prefix = 256;
  const auto comma = text.substr(0, longest_prefix).find(',');
  return comma == text.npos ? text : text.substr(comma + 1);
}

std::unexpected<Error> too_many_bytes(std::size_t size, std::size_t limit) {
  return fail(Errc::too_large, "the picture has " + std::to_string(size) +
                                   " bytes, over the limit of " + std::to_string(limit));
}

}  // namespace

Result<ImagePtr> Image::from_encoded(SharedBytes encoded, const ImageLimits& limits) {
  assert(encoded);
  if (encoded->size() > limits.encoded) return too_many_bytes(encoded->size(), limits.encoded);
  const auto header = read_header(*encoded, limits);
  if (!header) return fail(header.error());
  std::shared_ptr<Image> image(new Image);
  image->header_ = *header;
  image->original_.set(std::move(encoded));
  return image;
}

Result<ImagePtr> Image::from_base64(Value text, const ImageLimits& limits) {
  const std::string_view code = without_prefix(text.string());
  const std::size_t size = code.size() / 4 * 3;
  if (size > limits.encoded) return too_many_bytes(size, limits.encoded);

  for (const std::size_t most : looks) {
    auto start = base64::decode(code, most);
    if (!start) return fail(start.error());
    const bool is_all = start->size() < most;
    const auto header = read_header(*start, limits);
    if (!header) {
      if (is_all || header.error().code == Errc::too_large) return fail(header.error());
      continue;
    }
    std::shared_ptr<Image> image(new Image);
    image->header_ = *header;
    image->text_ = std::move(text);
    if (is_all) image->original_.set(std::make_shared<const Bytes>(*std::move(start)));
    return image;
  }
  std::unreachable();  // the last look sees everything
}

ImagePtr Image::from_pixels(cv::Mat pixels) {
  assert(pixels.type() == CV_8UC3 || pixels.type() == CV_8UC1);
  std::shared_ptr<Image> image(new Image);
  image->header_.width = pixels.cols;
  image->header_.height = pixels.rows;
  image->original_.set(nullptr);
  image->pixels_.set(std::move(pixels));
  return image;
}

Result<SharedBytes> Image::original() const {
  return original_.get([this]() -> Result<SharedBytes> {
    auto bytes = base64::decode(without_prefix(text_.string()));
    if (!bytes) return fail(std::move(bytes).error());
    return std::make_shared<const Bytes>(*std::move(bytes));
  });
}

Result<cv::Mat> Image::pixels() const {
  return pixels_.get([this]() -> Result<cv::Mat> {
    const auto encoded = original();
    if (!encoded) return fail(encoded.error());
    return decode(**encoded, header_);
  });
}

Result<SharedBytes> Image::jpeg() const {
  if (header_.format == Format::jpeg) return original();
  return jpeg_.get([this]() -> Result<SharedBytes> {
    const auto made = pixels();
    if (!made) return fail(made.error());
    auto bytes = encode_jpeg(*made, jpeg_quality);
    if (!bytes) return fail(std::move(bytes).error());
    return std::make_shared<const Bytes>(*std::move(bytes));
  });
}

Result<std::string_view> Image::base64() const {
  if (text_.is_string()) return text_.string();
  const auto& text = base64_.get([this]() -> Result<std::string> {
    const auto bytes = jpeg();
    if (!bytes) return fail(bytes.error());
    std::string code;
    base64::encode(**bytes, code);
    return code;
  });
  if (!text) return fail(text.error());
  return *text;
}

}  // namespace vedette::vision
