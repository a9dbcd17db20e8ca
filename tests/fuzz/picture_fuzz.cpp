/// The front door of pictures: any bytes are refused or become a picture as large as announced.

#include <cstdlib>

#include "vision/image.hpp"

using namespace vedette;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr vision::ImageLimits limits{.pixels = 1 << 18, .encoded = 1 << 20};
  const auto image =
      vision::Image::from_encoded(std::make_shared<const vision::Bytes>(data, data + size), limits);
  if (!image) return 0;
  const auto pixels = (*image)->pixels();
  if (!pixels) return 0;
  const bool is_as_announced = pixels->cols == (*image)->width() &&
                               pixels->rows == (*image)->height() && pixels->type() == CV_8UC3;
  if (!is_as_announced || !(*image)->jpeg()) std::abort();
  return 0;
}
