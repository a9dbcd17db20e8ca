#pragma once
/// What every visualisation that colours detections has in common: the picture to draw on, the
/// detections, and the four properties that choose a colour for each.

#include <optional>

#include "vision/draw.hpp"
#include "workflow/block.hpp"

namespace vedette::blocks {

class PaletteVisualization : public workflow::Block {
 protected:
  workflow::In<vision::Frame> image_{*this,
                                     {.name = "image",
                                      .about = "the picture to draw on",
                                      .aliases = {"images"},
                                      .kinds = {workflow::kind::image}}};
  workflow::In<bool> copy_image_{
      *this,
      {.name = "copy_image",
       .about = "accepted for compatibility: the picture that came in is never changed here",
       .literals = workflow::Literal::boolean,
       .kinds = {workflow::kind::boolean},
       .fallback = true}};
  workflow::In<vision::Detections> predictions_{
      *this,
      {.name = "predictions",
       .about = "what to draw",
       .kinds = {workflow::kind::object_detection, workflow::kind::instance_segmentation,
                 workflow::kind::keypoint_detection, workflow::kind::rle_instance_segmentation}}};
  workflow::In<std::string_view> color_palette_{*this, color_palette_property()};
  workflow::In<std::int64_t> palette_size_{
      *this,
      {.name = "palette_size",
       .about = "how many colours to take from a Matplotlib palette",
       .literals = workflow::Literal::integer,
       .kinds = {workflow::kind::integer},
       .fallback = 10}};
  workflow::In<List> custom_colors_{*this,
                                    {.name = "custom_colors",
                                     .about = "the colours of the palette CUSTOM, as \"#rrggbb\"",
                                     .literals = workflow::Literal::list,
                                     .items = workflow::Literal::string,
                                     .kinds = {workflow::kind::list},
                                     .fallback = List{}}};
  workflow::In<std::string_view> color_axis_{
      *this,
      {.name = "color_axis",
       .about = "by what a detection takes its colour: its place, its class or its track",
       .literals = workflow::Literal::string,
       .kinds = {workflow::kind::string},
       .fallback = "CLASS",
       .one_of = {"INDEX", "CLASS", "TRACK"}}};

  /// One colour for each detection, as the step's properties say.
  /// fails  StepExecutionError, where a colour or a palette cannot be read
  [[nodiscard]] Result<std::vector<vision::Color>> colors(const workflow::Step& step) const;

  /// A picture of our own to draw on.
  [[nodiscard]] Result<cv::Mat> canvas(const workflow::Step& step) const;

  /// The drawn picture in the place of the one that came in.
  [[nodiscard]] Value drawn(const workflow::Step& step, cv::Mat pixels) const;

 private:
  static workflow::Property color_palette_property();
};

}  // namespace vedette::blocks
