#include "blocks/visualization/palette.hpp"
#include "workflow/catalogue.hpp"

namespace vedette::blocks {
namespace {

using workflow::In, workflow::Literal, workflow::Out, workflow::Outcome, workflow::Registered,
    workflow::Step, workflow::Traits;

/// Draws a box around each detection; drawing follows supervision's BoxAnnotator, and its
/// RoundBoxAnnotator where `roundness` is over 0.
class BoundingBoxVisualization final : public PaletteVisualization {
 public:
  [[nodiscard]] const Traits& traits() const override {
    static const Traits all{.type = "roboflow_core/bounding_box_visualization@v1",
                            .aliases = {"BoundingBoxVisualization"},
                            .family = "visualization",
                            .about = "Draws a box around each detection.",
                            .is_trivial = false};
    return all;
  }

  [[nodiscard]] Outcome<void> run(Step& step) override {
    const auto colors = this->colors(step);
    if (!colors) return std::unexpected(colors.error());
    auto pixels = canvas(step);
    if (!pixels) return std::unexpected(pixels.error());
    const auto done =
        vision::draw_boxes(*pixels, step[predictions_], *colors,
                           {.thickness = step[thickness_], .roundness = step[roundness_]});
    if (!done) return std::unexpected(done.error());
    step.put(result_, drawn(step, *std::move(pixels)));
    return {};
  }

 private:
  In<std::int64_t> thickness_{*this,
                              {.name = "thickness",
                               .about = "of the lines, px",
                               .literals = Literal::integer,
                               .kinds = {workflow::kind::integer},
                               .fallback = 2}};
  In<double> roundness_{*this,
                        {.name = "roundness",
                         .about = "of the corners: 0 is square, 1 as round as it gets",
                         .literals = Literal::number,
                         .kinds = {workflow::kind::zero_to_one},
                         .fallback = 0.0,
                         .least = 0,
                         .most = 1}};
  Out result_{*this, "image", {workflow::kind::image}, "the picture with boxes"};
};

const Registered<BoundingBoxVisualization> registered;

}  // namespace
}  // namespace vedette::blocks
