#pragma once
/// Blocks whose code comes with the workflow. The planner knows their contract; who runs their
/// code is decided elsewhere (blocks/python), behind `DynamicBlocks`.

#include <memory>
#include <string>
#include <vector>

#include "workflow/block.hpp"

namespace vedette::workflow {

struct PythonCode {
  std::string run_function_code;
  std::string run_function_name = "run";
  std::string init_function_code;  ///< empty: none
  std::string init_function_name = "init";
  std::vector<std::string> imports;  ///< lines put before the code
};

/// A checked `DynamicBlockDefinition`; ports and properties are made from its manifest.
struct DynamicBlock {
  std::string block_type;
  std::string about;
  Traits traits;  ///< type views block_type
  std::vector<Property> properties;
  std::vector<OutputPort> outputs;
  PythonCode code;
  Value manifest;  ///< as it was given, for the schema
};

/// Runs users' code, never in this process.
class DynamicBlocks {
 public:
  virtual ~DynamicBlocks() = default;

  /// Compiles the code (so that a syntax error is known before the first run) and calls its init.
  /// fails  DynamicBlockCodeError, DynamicBlockError, WorkflowEnvironmentConfigurationError
  [[nodiscard]] virtual Outcome<std::unique_ptr<Block>> make(
      std::shared_ptr<const DynamicBlock> definition) = 0;
};

}  // namespace vedette::workflow
