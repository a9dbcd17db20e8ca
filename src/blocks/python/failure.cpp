#include "blocks/python/failure.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <vector>

namespace vedette::blocks::python {
namespace {

using workflow::Problem, workflow::problem_of;

constexpr std::size_t context_lines = 10;  // told before and after the line at fault

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string snippet_of(std::string_view code, std::int64_t line) {
  const auto lines = lines_of(code);
  const auto at = static_cast<std::size_t>(std::max<std::int64_t>(line, 1)) - 1;
  const std::size_t first = at - std::min(at, context_lines);
  std::string text;
  for (std::size_t i = first; i < std::min(lines.size(), at + context_lines + 1); ++i) {
    text += fmt::format("{}{} {}: {}", text.empty() ? "" : "\n", i == at ? ">>>" : "   ", i + 1,
                        lines[i]);
  }
  return text;
}

struct Place {
  std::int64_t line = 0;
  std::string function;
};

/// The innermost frame of users' code in the last of Python's dumps ("most recent call first").
std::optional<Place> place_in(std::string_view dump) {
  const std::size_t begin = dump.rfind("Current thread ");
  if (begin == dump.npos) return {};
  constexpr std::string_view mark = "File \"<string>\", line ";
  const std::size_t found = dump.find(mark, begin);
  if (found == dump.npos) return {};
  const std::string_view rest = dump.substr(found + mark.size());
  Place place;
  const auto [end, error] = std::from_chars(rest.begin(), rest.end(), place.line);
  if (error != std::errc()) return {};
  std::string_view after(end, rest.end());
  if (after.starts_with(" in ")) place.function = after.substr(4, after.find('\n') - 4);
  return place;
}

std::string text_or_empty(const Value& value) {
  return value.is_string() ? std::string(value.string()) : std::string();
}

Value text_or_null(std::string_view text) { return text.empty() ? Value() : Value(text); }

}  // namespace

Failure read_failure(const List& items) {
  if (items.size() < 8) {
    return {.kind = "run", .message = "the worker sent something else than an answer"};
  }
  Failure failure{.kind = text_or_empty(items[1]),
                  .message = text_or_empty(items[2]),
                  .inner_type = text_or_empty(items[3]),
                  .inner_message = text_or_empty(items[4]),
                  .line = {},
                  .snippet = text_or_empty(items[6]),
                  .trace = text_or_empty(items[7])};
  if (items[5].is_integer()) failure.line = items[5].integer();
  return failure;
}

Failure describe_end(std::string_view what, std::string_view inner_type,
                     const workflow::PythonCode& code, const Printed& err) {
  Failure failure{.kind = "run", .message = {}, .inner_type = std::string(inner_type)};
  failure.inner_message = what;
  const auto place = place_in(err.text);
  if (!place) {
    failure.message = fmt::format("{}: {}", inner_type, what);
    return failure;
  }
  failure.line = place->line;
  failure.message = fmt::format("Error in line {}, in {}: {}: {}", place->line, place->function,
                                inner_type, what);
  const std::string source = code.run_function_code + "\n\n" + code.init_function_code;
  failure.snippet = snippet_of(code.run_function_code, place->line);
  const auto lines = lines_of(source);
  const auto at = static_cast<std::size_t>(place->line) - 1;
  std::string_view quoted = at < lines.size() ? lines[at] : std::string_view();
  quoted.remove_prefix(std::min(quoted.find_first_not_of(' '), quoted.size()));
  failure.trace = fmt::format(
      "Traceback (most recent call last):\n  File \"Python Block\", line {}, in {}\n"
      "    {}\n{}: {}",
      place->line, place->function, quoted, inner_type, what);
  return failure;
}

Value as_value(const Printed& printed) {
  if (printed.dropped == 0) return text_or_null(printed.text);
  return fmt::format("{}\n... [{} more bytes]", printed.text, printed.dropped);
}

Problem as_problem(Failure failure, const std::string& block_type, const Printed& out,
                   const Printed& err) {
  if (failure.kind == "symbol") {
    return problem_of(
        "DynamicBlockError", failure.message,
        "workflow_compilation | dynamic_block_compilation | declared_symbols_fetching");
  }
  if (failure.kind == "result") {
    // The peer says no more than that; what was wrong stands beside it.
    Problem problem = problem_of("InvalidBlockBehaviourError", "Internal error.",
                                 "workflow_execution | step_output_registration");
    problem.inner_type = "TypeError";
    problem.inner_message = failure.message;
    return problem;
  }
  const bool ran = failure.kind == "run";
  Problem problem =
      problem_of("DynamicBlockCodeError", failure.message,
                 ran ? "dynamic_block_code_execution" : "dynamic_block_code_compilation");
  problem.inner_type = failure.inner_type;
  problem.inner_message = failure.inner_message;
  workflow::BlockProblem block{.block_id = block_type,
                               .block_type = block_type,
                               .block_details = {},
                               .property_name = "Python code",
                               .property_details = failure.message,
                               .traceback = {}};
  const Value printed = as_value(out);
  const Value complained = as_value(err);
  if (failure.line || !failure.trace.empty() || !printed.is_null() || !complained.is_null()) {
    block.traceback = Dict{{"traceback", text_or_null(failure.trace)},
                           {"error_line", failure.line ? Value(*failure.line) : Value()},
                           {"code_snippet", text_or_null(failure.snippet)},
                           {"stdout", ran ? printed : Value()},
                           {"stderr", ran ? complained : Value()}};
  }
  problem.blocks.push_back(std::move(block));
  if (failure.kind == "init") {
    problem.status = 500;
    problem.message = "Internal error.";  // as above
  }
  return problem;
}

}  // namespace vedette::blocks::python
