#include "api/saved_workflows.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace vedette::api {
namespace {

namespace fs = std::filesystem;
using Condition = SavedWorkflows::Condition;

class SavedWorkflowsTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "files");
    std::ofstream(folder_ / "files/door.json") << R"({"file": 1})";
  }
  [[nodiscard]] SavedWorkflows open(SavedWorkflows::Limits limits = {}) const {
    return {(folder_ / "files").string(), (folder_ / "edited").string(), limits};
  }
  fs::path folder_;
};

TEST_F(SavedWorkflowsTest, AFileIsVersionNought) {
  const auto saved = open();
  const auto door = saved.get("door");
  ASSERT_TRUE(door) << door.error().what;
  EXPECT_EQ(*door->definition, R"({"file": 1})");
  EXPECT_FALSE(door->edited);
  EXPECT_EQ(door->version, 0);
}

TEST_F(SavedWorkflowsTest, AnEditedCopyWinsUntilItIsReverted) {
  auto saved = open();
  auto condition = Condition::met;
  const auto first = saved.put("door", R"({"a": 1})", "*", condition);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->version, 1);
  ASSERT_TRUE(saved.put("door", R"({"a": 2})", first->etag, condition));
  EXPECT_EQ(condition, Condition::met);
  EXPECT_EQ(*open().get("door")->definition, R"({"a": 2})") << "another process sees it too";
  EXPECT_EQ(*saved.get("door", 1)->definition, R"({"a": 1})");
  EXPECT_EQ(*saved.get("door", 0)->definition, R"({"file": 1})");
  EXPECT_EQ(saved.versions("door")->size(), 3u);

  ASSERT_TRUE(saved.revert("door"));
  EXPECT_EQ(*saved.get("door")->definition, R"({"file": 1})");
  EXPECT_FALSE(saved.revert("door"));
  ASSERT_TRUE(saved.put("door", "{}", "*", condition));
  EXPECT_EQ(saved.get("door")->version, 3) << "a number is never used again";
}

TEST_F(SavedWorkflowsTest, AskForTheStateThatWasRead) {
  auto saved = open();
  auto condition = Condition::met;
  const std::string old = saved.get("door")->etag;
  ASSERT_TRUE(saved.put("door", "{}", "", condition));
  EXPECT_EQ(condition, Condition::missing);
  ASSERT_TRUE(saved.put("door", "{}", old, condition));
  EXPECT_EQ(condition, Condition::met);
  ASSERT_TRUE(saved.put("door", "[]", old, condition));
  EXPECT_EQ(condition, Condition::changed);
  ASSERT_TRUE(saved.put("fresh", "{}", "", condition));
  EXPECT_EQ(condition, Condition::met);
  ASSERT_TRUE(saved.put("absent", "{}", old, condition));
  EXPECT_EQ(condition, Condition::changed);
}

TEST_F(SavedWorkflowsTest, SeesAFileThatChanged) {
  const auto saved = open();
  const std::string before = saved.get("door")->etag;
  std::ofstream(folder_ / "files/door.json") << R"({"file": "other"})";
  EXPECT_NE(saved.get("door")->etag, before);
}

TEST_F(SavedWorkflowsTest, KnowsOnlySafeNames) {
  auto saved = open();
  auto condition = Condition::met;
  for (const char* name : {"", "..", "a/b", "../files/door", "a.b", "a b", "ä"}) {
    EXPECT_EQ(saved.get(name).error().code, Errc::not_found) << name;
    EXPECT_EQ(saved.put(name, "{}", "", condition).error().code, Errc::bad_input) << name;
  }
  EXPECT_FALSE(SavedWorkflows::is_name(std::string(65, 'a')));
}

TEST_F(SavedWorkflowsTest, ForgetTheOldestVersions) {
  auto saved = open({.versions = 2});
  auto condition = Condition::met;
  ASSERT_TRUE(saved.put("v", "[1]", "", condition));
  for (const char* text : {"[2]", "[3]"}) ASSERT_TRUE(saved.put("v", text, "*", condition));
  EXPECT_FALSE(saved.get("v", 1));
  EXPECT_EQ(*saved.get("v", 2)->definition, "[2]");
  EXPECT_EQ(*saved.get("v")->definition, "[3]");
}

TEST_F(SavedWorkflowsTest, ListByName) {
  auto saved = open();
  auto condition = Condition::met;
  ASSERT_TRUE(saved.put("arrivals", "{}", "", condition));
  const auto all = saved.list();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name, "arrivals");
  EXPECT_TRUE(all[0].edited);
  EXPECT_EQ(all[1].name, "door");
}

}  // namespace
}  // namespace vedette::api
