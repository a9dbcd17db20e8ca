#pragma once
/// A workflow as it was written, checked piece by piece but not yet connected.

#include <memory>
#include <string>
#include <vector>

#include "workflow/catalogue.hpp"
#include "workflow/dynamic.hpp"
#include "workflow/engine.hpp"

namespace vedette::workflow {

struct InputDefinition {
  std::string_view name;
  std::string_view type;
  Kinds kinds;
  int depth = 0;   ///< nested so many lists deep; 0: one value for all (a parameter)
  Value fallback;  ///< of a parameter
};

/// What is known of a step's block before there is one: native from the catalogue, or dynamic.
struct Contract {
  const Entry* native = nullptr;
  std::shared_ptr<const DynamicBlock> dynamic;
  const Traits* traits = nullptr;
  const std::vector<Property>* properties = nullptr;
  const std::vector<OutputPort>* outputs = nullptr;
};

struct StepDefinition {
  std::string_view name;
  std::string_view type;  ///< as it was written
  Contract contract;
  List values;            ///< for each property: its literal converted, or the selector's text
  std::size_t place = 0;  ///< in "steps", for messages
};

struct OutputDefinition {
  std::string_view name;
  std::string_view selector;
  bool own = false;  ///< coordinates stay those of the picture that the step saw
};

/// The views lie in `root`.
struct Definition {
  std::shared_ptr<const std::string> text = {};
  json::Path prefix = {};  ///< of the definition within the text: a template wraps it
  Value root = {};
  std::vector<InputDefinition> inputs = {};
  std::vector<StepDefinition> steps = {};
  std::vector<OutputDefinition> outputs = {};
  std::vector<std::shared_ptr<const DynamicBlock>> dynamic = {};
};

/// The definition within `text`: without a template's wrapper, its version checked, its dynamic
/// blocks' manifests read; steps, inputs and outputs not yet looked at.
/// fails  as section 8 of the contract
[[nodiscard]] Outcome<Definition> read_definition(const std::shared_ptr<const std::string>& text,
                                                  const PlanLimits& limits);

/// Reads inputs, steps and outputs; every mistake is gathered before the answer is given.
/// fails  WorkflowSyntaxError, DuplicatedNameError
[[nodiscard]] Outcome<void> read_parts(Definition& definition, const PlanLimits& limits);

/// The name that Python has for a value's type: "str", "NoneType", …
[[nodiscard]] std::string_view python_type(const Value& value);

/// `problem` with its position in the definition's text, for a place told from the root on.
[[nodiscard]] Problem located(Problem problem, const Definition& definition, json::Path path);

/// fails  DynamicBlockError; an error without class where the definition is malformed
[[nodiscard]] Outcome<std::shared_ptr<const DynamicBlock>> read_dynamic_block(const Value& json);

}  // namespace vedette::workflow
