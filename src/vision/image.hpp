#pragma once
/// One picture: immutable, shared, decoded at most once and only when somebody asks.
///
/// It knows the forms it has been in (base64 text, encoded bytes, pixels) and makes each of the
/// others once, on demand. What was not changed is therefore never encoded again.

#include <cstdint>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/value.hpp"
#include "vision/once.hpp"

namespace vedette::vision {

using Bytes = std::vector<std::uint8_t>;
using SharedBytes = std::shared_ptr<const Bytes>;

struct ImageLimits {
  std::int64_t pixels = 64'000'000;  ///< width x height, checked before anything is allocated
  std::size_t encoded = 64u << 20;   ///< bytes of one encoded picture
};

enum class Format : std::uint8_t { none, jpeg, png, bmp, webp, tiff, gif };

/// What a picture's first bytes say of it.
struct Header {
  Format format = Format::none;
  int width = 0;        ///< px, after the EXIF orientation
  int height = 0;       ///< px, after the EXIF orientation
  int orientation = 1;  ///< EXIF: 1 to 8; 1 where nothing is said
  bool operator==(const Header&) const = default;
};

/// Reads the header alone; allocates nothing for pixels. The orientation of JPEG, PNG and TIFF
/// is read; that of WebP is not, as the peer does not either.
/// fails  bad_input: empty, no format we know, cut off within the header, sides under 1 px
///        too_large: more pixels than the limit; the message names both sizes
[[nodiscard]] Result<Header> read_header(std::span<const std::uint8_t> encoded,
                                         const ImageLimits& limits);

class Image {
 public:
  /// Checks the header, not the pixels.
  /// fails  as read_header(); too_large: more bytes than the limit
  [[nodiscard]] static Result<std::shared_ptr<const Image>> from_encoded(
      SharedBytes encoded, const ImageLimits& limits = {});

  /// `text` is base64, with or without a data-URI prefix; the text is kept, so that an unchanged
  /// picture goes out as it came in. Decodes the first bytes only, to check the header.
  /// fails  as from_encoded(); bad_input, where it is not base64
  [[nodiscard]] static Result<std::shared_ptr<const Image>> from_base64(
      Value text, const ImageLimits& limits = {});

  /// Takes over `pixels` (CV_8UC3 in BGR order, or CV_8UC1), which nobody may write to any more.
  [[nodiscard]] static std::shared_ptr<const Image> from_pixels(cv::Mat pixels);

  [[nodiscard]] int width() const { return header_.width; }
  [[nodiscard]] int height() const { return header_.height; }

  /// CV_8UC3 in BGR order (CV_8UC1 where it was made of such); decoded on the first call, other
  /// threads wait for it. Upright by EXIF, the first frame of several, alpha dropped, 16 bits
  /// scaled to 8, CMYK converted: what OpenCV's imdecode(…, IMREAD_COLOR) gives the peer.
  /// fails  bad_input: cannot be decoded, or is cut off
  [[nodiscard]] Result<cv::Mat> pixels() const;
  [[nodiscard]] bool is_decoded() const { return pixels_.is_made(); }

  /// The bytes as they came, or null where the picture was drawn here.
  /// fails  bad_input: the text is not base64 throughout
  [[nodiscard]] Result<SharedBytes> original() const;
  [[nodiscard]] Format format() const { return header_.format; }

  /// JPEG at quality 95, 4:2:0 (as OpenCV writes it): the original where that is a JPEG.
  /// fails  as pixels()
  [[nodiscard]] Result<SharedBytes> jpeg() const;

  /// The text that came in, to the letter, if it came in so; else base64 of jpeg().
  /// fails  as jpeg()
  [[nodiscard]] Result<std::string_view> base64() const;

 private:
  Image() = default;

  Header header_;
  Value text_;                  ///< base64 as it came, or null
  Once<SharedBytes> original_;  ///< null where the picture was drawn here
  Once<cv::Mat> pixels_;
  Once<SharedBytes> jpeg_;
  Once<std::string> base64_;
};

using ImagePtr = std::shared_ptr<const Image>;

/// Encodes BGR or gray pixels as a JPEG at `quality` (1 to 100), 4:2:0.
/// fails  bad_input: a side over 65,500 px, or neither CV_8UC3 nor CV_8UC1
[[nodiscard]] Result<Bytes> encode_jpeg(const cv::Mat& pixels, int quality);

}  // namespace vedette::vision
