#include "workflow/catalogue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

namespace vedette::workflow {
namespace {

/// Blocks that do nothing but show one rule each; the tests beside this one use them by name.
class Add final : public Block {
 public:
  In<double> a{*this,
               {.name = "a", .literals = Literal::number, .kinds = {kind::integer, kind::real}}};
  In<std::int64_t> b{*this,
                     {.name = "b",
                      .literals = Literal::integer,
                      .kinds = {kind::integer},
                      .fallback = 1,
                      .least = 0,
                      .most = 100}};
  Out out{*this, "out", {kind::real}};

  const Traits& traits() const override {
    static const Traits is{
        .type = "roboflow_core/test_add@v1", .aliases = {"TestAdd"}, .about = "Adds."};
    return is;
  }
  Outcome<void> run(Step& step) override {
    step.put(out, step[a] + static_cast<double>(step[b]));
    return {};
  }
};
const Registered<Add> add;

class Echo final : public Block {
 public:
  In<Value> value{*this, {.name = "value", .literals = Literal::any, .kinds = {kind::any}}};
  In<Value> other{
      *this,
      {.name = "other", .literals = Literal::any, .kinds = {kind::any}, .fallback = Value()}};
  Out out{*this, "out", {kind::any}};
  Out pair{*this, "pair", {kind::list}};

  const Traits& traits() const override {
    static const Traits is{.type = "test/echo@v1", .about = "Gives back."};
    return is;
  }
  Outcome<void> run(Step& step) override {
    step.put(out, step[value]);
    step.put(pair, List{step[value], step[other]});
    return {};
  }
};
const Registered<Echo> echo;

class Split final : public Block {
 public:
  In<std::int64_t> n{*this, {.name = "n", .literals = Literal::integer, .kinds = {kind::any}}};
  Out out{*this, "out", {kind::integer}};

  const Traits& traits() const override {
    static const Traits is{.type = "test/split@v1", .about = "One becomes n.", .output_depth = 1};
    return is;
  }
  Outcome<void> run(Step& step) override {
    List all;
    for (std::int64_t i = 0; i < step[n]; ++i) all.push_back(Value(step[n] * 10 + i));
    step.put(out, std::move(all));
    return {};
  }
};
const Registered<Split> split;

class Collapse final : public Block {
 public:
  In<Elements> data{*this, {.name = "data", .kinds = {kind::any}, .batching = Batching::batch}};
  Out out{*this, "out", {kind::list}};

  const Traits& traits() const override {
    static const Traits is{
        .type = "test/collapse@v1", .about = "n become one.", .output_depth = -1};
    return is;
  }
  Outcome<void> run(Step& step) override {
    step.put(out, List(step[data].values));
    return {};
  }
};
const Registered<Collapse> collapse;

class Beside final : public Block {
 public:
  In<Value> one{*this, {.name = "one", .kinds = {kind::any}, .depth_reference = true}};
  In<Elements> many{*this, {.name = "many", .kinds = {kind::any}, .depth = 1}};
  Out out{*this, "out", {kind::list}};

  const Traits& traits() const override {
    static const Traits is{.type = "test/beside@v1", .about = "One and the many below it."};
    return is;
  }
  Outcome<void> run(Step& step) override {
    step.put(out, List{step[one], List(step[many].values)});
    return {};
  }
};
const Registered<Beside> beside;

class GoOn final : public Block {
 public:
  In<Value> value{*this, {.name = "value", .kinds = {kind::any}}};
  In<std::int64_t> at_least{*this, {.name = "at_least", .literals = Literal::integer}};
  In<Value> next{*this, {.name = "next_steps", .shape = Shape::steps}};

  const Traits& traits() const override {
    static const Traits is{
        .type = "test/route@v1", .about = "Lets big ones go on.", .routes = true};
    return is;
  }
  Outcome<void> run(Step& step) override {
    Route on;
    if (step[value].number() >= static_cast<double>(step[at_least])) {
      for (const Value& target : step[next].list()) on.next.push_back(target.string());
    }
    step.go_on(on);
    return {};
  }
};
const Registered<GoOn> route;

class Switch final : public Block {
 public:
  In<std::string_view> value{*this, {.name = "value", .kinds = {kind::string, kind::any}}};
  In<Dict> cases{*this, {.name = "cases", .shape = Shape::step_cases}};

  const Traits& traits() const override {
    static const Traits is{.type = "test/switch@v1", .about = "Goes one way.", .routes = true};
    return is;
  }
  Outcome<void> run(Step& step) override {
    const Value* target = step[cases].find(step[value]);
    if (target) step.go_on({{target->string()}});
    return {};
  }
};
const Registered<Switch> switches;

class Count final : public Block {
 public:
  In<Value> value{*this, {.name = "value", .kinds = {kind::any}}};
  Out out{*this, "out", {kind::integer}};

  const Traits& traits() const override {
    static const Traits is{.type = "test/count@v1", .about = "Counts.", .has_state = true};
    return is;
  }
  Outcome<void> run(Step& step) override {
    step.put(out, Value(++seen_));
    return {};
  }

 private:
  std::int64_t seen_ = 0;
};
const Registered<Count> count;

class Together final : public Block {
 public:
  In<Value> data{*this, {.name = "data", .kinds = {kind::any}, .batching = Batching::batch}};
  In<Value> single{*this,
                   {.name = "single",
                    .literals = Literal::any,
                    .kinds = {kind::any},
                    .fallback = Value(),
                    .batching = Batching::scalar}};
  Out out{*this, "out", {kind::list}};

  const Traits& traits() const override {
    static const Traits is{
        .type = "test/together@v1", .about = "Sees the whole batch.", .takes_batches = true};
    return is;
  }
  Outcome<void> run_batch(Batch& batch) override {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      List index;
      for (const std::size_t place : batch.index(i)) {
        index.push_back(Value(static_cast<std::int64_t>(place)));
      }
      batch[i].put(out, List{batch[i][data], Value(static_cast<std::int64_t>(batch.size())), index,
                             Value(batch.varies(data.slot())), Value(batch.varies(single.slot()))});
    }
    return {};
  }
};
const Registered<Together> together;

class Gather final : public Block {
 public:
  In<Dict> named{*this,
                 {.name = "named",
                  .literals = Literal::any,
                  .kinds = {kind::any},
                  .fallback = Dict(),
                  .shape = Shape::dict_of}};
  In<List> listed{*this,
                  {.name = "listed",
                   .literals = Literal::any,
                   .kinds = {kind::any},
                   .fallback = List(),
                   .shape = Shape::list_of}};
  Out out{*this, "out", {kind::list}};

  const Traits& traits() const override {
    static const Traits is{.type = "test/gather@v1", .about = "Lists and dicts of selectors."};
    return is;
  }
  Outcome<void> run(Step& step) override {
    step.put(out, List{step[named], step[listed]});
    return {};
  }
};
const Registered<Gather> gather;

class OrNothing final : public Block {
 public:
  In<Value> value{*this, {.name = "value", .kinds = {kind::any}}};
  Out out{*this, "out", {kind::string}};

  const Traits& traits() const override {
    static const Traits is{
        .type = "test/or_nothing@v1", .about = "Sees gaps.", .takes_empty = true};
    return is;
  }
  Outcome<void> run(Step& step) override {
    step.put(out, step.has(value) ? "something" : "nothing");
    return {};
  }
};
const Registered<OrNothing> or_nothing;

class Fail final : public Block {
 public:
  In<Value> value{*this, {.name = "value", .literals = Literal::any, .kinds = {kind::any}}};
  Out out{*this, "out", {kind::any}};

  const Traits& traits() const override {
    static const Traits is{.type = "test/fail@v1", .about = "Never works."};
    return is;
  }
  Outcome<void> run(Step&) override {
    return std::unexpected(Problem(Error{Errc::io, "the disk is full"}));
  }
};
const Registered<Fail> fails;

/// Cuts the right lower quarter out, and finds one thing in it.
class Quarter final : public Block {
 public:
  In<Frame> image{*this, {.name = "image", .kinds = {kind::image}}};
  Out crop{*this, "crop", {kind::image}};
  Out found{*this, "found", {kind::object_detection}};

  const Traits& traits() const override {
    static const Traits is{.type = "test/quarter@v1", .about = "Cuts.", .is_trivial = false};
    return is;
  }
  Outcome<void> run(Step& step) override {
    const Frame& from = step[image];
    const auto pixels = from.image->pixels();
    if (!pixels) return std::unexpected(Problem(pixels.error()));
    const int x = pixels->cols / 2;
    const int y = pixels->rows / 2;
    const auto parent = std::make_shared<const vision::Origin>(
        vision::Origin{.id = "cut", .x = x, .y = y, .width = pixels->cols, .height = pixels->rows});
    vision::Origin root = *from.root;
    root.x += x;
    root.y += y;
    const auto root_ptr = std::make_shared<const vision::Origin>(std::move(root));
    const cv::Mat part = (*pixels)(cv::Rect(x, y, pixels->cols - x, pixels->rows - y)).clone();
    Detections detections;
    detections.rows.push_back(
        {.box = {1, 1, 3, 5},
         .confidence = 0.5,
         .class_id = 2,
         .class_name = "cat",
         .id = "d",
         .from = std::make_shared<const vision::Provenance>(vision::Provenance{
             .width = part.cols, .height = part.rows, .parent = parent, .root = root_ptr})});
    step.put(crop, Frame{.image = vision::Image::from_pixels(part),
                         .parent = parent,
                         .root = root_ptr,
                         .video = {}});
    step.put(found, std::move(detections));
    return {};
  }
};
const Registered<Quarter> quarter;

/// As many of these as may run at once, each waiting for the others.
class Meet final : public Block {
 public:
  In<Value> value{*this, {.name = "value", .literals = Literal::any, .kinds = {kind::any}}};
  Out out{*this, "out", {kind::boolean}};

  const Traits& traits() const override {
    static const Traits is{.type = "test/meet@v1",
                           .about = "Meets another.",
                           .is_trivial = false,
                           .parallel_elements = true};
    return is;
  }
  Outcome<void> run(Step& step) override {
    static std::atomic<int> here = 0;
    const int mine = ++here;
    const int wanted = mine + mine % 2;
    for (int turn = 0; turn < 20'000'000 && here < wanted; ++turn) {
    }
    step.put(out, Value(here >= wanted));
    return {};
  }
};
const Registered<Meet> meet;

struct Named {
  const char* asked;
  const char* type;  ///< null: no such block
};

TEST(FindBlock, KnowsAliasesAndTheDialect) {
  for (const Named& one : {Named{"roboflow_core/test_add@v1", "roboflow_core/test_add@v1"},
                           Named{"TestAdd", "roboflow_core/test_add@v1"},
                           Named{"core/test_add@v1", "roboflow_core/test_add@v1"},
                           Named{"core/test_add@v2", nullptr}, Named{"test_add", nullptr}}) {
    const Entry* found = find_block(one.asked);
    ASSERT_EQ(found != nullptr, one.type != nullptr) << one.asked;
    if (found) {
      EXPECT_EQ(found->model->traits().type, one.type);
    }
  }
}

TEST(NearestBlock, SpeaksTheDialectItWasAskedIn) {
  EXPECT_EQ(nearest_block("core/test_ad@v1"), "core/test_add@v1");
  EXPECT_EQ(nearest_block("roboflow_core/test_adds@v1"), "roboflow_core/test_add@v1");
  EXPECT_EQ(nearest_block("nothing/like_it"), "");
}

TEST(AllBlocks, StandInTheOrderOfTheAlphabet) {
  const auto type = [](const Entry* entry) { return entry->model->traits().type; };
  EXPECT_TRUE(std::ranges::is_sorted(all_blocks(), {}, type));
}

}  // namespace
}  // namespace vedette::workflow
