#include <algorithm>
#include <array>
#include <gif_lib.h>
#include <memory>

#include "vision/decode.hpp"

namespace vedette::vision {
namespace {

using Span = std::span<const std::uint8_t>;

struct Close {
  void operator()(GifFileType* gif) const { DGifCloseFile(gif, nullptr); }
};

int read_bytes(GifFileType* gif, GifByteType* to, int wanted) {
  auto& rest = *static_cast<Span*>(gif->UserData);
  const std::size_t size = std::min(rest.size(), static_cast<std::size_t>(wanted));
  std::copy_n(rest.begin(), size, to);
  rest = rest.subspan(size);
  return static_cast<int>(size);
}

std::unexpected<Error> cannot(int code) {
  const char* reason = GifErrorString(code);
  return fail(Errc::bad_input,
              "this GIF cannot be decoded: " + std::string(reason ? reason : "it is broken"));
}

cv::Vec3b color_at(const ColorMapObject* map, int index) {
  if (!map || index >= map->ColorCount) return {};
  const GifColorType& color = map->Colors[index];
  return {color.Blue, color.Green, color.Red};
}

/// Goes on to the first frame.
/// returns  the index of the colour that is not drawn, or -1
Result<int> find_frame(GifFileType* gif) {
  int transparent = NO_TRANSPARENT_COLOR;
  for (;;) {
    GifRecordType type{};
    if (DGifGetRecordType(gif, &type) == GIF_ERROR) return cannot(gif->Error);
    if (type == IMAGE_DESC_RECORD_TYPE) {
      if (DGifGetImageDesc(gif) == GIF_ERROR) return cannot(gif->Error);
      return transparent;
    }
    if (type == TERMINATE_RECORD_TYPE) return cannot(D_GIF_ERR_NO_IMAG_DSCR);

    int code = 0;
    GifByteType* block = nullptr;
    if (DGifGetExtension(gif, &code, &block) == GIF_ERROR) return cannot(gif->Error);
    while (block) {
      GraphicsControlBlock control{};
      if (code == GRAPHICS_EXT_FUNC_CODE && DGifExtensionToGCB(block[0], block + 1, &control)) {
        transparent = control.TransparentColor;
      }
      if (DGifGetExtensionNext(gif, &block) == GIF_ERROR) return cannot(gif->Error);
    }
  }
}

struct Pass {
  int first, step;
};
constexpr std::array straight{Pass{0, 1}};
constexpr std::array interlaced{Pass{0, 8}, Pass{4, 8}, Pass{2, 4}, Pass{1, 2}};

}  // namespace

Result<cv::Mat> decode_gif(Span encoded) {
  int code = 0;
  const std::unique_ptr<GifFileType, Close> gif(DGifOpen(&encoded, read_bytes, &code));
  if (!gif) return cannot(code);
  const auto transparent = find_frame(gif.get());
  if (!transparent) return fail(transparent.error());

  const GifImageDesc& frame = gif->Image;
  if (frame.Width < 1 || frame.Height < 1 || frame.Left + frame.Width > gif->SWidth ||
      frame.Top + frame.Height > gif->SHeight) {
    return fail(Errc::bad_input, "this GIF cannot be decoded: its frame exceeds its canvas");
  }
  const ColorMapObject* map = frame.ColorMap ? frame.ColorMap : gif->SColorMap;
  const cv::Vec3b background = color_at(gif->SColorMap, gif->SBackGroundColor);
  cv::Mat pixels(gif->SHeight, gif->SWidth, CV_8UC3,
                 cv::Scalar(background[0], background[1], background[2]));
  std::vector<GifPixelType> line(static_cast<std::size_t>(frame.Width));
  const std::span<const Pass> passes =
      frame.Interlace ? std::span<const Pass>(interlaced) : straight;
  for (const Pass& pass : passes) {
    for (int y = pass.first; y < frame.Height; y += pass.step) {
      if (DGifGetLine(gif.get(), line.data(), frame.Width) == GIF_ERROR) return cannot(gif->Error);
      auto* row = pixels.ptr<cv::Vec3b>(frame.Top + y) + frame.Left;
      for (std::size_t x = 0; x < line.size(); ++x) {
        if (line[x] != *transparent) row[x] = color_at(map, line[x]);
      }
    }
  }
  return pixels;
}

}  // namespace vedette::vision
