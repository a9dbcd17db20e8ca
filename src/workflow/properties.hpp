#pragma once
/// Is what a definition (or a caller, at run time) gives a property what the property takes?

#include <string>
#include <vector>

#include "base/json.hpp"
#include "workflow/block.hpp"

namespace vedette::workflow {

/// One mistake in a definition.
struct Mistake {
  json::Path path;      ///< from where the check began
  std::string message;  ///< as the peer words it: clients show it beside the field
  std::string nearest;
};

/// `given` as the property's block reads it: "5" becomes 5 where an integer is asked for, as the
/// peer's parser does. Selectors stay texts.
[[nodiscard]] std::expected<Value, Mistake> accept(const Property& property, const Value& given);

/// Is `value`, which came while the workflow runs, of a type that the property's block reads?
[[nodiscard]] bool fits(const Property& property, const Value& value);

/// What selectors of a property look like: a regular expression, for schemas and messages.
[[nodiscard]] std::string_view selector_pattern(const Property& property);

// The three forms of selectors, by those expressions.
[[nodiscard]] bool is_input_selector(std::string_view text);
[[nodiscard]] bool is_output_selector(std::string_view text);
[[nodiscard]] bool is_step_selector(std::string_view text);  ///< "$steps.x", whatever follows

/// In the places where a property takes selectors, all text that begins so is one.
[[nodiscard]] inline bool looks_like_selector(std::string_view text) {
  return text.starts_with('$');
}

}  // namespace vedette::workflow
