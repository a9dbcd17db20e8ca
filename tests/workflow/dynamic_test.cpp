#include <gtest/gtest.h>

#include "workflow/definition.hpp"
#include "workflows.hpp"

namespace vedette::workflow {
namespace {

std::string block(const std::string& inputs, const std::string& more = "",
                  const std::string& outputs = "") {
  return quoted(
      "{'type': 'DynamicBlockDefinition', 'manifest': {'type': 'ManifestDescription', "
      "'block_type': 'Mine', 'inputs': {" +
      inputs + "}, 'outputs': {" + outputs + "}" + more +
      "}, 'code': {'type': 'PythonCode', 'run_function_code': 'def run(self): pass'}}");
}

std::string input(const std::string& name, const std::string& more) {
  return "'" + name + "': {'type': 'DynamicInputDefinition'" + more + "}";
}

struct Meeting {
  std::string name;
  std::string selectors;
  std::string lists;  ///< of the manifest
  Batching batching;
  bool takes_batches;
};

class DynamicBlockReads : public testing::TestWithParam<Meeting> {};

TEST_P(DynamicBlockReads, HowAPropertyMeetsBatches) {
  const Meeting& one = GetParam();
  const auto read = read_dynamic_block(
      json_of(block(input("a", ", 'selector_types': [" + one.selectors + "]"), one.lists)));
  ASSERT_TRUE(read) << read.error().nearest;
  EXPECT_EQ((*read)->properties.at(0).batching, one.batching);
  EXPECT_EQ((*read)->traits.takes_batches, one.takes_batches);
  EXPECT_EQ((*read)->traits.type, "Mine");
}

INSTANTIATE_TEST_SUITE_P(
    Selectors, DynamicBlockReads,
    testing::Values(
        Meeting{"Image", "'input_image'", "", Batching::batch, false},
        Meeting{"StepOutput", "'step_output'", "", Batching::batch, false},
        Meeting{"Parameter", "'input_parameter'", "", Batching::scalar, false},
        Meeting{"Both", "'step_output', 'input_parameter'", "", Batching::either, false},
        Meeting{"Generic", "'generic'", "", Batching::scalar, false},
        Meeting{"GenericOfABatch", "'generic'", ", 'accepts_batch_input': true", Batching::scalar,
                true},
        Meeting{"GenericListed", "'generic'", ", 'batch_oriented_parameters': ['a']",
                Batching::batch, true},
        Meeting{"GenericEither", "'generic'", ", 'parameters_with_scalars_and_batches': ['a']",
                Batching::either, true},
        Meeting{"GenericCast", "'generic'",
                ", 'get_parameters_enforcing_auto_batch_casting': ['a']", Batching::batch, false}),
    [](const auto& test) { return test.param.name; });

struct Bad {
  std::string name;
  std::string json;
  std::string type;  ///< empty: the peer has no class for it
  std::string says;  ///< how the message (of a class) or the suggestion begins
};

class DynamicBlockRefuses : public testing::TestWithParam<Bad> {};

TEST_P(DynamicBlockRefuses, WithReason) {
  const auto read = read_dynamic_block(json_of(GetParam().json));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().type, GetParam().type);
  const std::string& told = GetParam().type.empty() ? read.error().nearest : read.error().message;
  EXPECT_TRUE(told.starts_with(GetParam().says)) << told;
}

INSTANTIATE_TEST_SUITE_P(
    Definitions, DynamicBlockRefuses,
    testing::Values(
        Bad{"NoObject", "5", "", "an object is expected here"},
        Bad{"NoType", "{}", "", "\"type\" must be a string"},
        Bad{"UnknownSelector", block(input("a", ", 'selector_types': ['any']")), "",
            "unknown selector type \"any\""},
        Bad{"Offset", block(input("a", ", 'value_types': ['any'], 'dimensionality_offset': 2")), "",
            "\"dimensionality_offset\" must be -1, 0 or 1"},
        Bad{"NoTypeOfInput", block(input("a", "")), "DynamicBlockError",
            "There is no definition of input type found for property: a of dynamic block Mine."},
        Bad{"UnknownKind",
            block(input("a",
                        ", 'selector_types': ['generic'], 'selector_data_kind': {'generic': "
                        "['nope']}")),
            "DynamicBlockError",
            "Could not find kind with name `nope` declared for input `a` of dynamic block `Mine` "},
        Bad{"UnknownKindOfOutput",
            block("", "", "'o': {'type': 'DynamicOutputDefinition', 'kind': ['nope']}"),
            "DynamicBlockError",
            "Could not find kind with name `nope` declared for output `o` of dynamic block "
            "`Mine` "},
        Bad{"TwoReferences",
            block(input("a", ", 'value_types': ['any'], 'is_dimensionality_reference': true") +
                  ", " +
                  input("b", ", 'value_types': ['any'], 'is_dimensionality_reference': true")),
            "DynamicBlockError",
            "For dynamic block Mine detected multiple inputs declared to be dimensionality "
            "reference: ['a', 'b']"}),
    [](const auto& test) { return test.param.name; });

TEST(DynamicBlocks, NeedAServiceThatRunsThem) {
  const auto plan = compiled(quoted("{'version': '1.0', 'inputs': [], 'steps': [], 'outputs': [], "
                                    "'dynamic_blocks_definitions': [") +
                             block("") + "]}");
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().type, "WorkflowEnvironmentConfigurationError");
  EXPECT_EQ(plan.error().status, 500);
  EXPECT_EQ(plan.error().nearest, "python.enabled: true");
}

}  // namespace
}  // namespace vedette::workflow
