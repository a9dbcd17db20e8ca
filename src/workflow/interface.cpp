#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

#include "workflow/plan.hpp"

namespace vedette::workflow {
namespace {

using Names = std::set<std::string_view>;

Problem interface_error(std::string message, std::string_view context) {
  return problem_of("WorkflowDefinitionError", std::move(message), std::string(context));
}

bool meet(const Names& one, const Names& other) {
  if (one.contains(kind::any) || other.contains(kind::any)) return true;
  return std::ranges::any_of(one, [&](std::string_view kind) { return other.contains(kind); });
}

std::string shown(const Names& names) {
  std::string text;
  for (const std::string_view name : names) {
    text += fmt::format("{}'{}'", text.empty() ? "" : ", ", name);
  }
  return "{" + text + "}";
}

Value listed(const Names& names) {
  List list;
  for (const std::string_view name : names) list.push_back(name);
  return list;
}

constexpr std::string_view of_inputs = "describing_workflow_inputs";
constexpr std::string_view of_outputs = "describing_workflow_outputs";

Problem no_key(std::string_view key, std::string_view context) {
  auto problem = interface_error(
      fmt::format("Workflow definition invalid - missing property `'{}'`.", key), context);
  problem.inner_type = "KeyError";
  problem.inner_message = fmt::format("'{}'", key);
  return problem;
}

/// The text under `key` of one input, step or output.
Outcome<std::string_view> text_of(const Value& json, const char* key, std::string_view context) {
  const Value* found = json.is_dict() ? json.dict().find(key) : nullptr;
  if (!found) return std::unexpected(no_key(key, context));
  return found->is_string() ? found->string() : std::string_view();
}

const List& list_at(const Value& root, const char* key) {
  static const List none;
  const Value& found = root.dict()[key];
  return found.is_list() ? found.list() : none;
}

/// Describes a definition part by part, as it is written: the peer does not compile it for this.
class Describer {
 public:
  explicit Describer(const Definition& definition) : definition_(definition) {}

  Outcome<Value> run() {
    auto done = read_inputs();
    if (done) done = read_steps();
    if (done) done = add_inputs();
    if (done) done = add_outputs();
    if (!done) return std::unexpected(std::move(done).error());
    return Value(Dict{{"inputs", std::move(inputs_json_)},
                      {"outputs", std::move(outputs_json_)},
                      {"typing_hints", hints()},
                      {"kinds_schemas", schemas()}});
  }

 private:
  struct Input {
    std::string_view name;
    Names declared;                   // empty: not declared
    std::vector<Names> wanted;        // by each place that it is plugged into
    std::vector<std::string> places;  // "step.property"
  };

  Outcome<void> read_inputs() {
    for (const Value& json : list_at(definition_.root, "inputs")) {
      const auto name = text_of(json, "name", of_inputs);
      if (!name) return std::unexpected(name.error());
      if (std::ranges::find(inputs_, *name, &Input::name) != inputs_.end()) {
        return std::unexpected(interface_error(
            "Workflow definition invalid - non unique inputs names provided", of_inputs));
      }
      Input input{.name = *name, .declared = {}, .wanted = {}, .places = {}};
      for (const Value& kind : list_at(json, "kind")) {
        if (kind.is_string()) input.declared.insert(kind.string());
      }
      inputs_.push_back(std::move(input));
    }
    return {};
  }

  Outcome<void> read_steps() {
    for (const Value& json : list_at(definition_.root, "steps")) {
      const auto type = text_of(json, "type", of_inputs);
      if (!type) return std::unexpected(type.error());
      const auto name = text_of(json, "name", of_inputs);
      if (!name) return std::unexpected(name.error());
      // The step alone, in a workflow of its own.
      Definition alone{.text = definition_.text, .prefix = definition_.prefix};
      alone.root =
          Dict{{"version", "1.0"}, {"inputs", List()}, {"steps", List{json}}, {"outputs", List()}};
      alone.dynamic = definition_.dynamic;
      if (auto read = read_parts(alone, {}); !read) {
        return std::unexpected(misconfigured(*type, *name, read.error()));
      }
      if (auto found = find_inputs(alone.steps.front()); !found) return found;
      steps_.push_back(alone.steps.front());
    }
    return {};
  }

  static Problem misconfigured(std::string_view type, std::string_view name, const Problem& why) {
    const bool unknown = !why.blocks.empty() && why.blocks.front().property_name.empty();
    if (unknown) {
      auto problem = interface_error(
          fmt::format("Workflow definition invalid - used step of type `{}` which is not available "
                      "in this installation of Workflows Execution Engine.",
                      type),
          of_inputs);
      problem.nearest = why.nearest;
      return problem;
    }
    auto problem = interface_error(
        fmt::format("Workflow definition invalid - step `{}` misconfigured. See details in inner "
                    "error.",
                    name),
        of_inputs);
    problem.inner_type = why.inner_type;
    problem.inner_message = why.inner_message;
    problem.nearest = why.nearest;
    return problem;
  }

  Outcome<void> find_inputs(const StepDefinition& step) {
    for (std::size_t p = 0; p < step.values.size(); ++p) {
      const Property& property = (*step.contract.properties)[p];
      if (property.kinds.empty()) continue;
      const Value& value = step.values[p];
      const bool lists = property.shape != Shape::plain;
      auto done = find_input(step, property, value);
      for (const Value& one : lists&& value.is_list() ? value.list() : List()) {
        if (done) done = find_input(step, property, one);
      }
      for (const auto& [key, one] : lists&& value.is_dict() ? value.dict() : Dict()) {
        if (done) done = find_input(step, property, one);
      }
      if (!done) return done;
    }
    return {};
  }

  Outcome<void> find_input(const StepDefinition& step, const Property& property,
                           const Value& value) {
    constexpr std::string_view start = "$inputs.";
    if (!value.is_string() || !value.string().starts_with("$inputs")) return {};
    const std::string_view selector = value.string();
    const auto input = std::ranges::find(
        inputs_, selector.substr(std::min(start.size(), selector.size())), &Input::name);
    if (input == inputs_.end()) {
      return std::unexpected(interface_error(
          fmt::format("Workflow definition invalid - step `{}` declares input selector {} which is "
                      "not specified in inputs.",
                      step.name, selector),
          of_inputs));
    }
    input->wanted.emplace_back(property.kinds.begin(), property.kinds.end());
    input->places.push_back(fmt::format("{}.{}", step.name, property.name));
    return {};
  }

  /// What the places that an input is plugged into take, all together.
  Outcome<void> add_inputs() {
    for (const Input& input : inputs_) {
      Names all;
      for (std::size_t i = 0; i < input.wanted.size(); ++i) {
        if (!meet(input.wanted[i], input.wanted[0])) {
          return std::unexpected(interface_error(
              fmt::format("Workflow definition invalid - input element: `$inputs.{}` is used in "
                          "two steps that expect incompatible types of data: {} and {}.",
                          input.name, input.places[0], input.places[i]),
              of_inputs));
        }
        all.insert(input.wanted[i].begin(), input.wanted[i].end());
      }
      const Names declared = input.declared.empty() ? Names{kind::any} : input.declared;
      if (input.wanted.empty()) all = {kind::any};
      if (!meet(all, declared)) {
        return std::unexpected(interface_error(
            fmt::format("Workflow definition contains whe following declaration of kind for input "
                        "`{}`: {}, whereas context of input selectors usage indicate conflicting "
                        "`{}`.",
                        input.name, shown(declared), shown(all)),
            of_inputs));
      }
      used_.insert(all.begin(), all.end());
      inputs_json_.append(std::string(input.name), listed(all));
    }
    return {};
  }

  Outcome<void> add_outputs() {
    for (const char* key : {"steps", "outputs"}) {
      if (!definition_.root.dict().find(key)) return std::unexpected(no_key(key, of_outputs));
    }
    for (const Value& json : list_at(definition_.root, "outputs")) {
      const auto name = text_of(json, "name", of_outputs);
      if (!name) return std::unexpected(name.error());
      const auto selector = text_of(json, "selector", of_outputs);
      if (!selector) return std::unexpected(selector.error());
      auto kinds = kinds_of(*selector);
      if (!kinds) return std::unexpected(std::move(kinds).error());
      outputs_json_.set(*name, *std::move(kinds));
    }
    return {};
  }

  Outcome<Value> kinds_of(std::string_view selector) {
    constexpr std::string_view start = "$steps.";
    const std::size_t dot = selector.find('.', std::min(start.size(), selector.size()));
    if (!selector.starts_with(start) || dot == selector.npos ||
        selector.find('.', dot + 1) != selector.npos) {
      return std::unexpected(interface_error(
          "Workflow definition invalid - output does not contain step selector.", of_outputs));
    }
    const std::string_view step_name = selector.substr(start.size(), dot - start.size());
    const std::string_view output = selector.substr(dot + 1);
    const auto step = std::ranges::find(steps_, step_name, &StepDefinition::name);
    if (step == steps_.end()) {
      return std::unexpected(interface_error(
          fmt::format("Could not find step referred in outputs (`{}`) within Workflow steps.",
                      step_name),
          of_outputs));
    }
    Dict whole;
    for (const OutputPort& port : *step->contract.outputs) {
      if (output != "*" && output != port.name) continue;
      const Names kinds(port.kinds.begin(), port.kinds.end());
      used_.insert(kinds.begin(), kinds.end());
      if (output == port.name) return listed(kinds);
      whole.append(port.name, listed(kinds));
    }
    if (output == "*") return Value(std::move(whole));
    return std::unexpected(interface_error(
        fmt::format("Step `{}` does not declare {} in its outputs.", step_name, output),
        of_outputs));
  }

  Value hints() const {
    Dict all;
    for (const std::string_view kind : used_) {
      if (const KindFacts* facts = find_kind(kind))
        all.append(std::string(kind), facts->serialised);
    }
    return all;
  }
  Value schemas() const;

  const Definition& definition_;
  std::vector<Input> inputs_;
  std::vector<StepDefinition> steps_;
  Names used_;
  Dict inputs_json_, outputs_json_;
};

// --- what the kinds look like as JSON

Value object(Dict properties, const std::vector<std::string_view>& required) {
  List names;
  for (const std::string_view name : required) names.push_back(name);
  return Dict{
      {"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(names)}};
}

Value type(const char* name) { return Dict{{"type", name}}; }
Value list_of(Value items) { return Dict{{"type", "array"}, {"items", std::move(items)}}; }
Value nullable(const char* name) { return Dict{{"anyOf", List{type(name), type("null")}}}; }

Value image_size() {
  return object({{"width", nullable("integer")}, {"height", nullable("integer")}},
                {"width", "height"});
}

Dict box_members() {
  return {{"width", type("number")},
          {"height", type("number")},
          {"x", type("number")},
          {"y", type("number")},
          {"confidence", type("number")},
          {"class", type("string")},
          {"class_id", type("integer")},
          {"detection_id", type("string")},
          {"parent_id", nullable("string")}};
}

/// Detections whose rows have one member more; `name` empty: none.
Value detections(std::string_view name, Value member) {
  Dict members = box_members();
  std::vector<std::string_view> required{"width",      "height", "x",        "y",
                                         "confidence", "class",  "class_id", "detection_id"};
  if (!name.empty()) {
    members.append(std::string(name), std::move(member));
    required.push_back(name);
  }
  return object({{"image", image_size()}, {"predictions", list_of(object(members, required))}},
                {"image", "predictions"});
}

Value classification() {
  const Value one = object(
      {{"class", type("string")}, {"class_id", type("integer")}, {"confidence", type("number")}},
      {"class", "class_id", "confidence"});
  const Dict shared{{"parent_id", nullable("string")},
                    {"prediction_type", nullable("string")},
                    {"inference_id", nullable("string")},
                    {"root_parent_id", nullable("string")}};
  Dict single{{"image", image_size()},
              {"predictions", list_of(one)},
              {"top", type("string")},
              {"confidence", type("number")}};
  Dict multi{{"image", image_size()},
             {"predictions", Dict{{"type", "object"}}},
             {"predicted_classes", list_of(type("string"))}};
  for (const auto& [name, value] : shared) {
    single.append(name, value);
    multi.append(name, value);
  }
  return List{object(std::move(single), {"image", "predictions", "top", "confidence"}),
              object(std::move(multi), {"image", "predictions", "predicted_classes"})};
}

const std::map<std::string_view, Value>& kind_schemas() {
  static const Value point = object({{"x", type("number")}, {"y", type("number")}}, {"x", "y"});
  static const Value keypoint = object({{"x", type("number")},
                                        {"y", type("number")},
                                        {"confidence", type("number")},
                                        {"class", type("string")},
                                        {"class_id", type("integer")}},
                                       {"x", "y", "confidence", "class", "class_id"});
  static const std::map<std::string_view, Value> schemas{
      {kind::image,
       object({{"type", type("string")}, {"value", type("string")}}, {"type", "value"})},
      {kind::object_detection, detections({}, {})},
      {kind::instance_segmentation, detections("points", list_of(point))},
      {kind::keypoint_detection, detections("keypoints", list_of(keypoint))},
      {kind::qr_code, detections("data", type("string"))},
      {kind::bar_code, detections("data", type("string"))},
      {kind::classification, classification()},
  };
  return schemas;
}

Value Describer::schemas() const {
  Dict all;
  for (const std::string_view kind : used_) {
    const auto schema = kind_schemas().find(kind);
    if (schema != kind_schemas().end()) all.append(std::string(kind), schema->second);
  }
  return all;
}

}  // namespace

Outcome<Value> CompiledPlan::interface() const { return Describer(parts).run(); }

Outcome<Value> describe_interface(std::shared_ptr<const std::string> definition,
                                  const PlanLimits& limits) {
  auto parts = read_definition(definition, limits);
  if (parts) return Describer(*parts).run();
  if (parts.error().type != "NotSupportedExecutionEngineError") {
    return std::unexpected(std::move(parts).error());
  }
  return std::unexpected(
      problem_of("WorkflowExecutionEngineVersionError",
                 "Describing workflow outputs is only supported for Execution Engine v1.",
                 std::string(of_outputs)));
}

}  // namespace vedette::workflow
