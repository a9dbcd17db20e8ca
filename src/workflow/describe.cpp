#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>

#include "workflow/definition.hpp"
#include "workflow/properties.hpp"

namespace vedette::workflow {
namespace {

constexpr std::string_view native_engine = ">=1.3.0,<2.0.0";
constexpr std::string_view dynamic_engine = ">=1.0.0,<2.0.0";

/// The contract of a block in the terms that its description needs.
struct Described {
  const Traits* traits;
  const std::vector<Property>* properties;
  const std::vector<OutputPort>* outputs;
  const DynamicBlock* dynamic = nullptr;  ///< null: a native block
};

Value type(const char* name) { return Dict{{"type", name}}; }

List texts(std::span<const std::string_view> all) {
  List list;
  for (const std::string_view text : all) list.push_back(text);
  return list;
}

Value kind_json(std::string_view name) {
  const KindFacts* facts = find_kind(name);
  const KindFacts unknown{name, "", "Any", "Any"};
  const KindFacts& known = facts ? *facts : unknown;
  return Dict{{"name", known.name},
              {"description", known.about},
              {"docs", nullptr},
              {"serialised_data_type", known.serialised},
              {"internal_data_type", known.internal}};
}

Value kinds_json(const Kinds& kinds) {
  List list;
  for (const std::string_view kind : kinds) list.push_back(kind_json(kind));
  return list;
}

/// "roboflow_core/label_visualization@v1" → "Label Visualization"
std::string title(std::string_view name) {
  name = name.substr(name.rfind('/') + 1);
  name = name.substr(0, name.find('@'));
  std::string text;
  bool starts = true;
  for (const char c : name) {
    const bool gap = c == '_' || c == '-';
    text += gap ? ' ' : starts ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    starts = gap;
  }
  return text;
}

bool is_flow(const Property& property) {
  return property.shape == Shape::steps || property.shape == Shape::step_cases;
}

std::string_view element(const Property& property) {
  if (is_flow(property)) return "step";
  if (property.source == Source::inputs) return "workflow_parameter";
  if (property.source == Source::steps) return "step_output";
  return "any_data";
}

Value selector_schema(const Property& property) {
  Dict schema{{"type", "string"},
              {"pattern", selector_pattern(property)},
              {"reference", true},
              {"selected_element", element(property)}};
  if (is_flow(property)) return schema;
  const bool dynamic = property.source == Source::anything;
  schema.append("selector_points_to_batch",
                dynamic ? Value("dynamic") : Value(property.source == Source::steps));
  schema.append("kind", kinds_json(property.kinds));
  return schema;
}

/// A dynamic block's manifest says of each sort of selector what it may bring.
struct SelectorSort {
  std::string_view name, element;
  Source source;
  bool is_image;
  Value points_to_batch;  ///< null: not told
};

const std::array<SelectorSort, 5>& selector_sorts() {
  static const std::array<SelectorSort, 5> sorts{
      SelectorSort{"input_image", "workflow_image", Source::inputs, true, true},
      SelectorSort{"step_output_image", "step_output", Source::steps, true, true},
      SelectorSort{"input_parameter", "workflow_parameter", Source::inputs, false, {}},
      SelectorSort{"step_output", "step_output", Source::steps, false, true},
      SelectorSort{"generic", "any_data", Source::anything, false, "dynamic"}};
  return sorts;
}

/// The selectors that a property takes: one schema, or for a dynamic block one for each sort.
List selector_schemas(const Property& property, const Value& manifest_input) {
  if (!manifest_input.is_dict()) return {selector_schema(property)};
  List all;
  const Value& names = manifest_input.dict()["selector_types"];
  for (const Value& name : names.is_list() ? names.list() : List()) {
    const auto sort = std::ranges::find_if(
        selector_sorts(), [&](const SelectorSort& one) { return name == Value(one.name); });
    if (sort == selector_sorts().end()) continue;
    List kinds;
    const Value& by_sort = manifest_input.dict()["selector_data_kind"];
    const Value& given = by_sort.is_dict() ? by_sort.dict()[sort->name] : by_sort;
    for (const Value& kind : given.is_list() && !sort->is_image ? given.list() : List()) {
      if (kind.is_string()) kinds.push_back(kind_json(kind.string()));
    }
    if (kinds.empty()) kinds.push_back(kind_json(sort->is_image ? kind::image : kind::any));
    const Property place{.source = sort->source};
    Dict schema{{"type", "string"},
                {"pattern", selector_pattern(place)},
                {"reference", true},
                {"selected_element", sort->element},
                {"kind", std::move(kinds)}};
    if (!sort->points_to_batch.is_null()) {
      schema.append("selector_points_to_batch", sort->points_to_batch);
    }
    all.push_back(std::move(schema));
  }
  return all;
}

struct Word {
  Literal literal;
  const char* schema;
  const char* python;
};
constexpr std::array words{
    Word{Literal::integer, "integer", "int"},  Word{Literal::number, "number", "float"},
    Word{Literal::boolean, "boolean", "bool"}, Word{Literal::string, "string", "str"},
    Word{Literal::list, "array", "List[Any]"}, Word{Literal::dict, "object", "Dict[Any, Any]"},
};

Value number_schema(const Property& property, const char* name) {
  Dict schema;
  if (property.least) {
    schema.append(property.above_least ? "exclusiveMinimum" : "minimum", *property.least);
  }
  if (property.most) schema.append("maximum", *property.most);
  schema.append("type", name);
  return schema;
}

/// The literals that a property takes, one schema for each type.
List literal_schemas(const Property& property) {
  List all;
  for (const Word& word : words) {
    if (!has(property.literals, word.literal)) continue;
    if (word.literal == Literal::string && !property.one_of.empty()) {
      const List names(property.one_of.begin(), property.one_of.end());
      all.push_back(Dict{{"enum", names}, {"type", "string"}});
    } else if (word.literal == Literal::list) {
      const bool of_text = property.items == Literal::string;
      all.push_back(Dict{{"items", of_text ? type("string") : Value(Dict())}, {"type", "array"}});
    } else {
      all.push_back(number_schema(property, word.schema));
    }
  }
  return all;
}

Value any_of(List all) {
  if (all.size() == 1) return all.front();
  return Dict{{"anyOf", std::move(all)}};
}

/// What stands in a property's place, or in each place of its list or dict.
Value place_schema(const Property& property, const Value& manifest_input) {
  const bool anything = property.literals == Literal::any;
  List literals = anything ? List{Dict()} : literal_schemas(property);
  List all;
  const bool selects = is_flow(property) || !property.kinds.empty();
  const List selectors = selects ? selector_schemas(property, manifest_input) : List();
  if (property.selector_first) all = selectors;
  all.insert(all.end(), literals.begin(), literals.end());
  if (!property.selector_first) all.insert(all.end(), selectors.begin(), selectors.end());
  if (!anything && has(property.literals, Literal::null)) all.push_back(type("null"));
  return any_of(std::move(all));
}

Value property_schema(const Property& property, const Value& manifest_input) {
  Value place = place_schema(property, manifest_input);
  Dict schema;
  const bool in_list = property.shape == Shape::list_of || property.shape == Shape::steps;
  if (property.shape == Shape::plain) {
    schema = place.dict();
  } else if (in_list) {
    schema = {{"items", std::move(place)}, {"type", "array"}};
  } else {
    schema = {{"additionalProperties", std::move(place)}, {"type", "object"}};
  }
  if (property.fallback) schema.append("default", *property.fallback);
  schema.append("description", property.about);
  schema.append("title", title(property.name));
  return schema;
}

Value block_schema(const Described& block) {
  List names{Value(block.traits->type)};
  for (const std::string_view alias : block.traits->aliases) names.push_back(alias);
  Dict type_schema{{"title", "Type"}, {"type", "string"}};
  block.dynamic ? type_schema.append("const", names.front()) : type_schema.append("enum", names);
  Dict properties{{"type", std::move(type_schema)},
                  {"name", Dict{{"description", "What the step is called in this workflow"},
                                {"title", "Name"},
                                {"type", "string"}}}};
  List required{Value("type"), Value("name")};
  for (const Property& property : *block.properties) {
    const Value input =
        block.dynamic ? block.dynamic->manifest.dict()["inputs"].dict()[property.name] : Value();
    properties.set(property.name, property_schema(property, input));
    if (!property.fallback) required.push_back(property.name);
  }
  Dict schema{{"block_type", block.traits->family},
              {"name", title(block.traits->type)},
              {"short_description", block.traits->about},
              {"long_description", block.traits->about},
              {"license", "Apache-2.0"},
              {"properties", std::move(properties)},
              {"required", std::move(required)},
              {"title", title(block.traits->type)},
              {"type", "object"}};
  if (block.dynamic) schema.append("additionalProperties", true);
  return schema;
}

Value outputs_json(const std::vector<OutputPort>& outputs) {
  List list;
  for (const OutputPort& output : outputs) {
    list.push_back(Dict{{"name", output.name}, {"kind", kinds_json(output.kinds)}});
  }
  return list;
}

Value block_json(const Described& block) {
  Dict offsets;
  Value reference;
  for (const Property& property : *block.properties) {
    if (property.depth != 0) offsets.append(property.name, property.depth);
    if (property.depth_reference) reference = Value(property.name);
  }
  const Traits& traits = *block.traits;
  return Dict{{"block_schema", block_schema(block)},
              {"outputs_manifest", outputs_json(*block.outputs)},
              {"block_source", block.dynamic ? "dynamic_workflows_blocks" : "workflows_core"},
              {"fully_qualified_block_class_name", traits.type},
              {"human_friendly_block_name", title(traits.type)},
              {"manifest_type_identifier", traits.type},
              {"manifest_type_identifier_aliases", texts(traits.aliases)},
              {"execution_engine_compatibility", block.dynamic ? dynamic_engine : native_engine},
              {"restrictions", List()},
              {"input_dimensionality_offsets", std::move(offsets)},
              {"dimensionality_reference_property", std::move(reference)},
              {"output_dimensionality_offset", traits.output_depth}};
}

// --- what can be connected with what

Value connection(const Described& block, const Property& property) {
  const bool in_list = property.shape == Shape::list_of;
  const bool in_dict = property.shape == Shape::dict_of || in_list;
  return Dict{{"manifest_type_identifier", block.traits->type},
              {"property_name", property.name},
              {"property_description", property.about},
              {"compatible_element", element(property)},
              {"is_list_element", in_list},
              {"is_dict_element", in_dict}};
}

Value kinds_connections(const std::vector<Described>& blocks) {
  Dict by_kind;
  for (const KindFacts& kind : all_kinds()) {
    List takers;
    for (const Described& block : blocks) {
      for (const Property& property : *block.properties) {
        if (is_flow(property) || property.kinds.empty()) continue;
        const auto& kinds = property.kinds;
        // Anything at all may be plugged in where the kind is not known.
        const bool takes =
            kind.name == kind::any || std::ranges::find(kinds, kind.name) != kinds.end();
        if (takes) takers.push_back(connection(block, property));
      }
    }
    if (!takers.empty()) by_kind.append(std::string(kind.name), std::move(takers));
  }
  return by_kind;
}

/// "int", "Union[float, str]", "Optional[str]": the literals as Python would annotate them.
std::string annotation(const Property& property) {
  if (property.literals == Literal::any) return "Any";
  std::vector<std::string_view> names;
  for (const Word& word : words) {
    const bool of_text = word.literal == Literal::list && property.items == Literal::string;
    if (has(property.literals, word.literal))
      names.emplace_back(of_text ? "List[str]" : word.python);
  }
  std::ranges::sort(names);
  if (names.empty()) return {};
  const bool optional = has(property.literals, Literal::null);
  std::string text(names.front());
  if (names.size() > 1) {
    text = optional ? "Optional[" : "Union[";
    for (const std::string_view name : names) {
      text += fmt::format("{}{}", name == names.front() ? "" : ", ", name);
    }
    text += "]";
  }
  if (property.shape == Shape::list_of) return "List[" + text + "]";
  if (property.shape == Shape::dict_of) return "Dict[str, " + text + "]";
  return text;
}

Value primitives_connections(const std::vector<Described>& blocks) {
  List all;
  const auto add = [&all](const Described& block, std::string_view name, std::string_view about,
                          std::string_view python) {
    all.push_back(Dict{{"manifest_type_identifier", block.traits->type},
                       {"property_name", name},
                       {"property_description", about},
                       {"type_annotation", python}});
  };
  for (const Described& block : blocks) {
    add(block, "name", "What the step is called in this workflow", "str");
    for (const Property& property : *block.properties) {
      const std::string python = annotation(property);
      if (!python.empty()) add(block, property.name, property.about, python);
    }
  }
  return all;
}

// --- the language itself

Value object(Dict properties, std::initializer_list<std::string_view> required) {
  return Dict{{"properties", std::move(properties)},
              {"required", texts(std::vector<std::string_view>(required))},
              {"type", "object"}};
}
Value list_of(Value items) { return Dict{{"items", std::move(items)}, {"type", "array"}}; }
Value constant(const char* text) { return Dict{{"const", text}, {"type", "string"}}; }
Value choice(std::initializer_list<const char*> names) {
  return Dict{{"enum", List(names.begin(), names.end())}, {"type", "string"}};
}
Value with_default(Value schema, Value fallback) {
  Dict all = schema.dict();
  all.set("default", std::move(fallback));
  return all;
}
Value definition(const char* name) { return Dict{{"$ref", fmt::format("#/$defs/{}", name)}}; }

Value dynamic_definitions() {
  const Value offset =
      with_default(Dict{{"maximum", 1}, {"minimum", -1}, {"type", "integer"}}, Value(0));
  const Value flag = with_default(type("boolean"), Value(false));
  const Value names = list_of(type("string"));
  const Value kinds = Dict{{"additionalProperties", names},
                           {"propertyNames", definition("SelectorType")},
                           {"type", "object"}};
  const Value fields = Dict{{"additionalProperties", true}, {"type", "object"}};
  const Value text = Dict{{"anyOf", List{type("string"), type("null")}}, {"default", nullptr}};
  return Dict{
      {"SelectorType",
       choice({"input_image", "step_output_image", "input_parameter", "step_output", "generic"})},
      {"TensorCompatibility", choice({"legacy_compatibility", "tensor_native"})},
      {"ValueType", choice({"any", "integer", "float", "boolean", "dict", "list", "string"})},
      {"DynamicInputDefinition", object({{"type", constant("DynamicInputDefinition")},
                                         {"has_default_value", flag},
                                         {"default_value", Dict{{"default", nullptr}}},
                                         {"is_optional", flag},
                                         {"is_dimensionality_reference", flag},
                                         {"dimensionality_offset", offset},
                                         {"selector_types", list_of(definition("SelectorType"))},
                                         {"selector_data_kind", kinds},
                                         {"value_types", list_of(definition("ValueType"))}},
                                        {"type"})},
      {"DynamicOutputDefinition",
       object({{"type", constant("DynamicOutputDefinition")}, {"kind", names}}, {"type"})},
      {"ManifestDescription",
       object({{"type", constant("ManifestDescription")},
               {"block_type", type("string")},
               {"description", text},
               {"inputs", Dict{{"additionalProperties", definition("DynamicInputDefinition")},
                               {"type", "object"}}},
               {"outputs", Dict{{"additionalProperties", definition("DynamicOutputDefinition")},
                                {"type", "object"}}},
               {"output_dimensionality_offset", offset},
               {"ui_manifest", Dict{{"anyOf", List{fields, type("null")}}}},
               {"accepts_batch_input", flag},
               {"accepts_empty_values", flag},
               {"batch_oriented_parameters", names},
               {"parameters_with_scalars_and_batches", names},
               {"get_parameters_enforcing_auto_batch_casting", names},
               {"tensor_compatibility",
                with_default(definition("TensorCompatibility"), Value("legacy_compatibility"))}},
              {"type", "block_type", "inputs"})},
      {"PythonCode", object({{"type", constant("PythonCode")},
                             {"run_function_code", type("string")},
                             {"run_function_name", with_default(type("string"), Value("run"))},
                             {"init_function_code", text},
                             {"init_function_name", with_default(type("string"), Value("init"))},
                             {"imports", names}},
                            {"type", "run_function_code"})}};
}

Value dynamic_block_schema() {
  Dict schema = object({{"type", constant("DynamicBlockDefinition")},
                        {"manifest", definition("ManifestDescription")},
                        {"code", definition("PythonCode")}},
                       {"type", "manifest", "code"})
                    .dict();
  schema.set("title", "DynamicBlockDefinition");
  schema.set("$defs", dynamic_definitions());
  return schema;
}

std::vector<Described> described(std::span<const DynamicBlock> dynamic) {
  std::vector<Described> blocks;
  for (const Entry* entry : all_blocks()) {
    const Block& model = *entry->model;
    blocks.push_back({&model.traits(), &model.properties(), &model.outputs()});
  }
  for (const DynamicBlock& block : dynamic) {
    blocks.push_back({&block.traits, &block.properties, &block.outputs, &block});
  }
  return blocks;
}

/// One of several schemas, told apart by "type".
Value discriminated(List all, Dict mapping) {
  return Dict{{"discriminator", Dict{{"mapping", std::move(mapping)}, {"propertyName", "type"}}},
              {"oneOf", std::move(all)}};
}

Value input_schema(std::initializer_list<const char*> types, Value kinds, int least, int most) {
  Dict dimensionality{{"default", least}, {"type", "integer"}};
  if (most >= least) {
    dimensionality.append("maximum", most);
    dimensionality.append("minimum", least);
  }
  Value name = types.size() == 1 ? constant(*types.begin()) : choice(types);
  return object({{"type", std::move(name)},
                 {"name", type("string")},
                 {"kind", Dict{{"default", std::move(kinds)},
                               {"items", Dict{{"anyOf", List{type("string"), definition("Kind")}}}},
                               {"type", "array"}}},
                 {"dimensionality", std::move(dimensionality)}},
                {"type", "name"});
}

}  // namespace

Value describe_blocks(std::span<const DynamicBlock> dynamic) {
  const std::vector<Described> all = described(dynamic);
  List blocks;
  for (const Described& block : all) blocks.push_back(block_json(block));
  List kinds;
  for (const KindFacts& kind : all_kinds()) kinds.push_back(kind_json(kind.name));
  return Dict{{"blocks", std::move(blocks)},
              {"declared_kinds", std::move(kinds)},
              {"kinds_connections", kinds_connections(all)},
              {"primitives_connections", primitives_connections(all)},
              {"universal_query_language_description",
               Dict{{"operations_description", List()}, {"operators_descriptions", List()}}},
              {"dynamic_block_definition_schema", dynamic_block_schema()}};
}

Value definition_schema() {
  const Value any = List{kind_json(kind::any)};
  Dict definitions{
      {"Kind", object({{"name", type("string")}}, {"name"})},
      {"WorkflowImage",
       input_schema({"WorkflowImage", "InferenceImage"}, List{kind_json(kind::image)}, 1, 1)},
      {"WorkflowVideoMetadata",
       input_schema({"WorkflowVideoMetadata"}, List{kind_json(kind::video_metadata)}, 1, 1)},
      {"WorkflowParameter", input_schema({"WorkflowParameter", "InferenceParameter"}, any, 0, 0)},
      {"WorkflowBatchInput", input_schema({"WorkflowBatchInput"}, any, 1, 0)},
      {"JsonField",
       object({{"type", constant("JsonField")},
               {"name", type("string")},
               {"selector", type("string")},
               {"coordinates_system", with_default(choice({"own", "parent"}), Value("parent"))}},
              {"type", "name", "selector"})}};
  List inputs;
  Dict input_names;
  for (const auto& [name, aliases] :
       std::initializer_list<std::pair<const char*, std::vector<const char*>>>{
           {"WorkflowImage", {"WorkflowImage", "InferenceImage"}},
           {"WorkflowVideoMetadata", {"WorkflowVideoMetadata"}},
           {"WorkflowParameter", {"WorkflowParameter", "InferenceParameter"}},
           {"WorkflowBatchInput", {"WorkflowBatchInput"}}}) {
    inputs.push_back(definition(name));
    for (const char* alias : aliases) input_names.append(alias, definition(name).dict()["$ref"]);
  }
  List steps;
  Dict step_names;
  for (const Described& block : described({})) {
    std::string type_name(block.traits->type);
    std::ranges::replace(type_name, '/', '.');  // a slash would part the reference
    const Value reference = "#/$defs/" + type_name;
    definitions.append(type_name, block_schema(block));
    steps.push_back(Dict{{"$ref", reference}});
    step_names.append(type_name, reference);
    for (const std::string_view alias : block.traits->aliases) {
      step_names.append(std::string(alias), reference);
    }
  }
  Dict schema =
      object({{"version", type("string")},
              {"inputs", list_of(discriminated(std::move(inputs), std::move(input_names)))},
              {"steps", list_of(discriminated(std::move(steps), std::move(step_names)))},
              {"outputs", list_of(definition("JsonField"))}},
             {"version", "inputs", "steps", "outputs"})
          .dict();
  schema.set("title", "WorkflowSpecificationV1");
  schema.set("$defs", std::move(definitions));
  return schema;
}

Outcome<Value> dynamic_outputs(const Value& step_manifest) {
  // A workflow of that one step: whatever is wrong with it is told as a definition's mistakes are.
  Definition whole;
  whole.root = Dict{
      {"version", "1.0"}, {"inputs", List()}, {"steps", List{step_manifest}}, {"outputs", List()}};
  whole.text = std::make_shared<const std::string>(json::write(whole.root));
  if (auto read = read_parts(whole, {}); !read) return std::unexpected(std::move(read).error());
  const StepDefinition& step = whole.steps.front();
  if (!step.contract.traits->dynamic_outputs) return outputs_json(*step.contract.outputs);
  return outputs_json(step.contract.native->model->outputs_of(step.values));
}

}  // namespace vedette::workflow
