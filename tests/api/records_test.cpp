/// Keys, answers kept for retries, runs and live pictures.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <opencv2/core/mat.hpp>
#include <sstream>
#include <sys/stat.h>

#include "api/answered.hpp"
#include "api/keys.hpp"
#include "api/live_board.hpp"
#include "api/run_log.hpp"
#include "base/id.hpp"

namespace vedette::api {
namespace {

namespace fs = std::filesystem;

TEST(Keys, AreKeptAsHashesOnly) {
  const fs::path file = fs::path(testing::TempDir()) / "keys_kept/keys.json";
  fs::remove_all(file.parent_path());
  Keys keys(file.string());
  const auto key = keys.create("door");
  ASSERT_TRUE(key) << key.error().what;
  EXPECT_TRUE(keys.accepts(*key));
  EXPECT_FALSE(keys.accepts(*key + "x"));
  EXPECT_FALSE(keys.accepts(""));
  EXPECT_TRUE(Keys(file.string()).accepts(*key)) << "another process knows it too";
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  EXPECT_EQ(text.str().find(*key), std::string::npos);
  struct stat status{};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST(KeepSecret, MakesItOnceAndPrivate) {
  const fs::path file = fs::path(testing::TempDir()) / "secret_kept/jwt";
  fs::remove_all(file.parent_path());
  const auto first = keep_secret(file.string());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->size(), 40u);
  EXPECT_EQ(keep_secret(file.string()), first);
  struct stat status{};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST(Answered, SaysTheSameAgain) {
  Answered answered;
  EXPECT_EQ(answered.begin("k", "a").state, Answered::State::fresh);
  EXPECT_EQ(answered.begin("k", "a").state, Answered::State::running);
  EXPECT_EQ(answered.begin("k", "b").state, Answered::State::differs);
  answered.finish("k", {.status = 201, .body = "made"});
  const auto again = answered.begin("k", "a");
  EXPECT_EQ(again.state, Answered::State::answered);
  EXPECT_EQ(again.answer.body, "made");
}

TEST(Answered, ForgetsFailuresAndTheOldest) {
  Answered answered({.answers = 2});
  (void)answered.begin("broken", "");
  answered.finish("broken", {.status = 500});
  EXPECT_EQ(answered.begin("broken", "").state, Answered::State::fresh);
  for (const char* key : {"b", "c", "d"}) {
    (void)answered.begin(key, "");
    answered.finish(key, {});
  }
  EXPECT_EQ(answered.begin("b", "").state, Answered::State::fresh);
}

RunRecord run_of(const std::string& workflow) {
  return {.id = make_ulid(), .workflow = workflow, .started = Clock::now()};
}

TEST(RunLog, KeepsTheNewestAndPages) {
  RunLog log(3);
  std::vector<std::string> told;
  log.on_add = [&](const RunPtr& run) { told.push_back(run->workflow); };
  for (const char* name : {"a", "b", "c", "a"}) log.add(run_of(name));
  EXPECT_EQ(told, (std::vector<std::string>{"a", "b", "c", "a"}));

  const auto all = log.list("", "", 10);
  ASSERT_EQ(all.runs.size(), 3u);
  EXPECT_EQ(all.runs[0]->workflow, "a");
  EXPECT_FALSE(all.more);
  const auto first = log.list("", "", 2);
  EXPECT_TRUE(first.more);
  const auto rest = log.list("", first.runs.back()->id, 2);
  ASSERT_EQ(rest.runs.size(), 1u);
  EXPECT_EQ(rest.runs[0]->workflow, "b");
  EXPECT_EQ(log.list("c", "", 10).runs.size(), 1u);
}

TEST(LivePictures, ShowTheNewestOfEachPlace) {
  LivePictures live(2);
  const vision::Frame frame{.image = vision::Image::from_pixels(cv::Mat(2, 3, CV_8UC3)),
                            .parent = nullptr,
                            .root = nullptr,
                            .video = nullptr};
  live.show("door", "view", frame);
  live.show("gate", "view", frame);
  live.show("door", "view", frame);
  ASSERT_EQ(live.list().size(), 2u);
  EXPECT_EQ(live.list()[0].workflow, "door");
  EXPECT_EQ(live.list()[0].version, 3);
  const std::string id = live.list()[1].id;
  const auto gate = live.find(id);
  EXPECT_EQ(gate ? gate->workflow : "", "gate");
  live.show("yard", "view", frame);
  EXPECT_FALSE(live.find(id)) << "the one that was silent the longest goes";
}

}  // namespace
}  // namespace vedette::api
