#pragma once
/// What a block is.
///
/// A port is a member of its block, said once: its declaration enters it in the block's contract
/// (read by the planner, the HTTP API, the docs) and is the key by which run() reads or writes.
///
///     class Threshold final : public Block {
///       In<Frame> image{*this, {.name = "image", .about = "what to look at", .kinds =
///       {kind::image}}}; In<std::int64_t> level{*this, {.name = "level", .literals =
///       Literal::integer,
///                                      .kinds = {kind::integer}, .fallback = 128}};
///       Out result{*this, "image", {kind::image}};
///       Outcome<void> run(Step& step) override { … step[image] … step.put(result, …); … }
///     };

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.hpp"
#include "vision/detections.hpp"
#include "workflow/kinds.hpp"
#include "workflow/problem.hpp"
#include "workflow/services.hpp"

namespace vedette::workflow {

using vision::Detections, vision::Frame;

/// The JSON types that a definition may write in a property's place; combine with |.
enum class Literal : std::uint16_t {
  none = 0,
  string = 1,
  integer = 2,
  number = 4,  ///< integers too
  boolean = 8,
  list = 16,
  dict = 32,
  null = 64,
  any = 127,
};
[[nodiscard]] constexpr Literal operator|(Literal a, Literal b) {
  return static_cast<Literal>(static_cast<int>(a) | static_cast<int>(b));
}
[[nodiscard]] constexpr bool has(Literal set, Literal one) {
  return (static_cast<int>(set) & static_cast<int>(one)) != 0;
}

/// Where a selector may stand in a property.
enum class Shape : std::uint8_t {
  plain,    ///< the property is a literal or a selector
  list_of,  ///< a list (or dict) of literals and selectors: `{"a": "$steps.x.y", "b": 3}`
  dict_of,
  steps,       ///< `next_steps`: a list of step selectors; or one
  step_cases,  ///< a dict of step selectors
};

/// Which references a property takes.
enum class Source : std::uint8_t { anything, inputs, steps };

/// How a property meets batches where its block takes whole batches (see Traits::takes_batches).
enum class Batching : std::uint8_t { batch, scalar, either };

/// One property of a step, as definitions set it.
struct Property {
  std::string name = {};
  std::string about = {};
  std::vector<std::string> aliases = {};  ///< other names under which definitions may set it
  Literal literals = Literal::none;
  Literal items = Literal::any;          ///< what a list among `literals` may hold
  Kinds kinds = {};                      ///< that a selector may bring; empty: no selector is taken
  std::optional<Value> fallback = {};    ///< unset: the property is required
  std::vector<std::string> one_of = {};  ///< the strings that are allowed; empty: any
  std::optional<double> least = {}, most = {};  ///< of a number, inclusive …
  bool above_least = false;                     ///< … or `least` itself excluded
  Shape shape = Shape::plain;
  Source source = Source::anything;
  Batching batching = Batching::either;
  /// How many dimensions deeper than the block's shallowest input it lies, 0 or 1: what is deeper
  /// than the step arrives as `Elements`.
  int depth = 0;
  bool depth_reference = false;  ///< the outputs lie where this input does
  bool sees_empty = false;       ///< run() is also called where this one is empty
  bool selector_first = false;   ///< in messages and schemas, selectors stand before literals
  /// Batching::batch only: a literal too is turned into a batch (of equals), as a scalar that a
  /// selector brings always is.
  bool casts_literals = true;
};

struct OutputPort {
  std::string name = {};
  Kinds kinds = {};
  std::string about = {};
};

/// What is true of a block as a whole; constants of its class.
struct Traits {
  std::string_view type = {};                  ///< "roboflow_core/bounding_box_visualization@v1"
  std::vector<std::string_view> aliases = {};  ///< further full names
  std::string_view family = {};                ///< "visualization"
  std::string_view about = {};                 ///< one sentence
  bool takes_batches = false;                  ///< run_batch() is what it implements (SIMD)
  int output_depth = 0;            ///< +1: outputs are lists, one dimension deeper; -1: one less
  bool takes_empty = false;        ///< called for elements that a branch left empty
  bool routes = false;             ///< returns no data, chooses among `next_steps`
  bool dynamic_outputs = false;    ///< its outputs depend on the step (`*` in the manifest)
  bool is_sink = false;            ///< tells somebody outside; `disable_sinks` skips it
  bool is_trivial = true;          ///< takes microseconds: not worth another thread
  bool parallel_elements = false;  ///< elements of a batch may run side by side, in any order
  bool has_state = false;          ///< remembers: every run gets an instance of its own
};

/// What an input brings that is one dimension deeper than the step it feeds: `In<Elements>`.
struct Elements {
  List values;
  std::vector<std::vector<std::size_t>> indices;  ///< of each, as Batch::index()
};

class Step;
class Batch;

/// One step of one plan. Any number of runs may call it at once, from any thread: what it keeps
/// between calls it guards itself.
class Block {
 public:
  Block() = default;
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  virtual ~Block() = default;

  [[nodiscard]] virtual const Traits& traits() const = 0;
  [[nodiscard]] const std::vector<Property>& properties() const { return properties_; }
  [[nodiscard]] const std::vector<OutputPort>& outputs() const { return outputs_; }

  /// The outputs of one step, where Traits::dynamic_outputs: by its literals, as prepare() gets
  /// them; their slots count on from those of outputs().
  [[nodiscard]] virtual std::vector<OutputPort> outputs_of(std::span<const Value> literals) const {
    (void)literals;
    return outputs_;
  }

  /// Once, when a plan is made, after literals were checked. `literals` has a value for each
  /// property that is not fed by a selector, null for the rest, in the order of properties().
  [[nodiscard]] virtual Outcome<void> prepare(const Services& services,
                                              std::span<const Value> literals) {
    (void)services, (void)literals;
    return {};
  }

  /// One element. What is not put stays null.
  [[nodiscard]] virtual Outcome<void> run(Step& step);

  /// All elements of a batch; calls run() for one after another unless overridden.
  [[nodiscard]] virtual Outcome<void> run_batch(Batch& batch);

 protected:
  std::size_t add_property(Property property);
  std::size_t add_output(OutputPort port);

 private:
  template <class T>
  friend class In;
  friend class Out;
  std::vector<Property> properties_;
  std::vector<OutputPort> outputs_;
};

/// How a T is read from a Value that the planner has checked.
template <class T>
struct Reads {  // a boxed type
  static const T& from(const Value& value) { return value.as<T>(); }
};
template <>
struct Reads<Value> {
  static const Value& from(const Value& value) { return value; }
};
template <>
struct Reads<std::string_view> {
  static std::string_view from(const Value& value) { return value.string(); }
};
template <>
struct Reads<std::int64_t> {
  static std::int64_t from(const Value& value) { return value.integer(); }
};
template <>
struct Reads<double> {
  static double from(const Value& value) { return value.number(); }
};
template <>
struct Reads<bool> {
  static bool from(const Value& value) { return value.boolean(); }
};
template <>
struct Reads<List> {
  static const List& from(const Value& value) { return value.list(); }
};
template <>
struct Reads<Dict> {
  static const Dict& from(const Value& value) { return value.dict(); }
};

template <class T>
class In {
 public:
  In(Block& block, Property property) : slot_(block.add_property(std::move(property))) {}
  [[nodiscard]] std::size_t slot() const { return slot_; }

 private:
  std::size_t slot_;
};

class Out {
 public:
  Out(Block& block, std::string name, Kinds kinds, std::string about = {})
      : slot_(block.add_output({std::move(name), std::move(kinds), std::move(about)})) {}
  [[nodiscard]] std::size_t slot() const { return slot_; }

 private:
  std::size_t slot_;
};

/// Where a run is: for blocks that publish under workflow and step.
struct RunContext {
  std::string_view workflow;  ///< its name; empty for a definition sent along
  std::string_view step;
  std::string_view request;  ///< the request's id
  bool disable_sinks = false;
  bool debug = false;
  /// Debug only: what user code printed and traced; null otherwise. Guarded by the engine.
  class DebugLog* log = nullptr;
};

/// Which of its `next_steps` a routing block lets go on; each a "$steps.name".
struct Route {
  std::vector<std::string_view> next;
};

/// One call of run(): its inputs to read, its outputs to fill, each by slot. Lives on one thread.
class Step {
 public:
  Step(std::span<const Value> inputs, std::span<Value> outputs, const RunContext& context)
      : inputs_(inputs), outputs_(outputs), context_(context) {}

  /// The planner has seen to it that every input is there and of its kind. An input that is
  /// optional or `sees_empty` may be null: ask has() first.
  template <class T>
  [[nodiscard]] decltype(auto) operator[](const In<T>& port) const {
    return Reads<T>::from(inputs_[port.slot()]);
  }
  template <class T>
  [[nodiscard]] bool has(const In<T>& port) const {
    return !inputs_[port.slot()].is_null();
  }
  [[nodiscard]] std::span<const Value> inputs() const { return inputs_; }
  [[nodiscard]] std::span<Value> outputs() const { return outputs_; }

  void put(const Out& port, Value value) { outputs_[port.slot()] = std::move(value); }
  template <class T>
    requires(!std::convertible_to<T, Value>)
  void put(const Out& port, T value) {
    outputs_[port.slot()] = Value::box(std::move(value));
  }

  /// Routing blocks only: nothing goes on unless named here.
  void go_on(Route route) { route_ = std::move(route); }
  [[nodiscard]] const Route& route() const { return route_; }

  [[nodiscard]] const RunContext& context() const { return context_; }

 private:
  std::span<const Value> inputs_;
  std::span<Value> outputs_;
  const RunContext& context_;
  Route route_;
};

/// The elements of one batch; scalars are repeated for each.
class Batch {
 public:
  /// varies  for each property, whether it is a batch here
  Batch(std::span<Step> elements, std::span<const std::vector<std::size_t>> indices,
        std::span<const bool> varies = {})
      : elements_(elements), indices_(indices), varies_(varies) {}

  [[nodiscard]] std::size_t size() const { return elements_.size(); }
  [[nodiscard]] Step& operator[](std::size_t i) { return elements_[i]; }
  [[nodiscard]] auto begin() const { return elements_.begin(); }
  [[nodiscard]] auto end() const { return elements_.end(); }
  /// Where element i lies in the nested batches: {2, 0} is the first of the third.
  [[nodiscard]] const std::vector<std::size_t>& index(std::size_t i) const { return indices_[i]; }
  /// Whether the input at `slot` is a batch here, or one value for all elements.
  [[nodiscard]] bool varies(std::size_t slot) const {
    return slot < varies_.size() && varies_[slot];
  }

 private:
  std::span<Step> elements_;
  std::span<const std::vector<std::size_t>> indices_;
  std::span<const bool> varies_;
};

}  // namespace vedette::workflow
