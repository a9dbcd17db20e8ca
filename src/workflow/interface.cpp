#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

#include "workflow/planner.hpp"

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

/// What the places that an input is plugged into take, all together.
Outcome<Names> kinds_of_input(const CompiledPlan& plan, std::size_t input) {
  constexpr std::string_view context = "describing_workflow_inputs";
  const InputDefinition& definition = plan.inputs[input].definition;
  Names all;
  const Property* first = nullptr;
  for (const PlanStep& step : plan.steps) {
    for (std::size_t p = 0; p < step.feeds.size(); ++p) {
      bool used = false;
      each_single(step.feeds[p], [&](const Feed& feed) {
        used = used || (feed.from == Feed::From::input && feed.source == input);
      });
      if (!used) continue;
      const Property& property = (*step.contract.properties)[p];
      const Names here(property.kinds.begin(), property.kinds.end());
      if (first && !meet(here, Names(first->kinds.begin(), first->kinds.end()))) {
        return std::unexpected(interface_error(
            fmt::format("Workflow definition invalid - input element: `$inputs.{}` is used in two "
                        "steps that expect incompatible types of data.",
                        definition.name),
            context));
      }
      if (!first) first = &property;
      all.insert(here.begin(), here.end());
    }
  }
  if (!first) return Names{kind::any};
  const bool declares = plan.parts.root.dict()["inputs"].list()[input].dict().find("kind");
  const Names declared =
      declares ? Names(definition.kinds.begin(), definition.kinds.end()) : Names{kind::any};
  if (meet(all, declared)) return all;
  return std::unexpected(interface_error(
      fmt::format("Workflow definition contains whe following declaration of kind for input `{}`: "
                  "{}, whereas context of input selectors usage indicate conflicting `{}`.",
                  definition.name, shown(declared), shown(all)),
      context));
}

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

}  // namespace

Outcome<Value> CompiledPlan::interface() const {
  Dict input_kinds;
  Dict output_kinds;
  Names used;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto kinds = kinds_of_input(*this, i);
    if (!kinds) return std::unexpected(kinds.error());
    used.insert(kinds->begin(), kinds->end());
    input_kinds.append(std::string(inputs[i].definition.name), listed(*kinds));
  }
  for (const PlanOutput& output : outputs) {
    if (output.feed.from != Feed::From::step) {
      return std::unexpected(
          interface_error("Workflow definition invalid - output does not contain step selector.",
                          "describing_workflow_outputs"));
    }
    Dict whole;
    for (std::size_t i = 0; i < output.kinds.size(); ++i) {
      const Names kinds(output.kinds[i].begin(), output.kinds[i].end());
      used.insert(kinds.begin(), kinds.end());
      const auto& ports = steps[output.feed.source].outputs;
      if (output.whole_step) whole.append(ports[i].name, listed(kinds));
      if (!output.whole_step) output_kinds.append(output.name, listed(kinds));
    }
    if (output.whole_step) output_kinds.append(output.name, std::move(whole));
  }
  Dict hints;
  Dict schemas;
  for (const std::string_view kind : used) {
    if (const KindFacts* facts = find_kind(kind))
      hints.append(std::string(kind), facts->serialised);
    const auto schema = kind_schemas().find(kind);
    if (schema != kind_schemas().end()) schemas.append(std::string(kind), schema->second);
  }
  return Value(Dict{{"inputs", std::move(input_kinds)},
                    {"outputs", std::move(output_kinds)},
                    {"typing_hints", std::move(hints)},
                    {"kinds_schemas", std::move(schemas)}});
}

}  // namespace vedette::workflow
