#include "workflow/definition.hpp"

namespace vedette::workflow {

Value describe_blocks(std::span<const DynamicBlock> dynamic) {
  (void)dynamic;
  return Dict();
}
Value definition_schema() { return Dict(); }
Outcome<Value> dynamic_outputs(const Value& step_manifest) {
  (void)step_manifest;
  return Value(List());
}

}  // namespace vedette::workflow
