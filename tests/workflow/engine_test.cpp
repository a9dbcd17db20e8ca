#include "workflow/engine.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <opencv2/core.hpp>
#include <thread>

#include "base/base64.hpp"
#include "workflows.hpp"

namespace vedette::workflow {
namespace {

constexpr const char* split = "{'type': 'test/split@v1', 'name': 'split', 'n': '$inputs.n'}";

std::string echo(const std::string& name, const std::string& value) {
  return "{'type': 'test/echo@v1', 'name': '" + name + "', 'value': " + value + "}";
}
std::string collapse(const std::string& name, const std::string& data) {
  return "{'type': 'test/collapse@v1', 'name': '" + name + "', 'data': '" + data + "'}";
}
std::string route(const std::string& name, const std::string& value, int at_least,
                  const std::string& next) {
  return "{'type': 'test/route@v1', 'name': '" + name + "', 'value': '" + value +
         "', 'at_least': " + std::to_string(at_least) + ", 'next_steps': ['$steps." + next + "']}";
}

struct Case {
  std::string name;
  Written written;
  std::string inputs;
  std::string answer;  ///< JSON, or "Class: message"
};

class Runs : public testing::TestWithParam<Case> {};

TEST_P(Runs, AsThePeerDoes) {
  const Case& one = GetParam();
  const std::string answer = ran(definition_of(one.written), one.inputs);
  if (one.answer.starts_with('[')) {
    EXPECT_EQ(json_of(answer), json_of(quoted(one.answer))) << answer;
  } else {
    EXPECT_EQ(answer, one.answer);
  }
}

const std::string nested = "{'type': 'WorkflowBatchInput', 'name': 'n', 'dimensionality': 2}";

// What the peer answered for the same definitions with dynamic blocks in these blocks' place.
INSTANTIATE_TEST_SUITE_P(
    Batches, Runs,
    testing::Values(
        Case{"NoSteps", {.outputs = "p: $inputs.p"}, "{'n': 1, 'p': 5}", "[{'p': 5}]"},
        Case{"NoOutputs", {.steps = echo("e", "1")}, "{'n': 1}", "[{}]"},
        Case{"ParameterDefault",
             {.inputs = "{'type': 'WorkflowParameter', 'name': 'p', 'default_value': 7}",
              .outputs = "p: $inputs.p"},
             "{}",
             "[{'p': 7}]"},
        Case{"Linear",
             {.steps = "{'type': 'TestAdd', 'name': 'a', 'a': '$inputs.p'}, "
                       "{'type': 'core/test_add@v1', 'name': 'b', 'a': '$steps.a.out', 'b': '5'}",
              .outputs = "o: $steps.b.out"},
             "{'n': 1, 'p': 2}",
             "[{'o': 8.0}]"},
        Case{"ElementByElement",
             {.steps = echo("e", "'$inputs.n'"), .outputs = "o: $steps.e.pair, p: $inputs.p"},
             "{'n': [1, 2], 'p': 3}",
             "[{'o': [1, null], 'p': 3}, {'o': [2, null], 'p': 3}]"},
        Case{"OneForAll",
             {.inputs = "{'type': 'WorkflowBatchInput', 'name': 'n'}, "
                        "{'type': 'WorkflowBatchInput', 'name': 'm'}",
              .outputs = "n: $inputs.n, m: $inputs.m"},
             "{'n': [1, 2], 'm': [7]}",
             "[{'n': 1, 'm': 7}, {'n': 2, 'm': 7}]"},
        Case{"Deeper",
             {.steps = std::string(split) + ", " + echo("e", "'$steps.split.out'"),
              .outputs = "o: $steps.e.out"},
             "{'n': [0, 2, 0]}",
             "[{'o': []}, {'o': [20, 21]}, {'o': []}]"},
        Case{"DeeperTwice",
             {.steps = std::string(split) +
                       ", {'type': 'test/split@v1', 'name': 's2', 'n': '$steps.split.out'}",
              .outputs = "o: $steps.s2.out"},
             "{'n': [0]}",
             "[{'o': [[]]}]"},
        Case{"BackAgain",
             {.steps = std::string(split) + ", " + collapse("c", "$steps.split.out"),
              .outputs = "o: $steps.c.out"},
             "{'n': [1, 2]}",
             "[{'o': [10]}, {'o': [20, 21]}]"},
        Case{"DownToOne",
             {.steps = collapse("c", "$inputs.n"), .outputs = "o: $steps.c.out, n: $inputs.n"},
             "{'n': [1, 2]}",
             "[{'o': [1, 2], 'n': 1}, {'o': [1, 2], 'n': 2}]"},
        Case{"NestedInput",
             {.inputs = nested,
              .steps = collapse("c", "$inputs.n") + ", " + collapse("d", "$steps.c.out"),
              .outputs = "o: $steps.c.out, d: $steps.d.out"},
             "{'n': [[1, 2], [3]]}",
             "[{'o': [1, 2], 'd': [[1, 2], [3]]}, {'o': [3], 'd': [[1, 2], [3]]}]"},
        Case{"CollapseOfOne",
             {.steps = echo("e", "'$inputs.p'") + ", " + collapse("c", "$steps.e.out"),
              .outputs = "o: $steps.c.out"},
             "{'n': 1, 'p': 5}",
             "[{'o': [5]}]"},
        Case{"CollapseTooOften",
             {.steps = collapse("c", "$inputs.n") + ", " + collapse("d", "$steps.c.out"),
              .outputs = "o: $steps.d.out"},
             "{'n': [1, 2]}",
             "[{'o': [[1, 2]]}]"},
        Case{"MadeByAStep",
             {.steps = "{'type': 'test/split@v1', 'name': 's', 'n': 2}, " +
                       echo("e", "'$steps.s.out'"),
              .outputs = "o: $steps.e.out, n: $inputs.n"},
             "{'n': [1, 2]}",
             "[{'o': [20, 21], 'n': 1}, {'o': [20, 21], 'n': 2}]"},
        Case{"MadeByAStepAlone",
             {.steps = "{'type': 'test/split@v1', 'name': 's', 'n': 2}",
              .outputs = "o: $steps.s.out"},
             "{'n': [1, 2]}",
             "[{'o': [20, 21]}]"},
        Case{"OneBesideMany",
             {.steps = std::string(split) +
                       ", {'type': 'test/beside@v1', 'name': 'b', 'one': '$inputs.n', 'many': "
                       "'$steps.split.out'}",
              .outputs = "o: $steps.b.out"},
             "{'n': [1, 2]}",
             "[{'o': [1, [10]]}, {'o': [2, [20, 21]]}]"},
        Case{"WholeStep",
             {.steps = echo("e", "'$inputs.n'"), .outputs = "o: $steps.e.*"},
             "{'n': [1, null]}",
             "[{'o': {'out': 1, 'pair': [1, null]}}, {'o': {'out': null, 'pair': null}}]"},
        Case{"BatchAtOnce",
             {.steps = "{'type': 'test/together@v1', 'name': 't', 'data': '$inputs.n'}",
              .outputs = "o: $steps.t.out"},
             "{'n': [5, null, 6]}",
             "[{'o': [5, 2, [0], true, false]}, {'o': null}, {'o': [6, 2, [2], true, false]}]"},
        Case{"OneAsABatch",
             {.steps = echo("e", "'$inputs.p'") +
                       ", {'type': 'test/together@v1', 'name': 't', 'data': '$steps.e.out'}",
              .outputs = "o: $steps.t.out"},
             "{'n': 1, 'p': 9}",
             "[{'o': [9, 1, [0], true, false]}]"},
        Case{"SelectorsInListsAndDicts",
             {.steps = "{'type': 'test/gather@v1', 'name': 'g', 'named': {'a': '$inputs.n', 'b': "
                       "3, 'c': '$inputs.p'}, 'listed': ['$inputs.n', {'x': '$inputs.n'}]}",
              .outputs = "o: $steps.g.out"},
             "{'n': [1, 2], 'p': 'x'}",
             "[{'o': [{'a': 1, 'b': 3, 'c': 'x'}, [1, {'x': '$inputs.n'}]]},"
             " {'o': [{'a': 2, 'b': 3, 'c': 'x'}, [2, {'x': '$inputs.n'}]]}]"},
        Case{"StateLastsOneRun",
             {.steps = "{'type': 'test/count@v1', 'name': 'c', 'value': '$inputs.n'}",
              .outputs = "o: $steps.c.out"},
             "{'n': [5, 5]}",
             "[{'o': 1}, {'o': 2}]"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Flow, Runs,
    testing::Values(
        Case{"SomeElements",
             {.steps = route("r", "$inputs.n", 2, "e") + ", " + echo("e", "'$inputs.n'"),
              .outputs = "o: $steps.e.out"},
             "{'n': [1, 2, 3]}",
             "[{'o': null}, {'o': 2}, {'o': 3}]"},
        Case{"OfLiteralsOnly",
             {.steps = route("r", "$inputs.n", 2, "e") + ", " + echo("e", "5"),
              .outputs = "o: $steps.e.out"},
             "{'n': [1, 2]}",
             "[{'o': null}, {'o': 5}]"},
        Case{"AllOrNothing",
             {.steps = echo("p", "'$inputs.p'") + ", " + route("r", "$steps.p.out", 2, "e") + ", " +
                       echo("e", "'$inputs.n'"),
              .outputs = "o: $steps.e.out"},
             "{'n': [1, 2], 'p': 1}",
             "[{'o': null}, {'o': null}]"},
        Case{"AParameterWhereOnlySelectorsStand",
             {.steps = route("r", "$inputs.p", 2, "e") + ", " + echo("e", "'$inputs.n'")},
             "{'n': [1, 2], 'p': 1}",
             "RuntimeInputError: Provided input is incompatible with manifest of step r regarding "
             "property value provided in input parameter named p. Details available in inner error "
             "object."},
        Case{"Downstream",
             {.steps = route("r", "$inputs.n", 2, "e") + ", " + echo("e", "'$inputs.n'") + ", " +
                       echo("f", "'$steps.e.out'"),
              .outputs = "o: $steps.f.out"},
             "{'n': [1, 2]}",
             "[{'o': null}, {'o': 2}]"},
        Case{"BothMustAgree",
             {.inputs = "{'type': 'WorkflowBatchInput', 'name': 'n'}, "
                        "{'type': 'WorkflowBatchInput', 'name': 'm'}",
              .steps = route("r", "$inputs.n", 2, "e") + ", " + route("q", "$inputs.m", 2, "e") +
                       ", " + echo("e", "'$inputs.n'"),
              .outputs = "o: $steps.e.out"},
             "{'n': [1, 2, 3], 'm': [2, 1, 2]}",
             "[{'o': null}, {'o': null}, {'o': 3}]"},
        Case{"ADecisionForNoneDoesNotCount",
             {.steps = route("r", "$inputs.n", 2, "e") + ", " + route("q", "$inputs.n", 9, "e") +
                       ", " + echo("e", "'$inputs.n'"),
              .outputs = "o: $steps.e.out"},
             "{'n': [1, 2]}",
             "[{'o': null}, {'o': 2}]"},
        Case{"DeeperByDeeper",
             {.steps = std::string(split) + ", " + route("r", "$steps.split.out", 21, "e") + ", " +
                       echo("e", "'$steps.split.out'"),
              .outputs = "o: $steps.e.out"},
             "{'n': [1, 2]}",
             "[{'o': [null]}, {'o': [null, 21]}]"},
        Case{"DeeperIsNotReachedFromAbove",
             {.steps = std::string(split) + ", " + route("r", "$inputs.n", 2, "e") + ", " +
                       echo("e", "'$steps.split.out'"),
              .outputs = "o: $steps.e.out"},
             "{'n': [1, 2]}",
             "[{'o': [null]}, {'o': [null, null]}]"},
        Case{"CollapseOfSome",
             {.steps = std::string(split) + ", " + route("r", "$steps.split.out", 21, "c") + ", " +
                       collapse("c", "$steps.split.out"),
              .outputs = "o: $steps.c.out"},
             "{'n': [1, 2]}",
             "[{'o': []}, {'o': [21]}]"},
        Case{"OneOfTheCases",
             {.steps = "{'type': 'test/switch@v1', 'name': 's', 'value': '$inputs.n', 'cases': "
                       "{'a': '$steps.e', 'b': '$steps.f'}}, " +
                       echo("e", "'A'") + ", " + echo("f", "'B'"),
              .outputs = "e: $steps.e.out, f: $steps.f.out"},
             "{'n': ['a', 'b', 'c']}",
             "[{'e': 'A', 'f': null}, {'e': null, 'f': 'B'}, {'e': null, 'f': null}]"},
        Case{"GapsAreSeenByThoseWhoWantTo",
             {.steps = route("r", "$inputs.n", 2, "e") + ", " + echo("e", "'$inputs.n'") +
                       ", {'type': 'test/or_nothing@v1', 'name': 'o', 'value': '$steps.e.out'}",
              .outputs = "o: $steps.o.out"},
             "{'n': [1, 2]}",
             "[{'o': 'nothing'}, {'o': 'something'}]"}),
    [](const auto& test) { return test.param.name; });

const std::string failed_n =
    "RuntimeInputError: Failed to assemble `n`. Could not successfully use any deserializer for "
    "declared kinds. Details: \nKind: `integer` - Error: Detected runtime parameter `n` declared "
    "to hold integer value, but invalid type of data found (`str`).";

std::string of_kind(const std::string& kind, int depth = 1) {
  return "{'type': 'WorkflowBatchInput', 'name': 'n', 'kind': ['" + kind +
         "'], 'dimensionality': " + std::to_string(depth) + "}";
}

Case kind_case(const std::string& name, const std::string& kind, const std::string& input,
               const std::string& answer) {
  return {name,
          {.inputs = of_kind(kind), .steps = "", .outputs = "n: $inputs.n"},
          "{'n': " + input + "}",
          answer.starts_with("Runtime") ? answer : "[{'n': " + answer + "}]"};
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, Runs,
    testing::Values(
        kind_case("Integer", "integer", "5", "5"),
        kind_case("IntegerBad", "integer", "'x'", failed_n),
        kind_case("FloatOfInteger", "float", "5", "5.0"),
        kind_case("Bytes", "bytes", "'aGVsbG8='", "'aGVsbG8='"),
        kind_case("Timestamp", "timestamp", "'2026-03-01T09:30:00.125Z'",
                  "'2026-03-01T09:30:00.125000+00:00'"),
        kind_case("Secret", "secret", "'abcdefghijk'", "'ab********jk'"),
        kind_case("ShortSecret", "secret", "'abc'", "'********'"),
        kind_case("Point", "point", "[[1, 2, 3]]", "[1, 2]"),
        kind_case("LabeledPoints", "labeled_points", "[[{'x': 1, 'y': 2}, [3, 4, false]]]",
                  "[{'x': 1, 'y': 2, 'positive': true}, {'x': 3, 'y': 4, 'positive': false}]"),
        kind_case("UnknownKind", "no_such_kind", "'x'", "'x'"),
        kind_case("NoDetections", "object_detection_prediction",
                  "{'image': {'width': 10, 'height': 20}, 'predictions': []}",
                  "{'image': {'width': null, 'height': null}, 'predictions': []}"),
        kind_case("Detections", "object_detection_prediction",
                  "{'image': {'width': 10, 'height': 20}, 'predictions': [{'x': 1, 'y': 2, "
                  "'width': 3, 'height': 4, 'class': 'a', 'class_id': 1, 'confidence': 0.5, "
                  "'detection_id': 'd', 'tracker_id': 4, 'time_in_zone': 1.5}]}",
                  "{'image': {'width': 10, 'height': 20}, 'predictions': [{'width': 3.0, 'height': "
                  "4.0, 'x': 1.0, 'y': 2.0, 'confidence': 0.5, 'class_id': 1, 'tracker_id': 4, "
                  "'class': 'a', 'detection_id': 'd', 'parent_id': 'n', 'time_in_zone': 1.5}]}"),
        kind_case("InRootCoordinates", "object_detection_prediction",
                  "{'image': {'width': 10, 'height': 20}, 'predictions': [{'x': 1, 'y': 2, "
                  "'width': 3, 'height': 4, 'class': 'a', 'class_id': 1, 'confidence': 0.5, "
                  "'detection_id': 'd', 'parent_id': 'p', 'root_parent_id': 'r', "
                  "'parent_origin': {'offset_x': 1, 'offset_y': 2, 'width': 100, 'height': 200}, "
                  "'root_parent_origin': {'offset_x': 10, 'offset_y': 20, 'width': 1000, "
                  "'height': 2000}}]}",
                  "{'image': {'width': 1000, 'height': 2000}, 'predictions': [{'width': 3.0, "
                  "'height': 4.0, 'x': 11.0, 'y': 22.0, 'confidence': 0.5, 'class_id': 1, 'class': "
                  "'a', 'detection_id': 'd', 'parent_id': 'r'}]}"),
        kind_case("Outlines", "instance_segmentation_prediction",
                  "{'image': {'width': 30, 'height': 20}, 'predictions': [{'x': 10, 'y': 10, "
                  "'width': 10, 'height': 10, 'class': 'a', 'class_id': 1, 'confidence': 0.5, "
                  "'detection_id': 'd', 'points': [{'x': 5, 'y': 5}, {'x': 15, 'y': 5}, {'x': 15, "
                  "'y': 15}, {'x': 5, 'y': 15}]}]}",
                  "{'image': {'width': 30, 'height': 20}, 'predictions': [{'width': 10.0, "
                  "'height': 10.0, 'x': 10.0, 'y': 10.0, 'confidence': 0.5, 'class_id': 1, "
                  "'points': [{'x': 5.0, 'y': 5.0}, {'x': 5.0, 'y': 15.0}, {'x': 15.0, 'y': 15.0}, "
                  "{'x': 15.0, 'y': 5.0}], 'class': 'a', 'detection_id': 'd', 'parent_id': 'n'}]}"),
        kind_case("RunLengths", "rle_instance_segmentation_prediction",
                  "{'image': {'width': 3, 'height': 2}, 'predictions': [{'x': 1, 'y': 1, 'width': "
                  "2, 'height': 2, 'class': 'a', 'class_id': 1, 'confidence': 0.5, "
                  "'detection_id': 'd', 'rle_mask': {'size': [2, 3], 'counts': '022'}}]}",
                  "{'image': {'width': 3, 'height': 2}, 'predictions': [{'width': 2.0, 'height': "
                  "2.0, 'x': 1.0, 'y': 1.0, 'confidence': 0.5, 'class_id': 1, 'class': 'a', "
                  "'detection_id': 'd', 'parent_id': 'n', 'rle_mask': {'size': [2, 3], 'counts': "
                  "'022'}}]}")),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    BadInput, Runs,
    testing::Values(
        Case{"Absent",
             {.inputs = "{'type': 'WorkflowImage', 'name': 'image'}"},
             "{}",
             "RuntimeInputError: Detected runtime parameter `image` defined as `WorkflowImage` (of "
             "kind `['image']`), but value is not provided."},
        Case{
            "EmptyList",
            {},
            "{'n': []}",
            "RuntimeInputError: Expected all batch-oriented workflow inputs be the same length, or "
            "of length 1 - but parameter: n provided with batch size 0, where expected batch size "
            "based on remaining parameters is: 1."},
        Case{"NotNested",
             {.inputs = nested},
             "{'n': [1]}",
             "RuntimeInputError: Workflow input `n` is declared to be nested batch with "
             "dimensionality `2`. Input data does not define batch at the 1 dimensionality level."},
        Case{"ParameterOfAnotherType",
             {.steps = "{'type': 'TestAdd', 'name': 'a', 'a': 1, 'b': '$inputs.p'}"},
             "{'n': 1, 'p': 'many'}",
             "RuntimeInputError: Provided input is incompatible with manifest of step a regarding "
             "property b provided in input parameter named p. Details available in inner error "
             "object."},
        Case{"ParameterOutOfRange",
             {.steps = "{'type': 'TestAdd', 'name': 'a', 'a': 1, 'b': '$inputs.p'}"},
             "{'n': 1, 'p': 101}",
             "RuntimeInputError: Provided input is incompatible with manifest of step a regarding "
             "property b provided in input parameter named p. Details available in inner error "
             "object."},
        Case{"ParameterThatLooksLikeASelector",
             {.steps = "{'type': 'TestAdd', 'name': 'a', 'a': 1, 'b': '$inputs.p'}"},
             "{'n': 1, 'p': '$inputs.p'}",
             "RuntimeInputError: Provided input is incompatible with manifest of step a regarding "
             "property b provided in input parameter named p. Details available in inner error "
             "object."},
        Case{"ElementOfAnotherType",
             {.inputs = "{'type': 'WorkflowBatchInput', 'name': 'n'}",
              .steps = "{'type': 'TestAdd', 'name': 'a', 'a': '$inputs.n'}"},
             "{'n': 'x'}",
             "StepExecutionError: property `a` of step `a` takes `integer` or `float`, but was "
             "given str"},
        Case{"AStepThatFails",
             {.steps = "{'type': 'test/fail@v1', 'name': 'f', 'value': 1}"},
             "{'n': 1}",
             "StepExecutionError: the disk is full"}),
    [](const auto& test) { return test.param.name; });

// --- pictures

std::string picture(int width, int height) {
  const cv::Mat pixels(height, width, CV_8UC3, cv::Scalar(40, 80, 120));
  const auto jpeg = vision::encode_jpeg(pixels, 95);
  std::string text;
  base64::encode(*jpeg, text);
  return text;
}

const Written cut{.inputs = "{'type': 'WorkflowImage', 'name': 'image'}",
                  .steps = "{'type': 'test/quarter@v1', 'name': 'q', 'image': '$inputs.image'}",
                  .outputs = "image: $inputs.image, crop: $steps.q.crop, found: $steps.q.found"};

TEST(Pictures, GoOutAsTheyCameAndCropsTellWhereTheyWere) {
  const std::string sent = picture(64, 48);
  const Value answer = json_of(ran(definition_of(cut), "{'image': '" + sent + "'}"));
  const Dict& element = answer.list().at(0).dict();
  const Dict& image = element["image"].dict();
  EXPECT_EQ(image["value"], Value(sent));
  EXPECT_EQ(image["type"], Value("base64"));
  EXPECT_EQ(image["video_metadata"].dict()["video_identifier"], Value("image"));
  EXPECT_EQ(image.find("parent_id"), nullptr);
  const Dict& crop = element["crop"].dict();
  EXPECT_EQ(crop["parent_origin"],
            json_of(quoted("{'offset_x': 32, 'offset_y': 24, 'width': 64, 'height': 48}")));
  EXPECT_EQ(crop["root_parent_id"], Value("image"));
  const Dict& found = element["found"].dict();
  EXPECT_EQ(found["image"], json_of(quoted("{'width': 64, 'height': 48}")));
  EXPECT_EQ(found["predictions"].list().at(0).dict()["x"], Value(34.0));
}

TEST(Pictures, KeepTheirOwnCoordinatesWhereAsked) {
  std::string definition = definition_of(cut);
  const std::string selector = "\"$steps.q.found\"";
  definition.insert(definition.find(selector) + selector.size(),
                    ", \"coordinates_system\": \"own\"");
  const Value answer = json_of(ran(definition, "{'image': '" + picture(64, 48) + "'}"));
  const Dict& found = answer.list().at(0).dict()["found"].dict();
  EXPECT_EQ(found["image"], json_of(quoted("{'width': 32, 'height': 24}")));
  const Dict& row = found["predictions"].list().at(0).dict();
  EXPECT_EQ(row["x"], Value(2.0));
  EXPECT_EQ(row["root_parent_origin"],
            json_of(quoted("{'offset_x': 32, 'offset_y': 24, 'width': 64, 'height': 48}")));
}

TEST(Pictures, OfABatchAreNumbered) {
  const std::string one = fmt::format("'{}'", picture(8, 8));
  const Value answer = json_of(ran(definition_of(cut), "{'image': [" + one + ", " + one + "]}"));
  ASSERT_EQ(answer.list().size(), 2u);
  EXPECT_EQ(answer.list()[1].dict()["crop"].dict()["root_parent_id"], Value("image.[1]"));
}

TEST(Pictures, CutOffInTheMiddleAreTheCallersMistake) {
  std::string text = picture(64, 48);
  std::vector<std::uint8_t> bytes = *base64::decode(text);
  bytes.resize(bytes.size() / 2);
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size()) / 2, bytes.end(), 0xFF);
  std::string bad;
  base64::encode(bytes, bad);
  const std::string answer = ran(definition_of(cut), "{'image': '" + bad + "'}");
  EXPECT_TRUE(answer.starts_with("RuntimeInputError: Failed to assemble `image`.")) << answer;
}

TEST(Pictures, ByUrlNeedPermission) {
  const std::string answer =
      ran(definition_of(cut), "{'image': {'type': 'url', 'value': 'http://127.0.0.1:9/x.jpg'}}");
  EXPECT_NE(answer.find("blocks.fetch_urls"), std::string::npos) << answer;
}

// --- side by side

TEST(Run, SharesIndependentStepsAmongThreads) {
  ComputePool pool(2, 16);
  const Written two{.steps =
                        "{'type': 'test/meet@v1', 'name': 'a', 'value': 1}, "
                        "{'type': 'test/meet@v1', 'name': 'b', 'value': 2}",
                    .outputs = "a: $steps.a.out, b: $steps.b.out"};
  EXPECT_EQ(json_of(ran(definition_of(two), "{'n': 1}", &pool)),
            json_of(quoted("[{'a': true, 'b': true}]")));
}

TEST(Run, SharesElementsOfABatchWhereTheBlockAllows) {
  ComputePool pool(2, 16);
  const Written two{.steps = "{'type': 'test/meet@v1', 'name': 'a', 'value': '$inputs.n'}",
                    .outputs = "a: $steps.a.out"};
  EXPECT_EQ(json_of(ran(definition_of(two), "{'n': [1, 2]}", &pool)),
            json_of(quoted("[{'a': true}, {'a': true}]")));
}

TEST(Run, LeavesOutWhatTheCallerDoesNotWant) {
  const auto plan = compiled(definition_of({.outputs = "p: $inputs.p, n: $inputs.n"}));
  ASSERT_TRUE(plan);
  const auto report =
      run(**plan, json_of(quoted("{'n': 1, 'p': 2}")).dict(), {.excluded_fields = {"n"}}, nullptr);
  ASSERT_TRUE(report);
  ASSERT_EQ(report->outputs.size(), 1u);
  EXPECT_EQ(report->outputs[0], Dict({{"p", 2}}));
}

TEST(Run, ReportsItsSteps) {
  const auto plan = compiled(definition_of({.steps = echo("e", "'$inputs.n'")}));
  ASSERT_TRUE(plan);
  const auto report =
      run(**plan, json_of(quoted("{'n': [1, null, 3]}")).dict(), {.profile = true}, nullptr);
  ASSERT_TRUE(report);
  ASSERT_EQ(report->steps.size(), 1u);
  EXPECT_EQ(report->steps[0].step, "e");
  EXPECT_EQ(report->steps[0].elements, 2u);
}

TEST(PlanCache, CompilesOnceForAll) {
  const Services services;
  PlanCache cache(services, {}, 2);
  const std::string text = definition_of({.outputs = "p: $inputs.p"});
  std::vector<PlanPtr> plans(4);
  {
    std::vector<std::jthread> askers;
    for (PlanPtr& plan : plans) {
      askers.emplace_back([&] { plan = cache.get(text).value_or(nullptr); });
    }
  }
  for (const PlanPtr& plan : plans) EXPECT_EQ(plan, plans[0]);
  ASSERT_NE(plans[0], nullptr);
  EXPECT_TRUE(cache.get(definition_of({.outputs = "a: $inputs.p"})));
  EXPECT_TRUE(cache.get(definition_of({.outputs = "b: $inputs.p"})));
  EXPECT_NE(cache.get(text).value_or(nullptr), plans[0]) << "the least recently used goes";
  EXPECT_FALSE(cache.get("{"));
}

}  // namespace
}  // namespace vedette::workflow
