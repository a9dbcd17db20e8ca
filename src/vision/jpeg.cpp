#include "vision/jpeg.hpp"

#include <cstring>
#include <memory>
#include <turbojpeg.h>

namespace vedette::vision {
namespace {

using Span = std::span<const std::uint8_t>;

struct Destroy {
  void operator()(void* codec) const { tjDestroy(codec); }
};
using Codec = std::unique_ptr<void, Destroy>;

/// Null where there is no memory for it; every call then fails with TurboJPEG's own words.
Codec& decoder() {
  thread_local Codec codec(tjInitDecompress());
  return codec;
}

tjhandle encoder() {
  thread_local const Codec codec(tjInitCompress());
  return codec.get();
}

std::unexpected<Error> cannot(const char* verb, tjhandle codec) {
  return fail(Errc::bad_input,
              std::string("this JPEG cannot be ") + verb + ": " + tjGetErrorStr2(codec));
}

/// What comes after the headers: how many scans there are, and whether the picture has an end.
struct Scans {
  int count = 0;
  bool is_whole = false;
};

Scans count_scans(Span bytes) {
  Scans scans;
  std::size_t at = 2;
  while (at + 1 < bytes.size()) {
    const void* found = std::memchr(&bytes[at], 0xFF, bytes.size() - 1 - at);
    if (!found) break;
    at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - bytes.data()) + 1;
    const std::uint8_t marker = bytes[at];
    if (marker == 0xFF) continue;
    ++at;
    if (marker == 0xD9) {
      scans.is_whole = true;
      break;
    }
    if (marker == 0xDA) ++scans.count;
    const bool stands_alone = marker <= 0x01 || (marker >= 0xD0 && marker <= 0xD8);
    if (!stands_alone && at + 1 < bytes.size()) at += std::size_t{bytes[at]} << 8 | bytes[at + 1];
  }
  return scans;
}

// TurboJPEG calls an error that comes after a warning a warning too. Rows are written in order, so
// a mark in the last one tells whether the picture was finished.

std::uint8_t mark(std::size_t place) { return static_cast<std::uint8_t>(place * 167 + 13); }

void mark_last_row(cv::Mat& pixels) {
  std::uint8_t* row = pixels.ptr(pixels.rows - 1);
  for (std::size_t i = 0; i < pixels.step; ++i) row[i] = mark(i);
}

bool is_last_row_marked(const cv::Mat& pixels) {
  const std::uint8_t* row = pixels.ptr(pixels.rows - 1);
  for (std::size_t i = 0; i < pixels.step; ++i) {
    if (row[i] != mark(i)) return false;
  }
  return true;
}

/// Adobe stores CMYK inverted, so that k is the light that is left. The rounding is OpenCV's.
cv::Mat from_inverted_cmyk(const cv::Mat& cmyk) {
  cv::Mat bgr(cmyk.size(), CV_8UC3);
  for (int y = 0; y < cmyk.rows; ++y) {
    const auto* from = cmyk.ptr<cv::Vec4b>(y);
    auto* to = bgr.ptr<cv::Vec3b>(y);
    for (int x = 0; x < cmyk.cols; ++x) {
      const int k = from[x][3];
      for (int i = 0; i < 3; ++i) {
        to[x][2 - i] = static_cast<std::uint8_t>(k - ((255 - from[x][i]) * k >> 8));
      }
    }
  }
  return bgr;
}

/// Room that a thread keeps from one picture to the next, up to this size; the worst case of a
/// JPEG is far larger than what it comes to.
constexpr std::size_t kept_room = 8u << 20;

}  // namespace

Result<cv::Mat> decode_jpeg(Span encoded, cv::Size stored) {
  const Scans scans = count_scans(encoded);
  if (scans.count > max_jpeg_scans) {
    return fail(Errc::bad_input, "this JPEG has " + std::to_string(scans.count) +
                                     " scans; no more than " + std::to_string(max_jpeg_scans) +
                                     " are read");
  }
  Codec& codec = decoder();
  int width = 0, height = 0, sampling = 0, space = 0;
  if (tjDecompressHeader3(codec.get(), encoded.data(), encoded.size(), &width, &height, &sampling,
                          &space) != 0) {
    auto error = cannot("read", codec.get());
    codec.reset(tjInitDecompress());  // the old one would take the next picture for more of this
    if (width == 0) return error;     // else it was a warning
  }
  if (stored != cv::Size(width, height)) {
    return fail(Errc::bad_input, "this JPEG is broken: it has two sizes");
  }

  const bool has_k = space == TJCS_CMYK || space == TJCS_YCCK;
  cv::Mat pixels(stored, has_k ? CV_8UC4 : CV_8UC3);
  mark_last_row(pixels);
  const int status =
      tjDecompress2(codec.get(), encoded.data(), encoded.size(), pixels.data, width,
                    static_cast<int>(pixels.step), height, has_k ? TJPF_CMYK : TJPF_BGR, 0);
  if (status != 0) {
    if (is_last_row_marked(pixels)) return cannot("decoded", codec.get());
    if (!scans.is_whole) return fail(Errc::bad_input, "this JPEG is cut off");
  }
  return has_k ? from_inverted_cmyk(pixels) : pixels;
}

Result<Bytes> encode_jpeg(const cv::Mat& pixels, int quality) {
  const bool is_gray = pixels.type() == CV_8UC1;
  if ((!is_gray && pixels.type() != CV_8UC3) || pixels.empty()) {
    return fail(Errc::bad_input, "only BGR and gray pictures of 8 bits become a JPEG");
  }
  const int sampling = is_gray ? TJSAMP_GRAY : TJSAMP_420;
  const auto room = tjBufSize(pixels.cols, pixels.rows, sampling);
  const tjhandle codec = encoder();
  if (room == static_cast<unsigned long>(-1)) return cannot("written", codec);

  thread_local Bytes buffer;
  if (buffer.size() < room) buffer.resize(room);
  std::uint8_t* start = buffer.data();
  unsigned long size = room;
  const int status = tjCompress2(codec, pixels.data, pixels.cols, static_cast<int>(pixels.step),
                                 pixels.rows, is_gray ? TJPF_GRAY : TJPF_BGR, &start, &size,
                                 sampling, quality, TJFLAG_ACCURATEDCT | TJFLAG_NOREALLOC);
  Result<Bytes> encoded = Bytes(start, start + (status == 0 ? size : 0));
  if (status != 0) encoded = cannot("written", codec);
  if (buffer.size() > kept_room) Bytes().swap(buffer);
  return encoded;
}

}  // namespace vedette::vision
