#include <array>

#include "blocks/visualization/label_text.hpp"
#include "blocks/visualization/palette.hpp"
#include "workflow/catalogue.hpp"

namespace vedette::blocks {
namespace {

using vision::LabelPosition;
using workflow::In, workflow::Literal, workflow::Out, workflow::Outcome, workflow::Property,
    workflow::Registered, workflow::Step, workflow::Traits;

struct NamedPosition {
  std::string_view name;
  LabelPosition position;
};
constexpr std::array positions{
    NamedPosition{"CENTER", LabelPosition::center},
    NamedPosition{"CENTER_LEFT", LabelPosition::center_left},
    NamedPosition{"CENTER_RIGHT", LabelPosition::center_right},
    NamedPosition{"TOP_CENTER", LabelPosition::top_center},
    NamedPosition{"TOP_LEFT", LabelPosition::top_left},
    NamedPosition{"TOP_RIGHT", LabelPosition::top_right},
    NamedPosition{"BOTTOM_LEFT", LabelPosition::bottom_left},
    NamedPosition{"BOTTOM_CENTER", LabelPosition::bottom_center},
    NamedPosition{"BOTTOM_RIGHT", LabelPosition::bottom_right},
    NamedPosition{"CENTER_OF_MASS", LabelPosition::center_of_mass},
};

Result<LabelPosition> read_position(std::string_view name) {
  for (const NamedPosition& known : positions) {
    if (known.name == name) return known.position;
  }
  return fail(Errc::bad_input, "text_position: there is no position " + std::string(name));
}

Property number(std::string name, std::string about, int fallback) {
  return {.name = std::move(name),
          .about = std::move(about),
          .literals = Literal::integer,
          .kinds = {workflow::kind::integer},
          .fallback = fallback};
}

/// Writes a text beside each detection; drawing follows supervision's LabelAnnotator.
class LabelVisualization final : public PaletteVisualization {
 public:
  [[nodiscard]] const Traits& traits() const override {
    static const Traits all{.type = "roboflow_core/label_visualization@v1",
                            .aliases = {"LabelVisualization"},
                            .family = "visualization",
                            .about = "Writes a label beside each detection.",
                            .is_trivial = false};
    return all;
  }

  [[nodiscard]] Outcome<void> run(Step& step) override {
    const vision::Detections& detections = step[predictions_];
    auto pixels = canvas(step);
    if (!pixels) return std::unexpected(pixels.error());
    if (!detections.rows.empty()) {
      if (const auto done = draw(step, *pixels); !done) return std::unexpected(done.error());
    }
    step.put(result_, drawn(step, *std::move(pixels)));
    return {};
  }

 private:
  Result<void> draw(const Step& step, cv::Mat& pixels) const {
    const auto colors = this->colors(step);
    if (!colors) return fail(colors.error());
    const auto text_color = vision::read_color(step[text_color_]);
    if (!text_color) return fail(text_color.error());
    const auto position = read_position(step[text_position_]);
    if (!position) return fail(position.error());
    const auto texts = label_texts(step[predictions_], step[text_]);
    if (!texts) return fail(texts.error());
    return vision::draw_labels(pixels, step[predictions_], *texts, *colors,
                               {.position = *position,
                                .text = *text_color,
                                .scale = step[text_scale_],
                                .thickness = step[text_thickness_],
                                .padding = step[text_padding_],
                                .border_radius = step[border_radius_]});
  }

  static std::vector<std::string> position_names() {
    std::vector<std::string> names;
    for (const NamedPosition& known : positions) names.emplace_back(known.name);
    return names;
  }

  In<std::string_view> text_{
      *this,
      {.name = "text",
       .about = "what to write",
       .literals = Literal::string,
       .kinds = {workflow::kind::string},
       .fallback = "Class",
       .one_of = {"Class", "Confidence", "Class and Confidence", "Index", "Dimensions", "Area",
                  "Area (mask)", "Area (converted)", "Tracker Id", "Time In Zone"}}};
  In<std::string_view> text_position_{*this,
                                      {.name = "text_position",
                                       .about = "where at the box the label stands",
                                       .literals = Literal::string,
                                       .kinds = {workflow::kind::string},
                                       .fallback = "TOP_LEFT",
                                       .one_of = position_names()}};
  In<std::string_view> text_color_{
      *this,
      {.name = "text_color",
       .about = "a name (WHITE), \"#rrggbb\", \"rgb(r, g, b)\" or \"bgr(b, g, r)\"",
       .literals = Literal::string,
       .kinds = {workflow::kind::string},
       .fallback = "WHITE"}};
  In<double> text_scale_{*this,
                         {.name = "text_scale",
                          .about = "size of the letters; 1 is some 20 px high",
                          .literals = Literal::number,
                          .kinds = {workflow::kind::real},
                          .fallback = 1.0}};
  In<std::int64_t> text_thickness_{*this, number("text_thickness", "of the strokes, px", 1)};
  In<std::int64_t> text_padding_{*this, number("text_padding", "around the text, px", 10)};
  In<std::int64_t> border_radius_{*this, number("border_radius", "of the label's corners, px", 0)};
  Out result_{*this, "image", {workflow::kind::image}, "the picture with labels"};
};

const Registered<LabelVisualization> registered;

}  // namespace
}  // namespace vedette::blocks
