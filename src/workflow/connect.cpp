#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>

#include "base/nearest.hpp"
#include "workflow/planner.hpp"
#include "workflow/properties.hpp"

namespace vedette::workflow {
namespace {

constexpr std::string_view context = "workflow_compilation | execution_graph_construction";

/// "$steps.x.y" in its three words; `more` where there are further dots.
struct Words {
  std::string_view node;  ///< "$steps.x"
  std::string_view name;  ///< "x"
  std::string_view last;  ///< behind the last dot
  std::size_t count = 0;
};

Words words_of(std::string_view selector) {
  Words words;
  words.count = 1 + static_cast<std::size_t>(std::ranges::count(selector, '.'));
  const auto first = selector.find('.');
  const auto second = first == std::string_view::npos ? first : selector.find('.', first + 1);
  words.node = selector.substr(0, second);
  if (first != std::string_view::npos) words.name = words.node.substr(first + 1);
  words.last = selector.substr(selector.rfind('.') + 1);
  return words;
}

bool is_input(std::string_view selector) { return selector.starts_with("$inputs"); }
bool is_step(const Words& words) { return words.node.starts_with("$steps.") && words.count == 2; }

std::string listed(const Kinds& kinds) {
  Kinds once = kinds;
  std::ranges::sort(once);
  once.erase(std::unique(once.begin(), once.end()), once.end());
  std::string text;
  for (const std::string_view kind : once) {
    text += fmt::format("{}'{}'", text.empty() ? "" : ", ", kind);
  }
  return "[" + text + "]";
}

class Connector {
 public:
  explicit Connector(CompiledPlan& plan) : plan_(plan) {
    for (std::size_t i = 0; i < plan.inputs.size(); ++i) {
      inputs_.emplace(plan.inputs[i].definition.name, i);
    }
    for (std::size_t i = 0; i < plan.steps.size(); ++i) steps_.emplace(plan.steps[i].name, i);
  }

  Outcome<void> connect_step(std::size_t index) {
    const PlanStep& step = plan_.steps[index];
    for (std::size_t p = 0; p < step.contract.properties->size(); ++p) {
      if (auto done = connect_property(index, p); !done) return done;
    }
    return {};
  }

  Outcome<void> connect_output(std::size_t index) {
    const OutputDefinition& given = plan_.parts.outputs[index];
    const Words words = words_of(given.selector);
    const bool of_step = given.selector.starts_with("$steps.") && words.count == 3;
    const std::string_view node = of_step ? words.node : given.selector;
    const bool known = of_step ? steps_.contains(words.name)
                               : is_input(node) && words.count == 2 && inputs_.contains(words.name);
    if (is_step(words) && steps_.contains(words.name)) {
      auto problem = problem_of(
          "AssumptionError",
          fmt::format("output `{}` names the step {}, not one of its outputs", given.name, node),
          "workflow_compilation | execution_graph_construction | retrieving_compiled_node");
      problem.nearest = std::string(node) + ".*";
      return std::unexpected(located(std::move(problem), plan_.parts,
                                     {std::string("outputs"), index, std::string("selector")}));
    }
    if (!known) return std::unexpected(no_target(node, index));
    PlanOutput output{.name = std::string(given.name),
                      .feed = {},
                      .whole_step = false,
                      .kinds = {},
                      .own = given.own};
    if (!of_step) {
      output.feed.from = Feed::From::input;
      output.feed.source = inputs_.at(words.name);
      output.kinds = {plan_.inputs[output.feed.source].definition.kinds};
      plan_.outputs.push_back(std::move(output));
      return {};
    }
    output.feed.from = Feed::From::step;
    output.feed.source = steps_.at(words.name);
    const auto& ports = plan_.steps[output.feed.source].outputs;
    output.whole_step = words.last == "*";
    const auto port = std::ranges::find(ports, words.last, &OutputPort::name);
    if (!output.whole_step && port == ports.end()) {
      return std::unexpected(no_output(index, ports, words.last));
    }
    if (output.whole_step) {
      for (const OutputPort& one : ports) output.kinds.push_back(one.kinds);
    } else {
      output.feed.output = static_cast<std::size_t>(port - ports.begin());
      output.kinds = {port->kinds};
    }
    plan_.outputs.push_back(std::move(output));
    return {};
  }

 private:
  /// A selector and where it stands: for messages.
  struct Place {
    std::size_t step, property;
    json::Path within;  ///< the element of a list or dict
    std::string key;    ///< of a dict
  };

  const Property& property_of(const Place& place) const {
    return (*plan_.steps[place.step].contract.properties)[place.property];
  }

  json::Path path_of(const Place& place) const {
    json::Path path{std::string("steps"), plan_.parts.steps[place.step].place,
                    property_of(place).name};
    path.insert(path.end(), place.within.begin(), place.within.end());
    return path;
  }

  Outcome<void> connect_property(std::size_t index, std::size_t p) {
    const Property& property = (*plan_.steps[index].contract.properties)[p];
    const Value& value = plan_.parts.steps[index].values[p];
    const bool flows = property.shape == Shape::steps || property.shape == Shape::step_cases;
    const bool selects = flows || !property.kinds.empty();
    Feed feed{.literal = value};
    const auto is_selector = [&](const Value& one) {
      return selects && one.is_string() && looks_like_selector(one.string());
    };
    if (property.shape != Shape::plain && value.is_list()) {
      feed.from = Feed::From::list;
      for (std::size_t i = 0; i < value.list().size(); ++i) {
        auto part = single(value.list()[i], is_selector, {index, p, {i}, {}});
        if (!part) return std::unexpected(std::move(part).error());
        feed.parts.push_back(*std::move(part));
      }
    } else if (property.shape != Shape::plain && value.is_dict()) {
      feed.from = Feed::From::dict;
      for (const auto& [key, element] : value.dict()) {
        auto part = single(element, is_selector, {index, p, {key}, key});
        if (!part) return std::unexpected(std::move(part).error());
        feed.parts.push_back(*std::move(part));
        feed.names.push_back(key);
      }
    } else {
      auto part = single(value, is_selector, {index, p, {}, {}});
      if (!part) return std::unexpected(std::move(part).error());
      feed = *std::move(part);
    }
    const auto is_literal = [](const Feed& part) { return part.from == Feed::From::literal; };
    if (feed.is_compound() && std::ranges::all_of(feed.parts, is_literal)) {
      feed = Feed{.literal = value};
    }
    plan_.steps[index].feeds.push_back(std::move(feed));
    return {};
  }

  template <class IsSelector>
  Outcome<Feed> single(const Value& value, IsSelector is_selector, const Place& place) {
    if (!is_selector(value)) return Feed{.literal = value};
    const std::string_view selector = value.string();
    const Words words = words_of(selector);
    const auto input = inputs_.find(words.name);
    const auto step = steps_.find(words.name);
    const bool from_input = is_input(words.node);
    const bool known = from_input ? input != inputs_.end() && words.count == 2
                                  : words.node.starts_with("$steps.") && step != steps_.end();
    if (!known) return std::unexpected(no_target(words.node, place));
    if (is_step(words)) {
      if (auto flows = connect_flow(step->second, place); !flows) {
        return std::unexpected(std::move(flows).error());
      }
      return Feed{.literal = value};
    }
    Feed feed;
    Kinds kinds;
    if (from_input) {
      feed.from = Feed::From::input;
      feed.source = input->second;
      kinds = plan_.inputs[feed.source].definition.kinds;
    } else {
      const auto& ports = plan_.steps[step->second].outputs;
      const auto port = std::ranges::find(ports, words.last, &OutputPort::name);
      if (port == ports.end()) return std::unexpected(no_property(step->second, words, place));
      feed.from = Feed::From::step;
      feed.source = step->second;
      feed.output = static_cast<std::size_t>(port - ports.begin());
      kinds = port->kinds;
    }
    const Kinds& wanted = property_of(place).kinds;
    if (!compatible(kinds, wanted)) return std::unexpected(wrong_kind(selector, kinds, place));
    feed.unsure = !surely(feed, kinds, wanted);
    return feed;
  }

  /// Will whatever comes be of the kinds that the property takes? What users' code puts out, and
  /// what inputs without a deserialiser bring, is not known before it is there.
  bool surely(const Feed& feed, const Kinds& kinds, const Kinds& wanted) const {
    if (std::ranges::find(wanted, kind::any) != wanted.end()) return true;
    if (feed.from == Feed::From::step && plan_.steps[feed.source].contract.dynamic) return false;
    if (feed.from == Feed::From::input && plan_.inputs[feed.source].definition.depth == 0) {
      return false;
    }
    return std::ranges::all_of(kinds, [&](std::string_view kind) {
      return std::ranges::find(wanted, kind) != wanted.end();
    });
  }

  Outcome<void> connect_flow(std::size_t target, const Place& place) {
    PlanStep& router = plan_.steps[place.step];
    const Property& property = property_of(place);
    const std::string selector = "$steps." + router.name;
    if (property.shape != Shape::steps && property.shape != Shape::step_cases) {
      return std::unexpected(graph_error(
          fmt::format("Detected reference to other step in manifest of step {}. This is not "
                      "allowed, as step manifest does not define any properties of type "
                      "`StepSelector` allowing for defining connections between steps that "
                      "represent flow control in `workflows`.",
                      selector),
          place));
    }
    const std::string target_selector = "$steps." + plan_.steps[target].name;
    if (std::ranges::find(router.targets, target_selector, &Target::selector) !=
        router.targets.end()) {
      return std::unexpected(graph_error(
          fmt::format("While establishing flow-control connection between source `{}` and target "
                      "`{}` it was discovered that source step definescontrol flow transition into "
                      "target one more than once, which is not allowed as that situation creates "
                      "ambiguity in selecting execution branch.",
                      selector, target_selector),
          place));
    }
    // The targets of one list go on together or not at all; each case of a dict on its own.
    const std::string name = fmt::format("{}.{}[{}]", selector, property.name, place.key);
    const auto [branch, is_new] = branches_.emplace(name, plan_.branches.size());
    if (is_new) plan_.branches.push_back({.router = place.step, .level = 0});
    router.targets.push_back({target_selector, branch->second});
    plan_.steps[target].gates.push_back(branch->second);
    return {};
  }

  // --- what may be wrong

  Problem graph_error(std::string message, const Place& place) const {
    return located(
        problem_of("ExecutionGraphStructureError", std::move(message), std::string(context)),
        plan_.parts, path_of(place));
  }

  std::string nearest_node(std::string_view node) const {
    const bool input = is_input(node);
    const auto& names = input ? inputs_ : steps_;
    std::vector<std::string_view> known;
    for (const auto& [name, index] : names) known.push_back(name);
    const std::string_view near = nearest(words_of(node).name, known);
    if (near.empty()) return {};
    return fmt::format("${}.{}", input ? "inputs" : "steps", near);
  }

  Problem missing(std::string_view node, BlockProblem block, json::Path path) const {
    auto problem =
        problem_of("InvalidReferenceTargetError",
                   fmt::format("Workflow references '{}' which points to a non-existent {}.", node,
                               is_input(node) ? "input parameter" : "block"),
                   std::string(context));
    block.property_details = fmt::format("Invalid reference to {}", node);
    problem.blocks.push_back(std::move(block));
    problem.nearest = nearest_node(node);
    return located(std::move(problem), plan_.parts, std::move(path));
  }

  Problem no_target(std::string_view node, const Place& place) const {
    return missing(node, about(place, node), path_of(place));
  }

  Problem no_target(std::string_view node, std::size_t output) const {
    return missing(node,
                   {.block_id = "$outputs",
                    .block_type = {},
                    .block_details = {},
                    .property_name = std::string(plan_.parts.outputs[output].name),
                    .property_details = {},
                    .traceback = {}},
                   {std::string("outputs"), output, std::string("selector")});
  }

  Problem no_output(std::size_t index, const std::vector<OutputPort>& ports,
                    std::string_view name) const {
    const OutputDefinition& output = plan_.parts.outputs[index];
    auto problem =
        problem_of("InvalidReferenceTargetError",
                   fmt::format("Workflow output references '{}' which points to a non-existent "
                               "block property.",
                               output.selector),
                   std::string(context));
    problem.blocks.push_back(
        {.block_id = "$outputs",
         .block_type = {},
         .block_details = {},
         .property_name = std::string(output.name),
         .property_details = fmt::format("Invalid reference to {}", output.selector),
         .traceback = {}});
    problem.nearest = nearest_port(ports, name);
    return located(std::move(problem), plan_.parts,
                   {std::string("outputs"), index, std::string("selector")});
  }

  static std::string nearest_port(const std::vector<OutputPort>& ports, std::string_view name) {
    std::vector<std::string_view> known;
    for (const OutputPort& port : ports) known.push_back(port.name);
    return std::string(nearest(name, known));
  }

  Problem no_property(std::size_t source, const Words& words, const Place& place) const {
    const PlanStep& step = plan_.steps[source];
    auto problem = graph_error(fmt::format("Found reference to non-existing property `{}` of step "
                                           "`{}`.",
                                           words.last, step.name),
                               place);
    BlockProblem block = about(place, words.last);
    block.property_details = fmt::format("'{}.{}' is an invalid reference", step.name, words.last);
    problem.blocks.push_back(std::move(block));
    problem.nearest = nearest_port(step.outputs, words.last);
    return problem;
  }

  Problem wrong_kind(std::string_view selector, const Kinds& kinds, const Place& place) const {
    auto problem = problem_of(
        "ReferenceTypeError",
        fmt::format("Failed to validate reference provided for step: $steps.{} regarding property: "
                    "{} with value: {}. Allowed kinds of references for this property: {}. Types "
                    "of output for referred property: {}",
                    plan_.steps[place.step].name, property_of(place).name, selector,
                    listed(property_of(place).kinds), listed(kinds)),
        std::string(context));
    return located(std::move(problem), plan_.parts, path_of(place));
  }

  /// The step, and the first of its texts in which `part` occurs: what the peer names.
  BlockProblem about(const Place& place, std::string_view part) const {
    const PlanStep& step = plan_.steps[place.step];
    BlockProblem block{.block_id = step.name,
                       .block_type = step.type,
                       .block_details = {},
                       .property_name = {},
                       .property_details = {},
                       .traceback = {}};
    const auto has_part = [&](std::string_view text) { return text.find(part) != text.npos; };
    if (has_part(step.type)) block.property_name = "type";
    if (block.property_name.empty() && has_part(step.name)) block.property_name = "name";
    const List& values = plan_.parts.steps[place.step].values;
    for (std::size_t p = 0; p < values.size() && block.property_name.empty(); ++p) {
      if (values[p].is_string() && has_part(values[p].string())) {
        block.property_name = (*step.contract.properties)[p].name;
      }
    }
    return block;
  }

  CompiledPlan& plan_;
  std::unordered_map<std::string_view, std::size_t> inputs_, steps_;
  std::unordered_map<std::string, std::size_t> branches_;
};

Outcome<void> add_inputs(CompiledPlan& plan) {
  std::size_t dimension = 0;  // the batch of the request; nested ones share it and nothing else
  for (std::size_t i = 0; i < plan.parts.inputs.size(); ++i) {
    const InputDefinition& given = plan.parts.inputs[i];
    const bool is_parameter = given.type.ends_with("Parameter");
    if (!is_parameter && given.depth < 1) {
      return std::unexpected(located(
          problem_of("ExecutionGraphStructureError",
                     fmt::format("Detected batch oriented input `{}` with declared dimensionality "
                                 "`{}` which is below one (one is minimum dimensionality of the "
                                 "batch). Fix input definition inyour Workflow.",
                                 given.name, given.depth),
                     std::string(context)),
          plan.parts, {std::string("inputs"), i, std::string("dimensionality")}));
    }
    PlanInput input{.definition = given, .level = 0};
    for (int depth = 0; depth < given.depth; ++depth) {
      input.level = level_below(plan, input.level, depth == 0 ? 0 : ++dimension);
    }
    plan.inputs.push_back(std::move(input));
  }
  return {};
}

void add_substitutions(CompiledPlan& plan) {
  for (std::size_t i = 0; i < plan.inputs.size(); ++i) {
    if (plan.inputs[i].definition.depth > 0) continue;
    for (std::size_t s = 0; s < plan.steps.size(); ++s) {
      if (plan.steps[s].contract.dynamic) continue;  // the peer does not check these either
      auto& feeds = plan.steps[s].feeds;
      for (std::size_t p = 0; p < feeds.size(); ++p) {
        if (feeds[p].from != Feed::From::input || feeds[p].source != i) continue;
        feeds[p].substitution = plan.substitutions.size();
        feeds[p].unsure = false;
        plan.substitutions.push_back({.input = i, .step = s, .property = p});
      }
    }
  }
}

}  // namespace

std::size_t level_below(CompiledPlan& plan, std::size_t parent, std::size_t dimension) {
  for (std::size_t i = 0; i < plan.levels.size(); ++i) {
    if (plan.levels[i].parent == parent && plan.levels[i].dimension == dimension) return i;
  }
  plan.levels.push_back({parent, plan.levels[parent].depth + 1, dimension});
  return plan.levels.size() - 1;
}

Outcome<void> connect(CompiledPlan& plan) {
  plan.levels.push_back({});
  if (auto added = add_inputs(plan); !added) return added;
  Connector connector(plan);
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    if (auto done = connector.connect_step(i); !done) return done;
  }
  for (std::size_t i = 0; i < plan.parts.outputs.size(); ++i) {
    if (auto done = connector.connect_output(i); !done) return done;
  }
  add_substitutions(plan);
  return {};
}

}  // namespace vedette::workflow
