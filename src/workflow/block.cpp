#include "workflow/block.hpp"

namespace vedette::workflow {

Outcome<void> Block::run(Step& step) {
  (void)step;
  assert(false && "a block overrides run() or run_batch()");
  return {};
}

Outcome<void> Block::run_batch(Batch& batch) {
  for (Step& element : batch) {
    if (auto done = run(element); !done) return done;
  }
  return {};
}

std::size_t Block::add_property(Property property) {
  properties_.push_back(std::move(property));
  return properties_.size() - 1;
}

std::size_t Block::add_output(OutputPort port) {
  outputs_.push_back(std::move(port));
  return outputs_.size() - 1;
}

}  // namespace vedette::workflow
