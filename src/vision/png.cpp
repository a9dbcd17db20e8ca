#include <algorithm>
#include <csetjmp>
#include <png.h>

#include "vision/decode.hpp"

namespace vedette::vision {
namespace {

using Span = std::span<const std::uint8_t>;

/// Frees what libpng holds, also after a jump out of it.
struct Reading {
  png_structp png = nullptr;
  png_infop info = nullptr;

  Reading() = default;
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading() { png_destroy_read_struct(&png, &info, nullptr); }
};

[[noreturn]] void give_up(png_structp png, png_const_charp) { png_longjmp(png, 1); }

void say_nothing(png_structp, png_const_charp) {}

void take_bytes(png_structp png, png_bytep to, std::size_t size) {
  auto& rest = *static_cast<Span*>(png_get_io_ptr(png));
  if (rest.size() < size) png_longjmp(png, 1);
  std::copy_n(rest.begin(), size, to);
  rest = rest.subspan(size);
}

/// What OpenCV asks of libpng: 8 bits by dropping the lower byte, no alpha, BGR.
void ask_for_bgr(png_structp png, png_infop info) {
  const int color = png_get_color_type(png, info);
  png_set_strip_16(png);
  png_set_strip_alpha(png);
  if (color == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if ((color & PNG_COLOR_MASK_COLOR) != 0) {
    png_set_bgr(png);
  } else {
    png_set_expand_gray_1_2_4_to_8(png);
    png_set_gray_to_rgb(png);
  }
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
}

/// libpng leaves by a jump when it fails: nothing in here may need a destructor.
bool read_pixels(const Reading& reading, cv::Mat& pixels, png_bytep* rows) {
  if (setjmp(png_jmpbuf(reading.png)) != 0) return false;
  // Compressed text and profiles can come to gigabytes, and none of it makes a pixel.
  png_set_keep_unknown_chunks(reading.png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_read_info(reading.png, reading.info);
  ask_for_bgr(reading.png, reading.info);
  const bool fits =
      png_get_image_width(reading.png, reading.info) == static_cast<png_uint_32>(pixels.cols) &&
      png_get_image_height(reading.png, reading.info) == static_cast<png_uint_32>(pixels.rows) &&
      png_get_rowbytes(reading.png, reading.info) == pixels.step;
  if (!fits) return false;
  png_read_image(reading.png, rows);
  png_read_end(reading.png, nullptr);
  return true;
}

}  // namespace

Result<cv::Mat> decode_png(Span encoded, cv::Size stored) {
  Reading reading;
  reading.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, give_up, say_nothing);
  if (reading.png) reading.info = png_create_info_struct(reading.png);
  if (!reading.info) return fail(Errc::io, "there is no memory to decode a PNG");
  png_set_read_fn(reading.png, &encoded, take_bytes);

  cv::Mat pixels(stored, CV_8UC3);
  std::vector<png_bytep> rows;
  for (int y = 0; y < pixels.rows; ++y) rows.push_back(pixels.ptr(y));
  if (!read_pixels(reading, pixels, rows.data())) {
    return fail(Errc::bad_input, "this PNG is cut off or broken");
  }
  return pixels;
}

}  // namespace vedette::vision
