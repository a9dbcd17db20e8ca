#include <algorithm>
#include <array>
#include <memory>
#include <opencv2/imgproc.hpp>
#include <tiffio.h>

#include "vision/decode.hpp"

namespace vedette::vision {
namespace {

using Span = std::span<const std::uint8_t>;

/// Room for anything that a decoder keeps beside the picture, a tile of 2048 x 2048 at the most.
constexpr tmsize_t spare_room = 16 << 20;

/// Bytes as libtiff reads a file.
struct Source {
  Span bytes;
  std::uint64_t at = 0;

  static Source& of(thandle_t handle) { return *static_cast<Source*>(handle); }

  static tmsize_t read(thandle_t handle, void* to, tmsize_t wanted) {
    Source& self = of(handle);
    const std::uint64_t rest = self.bytes.size() - std::min(self.at, self.bytes.size());
    const std::uint64_t size = std::min(rest, static_cast<std::uint64_t>(wanted));
    const auto from = self.bytes.last(rest).first(size);
    std::ranges::copy(from, static_cast<std::uint8_t*>(to));
    self.at += size;
    return static_cast<tmsize_t>(size);
  }
  static tmsize_t write(thandle_t, void*, tmsize_t) { return 0; }
  static toff_t seek(thandle_t handle, toff_t offset, int whence) {
    Source& self = of(handle);
    if (whence == SEEK_SET) self.at = offset;
    if (whence == SEEK_CUR) self.at += offset;
    if (whence == SEEK_END) self.at = self.bytes.size() + offset;
    return self.at;
  }
  static int close(thandle_t) { return 0; }
  static toff_t size(thandle_t handle) { return of(handle).bytes.size(); }
};

int say_nothing(TIFF*, void*, const char*, const char*, va_list) { return 1; }

struct Close {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
  void operator()(TIFFRGBAImage* image) const { TIFFRGBAImageEnd(image); }
};

std::unique_ptr<TIFF, Close> open(Source& source, tmsize_t room) {
  const std::unique_ptr<TIFFOpenOptions, Close> options(TIFFOpenOptionsAlloc());
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), room);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), say_nothing, nullptr);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), say_nothing, nullptr);
  return std::unique_ptr<TIFF, Close>(
      TIFFClientOpenExt("", "rm", &source, Source::read, Source::write, Source::seek, Source::close,
                        Source::size, nullptr, nullptr, options.get()));
}

std::unexpected<Error> broken() {
  return fail(Errc::bad_input, "this TIFF is cut off, broken or of a kind that is not read");
}

}  // namespace

Result<cv::Mat> decode_tiff(Span encoded, cv::Size stored) {
  constexpr tmsize_t bytes_a_pixel = 32;  // four channels of 64 bits are the widest
  Source source{encoded};
  const auto tiff = open(source, spare_room + bytes_a_pixel * stored.area());
  TIFFRGBAImage image{};
  std::array<char, 1024> reason{};
  if (!tiff || TIFFRGBAImageBegin(&image, tiff.get(), 1, reason.data()) == 0) return broken();
  const std::unique_ptr<TIFFRGBAImage, Close> opened(&image);
  if (image.width != static_cast<std::uint32_t>(stored.width) ||
      image.height != static_cast<std::uint32_t>(stored.height)) {
    return broken();
  }
  image.req_orientation = image.orientation;  // as stored: it is turned with all other formats
  cv::Mat rgba = cv::Mat::zeros(stored, CV_8UC4);
  if (TIFFRGBAImageGet(&image, rgba.ptr<std::uint32_t>(), image.width, image.height) == 0) {
    return broken();
  }
  cv::Mat pixels;
  cv::cvtColor(rgba, pixels, cv::COLOR_RGBA2BGR);
  return pixels;
}

}  // namespace vedette::vision
