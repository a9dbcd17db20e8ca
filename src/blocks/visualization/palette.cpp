#include "blocks/visualization/palette.hpp"

#include <string>

namespace vedette::blocks {

using workflow::Literal, workflow::Property, workflow::Step;

Property PaletteVisualization::color_palette_property() {
  return {.name = "color_palette",
          .about = "the colours to choose from",
          .literals = Literal::string,
          .kinds = {workflow::kind::string},
          .fallback = "DEFAULT",
          .one_of = {"DEFAULT",
                     "CUSTOM",
                     "ROBOFLOW",
                     "Matplotlib Viridis",
                     "Matplotlib Plasma",
                     "Matplotlib Inferno",
                     "Matplotlib Magma",
                     "Matplotlib Cividis",
                     "Matplotlib Pastel1",
                     "Matplotlib Pastel2",
                     "Matplotlib Paired",
                     "Matplotlib Accent",
                     "Matplotlib Dark2",
                     "Matplotlib Set1",
                     "Matplotlib Set2",
                     "Matplotlib Set3",
                     "Matplotlib Tab10",
                     "Matplotlib Tab20",
                     "Matplotlib Tab20b",
                     "Matplotlib Tab20c"}};
}

Result<std::vector<vision::Color>> PaletteVisualization::colors(const Step& step) const {
  std::vector<std::string> custom;
  for (const Value& color : step[custom_colors_]) {
    if (!color.is_string()) {
      return fail(Errc::bad_input, "custom_colors: a colour is text such as \"#ff8800\", not a " +
                                       std::string(type_name(color)));
    }
    custom.emplace_back(color.string());
  }
  const auto palette = vision::make_palette(step[color_palette_], step[palette_size_], custom);
  if (!palette) return fail(palette.error());

  const std::string_view by = step[color_axis_];
  const auto axis = by == "INDEX"   ? vision::ColorAxis::index
                    : by == "TRACK" ? vision::ColorAxis::track
                                    : vision::ColorAxis::by_class;
  return vision::pick_colors(step[predictions_], *palette, axis);
}

Result<cv::Mat> PaletteVisualization::canvas(const Step& step) const {
  const auto pixels = step[image_].image->pixels();
  if (!pixels) return fail(pixels.error());
  return pixels->clone();
}

Value PaletteVisualization::drawn(const Step& step, cv::Mat pixels) const {
  vision::Frame frame = step[image_];
  frame.image = vision::Image::from_pixels(std::move(pixels));
  return Value::box(std::move(frame));
}

}  // namespace vedette::blocks
