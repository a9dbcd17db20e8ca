#pragma once
/// Definitions for tests, written short, and what comes of running them.

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/json.hpp"
#include "workflow/engine.hpp"

namespace vedette::workflow {

/// Test steps read as JSON with ' for ".
inline std::string quoted(std::string text) {
  for (char& c : text) {
    if (c == '\'') c = '"';
  }
  return text;
}

inline Value json_of(const std::string& text) {
  auto value = json::read(std::string_view(text), json::as_python);
  EXPECT_TRUE(value) << text << ": " << value.error().what;
  return value ? *value : Value();
}

struct Written {
  std::string inputs =
      "{'type': 'WorkflowBatchInput', 'name': 'n'}, "
      "{'type': 'WorkflowParameter', 'name': 'p'}";
  std::string steps;
  std::string outputs;  ///< "name: selector, name: selector"
};

inline std::string definition_of(const Written& written) {
  std::string outputs;
  for (std::size_t at = 0; at < written.outputs.size();) {
    const std::size_t end = std::min(written.outputs.find(", ", at), written.outputs.size());
    const std::string one = written.outputs.substr(at, end - at);
    const std::size_t colon = one.find(": ");
    if (!outputs.empty()) outputs += ", ";
    outputs += "{'type': 'JsonField', 'name': '" + one.substr(0, colon) + "', 'selector': '" +
               one.substr(colon + 2) + "'}";
    at = end + 2;
  }
  return quoted("{'version': '1.0', 'inputs': [" + written.inputs + "], 'steps': [" +
                written.steps + "], 'outputs': [" + outputs + "]}");
}

inline Outcome<PlanPtr> compiled(const std::string& definition, const Services& services = {},
                                 const PlanLimits& limits = {}) {
  return compile(std::make_shared<const std::string>(definition), services, limits);
}

/// The answer's outputs, or "Class: message".
inline std::string ran(const std::string& definition, const std::string& inputs,
                       ComputePool* pool = nullptr) {
  const auto plan = compiled(definition);
  if (!plan) return plan.error().type + ": " + plan.error().message;
  const auto report = run(**plan, json_of(quoted(inputs)).dict(), {}, pool);
  if (!report) return report.error().type + ": " + report.error().message;
  std::string out;
  const auto written = write_outputs(*report, pool, out);
  EXPECT_TRUE(written) << written.error().message;
  return out;
}

}  // namespace vedette::workflow
