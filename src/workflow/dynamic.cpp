#include "workflow/dynamic.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <set>

#include "workflow/definition.hpp"

namespace vedette::workflow {
namespace {

constexpr std::string_view manifest_context =
    "workflow_compilation | dynamic_block_compilation | manifest_compilation";

/// The peer does not say what is wrong with a malformed definition; where it is, and a hint, go
/// out beside its words.
Problem malformed(json::Path path, std::string hint) {
  Problem problem;
  problem.status = 500;
  problem.type.clear();
  problem.message = "Internal error.";
  problem.path = std::move(path);
  problem.nearest = std::move(hint);
  return problem;
}

Problem block_error(std::string message, json::Path path) {
  auto problem = problem_of("DynamicBlockError", std::move(message), std::string(manifest_context));
  problem.path = std::move(path);
  return problem;
}

/// Reads the members of one object of the definition; the first mistake stays.
class Reader {
 public:
  Reader(const Value& json, json::Path path, std::string_view type) : path_(std::move(path)) {
    if (!json.is_dict()) {
      fail("an object is expected here");
      return;
    }
    given_ = &json.dict();
    if (text("type") != type) fail(fmt::format("\"type\" must be \"{}\"", type), "type");
  }

  [[nodiscard]] const Value& member(std::string_view key) const {
    static const Value null;
    return given_ ? (*given_)[key] : null;
  }
  [[nodiscard]] json::Path at(std::string_view key) const {
    json::Path path = path_;
    path.emplace_back(std::string(key));
    return path;
  }

  std::string text(std::string_view key) {
    const Value& value = member(key);
    if (value.is_string()) return std::string(value.string());
    fail(fmt::format("\"{}\" must be a string", key), key);
    return {};
  }
  std::string text_or(std::string_view key, const char* fallback) {
    return given_ && given_->find(key) ? text(key) : std::string(fallback);
  }
  bool flag(std::string_view key) {
    const Value& value = member(key);
    if (value.is_bool()) return value.boolean();
    if (given_ && given_->find(key)) fail(fmt::format("\"{}\" must be true or false", key), key);
    return false;
  }
  int offset(std::string_view key) {
    const Value& value = member(key);
    if (!given_ || !given_->find(key)) return 0;
    if (value.is_integer() && value.integer() >= -1 && value.integer() <= 1) {
      return static_cast<int>(value.integer());
    }
    fail(fmt::format("\"{}\" must be -1, 0 or 1", key), key);
    return 0;
  }
  std::vector<std::string> texts(std::string_view key) {
    std::vector<std::string> all;
    const Value& value = member(key);
    if (!given_ || !given_->find(key)) return all;
    if (!value.is_list()) fail(fmt::format("\"{}\" must be a list of strings", key), key);
    for (const Value& one : value.is_list() ? value.list() : List()) {
      if (one.is_string()) all.emplace_back(one.string());
      if (!one.is_string()) fail(fmt::format("\"{}\" must be a list of strings", key), key);
    }
    return all;
  }
  const Dict& object(std::string_view key, bool required) {
    static const Dict none;
    const Value& value = member(key);
    if (value.is_dict()) return value.dict();
    if (required || (given_ && given_->find(key))) {
      fail(fmt::format("\"{}\" must be an object", key), key);
    }
    return none;
  }

  void fail(std::string hint, std::string_view key = {}) {
    if (!problem) problem = malformed(key.empty() ? path_ : at(key), std::move(hint));
  }
  std::optional<Problem> problem;

 private:
  const Dict* given_ = nullptr;
  json::Path path_;
};

struct ValueType {
  std::string_view name;
  Literal literal;
};
constexpr std::array value_types{
    ValueType{"any", Literal::any},       ValueType{"integer", Literal::integer},
    ValueType{"float", Literal::number},  ValueType{"boolean", Literal::boolean},
    ValueType{"dict", Literal::dict},     ValueType{"list", Literal::list},
    ValueType{"string", Literal::string},
};

constexpr std::array<std::string_view, 5> selector_types{
    "input_image", "step_output_image", "input_parameter", "step_output", "generic"};

std::string known_kinds() {
  std::string names;
  for (const KindFacts& kind : all_kinds()) {
    names += fmt::format("{}'{}'", names.empty() ? "" : ", ", kind.name);
  }
  return names;
}

/// The kinds of those names, as the catalogue holds them.
Outcome<Kinds> kinds_of(const std::vector<std::string>& names, std::string_view what,
                        std::string_view block_type, const json::Path& path) {
  Kinds kinds;
  for (const std::string& name : names) {
    const KindFacts* facts = find_kind(name);
    if (!facts) {
      return std::unexpected(block_error(
          fmt::format("Could not find kind with name `{}` declared for {} of dynamic block `{}` "
                      "within kinds that would be recognised by Execution Engine knowing the "
                      "following kinds: [{}].",
                      name, what, block_type, known_kinds()),
          path));
    }
    kinds.push_back(facts->name);
  }
  if (kinds.empty()) kinds.push_back(kind::any);
  return kinds;
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// The lists of a manifest that say which parameters come as batches.
struct BatchLists {
  std::vector<std::string> batches, either, cast;

  /// How the selectors of a property meet batches: the peer's rule for each sort, united.
  [[nodiscard]] Batching of(std::string_view name,
                            const std::vector<std::string>& selectors) const {
    const bool takes = contains(batches, name) || contains(cast, name);
    bool batch = selectors.empty() && takes;
    bool scalar = selectors.empty() && !takes;
    for (const std::string& selector : selectors) {
      if (selector == "generic") {
        const bool both = contains(either, name);
        batch = batch || takes || both;
        scalar = scalar || (both && !contains(cast, name)) || (!both && !takes);
      } else {
        (selector == "input_parameter" ? scalar : batch) = true;
      }
    }
    if (selectors.empty() && contains(either, name)) return Batching::either;
    if (batch && scalar) return Batching::either;
    return batch ? Batching::batch : Batching::scalar;
  }
};

Outcome<void> read_selectors(Property& property, Reader& input,
                             const std::vector<std::string>& selectors,
                             std::string_view block_type) {
  const Dict& by_selector = input.object("selector_data_kind", false);
  bool from_inputs = false;
  bool from_steps = false;
  for (const std::string& selector : selectors) {
    std::vector<std::string> names;
    if (selector.ends_with("_image")) {
      names = {std::string(kind::image)};
    } else if (const Value& given = by_selector[selector]; given.is_list()) {
      for (const Value& one : given.list()) {
        if (one.is_string()) names.emplace_back(one.string());
      }
    }
    auto kinds = kinds_of(names, fmt::format("input `{}`", property.name), block_type,
                          input.at("selector_data_kind"));
    if (!kinds) return std::unexpected(std::move(kinds).error());
    property.kinds.insert(property.kinds.end(), kinds->begin(), kinds->end());
    from_inputs = from_inputs || selector.starts_with("input") || selector == "generic";
    from_steps = from_steps || selector.starts_with("step") || selector == "generic";
  }
  if (from_inputs != from_steps) property.source = from_inputs ? Source::inputs : Source::steps;
  for (const auto& [selector, kinds] : by_selector) {
    if (std::ranges::find(selector_types, selector) == selector_types.end() || !kinds.is_list()) {
      input.fail("unknown selector type \"" + selector + "\"", "selector_data_kind");
    }
  }
  return {};
}

Outcome<Property> read_property(const std::string& name, const Value& json, json::Path path,
                                const DynamicBlock& block, const BatchLists& lists) {
  Reader input(json, std::move(path), "DynamicInputDefinition");
  Property property{.name = name, .about = {}};
  property.selector_first = true;
  const auto selectors = input.texts("selector_types");
  for (const std::string& selector : selectors) {
    if (std::ranges::find(selector_types, selector) == selector_types.end()) {
      input.fail("unknown selector type \"" + selector + "\"", "selector_types");
    }
  }
  if (auto read = read_selectors(property, input, selectors, block.block_type); !read) {
    return std::unexpected(std::move(read).error());
  }
  for (const std::string& type : input.texts("value_types")) {
    const auto* known = std::ranges::find(value_types, type, &ValueType::name);
    if (known == value_types.end()) {
      input.fail("unknown value type \"" + type + "\"", "value_types");
    } else {
      property.literals = property.literals | known->literal;
    }
  }
  if (std::ranges::find(property.kinds, kind::rgb_color) != property.kinds.end()) {
    property.literals = property.literals | Literal::string;
  }
  if (input.flag("has_default_value")) property.fallback = input.member("default_value");
  property.depth = input.offset("dimensionality_offset");
  property.depth_reference = input.flag("is_dimensionality_reference");
  property.batching = lists.of(name, selectors);
  property.casts_literals = !contains(lists.either, name) &&
                            (contains(lists.batches, name) || contains(lists.cast, name));
  const bool optional = input.flag("is_optional");
  if (input.problem) return std::unexpected(*std::move(input.problem));
  if (property.kinds.empty() && property.literals == Literal::none) {
    return std::unexpected(block_error(
        fmt::format("There is no definition of input type found for property: {} of dynamic block "
                    "{}.",
                    name, block.block_type),
        input.at("selector_types")));
  }
  if (optional) property.literals = property.literals | Literal::null;
  return property;
}

Outcome<void> read_inputs(DynamicBlock& block, Reader& manifest, const BatchLists& lists) {
  std::string references;
  int count = 0;
  for (const auto& [name, json] : manifest.object("inputs", true)) {
    json::Path path = manifest.at("inputs");
    path.emplace_back(name);
    auto property = read_property(name, json, std::move(path), block, lists);
    if (!property) return std::unexpected(std::move(property).error());
    if (property->depth_reference) {
      references += fmt::format("{}'{}'", ++count > 1 ? ", " : "", name);
    }
    block.properties.push_back(*std::move(property));
  }
  if (count < 2) return {};
  return std::unexpected(block_error(
      fmt::format("For dynamic block {} detected multiple inputs declared to be dimensionality "
                  "reference: [{}], whereas at max one should be declared to be reference.",
                  block.block_type, references),
      manifest.at("inputs")));
}

Outcome<void> read_outputs(DynamicBlock& block, Reader& manifest) {
  for (const auto& [name, json] : manifest.object("outputs", false)) {
    json::Path path = manifest.at("outputs");
    path.emplace_back(name);
    Reader output(json, path, "DynamicOutputDefinition");
    const auto names = output.texts("kind");
    if (output.problem) return std::unexpected(*std::move(output.problem));
    auto kinds = kinds_of(names, fmt::format("output `{}`", name), block.block_type, path);
    if (!kinds) return std::unexpected(std::move(kinds).error());
    block.outputs.push_back({.name = name, .kinds = *std::move(kinds), .about = {}});
  }
  return {};
}

void read_code(PythonCode& code, Reader& reader) {
  code.run_function_code = reader.text("run_function_code");
  code.run_function_name = reader.text_or("run_function_name", "run");
  if (!reader.member("init_function_code").is_null()) {
    code.init_function_code = reader.text("init_function_code");
  }
  code.init_function_name = reader.text_or("init_function_name", "init");
  code.imports = reader.texts("imports");
}

}  // namespace

Outcome<std::shared_ptr<const DynamicBlock>> read_dynamic_block(const Value& json) {
  auto block = std::make_shared<DynamicBlock>();
  Reader whole(json, {}, "DynamicBlockDefinition");
  if (whole.problem) return std::unexpected(*std::move(whole.problem));
  Reader manifest(whole.member("manifest"), whole.at("manifest"), "ManifestDescription");
  Reader code(whole.member("code"), whole.at("code"), "PythonCode");
  block->manifest = whole.member("manifest");
  block->block_type = manifest.text("block_type");
  if (!manifest.member("description").is_null()) block->about = manifest.text("description");
  const BatchLists lists{.batches = manifest.texts("batch_oriented_parameters"),
                         .either = manifest.texts("parameters_with_scalars_and_batches"),
                         .cast = manifest.texts("get_parameters_enforcing_auto_batch_casting")};
  Traits& traits = block->traits;
  traits.type = block->block_type;
  traits.family = "custom";
  traits.about = block->about;
  traits.takes_batches =
      manifest.flag("accepts_batch_input") || !lists.batches.empty() || !lists.either.empty();
  traits.output_depth = manifest.offset("output_dimensionality_offset");
  traits.takes_empty = manifest.flag("accepts_empty_values");
  traits.is_trivial = false;
  read_code(block->code, code);
  const std::string tensors = manifest.text_or("tensor_compatibility", "legacy_compatibility");
  if (auto read = read_inputs(*block, manifest, lists); !read) {
    return std::unexpected(std::move(read).error());
  }
  if (auto read = read_outputs(*block, manifest); !read) {
    return std::unexpected(std::move(read).error());
  }
  if (manifest.problem) return std::unexpected(*std::move(manifest.problem));
  if (code.problem) return std::unexpected(*std::move(code.problem));
  if (tensors == "tensor_native") {
    return std::unexpected(problem_of(
        "DynamicBlockError",
        fmt::format("Dynamic block `{}` declares `tensor_compatibility=tensor_native`, but this "
                    "server runs the numpy data representation. Use `legacy_compatibility` (the "
                    "default) or enable `ENABLE_TENSOR_DATA_REPRESENTATION` on the server.",
                    block->block_type),
        "workflow_compilation | dynamic_blocks_compilation"));
  }
  if (tensors != "legacy_compatibility") {
    return std::unexpected(malformed(manifest.at("tensor_compatibility"), "legacy_compatibility"));
  }
  return std::shared_ptr<const DynamicBlock>(std::move(block));
}

}  // namespace vedette::workflow
