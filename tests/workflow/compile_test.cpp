#include <gtest/gtest.h>

#include <chrono>
#include <fmt/format.h>

#include "workflows.hpp"

namespace vedette::workflow {
namespace {

std::string echo(const std::string& name, const std::string& value) {
  return "{'type': 'test/echo@v1', 'name': '" + name + "', 'value': " + value + "}";
}

/// A mistake, and all that the answer says about it.
struct Mistake {
  std::string name;
  std::string definition;  ///< ' for "
  std::string type;
  std::string message;
  std::string block;  ///< "step.property: details" of the first block; empty: none
  std::string path;   ///< where it is: "steps.0.a"
  std::string suggests;
};

class Compile : public testing::TestWithParam<Mistake> {};

std::string dotted(const json::Path& path) {
  std::string text;
  for (const json::PathPart& part : path) {
    if (!text.empty()) text += '.';
    text += std::holds_alternative<std::size_t>(part) ? std::to_string(std::get<std::size_t>(part))
                                                      : std::get<std::string>(part);
  }
  return text;
}

TEST_P(Compile, SaysWhatIsWrongAndWhere) {
  const Mistake& one = GetParam();
  const auto plan = compiled(quoted(one.definition));
  ASSERT_FALSE(plan);
  const Problem& problem = plan.error();
  EXPECT_EQ(problem.type, one.type);
  EXPECT_EQ(problem.message, one.message);
  EXPECT_EQ(dotted(problem.path), one.path);
  EXPECT_GT(problem.position.line, 0u);
  EXPECT_EQ(problem.nearest, one.suggests);
  ASSERT_EQ(problem.blocks.empty(), one.block.empty());
  if (one.block.empty()) return;
  const BlockProblem& block = problem.blocks.front();
  EXPECT_EQ(block.block_id + "." + block.property_name + ": " + block.property_details, one.block);
}

std::string of_steps(const std::string& steps, const std::string& outputs = "") {
  return "{'version': '1.0', 'inputs': [{'type': 'WorkflowBatchInput', 'name': 'number', 'kind': "
         "['integer']}, {'type': 'WorkflowBatchInput', 'name': 'word', 'kind': ['string']}], "
         "'steps': [" +
         steps + "], 'outputs': [" + outputs + "]}";
}
std::string add(const std::string& more) {
  return of_steps("{'type': 'TestAdd', 'name': 'x', " + more + "}");
}
std::string output(const std::string& selector) {
  return of_steps(echo("x", "1"),
                  "{'type': 'JsonField', 'name': 'o', 'selector': '" + selector + "'}");
}

const std::string syntax = "Could not parse workflow definition. Details provided in inner error.";
const std::string pattern =
    R"(String should match pattern '(^\$steps\.[A-Za-z_\-0-9]+\.[A-Za-z_*0-9\-]+$)|(^\$inputs.[A-Za-z_0-9\-]+$)')";

INSTANTIATE_TEST_SUITE_P(
    Syntax, Compile,
    testing::Values(
        Mistake{"Version", "{'version': 'abc', 'inputs': [], 'steps': [], 'outputs': []}",
                "WorkflowDefinitionError",
                "Workflow definition contains `version` defined as `abc` which cannot be parsed as "
                "valid version definition. Error details: Invalid version: 'abc'",
                "", "version", "1.0"},
        Mistake{"FutureVersion", "{'version': '9.9', 'inputs': [], 'steps': [], 'outputs': []}",
                "NotSupportedExecutionEngineError",
                "Workflow definition requested Execution Engine in version: `<10.0.0,>=9.9` which "
                "cannot be found in existing setup. Available Execution Engines versions: "
                "`[<Version('1.15.0')>]`.",
                "", "version", "1.0"},
        Mistake{"NoSteps", "{'version': '1.0', 'inputs': [], 'outputs': []}", "WorkflowSyntaxError",
                syntax, "", "steps", ""},
        Mistake{"InputType",
                "{'version': '1.0', 'inputs': [{'type': 'WorkflowImagee', 'name': 'i'}], 'steps': "
                "[], 'outputs': []}",
                "WorkflowSyntaxError", syntax, "", "inputs.0", "WorkflowImage"},
        Mistake{
            "StepNoObject", of_steps("5"), "InnerWorkflowInvalidStepEntryError",
            "Invalid workflow step at index 0: each step must be a JSON object (dict), got int.",
            "", "steps.0", ""},
        Mistake{"MissingProperty", of_steps("{'type': 'TestAdd', 'name': 'x'}"),
                "WorkflowSyntaxError", syntax, "x.a: Field required", "steps.0.a", ""},
        Mistake{"MisspeltProperty", of_steps("{'type': 'test/echo@v1', 'name': 'x', 'valeu': 5}"),
                "WorkflowSyntaxError", syntax, "x.value: Field required", "steps.0.value", "value"},
        Mistake{"NoName", of_steps("{'type': 'TestAdd', 'a': 5}"), "WorkflowSyntaxError", syntax,
                ".name: Field required", "steps.0.name", ""},
        Mistake{"NotANumber", add("'a': 'x'"), "WorkflowSyntaxError", syntax,
                "x.a: Input should be a valid number, unable to parse string as a number",
                "steps.0.a", ""},
        Mistake{"Fraction", add("'a': 1, 'b': 1.5"), "WorkflowSyntaxError", syntax,
                "x.b: Input should be a valid integer, got a number with a fractional part",
                "steps.0.b", ""},
        Mistake{"TooSmall", add("'a': 1, 'b': -1"), "WorkflowSyntaxError", syntax,
                "x.b: Input should be greater than or equal to 0", "steps.0.b", ""},
        Mistake{"TooBig", add("'a': 1, 'b': 101"), "WorkflowSyntaxError", syntax,
                "x.b: Input should be less than or equal to 100", "steps.0.b", ""},
        Mistake{"NoSelector",
                of_steps("{'type': 'test/collapse@v1', 'name': 'x', 'data': 'hello'}"),
                "WorkflowSyntaxError", syntax, "x.data: " + pattern, "steps.0.data", ""},
        Mistake{"StepNameTwice", of_steps(echo("x", "1") + ", " + echo("x", "2")),
                "DuplicatedNameError", "Found duplicated input steps names", "", "steps.1.name",
                ""}),
    [](const auto& test) { return test.param.name; });

const std::string cycle =
    "Detected cycle in execution graph. This means that there is output from one step that is "
    "connected to input of other step creating loop in the graph that would never end if executed.";

INSTANTIATE_TEST_SUITE_P(
    Graph, Compile,
    testing::Values(
        Mistake{"InputToNowhere", add("'a': '$inputs.numbr'"), "InvalidReferenceTargetError",
                "Workflow references '$inputs.numbr' which points to a non-existent input "
                "parameter.",
                "x.a: Invalid reference to $inputs.numbr", "steps.0.a", "$inputs.number"},
        Mistake{"StepToNowhere", add("'a': '$steps.y.out'"), "InvalidReferenceTargetError",
                "Workflow references '$steps.y' which points to a non-existent block.",
                "x.a: Invalid reference to $steps.y", "steps.0.a", ""},
        Mistake{"PropertyToNowhere", of_steps(echo("e", "1") + ", " + echo("f", "'$steps.e.outt'")),
                "ExecutionGraphStructureError",
                "Found reference to non-existing property `outt` of step `e`.",
                "f.value: 'e.outt' is an invalid reference", "steps.1.value", "out"},
        Mistake{"WholeStepInAStep", of_steps(echo("e", "1") + ", " + echo("f", "'$steps.e.*'")),
                "ExecutionGraphStructureError",
                "Found reference to non-existing property `*` of step `e`.",
                "f.value: 'e.*' is an invalid reference", "steps.1.value", ""},
        Mistake{"WrongKind", add("'a': '$inputs.word'"), "ReferenceTypeError",
                "Failed to validate reference provided for step: $steps.x regarding property: a "
                "with value: $inputs.word. Allowed kinds of references for this property: "
                "['float', 'integer']. Types of output for referred property: ['string']",
                "", "steps.0.a", ""},
        Mistake{"Circle",
                of_steps(echo("e", "'$steps.f.out'") + ", " + echo("f", "'$steps.e.out'")),
                "ExecutionGraphStructureError", cycle, "", "steps.0", ""},
        Mistake{"Itself", of_steps(echo("e", "'$steps.e.out'")), "ExecutionGraphStructureError",
                cycle, "", "steps.0", ""},
        Mistake{"OutputOfNothing", output("$steps.y.out"), "InvalidReferenceTargetError",
                "Workflow references '$steps.y' which points to a non-existent block.",
                "$outputs.o: Invalid reference to $steps.y", "outputs.0.selector", ""},
        Mistake{"OutputNoSelector", output("hello"), "InvalidReferenceTargetError",
                "Workflow references 'hello' which points to a non-existent block.",
                "$outputs.o: Invalid reference to hello", "outputs.0.selector", ""},
        Mistake{"OutputProperty", output("$steps.x.pai"), "InvalidReferenceTargetError",
                "Workflow output references '$steps.x.pai' which points to a non-existent block "
                "property.",
                "$outputs.o: Invalid reference to $steps.x.pai", "outputs.0.selector", "pair"},
        Mistake{"FlowWhereNoneIsTaken", of_steps(echo("e", "1") + ", " + echo("f", "'$steps.e'")),
                "ExecutionGraphStructureError",
                "Detected reference to other step in manifest of step $steps.f. This is not "
                "allowed, as step manifest does not define any properties of type `StepSelector` "
                "allowing for defining connections between steps that represent flow control in "
                "`workflows`.",
                "", "steps.1.value", ""},
        Mistake{"BatchForSingle",
                of_steps("{'type': 'test/together@v1', 'name': 't', 'data': '$inputs.number', "
                         "'single': '$inputs.number'}"),
                "ExecutionGraphStructureError",
                "Detected invalid reference plugged into property `single` of step `$steps.t` - "
                "the step property do not accept batch-oriented inputs, yet the input selector "
                "holds one - this indicates the problem with construction of your Workflow - "
                "usually the problem occurs when non-batch oriented step inputs are filled with "
                "outputs of batch-oriented steps or batch-oriented inputs.",
                "", "steps.0.single", ""}),
    [](const auto& test) { return test.param.name; });

const std::string splits =
    "{'type': 'test/split@v1', 'name': 's', 'n': '$inputs.number'}, {'type': 'test/split@v1', "
    "'name': 't', 'n': '$inputs.number'}, ";

INSTANTIATE_TEST_SUITE_P(
    Dimensions, Compile,
    testing::Values(
        Mistake{"Mixed",
                of_steps(splits + "{'type': 'test/echo@v1', 'name': 'e', 'value': "
                                  "'$inputs.number', 'other': '$steps.s.out'}"),
                "StepInputDimensionalityError",
                "For step e attempted to plug input data that are in different dimensions, whereas "
                "block defines the inputs to be equal in that terms.",
                "e.: ", "steps.2", ""},
        Mistake{"OfDifferentOrigin",
                of_steps(splits + "{'type': 'test/echo@v1', 'name': 'e', 'value': "
                                  "'$steps.t.out', 'other': '$steps.s.out'}"),
                "StepInputLineageError",
                "Among step `e` inputs found different lineages at the same  dimensionality levels "
                "dimensionality.",
                "", "steps.2", ""},
        Mistake{"GateOfAnotherBatch",
                of_steps(splits +
                         "{'type': 'test/route@v1', 'name': 'r', 'value': '$steps.s.out', "
                         "'at_least': 1, 'next_steps': ['$steps.e']}, " +
                         echo("e", "'$steps.t.out'")),
                "ControlFlowDefinitionError",
                "Step e execution is impacted by control flow outcome of the following steps "
                "['$steps.r'] which make decision based on data that is not compatible with data "
                "fed to the step e - which would cause the step to never execute. This behaviour "
                "is invalid and prevented upfront by Workflows compiler.",
                "", "steps.3", ""}),
    [](const auto& test) { return test.param.name; });

TEST(CompileOfAnUnknownType, GuessesWhatWasMeant) {
  const auto plan = compiled(quoted(of_steps("{'type': 'core/test_ad@v1', 'name': 'x'}")));
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().nearest, "core/test_add@v1");
  EXPECT_TRUE(plan.error().blocks.at(0).property_details.starts_with(
      "Input tag 'core/test_ad@v1' found using 'type' does not match any of the expected tags: '"))
      << plan.error().blocks.at(0).property_details;
}

TEST(CompileOfATemplate, LooksIntoIt) {
  const std::string text =
      "{\"name\": \"Office\",\n \"definition\":\n  " + quoted(add("'a': '$inputs.numbr'")) + "}";
  const auto plan = compiled(text);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().position.line, 3u);
  EXPECT_EQ(dotted(plan.error().path), "definition.steps.0.a");
}

TEST(AsJson, HasThePeersKeysAndOurs) {
  const auto plan = compiled(quoted(add("'a': '$inputs.numbr'")));
  ASSERT_FALSE(plan);
  const Value json = as_json(plan.error());
  EXPECT_EQ(json.dict()["inner_error_type"], Value("None"));
  EXPECT_EQ(json.dict()["blocks_errors"].list().at(0).dict()["block_traceback"], Value());
  EXPECT_EQ(json.dict()["suggestion"], Value("$inputs.number"));
  EXPECT_EQ(json.dict()["position"].dict()["line"], Value(1));
  EXPECT_EQ(plan.error().status, 400);
}

struct Hostile {
  std::string name;
  std::string text;
};

class CompileOfHostileText : public testing::TestWithParam<Hostile> {};

TEST_P(CompileOfHostileText, Refuses) {
  const auto plan = compiled(GetParam().text);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().type, "WorkflowSyntaxError") << plan.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Texts, CompileOfHostileText,
    testing::Values(Hostile{"Nothing", ""}, Hostile{"NoObject", "[]"}, Hostile{"CutOff", "{\"a\":"},
                    Hostile{"Deep", std::string(10'000, '[') + std::string(10'000, ']')},
                    Hostile{"Big", "{\"a\": \"" + std::string(5u << 20, 'x') + "\"}"},
                    Hostile{"TwoKeys", R"({"version": "1.0", "version": "1.0"})"},
                    Hostile{"NotANumber", R"({"version": "1.0", "x": NaN})"}),
    [](const auto& test) { return test.param.name; });

/// Steps in a row, each fed by the one before.
std::string chain(std::size_t count) {
  std::string steps = echo("s0", "'$inputs.number'");
  for (std::size_t i = 1; i < count; ++i) {
    steps +=
        fmt::format(", {}", echo(fmt::format("s{}", i), fmt::format("'$steps.s{}.out'", i - 1)));
  }
  return quoted(of_steps(steps));
}

TEST(CompileOfManySteps, IsQuick) {
  const std::string text = chain(500);
  double best = 1e9;
  for (int turn = 0; turn < 3; ++turn) {
    const auto begun = std::chrono::steady_clock::now();
    ASSERT_TRUE(compiled(text));
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begun;
    best = std::min(best, took.count());
  }
  EXPECT_LT(best, 200) << "ms; the bench measures it closely";
}

TEST(CompileOfManySteps, HasALimit) {
  const auto plan = compiled(chain(1001));
  ASSERT_FALSE(plan);
  EXPECT_EQ(dotted(plan.error().path), "steps.1000");
}

TEST(Interface, TellsWhatInputsAndOutputsAre) {
  const auto plan = compiled(quoted(
      "{'version': '1.0', 'inputs': [{'type': 'WorkflowImage', 'name': 'image'}, {'type': "
      "'WorkflowParameter', 'name': 'n'}, {'type': 'WorkflowParameter', 'name': 'unused'}], "
      "'steps': [{'type': 'test/quarter@v1', 'name': 'q', 'image': '$inputs.image'}, {'type': "
      "'TestAdd', 'name': 'a', 'a': 1, 'b': '$inputs.n'}], 'outputs': [{'type': 'JsonField', "
      "'name': 'one', 'selector': '$steps.q.found'}, {'type': 'JsonField', 'name': 'all', "
      "'selector': '$steps.q.*'}]}"));
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ((*plan)->image_inputs(), std::vector<std::string>{"image"});
  const auto interface = (*plan)->interface();
  ASSERT_TRUE(interface) << interface.error().message;
  EXPECT_EQ(interface->dict()["inputs"],
            json_of(quoted("{'image': ['image'], 'n': ['integer'], 'unused': ['*']}")));
  EXPECT_EQ(interface->dict()["outputs"],
            json_of(quoted("{'one': ['object_detection_prediction'], 'all': {'crop': ['image'], "
                           "'found': ['object_detection_prediction']}}")));
  EXPECT_EQ(interface->dict()["typing_hints"].dict()["integer"], Value("int"));
  EXPECT_TRUE(interface->dict()["kinds_schemas"].dict().find("image"));
}

}  // namespace
}  // namespace vedette::workflow
