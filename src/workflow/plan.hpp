#pragma once
/// What a definition becomes: every name resolved to a place in a table, so that a run looks
/// nothing up.
///
/// Data lies on levels. Level 0 has one row: what is one value for all. A level below another
/// has, for each row of that one, as many rows as there are elements in its batch there: the
/// batch of pictures of a request is a level below level 0, the crops of each a level below that.
/// Whatever a step puts out is a column over one level.

#include <memory>
#include <string>
#include <vector>

#include "workflow/catalogue.hpp"
#include "workflow/definition.hpp"
#include "workflow/read_kinds.hpp"

namespace vedette::workflow {

inline constexpr std::size_t nowhere = SIZE_MAX;

struct Level {
  std::size_t parent = nowhere;
  std::size_t depth = 0;
  std::size_t dimension = 0;  ///< which dimension it adds: two levels are one where all are equal
};

/// Where an input of a step gets its values.
struct Feed {
  enum class From : std::uint8_t { literal, input, step, list, dict };

  From from = From::literal;
  std::size_t source = 0;  ///< which input or step
  std::size_t output = 0;  ///< which output of that step
  std::size_t level = 0;   ///< where the values lie; 0: one for all
  /// A single value that the block wants as a batch: so deep, over the rows of `support` (0: a
  /// batch of one). Depth 0: not such.
  std::size_t cast_depth = 0;
  std::size_t support = 0;
  std::size_t substitution = nowhere;  ///< a parameter in a property with a type: checked per run
  bool unsure = false;  ///< what comes may be of another type than the property's: check it
  Value literal = {};
  std::vector<Feed> parts = {};         ///< of a list or dict
  std::vector<std::string> names = {};  ///< of a dict's parts

  [[nodiscard]] bool is_compound() const { return from == From::list || from == From::dict; }
};

/// A branch: what a routing step decides on for one property (or one case) of it.
struct Branch {
  std::size_t router = 0;  ///< the step
  std::size_t level = 0;   ///< where its decisions lie
};

struct Target {
  std::string selector;  ///< "$steps.name"
  std::size_t branch = 0;
};

struct PlanStep {
  std::string name;
  std::string type;  ///< as written
  Contract contract;
  std::vector<OutputPort> outputs;
  std::shared_ptr<Block> block;    ///< shared by all runs; null where it has state
  std::vector<Feed> feeds;         ///< one for each property
  List literals;                   ///< in place where a feed is a literal, null elsewhere
  std::size_t at = 0;              ///< the level whose rows it runs for
  std::size_t deepest = 0;         ///< the deepest level that its inputs or gates lie on
  std::size_t out = 0;             ///< the level of its outputs: `at`, or one below
  std::size_t depth = 0;           ///< how many dimensions its elements have been taken out of
  std::vector<std::size_t> gates;  ///< branches that must let it go on
  std::vector<std::size_t> gate_depths;  ///< further depths at which masks count, see engine.cpp
  std::vector<Target> targets;           ///< of a routing step
  bool is_batched = false;               ///< has a batch among its inputs, or is gated by one
};

struct PlanInput {
  InputDefinition definition;
  std::size_t level = 0;
};

struct PlanOutput {
  std::string name;
  Feed feed;
  bool whole_step = false;   ///< "$steps.x.*"
  std::vector<Kinds> kinds;  ///< of the value; of each output for a whole step
  bool own = false;
};

/// A single value of an input that goes into a property with a type.
struct Substitution {
  std::size_t input = 0, step = 0, property = 0;
};

class CompiledPlan final : public Plan {
 public:
  [[nodiscard]] const std::string& definition() const override { return *parts.text; }
  [[nodiscard]] Outcome<Value> interface() const override;
  [[nodiscard]] std::vector<std::string> image_inputs() const override;
  [[nodiscard]] std::size_t step_count() const override { return steps.size(); }

  Definition parts;
  PlanLimits limits;
  Services services;
  ReadContext reading;
  std::vector<Level> levels;
  std::vector<PlanInput> inputs;
  std::vector<PlanStep> steps;
  std::vector<PlanOutput> outputs;
  std::vector<Branch> branches;
  std::vector<Substitution> substitutions;
  std::vector<std::vector<std::size_t>> stages;  ///< steps that depend on earlier stages only
};

}  // namespace vedette::workflow
