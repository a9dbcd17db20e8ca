#pragma once
/// The service that runs dynamic Python blocks.

#include <memory>
#include <sys/types.h>
#include <vector>

#include "blocks/python/settings.hpp"
#include "workflow/dynamic.hpp"

namespace vedette::blocks::python {

class Pool;

/// Any thread. Nothing is started before the first block is made.
class PythonBlocks final : public workflow::DynamicBlocks {
 public:
  explicit PythonBlocks(Settings settings);
  ~PythonBlocks() override;

  [[nodiscard]] workflow::Outcome<std::unique_ptr<workflow::Block>> make(
      std::shared_ptr<const workflow::DynamicBlock> definition) override;

  /// The parent and the idle workers; empty before the first block. For measurements.
  [[nodiscard]] std::vector<pid_t> processes() const;

 private:
  std::shared_ptr<Pool> pool_;
};

}  // namespace vedette::blocks::python
