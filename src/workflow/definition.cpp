#include "workflow/definition.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <regex>
#include <set>
#include <unordered_set>

#include "base/nearest.hpp"
#include "workflow/properties.hpp"

namespace vedette::workflow {
namespace {

constexpr std::string_view parsing = "workflow_compilation | workflow_definition_parsing";
constexpr std::string_view starting = "workflow_compilation | engine_initialisation";
constexpr std::string_view engine_python = "<Version('1.15.0')>";
constexpr std::array engine_release{1, 15, 0};

/// A mistake and where it is, in both countings: the JSON's and the peer's (which puts a step's
/// type between its place and its property).
struct Found {
  json::Path path;
  std::string location;
  std::string message;
  std::string nearest;
  BlockProblem block;  // block_id and block_type only
  bool in_step = false;
};

using Faults = std::vector<Found>;

std::string dotted(const json::Path& path) {
  std::string text;
  for (const json::PathPart& part : path) {
    if (!text.empty()) text += '.';
    if (const auto* name = std::get_if<std::string>(&part)) text += *name;
    if (const auto* place = std::get_if<std::size_t>(&part)) text += std::to_string(*place);
  }
  return text;
}

json::Path operator+(json::Path path, json::PathPart part) {
  path.push_back(std::move(part));
  return path;
}

void add(Faults& faults, json::Path path, std::string message, std::string nearest = {}) {
  std::string location = dotted(path);
  faults.push_back({.path = std::move(path),
                    .location = std::move(location),
                    .message = std::move(message),
                    .nearest = std::move(nearest),
                    .block = {}});
}

// --- version

/// As Python's repr() shows it.
std::string shown(const Value& value) {
  if (value.is_null()) return "None";
  if (value.is_bool()) return value.boolean() ? "True" : "False";
  if (value.is_string()) return fmt::format("'{}'", value.string());
  std::string text;
  if (value.is_list()) {
    for (const Value& one : value.list()) text += (text.empty() ? "" : ", ") + shown(one);
    return "[" + text + "]";
  }
  if (value.is_dict()) {
    for (const auto& [name, one] : value.dict()) {
      text += fmt::format("{}'{}': {}", text.empty() ? "" : ", ", name, shown(one));
    }
    return "{" + text + "}";
  }
  return json::write(value);
}

std::string as_python_text(const Value& value) {
  return value.is_string() ? std::string(value.string()) : shown(value);
}

Problem bad_version(const Value& version, std::string details, std::string inner) {
  auto problem = problem_of(
      "WorkflowDefinitionError",
      fmt::format("Workflow definition contains `version` defined as `{}` which cannot be parsed "
                  "as valid version definition. Error details: {}",
                  as_python_text(version), details),
      std::string(starting));
  problem.inner_type = std::move(inner);
  problem.inner_message = std::move(details);
  problem.nearest = "1.0";
  return problem;
}

/// Source: PEP 440, as far as a definition's `version` needs it.
Outcome<void> check_version(const Value& version) {
  static const std::regex form(
      R"(\s*v?(?:(\d{1,6})!)?(\d{1,6})((?:\.\d{1,6}){0,6})([-_.]?(?:a|b|c|rc|alpha|beta|pre|post|rev|r|dev)[-_.]?\d*|-\d{1,6})*(\+[a-z0-9.]+)?\s*)",
      std::regex::icase);
  if (version.is_null() || version == Value("") || version == Value(0) || version == Value(false)) {
    return {};  // the newest engine; that it is missing is said with the other mistakes
  }
  if (!version.is_string()) {
    return std::unexpected(bad_version(
        version,
        fmt::format("expected string or bytes-like object, got '{}'", python_type(version)),
        "TypeError"));
  }
  const std::string text(version.string().substr(0, 64));
  std::smatch parts;
  if (text.size() != version.string().size() || !std::regex_match(text, parts, form)) {
    return std::unexpected(
        bad_version(version, fmt::format("Invalid version: '{}'", text), "InvalidVersion"));
  }
  std::array<int, 3> wanted{std::stoi(parts[2].str()), 0, 0};
  std::string rest = parts[3].str();
  const bool later = parts[1].matched && std::stoi(parts[1].str()) > 0;  // of another epoch
  for (std::size_t i = 1; i < wanted.size() && !rest.empty(); ++i) {
    std::size_t read = 0;
    wanted[i] = std::stoi(rest.substr(1), &read);
    rest.erase(0, read + 1);
  }
  if (!later && wanted[0] == engine_release[0] && wanted <= engine_release) return {};
  auto problem = problem_of(
      "NotSupportedExecutionEngineError",
      fmt::format("Workflow definition requested Execution Engine in version: "
                  "`<{}.0.0,>={}` which cannot be found in existing setup. Available Execution "
                  "Engines versions: `[{}]`.",
                  wanted[0] + 1, text, engine_python),
      std::string(starting));
  problem.nearest = "1.0";
  return std::unexpected(std::move(problem));
}

// --- inputs

struct InputType {
  std::string_view type;
  std::string_view kind;
  bool is_batch;
  bool nests;
};

constexpr std::array input_types{
    InputType{"WorkflowImage", kind::image, true, false},
    InputType{"InferenceImage", kind::image, true, false},
    InputType{"WorkflowVideoMetadata", kind::video_metadata, true, false},
    InputType{"WorkflowParameter", kind::any, false, false},
    InputType{"InferenceParameter", kind::any, false, false},
    InputType{"WorkflowBatchInput", kind::any, true, true},
};

constexpr std::string_view input_tags =
    "'WorkflowImage', 'InferenceImage', 'WorkflowVideoMetadata', 'WorkflowParameter', "
    "'InferenceParameter', 'WorkflowBatchInput'";

void read_kinds(InputDefinition& input, const Value& json, const json::Path& path, Faults& faults) {
  if (!json.is_list()) return add(faults, path, "Input should be a valid list");
  input.kinds.clear();
  for (std::size_t i = 0; i < json.list().size(); ++i) {
    const Value& one = json.list()[i];
    const Value& name = one.is_dict() ? one.dict()["name"] : one;
    if (name.is_string()) {
      input.kinds.push_back(name.string());
    } else {
      add(faults, path + i, "Input should be a valid string");
    }
  }
}

void read_input(Definition& definition, const Value& json, const json::Path& path, Faults& faults) {
  if (!json.is_dict()) {
    return add(faults, path, "Input should be a valid dictionary or object to extract fields from");
  }
  const Dict& given = json.dict();
  const Value& type = given["type"];
  const auto* known = std::ranges::find_if(input_types, [&](const InputType& one) {
    return type.is_string() && one.type == type.string();
  });
  if (type.is_null()) {
    return add(faults, path, "Unable to extract tag using discriminator 'type'");
  }
  if (known == input_types.end()) {
    std::vector<std::string_view> names;
    for (const InputType& one : input_types) names.push_back(one.type);
    return add(faults, path,
               fmt::format("Input tag '{}' found using 'type' does not match any of the expected "
                           "tags: {}",
                           as_python_text(type), input_tags),
               type.is_string() ? std::string(nearest(type.string(), names)) : "");
  }
  InputDefinition input{.name = {},
                        .type = known->type,
                        .kinds = {known->kind},
                        .depth = known->is_batch ? 1 : 0,
                        .fallback = given["default_value"]};
  const Value* name = given.find("name");
  if (!name) {
    add(faults, path + "name", "Field required");
  } else if (!name->is_string()) {
    add(faults, path + "name", "Input should be a valid string");
  } else {
    input.name = name->string();
  }
  if (const Value* kinds = given.find("kind")) read_kinds(input, *kinds, path + "kind", faults);
  if (const Value* depth = given.find("dimensionality")) {
    static const Property whole{.name = "dimensionality", .literals = Literal::integer};
    const auto taken = accept(whole, *depth);
    const auto bound = static_cast<std::int64_t>(input.depth);
    if (!taken) {
      add(faults, path + "dimensionality", taken.error().message);
    } else if (!known->nests && taken->integer() != bound) {
      const bool above = taken->integer() > bound;
      add(faults, path + "dimensionality",
          fmt::format("Input should be {} than or equal to {}", above ? "less" : "greater", bound));
    } else {
      input.depth = static_cast<int>(std::clamp<std::int64_t>(taken->integer(), -1, 64));
    }
  }
  definition.inputs.push_back(std::move(input));
}

// --- steps

Contract contract_of(const Definition& definition, std::string_view type) {
  for (const auto& block : definition.dynamic) {
    if (block->block_type != type) continue;
    return {.native = nullptr,
            .dynamic = block,
            .traits = &block->traits,
            .properties = &block->properties,
            .outputs = &block->outputs};
  }
  const Entry* entry = find_block(type);
  if (!entry) return {};
  return {.native = entry,
          .dynamic = nullptr,
          .traits = &entry->model->traits(),
          .properties = &entry->model->properties(),
          .outputs = &entry->model->outputs()};
}

std::string known_tags(const Definition& definition) {
  std::string tags;
  const auto add_tag = [&tags](std::string_view tag) {
    if (!tags.empty()) tags += ", ";
    tags += fmt::format("'{}'", tag);
  };
  for (const Entry* entry : all_blocks()) {
    add_tag(entry->model->traits().type);
    for (const std::string_view alias : entry->model->traits().aliases) add_tag(alias);
  }
  for (const auto& block : definition.dynamic) add_tag(block->block_type);
  return tags;
}

std::string nearest_type(const Definition& definition, std::string_view type) {
  std::vector<std::string_view> names;
  for (const auto& block : definition.dynamic) names.push_back(block->block_type);
  std::string own(nearest(type, names));
  return own.empty() ? nearest_block(type) : own;
}

/// The key of a step that is probably the missing property, written wrongly.
std::string misspelt(const Dict& given, const Contract& contract, std::string_view name) {
  std::vector<std::string_view> unknown;
  for (const auto& [key, value] : given) {
    const auto is_key = [&key = key](const Property& property) { return property.name == key; };
    if (std::ranges::none_of(*contract.properties, is_key)) unknown.push_back(key);
  }
  return nearest(name, unknown).empty() ? std::string() : std::string(name);
}

/// Collects the mistakes of one step under the step's name and type.
class StepReader {
 public:
  StepReader(Definition& definition, std::size_t place, Faults& faults)
      : definition_(definition), faults_(faults), path_{std::string("steps"), place} {}

  void read(const Dict& given) {
    const Value& type = given["type"];
    const Value* name = given.find("name");
    if (name && name->is_string()) block_.block_id = name->string();
    if (type.is_string()) block_.block_type = type.string();
    if (type.is_null()) return fault({}, "Unable to extract tag using discriminator 'type'");
    StepDefinition step{.name = {}, .type = {}, .contract = {}, .values = {}, .place = place()};
    if (type.is_string()) step.contract = contract_of(definition_, type.string());
    if (!step.contract.traits) {
      fault({std::string("type")},
            fmt::format("Input tag '{}' found using 'type' does not match any of the expected "
                        "tags: {}",
                        as_python_text(type), known_tags(definition_)),
            type.is_string() ? nearest_type(definition_, type.string()) : "", false);
      return;
    }
    step.type = type.string();
    if (!name) fault({std::string("name")}, "Field required");
    if (name && !name->is_string()) fault({std::string("name")}, "Input should be a valid string");
    if (name && name->is_string()) step.name = name->string();
    for (const Property& property : *step.contract.properties) {
      step.values.push_back(value_of(property, step.contract, given));
    }
    definition_.steps.push_back(std::move(step));
  }

 private:
  std::size_t place() const { return std::get<std::size_t>(path_.back()); }

  Value value_of(const Property& property, const Contract& contract, const Dict& given) {
    const Value* written = given.find(property.name);
    for (const std::string& alias : property.aliases) {
      if (!written) written = given.find(alias);
    }
    if (!written) {
      if (property.fallback) return *property.fallback;
      fault({property.name}, "Field required", misspelt(given, contract, property.name));
      return {};
    }
    auto taken = accept(property, *written);
    if (taken) return *std::move(taken);
    json::Path within{property.name};
    within.insert(within.end(), taken.error().path.begin(), taken.error().path.end());
    fault(std::move(within), taken.error().message, taken.error().nearest);
    return {};
  }

  /// in_property  whether the peer names the property that `within` begins with
  void fault(json::Path within, std::string message, std::string nearest = {},
             bool in_property = true) {
    std::string location = dotted(path_);
    if (!within.empty() && in_property) location += "." + block_.block_type + "." + dotted(within);
    BlockProblem block = block_;
    block.property_details = message;
    if (!within.empty() && in_property) block.property_name = std::get<std::string>(within.front());
    json::Path path = path_;
    path.insert(path.end(), within.begin(), within.end());
    faults_.push_back({.path = std::move(path),
                       .location = std::move(location),
                       .message = std::move(message),
                       .nearest = std::move(nearest),
                       .block = std::move(block),
                       .in_step = true});
  }

  Definition& definition_;
  Faults& faults_;
  json::Path path_;
  BlockProblem block_;
};

// --- outputs

void read_output(Definition& definition, const Value& json, const json::Path& path,
                 Faults& faults) {
  if (!json.is_dict()) {
    return add(faults, path, "Input should be a valid dictionary or instance of JsonField");
  }
  constexpr std::array<std::string_view, 2> systems{"own", "parent"};
  const Dict& given = json.dict();
  OutputDefinition output;
  const Value* type = given.find("type");
  if (!type) add(faults, path + "type", "Field required");
  if (type && *type != Value("JsonField")) {
    add(faults, path + "type", "Input should be 'JsonField'", "JsonField");
  }
  const auto text = [&](const char* key) -> std::string_view {
    const Value* found = given.find(key);
    if (found && found->is_string()) return found->string();
    add(faults, path + key, found ? "Input should be a valid string" : "Field required");
    return {};
  };
  output.name = text("name");
  output.selector = text("selector");
  if (const Value* system = given.find("coordinates_system")) {
    output.own = *system == Value("own");
    if (!output.own && *system != Value("parent")) {
      add(faults, path + "coordinates_system", "Input should be 'own' or 'parent'",
          system->is_string() ? std::string(nearest(system->string(), systems)) : "");
    }
  }
  definition.outputs.push_back(output);
}

// --- all together

Problem syntax_error(const Definition& definition, const Faults& faults) {
  auto problem = problem_of("WorkflowSyntaxError",
                            "Could not parse workflow definition. Details provided in inner error.",
                            std::string(parsing));
  problem.inner_type = "ValidationError";
  problem.inner_message = fmt::format("{} validation error{} for WorkflowSpecificationV1",
                                      faults.size(), faults.size() == 1 ? "" : "s");
  std::set<std::string> told;
  for (const Found& fault : faults) {
    problem.inner_message += fmt::format("\n{}\n  {}", fault.location, fault.message);
    if (!fault.in_step) continue;
    if (told.insert(fault.block.block_id + '\n' + fault.block.property_name).second) {
      problem.blocks.push_back(fault.block);
    }
  }
  problem.nearest = faults.front().nearest;
  return located(std::move(problem), definition, faults.front().path);
}

template <class Parts>
Outcome<void> check_unique(const Definition& definition, const Parts& parts,
                           const std::string& section, std::string_view word) {
  std::unordered_set<std::string_view> names;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (names.insert(parts[i].name).second) continue;
    return std::unexpected(
        located(problem_of("DuplicatedNameError", fmt::format("Found duplicated {} names", word),
                           "workflow_compilation | specification_validation"),
                definition, {section, i, std::string("name")}));
  }
  return {};
}

/// The list under `section`, or null with the mistake noted.
const List* section_of(const Definition& definition, const char* section, Faults& faults) {
  const Value* found = definition.root.dict().find(section);
  if (found && found->is_list()) return &found->list();
  add(faults, {std::string(section)}, found ? "Input should be a valid list" : "Field required");
  return nullptr;
}

Problem no_object(const Definition& definition, std::size_t place, std::string_view type) {
  return located(problem_of("InnerWorkflowInvalidStepEntryError",
                            fmt::format("Invalid workflow step at index {}: each step must be a "
                                        "JSON object (dict), got {}.",
                                        place, type),
                            "workflow_compilation | inner_workflow | composition"),
                 definition, {std::string("steps"), place});
}

Outcome<void> check_steps_are_objects(const Definition& definition) {
  const Value& steps = definition.root.dict()["steps"];
  // The peer takes whatever can be gone through one by one, letters and keys too.
  const bool of_words =
      (steps.is_string() && !steps.string().empty()) || (steps.is_dict() && !steps.dict().empty());
  if (of_words) return std::unexpected(no_object(definition, 0, "str"));
  if (!steps.is_list()) return {};
  for (std::size_t i = 0; i < steps.list().size(); ++i) {
    if (steps.list()[i].is_dict()) continue;
    return std::unexpected(no_object(definition, i, python_type(steps.list()[i])));
  }
  return {};
}

Outcome<void> read_dynamic_blocks(Definition& definition) {
  const Value& blocks = definition.root.dict()["dynamic_blocks_definitions"];
  if (blocks.is_null()) return {};
  const List one{blocks};
  const List& all = blocks.is_list() ? blocks.list() : one;
  std::set<std::string> known;
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto block = read_dynamic_block(all[i]);
    if (!block) {
      json::Path path{std::string("dynamic_blocks_definitions"), i};
      path.insert(path.end(), block.error().path.begin(), block.error().path.end());
      return std::unexpected(located(std::move(block).error(), definition, std::move(path)));
    }
    if (known.insert((*block)->block_type).second) definition.dynamic.push_back(*std::move(block));
  }
  return {};
}

}  // namespace

std::string_view python_type(const Value& value) {
  switch (value.type()) {
    case Value::Type::null:
      return "NoneType";
    case Value::Type::boolean:
      return "bool";
    case Value::Type::integer:
      return "int";
    case Value::Type::real:
      return "float";
    case Value::Type::string:
      return "str";
    case Value::Type::list:
      return "list";
    case Value::Type::dict:
      return "dict";
    case Value::Type::box:
      break;
  }
  return "object";
}

Problem located(Problem problem, const Definition& definition, json::Path path) {
  problem.path = definition.prefix;
  problem.path.insert(problem.path.end(), path.begin(), path.end());
  problem.position = json::find(*definition.text, problem.path);
  return problem;
}

Outcome<Definition> read_definition(const std::shared_ptr<const std::string>& text,
                                    const PlanLimits& limits) {
  const auto refuse = [](std::string why) {
    auto problem = problem_of("WorkflowSyntaxError", std::move(why), std::string(parsing));
    return std::unexpected(std::move(problem));
  };
  if (text->size() > limits.definition_bytes) {
    return refuse(fmt::format("the workflow definition has {} bytes, more than the {} allowed",
                              text->size(), limits.definition_bytes));
  }
  auto root = json::read(text, {.depth = limits.json_depth});
  if (!root) return refuse("the workflow definition is not valid JSON: " + root.error().what);
  Definition definition{.text = text, .prefix = {}, .root = *std::move(root)};
  if (!definition.root.is_dict()) {
    return refuse(fmt::format("the workflow definition must be a JSON object, not {}",
                              python_type(definition.root)));
  }
  const Value& wrapped = definition.root.dict()["definition"];
  if (wrapped.is_dict() && !definition.root.dict().find("steps")) {
    definition.prefix = {std::string("definition")};
    definition.root = Value(wrapped);
  }
  if (auto version = check_version(definition.root.dict()["version"]); !version) {
    return std::unexpected(
        located(std::move(version).error(), definition, {std::string("version")}));
  }
  if (auto blocks = read_dynamic_blocks(definition); !blocks) {
    return std::unexpected(std::move(blocks).error());
  }
  return definition;
}

Outcome<void> read_parts(Definition& definition, const PlanLimits& limits) {
  if (auto objects = check_steps_are_objects(definition); !objects) return objects;
  Faults faults;
  const Value* version = definition.root.dict().find("version");
  if (!version) add(faults, {std::string("version")}, "Field required");
  if (version && !version->is_string()) {
    add(faults, {std::string("version")}, "Input should be a valid string");
  }
  if (const List* inputs = section_of(definition, "inputs", faults)) {
    for (std::size_t i = 0; i < inputs->size(); ++i) {
      read_input(definition, (*inputs)[i], {std::string("inputs"), i}, faults);
    }
  }
  if (const List* steps = section_of(definition, "steps", faults)) {
    if (steps->size() > limits.steps) {
      add(faults, {std::string("steps"), limits.steps},
          fmt::format("the workflow has {} steps, more than the {} allowed", steps->size(),
                      limits.steps));
    }
    for (std::size_t i = 0; i < std::min(steps->size(), limits.steps); ++i) {
      StepReader(definition, i, faults).read((*steps)[i].dict());
    }
  }
  if (const List* outputs = section_of(definition, "outputs", faults)) {
    for (std::size_t i = 0; i < outputs->size(); ++i) {
      read_output(definition, (*outputs)[i], {std::string("outputs"), i}, faults);
    }
  }
  if (!faults.empty()) return std::unexpected(syntax_error(definition, faults));
  auto unique = check_unique(definition, definition.inputs, "inputs", "input parameter");
  if (unique) unique = check_unique(definition, definition.steps, "steps", "input steps");
  if (unique) unique = check_unique(definition, definition.outputs, "outputs", "input outputs");
  return unique;
}

}  // namespace vedette::workflow
