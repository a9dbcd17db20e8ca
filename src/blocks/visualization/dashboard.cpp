#include "workflow/catalogue.hpp"
#include "workflow/live.hpp"

namespace vedette::blocks {
namespace {

using vision::Frame;
using workflow::Block, workflow::In, workflow::LiveBoard, workflow::Out, workflow::Outcome,
    workflow::Registered, workflow::Services, workflow::Step, workflow::Traits;

/// Shows a picture on the live page under its workflow and step, and passes it on. Where nobody
/// shows pages (a run without a server) it only passes on.
class DashboardVisualization final : public Block {
 public:
  [[nodiscard]] const Traits& traits() const override {
    static const Traits all{.type = "daoai/dashboard_visualization@v1",
                            .family = "visualization",
                            .about = "Shows the picture on the live page."};
    return all;
  }

  [[nodiscard]] Outcome<void> prepare(const Services& services, std::span<const Value>) override {
    board_ = services.find<LiveBoard>();
    return {};
  }

  [[nodiscard]] Outcome<void> run(Step& step) override {
    if (board_) board_->show(step.context().workflow, step.context().step, step[image_]);
    step.put(shown_, Frame(step[image_]));
    return {};
  }

 private:
  In<Frame> image_{
      *this, {.name = "image", .about = "the picture to show", .kinds = {workflow::kind::image}}};
  Out shown_{*this, "image", {workflow::kind::image}, "the same picture"};
  std::shared_ptr<LiveBoard> board_;
};

const Registered<DashboardVisualization> registered;

}  // namespace
}  // namespace vedette::blocks
