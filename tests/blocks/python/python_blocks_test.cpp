#include "blocks/python/python_blocks.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "harness.hpp"
#include "workflow/values.hpp"

namespace vedette::blocks::python {
namespace {

Value parse(std::string_view text) { return *json::read(text, json::as_python); }

struct Returned {
  std::string_view name, expression, json;
};

class PlainValues : public testing::TestWithParam<Returned> {};

TEST_P(PlainValues, ComeBackAsJsonHasThem) {
  Bench bench(shared_workers(), {.code = "def run(self):\n    return {'result': " +
                                         std::string(GetParam().expression) + "}"});
  EXPECT_EQ(json::write(bench.result({})), GetParam().json);
}

INSTANTIATE_TEST_SUITE_P(
    Returned, PlainValues,
    testing::Values(Returned{"null", "None", "null"}, Returned{"integer", "-7", "-7"},
                    Returned{"largest", "[2 ** 63 - 1, -2 ** 63, 2 ** 31, -2 ** 31 - 1]",
                             "[9223372036854775807,-9223372036854775808,2147483648,-2147483649]"},
                    Returned{"real", "0.1", "0.1"},
                    Returned{"not_a_number", "float('nan')", "null"},
                    Returned{"boolean", "[True, False]", "[true,false]"},
                    Returned{"text", "'na\\u00efve \\u2603 \\U0001f600 \\x00'",
                             "\"na\u00efve \u2603 \U0001f600 \\u0000\""},
                    Returned{"half_a_pair", "'\\ud800x'", "\"\ufffdx\""},
                    Returned{"tuple", "(1, (2, 'a'))", "[1,[2,\"a\"]]"},
                    Returned{"keys", "{1: 'a', 2.5: 'b', None: 'c', True: 'd', np.int64(4): 5}",
                             R"({"1":"d","2.5":"b","null":"c","4":5})"},
                    Returned{"numpy_scalars",
                             "[np.int64(3), np.float64(0.5), np.bool_(True), np.str_('s')]",
                             "[3,0.5,true,\"s\"]"},
                    Returned{"texts", "np.array(['a', 'bc'])", R"(["a","bc"])"},
                    Returned{"uuid", "__import__('uuid').UUID(int=1)",
                             "\"00000000-0000-0000-0000-000000000001\""},
                    Returned{"enumeration", "__import__('enum').Enum('E', ['A']).A", "1"},
                    Returned{"dataclass", "__import__('dataclasses').make_dataclass('D', ['x'])(3)",
                             R"({"x":3})"}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(PythonBlocks, ValuesWithoutAWordInJsonStayWhatTheyAre) {
  Bench bench(shared_workers(),
              {.code = "import datetime\ndef run(self):\n"
                       "    return {'time': datetime.datetime(2026, 3, 1, 12, 30),\n"
                       "            'bytes': b'\\x00\\xff', 'array': np.arange(6, dtype='<f4')"
                       ".reshape(2, 3), 'big': np.ones(100000, np.uint8)}",
               .outputs = {"time", "bytes", "array", "big"}});
  const auto outputs = bench.run({});
  ASSERT_TRUE(outputs) << outputs.error().message;
  EXPECT_EQ((*outputs)[0].as<workflow::Timestamp>().iso, "2026-03-01T12:30:00");
  EXPECT_EQ((*outputs)[1].as<workflow::ByteString>().data, std::string("\0\xff", 2));
  const auto& array = (*outputs)[2].as<workflow::Array>();
  EXPECT_EQ(array.dtype, "<f4");
  EXPECT_EQ(array.shape, (std::vector<std::size_t>{2, 3}));
  EXPECT_EQ(array.data.size(), 24u);
  EXPECT_EQ((*outputs)[3].as<workflow::Array>().data, std::string(100000, '\1'));

  Bench next(shared_workers(),
             {.code = "def run(self, a, b, c):\n"
                      "    return {'result': [a.year, len(b), float(c.sum()), c.shape[1]]}",
              .inputs = {"a", "b", "c"}});
  EXPECT_EQ(json::write(next.result({(*outputs)[0], (*outputs)[1], (*outputs)[2]})),
            "[2026,2,15.0,3]");
}

TEST(PythonBlocks, ArgumentsArriveByNameAndAsTheyWere) {
  Bench bench(shared_workers(), {.code = "def run(self, b, a):\n"
                                         "    return {'result': [a, b, type(b).__name__]}",
                                 .inputs = {"a", "b"}});
  const Value nested = parse(R"({"x": [1, 2.5, null, {"y": true}], "z": "text"})");
  EXPECT_EQ(json::write(bench.result({nested, std::int64_t{1} << 40})),
            R"([{"x":[1,2.5,null,{"y":true}],"z":"text"},1099511627776,"int"])");
  const std::string large(300'000, 'x');
  EXPECT_EQ(bench.result({large, Value()}).list()[0].string(), large);
}

TEST(PythonBlocks, NamesInScopeAreThoseOfThePeer) {
  Bench bench(shared_workers(),
              {.code = "def run(self) -> BlockResult:\n"
                       "    names = [Any, List, Dict, Set, Optional, sv, np, math, time, json, os,"
                       " requests, cv2, shapely, Batch, WorkflowImageData, debug_traces]\n"
                       "    from inference.core.workflows.execution_engine.entities.base import"
                       " Batch as B, WorkflowImageData as W, ImageParentMetadata\n"
                       "    from inference.core.workflows.prototypes.block import BlockResult\n"
                       "    return {'result': [B is Batch, W is WorkflowImageData, sv.__version__,"
                       " np.__version__, sorted(self.get_workflow_context())]}"});
  EXPECT_EQ(json::write(bench.result({})),
            R"([true,true,"0.29.1","2.2.6",["block_type","step_name","step_selector",)"
            R"("workflow_execution_id"]])");
}

TEST(PythonBlocks, SelfLastsAsLongAsABatchAndGlobalsLonger) {
  Bench bench(shared_workers(), {.code = "def run(self, value):\n"
                                         "    self.sum = getattr(self, 'sum', 0) + value\n"
                                         "    globals['calls'] = globals.get('calls', 0) + 1\n"
                                         "    return {'result': [self.sum, globals['calls']]}",
                                 .inputs = {"value"}});
  const auto first = bench.run_batch({{1}, {2}, {3}});
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(json::write(*first), "[[1,1],[3,2],[6,3]]");
  EXPECT_EQ(json::write(bench.result({5})), "[5,4]");
}

TEST(PythonBlocks, InitRunsOnceAndItsResultIsThere) {
  Bench bench(shared_workers(),
              {.code = "TABLE = [3]\ndef run(self):\n    return {'result': self._init_results}",
               .init = "def init():\n    TABLE.append(4)\n    return {'t': TABLE}"});
  EXPECT_EQ(json::write(bench.result({})), R"({"t":[3,4]})");
  EXPECT_EQ(json::write(bench.result({})), R"({"t":[3,4]})");
}

TEST(PythonBlocks, ABatchArrivesWholeWhereTheBlockTakesBatches) {
  Bench bench(shared_workers(),
              {.code = "def run(self, value, scale):\n"
                       "    return [{'result': [type(value).__name__, list(i), v * scale]}"
                       " for i, v in value.iter_with_indices()]",
               .inputs = {"value", "scale"},
               .takes_batches = true});
  const auto results = bench.run_batch({{1, 10}, {2, 10}}, {true, false});
  ASSERT_TRUE(results) << results.error().message;
  EXPECT_EQ(json::write(*results), R"([["Batch",[0],10],["Batch",[1],20]])");
}

TEST(PythonBlocks, DeeperInputsAreBatchesAndSeveralResultsLists) {
  Bench fold(shared_workers(),
             {.code = "def run(self, value):\n"
                      "    return {'result': [type(value).__name__, list(value), value.indices]}",
              .inputs = {"value"},
              .output_depth = -1});
  const workflow::Elements elements{.values = {"a", "b"}, .indices = {{0, 0}, {0, 2}}};
  EXPECT_EQ(json::write(fold.result({Value::box(elements)})),
            R"(["Batch",["a","b"],[[0,0],[0,2]]])");

  Bench expand(shared_workers(),
               {.code = "def run(self, value):\n    return [{'result': c} for c in value]",
                .inputs = {"value"},
                .output_depth = 1});
  const auto several = expand.run_batch({{"ab"}, {""}});
  ASSERT_TRUE(several) << several.error().message;
  EXPECT_EQ(json::write(*several), R"([["a","b"],[]])");
}

TEST(PythonBlocks, DebuggingTellsWhatWasPrintedAndTraced) {
  Bench bench(shared_workers(), {.code = "import sys\ndef run(self):\n"
                                         "    print('out')\n"
                                         "    print('err', file=sys.stderr, end='')\n"
                                         "    debug_traces.append({'a': {1}})\n"
                                         "    debug_traces.append(2, add_timestamp=True)\n"
                                         "    return {'result': 1}"});
  workflow::DebugLog log;
  ASSERT_TRUE(bench.run({}, &log));
  EXPECT_EQ(json::write(log.streams()), R"({"custom":[{"stdout":"out\n","stderr":"err"}]})");
  const List traces = log.traces().list();
  ASSERT_EQ(traces.size(), 2u);
  EXPECT_EQ(json::write(traces[0]), R"({"step":"custom","value":"{'a': {1}}"})");
  EXPECT_EQ(traces[1].dict()["timestamp_timezone"].string(), "UTC");
}

TEST(PythonBlocks, SwitchedOffTheySayHowToSwitchThemOn) {
  Settings settings = real_settings();
  settings.enabled = false;
  PythonBlocks python(settings);
  Bench bench(python, {.code = "def run(self):\n    return {}"});
  ASSERT_FALSE(bench.is_made());
  EXPECT_EQ(bench.problem().type, "WorkflowEnvironmentConfigurationError");
  EXPECT_EQ(bench.problem().status, 500);
  EXPECT_NE(bench.problem().message.find("python.enabled"), std::string::npos);
  EXPECT_TRUE(python.processes().empty());
}

TEST(PythonBlocks, WithoutAnInterpreterTheyNameIt) {
  Settings settings = real_settings();
  settings.interpreter = "/nowhere/python";
  PythonBlocks python(settings);
  Bench bench(python, {.code = "def run(self):\n    return {}"});
  ASSERT_FALSE(bench.is_made());
  EXPECT_NE(bench.problem().message.find("/nowhere/python is not there"), std::string::npos);
}

}  // namespace
}  // namespace vedette::blocks::python
