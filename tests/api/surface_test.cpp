#include "api/surface.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <latch>

#include "base/json.hpp"

namespace vedette::api {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view echo =
    R"({"version": "1.0", "inputs": [{"type": "WorkflowParameter", "name": "x"}], "steps": [],)"
    R"( "outputs": [{"type": "JsonField", "name": "y", "selector": "$inputs.x"}]})";

/// A surface over a house without models: what needs none is served.
class SurfaceTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "workflows");
    std::ofstream(folder_ / "workflows/echo.json") << echo;
    house_->version = "1";
    house_->compute = std::make_unique<ComputePool>(1, 2);
    house_->waits = std::make_unique<ComputePool>(1, 1);
    house_->saved = std::make_unique<SavedWorkflows>((folder_ / "workflows").string(),
                                                     (folder_ / "edited").string());
    house_->keys = std::make_unique<Keys>((folder_ / "secrets/keys.json").string());
    house_->plans = std::make_unique<workflow::PlanCache>(house_->services, workflow::PlanLimits{});
    house_->ready = true;
    surface_ =
        std::make_unique<Surface>(*house_, GuardSettings{.origins = {"http://listed.example"}});
  }

  Answer ask(std::string method, std::string target, std::string body = {},
             std::vector<Header> headers = {}) {
    Call call;
    call.method = std::move(method);
    call.target = std::move(target);
    call.headers = std::move(headers);
    if (call.header("host").empty()) call.headers.push_back({"host", "127.0.0.1:6699"});
    if (!body.empty() && call.header("content-type").empty()) {
      call.headers.push_back({"content-type", "application/json"});
    }
    call.body = std::make_shared<const std::string>(std::move(body));
    std::promise<Answer> promise;
    surface_->handle(std::move(call), [&](Answer answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  }
  static std::string run_body() {
    return R"({"specification": )" + std::string(echo) + R"(, "inputs": {"x": [1, "é"]}})";
  }
  static std::string_view header(const Answer& answer, std::string_view name) {
    for (const Header& one : answer.headers) {
      if (one.name == name) return one.value;
    }
    return {};
  }

  fs::path folder_;
  std::unique_ptr<Surface> surface_;
  std::unique_ptr<House> house_ = std::make_unique<House>();
};

TEST_F(SurfaceTest, RunsWhatIsSentAlong) {
  const Answer answer = ask("POST", "/workflows/run", run_body());
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"outputs":[{"y":[1,"é"]}],"profiler_trace":[]})");
  EXPECT_EQ(house_->runs.list("", "", 9).runs.size(), 1u);
}

TEST_F(SurfaceTest, RunsWhatIsSaved) {
  for (const char* path : {"/local/workflows/echo", "/infer/workflows/any/echo"}) {
    EXPECT_EQ(ask("POST", path, R"({"inputs": {"x": 1}})").status, 200) << path;
  }
  EXPECT_EQ(ask("POST", "/local/workflows/absent", R"({"inputs": {}})").status, 404);
  EXPECT_EQ(
      ask("POST", "/local/workflows/echo", R"({"inputs": {}, "workflow_version_id": "7"})").status,
      404);
}

struct Case {
  std::string name;
  std::string method, target;
  int status;
  std::string body = {};
  std::vector<Header> headers = {};
};

class SurfaceAnswers : public SurfaceTest, public testing::WithParamInterface<Case> {};

TEST_P(SurfaceAnswers, WithThisStatus) {
  const Case& one = GetParam();
  EXPECT_EQ(ask(one.method, one.target, one.body, one.headers).status, one.status);
}

INSTANTIATE_TEST_SUITE_P(
    Requests, SurfaceAnswers,
    testing::Values(
        Case{"Health", "GET", "/healthz", 200}, Case{"Page", "GET", "/", 200},
        Case{"Nothing", "GET", "/nothing", 404}, Case{"Later", "GET", "/api/v1/devices", 404},
        Case{"WrongMethod", "GET", "/workflows/run", 405},
        Case{"NoBody", "POST", "/workflows/run", 422},
        Case{"NoJson", "POST", "/workflows/run", 422, "{"},
        Case{"NoObject", "POST", "/workflows/run", 422, "[]"},
        Case{"Twice", "POST", "/workflows/run", 400, R"({"inputs": {}, "inputs": {}})"},
        Case{"FormPost",
             "POST",
             "/workflows/run",
             415,
             "a=b",
             {{"content-type", "application/x-www-form-urlencoded"}}},
        Case{"TextPost", "POST", "/workflows/run", 415, "{}", {{"content-type", "text/plain"}}},
        Case{"ForeignHost", "GET", "/healthz", 403, "", {{"host", "evil.example"}}},
        Case{"ForeignOrigin", "GET", "/healthz", 403, "", {{"origin", "http://evil.example"}}},
        Case{"NullOrigin", "POST", "/workflows/run", 403, "{}", {{"origin", "null"}}},
        Case{"ListedOrigin", "GET", "/healthz", 200, "", {{"origin", "http://listed.example"}}},
        Case{"Preflight",
             "OPTIONS",
             "/workflows/run",
             204,
             "",
             {{"origin", "http://listed.example"}}},
        Case{"ForeignPreflight",
             "OPTIONS",
             "/workflows/run",
             403,
             "",
             {{"origin", "http://evil.example"}}},
        Case{"BadLimit", "GET", "/api/v1/runs?limit=0", 400},
        Case{"BadWorkflowName", "PUT", "/api/v1/workflows/a.b", 400, "{}"}),
    [](const auto& test) { return test.param.name; });

TEST_F(SurfaceTest, NamesAListedOriginAndNobodyElse) {
  const Answer listed = ask("GET", "/healthz", "", {{"origin", "http://listed.example"}});
  EXPECT_EQ(header(listed, "Access-Control-Allow-Origin"), "http://listed.example");
  EXPECT_EQ(header(ask("GET", "/healthz"), "Access-Control-Allow-Origin"), "");
}

TEST_F(SurfaceTest, AsksForAKeyWhereOneIsNeeded) {
  house_->needs_key = true;
  const std::string key = house_->keys->create("test").value();
  EXPECT_EQ(ask("GET", "/info").status, 401);
  EXPECT_EQ(ask("GET", "/healthz").status, 200);
  EXPECT_EQ(ask("GET", "/info?api_key=" + key).status, 200);
  EXPECT_EQ(ask("GET", "/info", "", {{"authorization", "bearer " + key}}).status, 200);
  EXPECT_EQ(ask("POST", "/workflows/run", run_body()).status, 401);
  std::string with_key = run_body();
  with_key.insert(1, R"("api_key": ")" + key + R"(", )");
  EXPECT_EQ(ask("POST", "/workflows/run", with_key).status, 200);
}

TEST_F(SurfaceTest, SaysWhenItIsNotReady) {
  house_->ready = false;
  const Answer early = ask("POST", "/workflows/run", run_body());
  EXPECT_EQ(early.status, 503);
  EXPECT_EQ(header(early, "Retry-After"), "1");
  EXPECT_EQ(ask("GET", "/readyz").status, 503);
  EXPECT_EQ(ask("GET", "/healthz").status, 200);
}

TEST_F(SurfaceTest, RefusesWhenTooManyWait) {
  std::latch begun(1);
  std::latch go_on(1);
  ASSERT_TRUE(house_->compute->try_submit([&] {
    begun.count_down();
    go_on.wait();
  }));
  begun.wait();
  while (house_->compute->try_submit([] {})) {
  }
  const Answer answer = ask("POST", "/workflows/run", run_body());
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(header(answer, "Retry-After"), "1");
  const std::string with_code =
      R"({"specification": {"dynamic_blocks_definitions": []}, "inputs": {}})";
  EXPECT_EQ(ask("POST", "/workflows/run", with_code).status, 400)
      << "what may wait for user code has threads of its own";
  go_on.count_down();
}

TEST_F(SurfaceTest, GivesAnInterface) {
  const Answer answer = ask("POST", "/workflows/describe_interface",
                            R"({"specification": {"version": "1.0", "inputs": [], "steps": [],)"
                            R"( "outputs": []}, "api_key": "any"})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(ask("POST", "/workflows/validate", std::string(echo)).body, R"({"status":"ok"})");
}

}  // namespace
}  // namespace vedette::api
