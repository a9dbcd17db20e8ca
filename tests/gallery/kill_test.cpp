#include <gtest/gtest.h>

#include <fcntl.h>
#include <set>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gallery/database.hpp"
#include "pixel_models.hpp"

namespace vedette::gallery {
namespace {

namespace fs = std::filesystem;

constexpr const char* folder_variable = "VEDETTE_KILL_TEST_FOLDER";

/// The program that is killed: enrols and erases for ever, and says on its output what is done.
TEST(KillTest, DISABLED_Victim) {
  const char* const folder = std::getenv(folder_variable);  // NOLINT(concurrency-mt-unsafe)
  ASSERT_TRUE(folder);
  const auto gallery = open_gallery(folder, std::make_shared<PixelModels>()).value();
  const auto say = [](char deed, const std::string& id) {
    const std::string line = deed + id + "\n";
    ASSERT_EQ(::write(STDERR_FILENO, line.data(), line.size()), static_cast<ssize_t>(line.size()));
  };
  for (unsigned turn = 0;; ++turn) {
    const std::string id = gallery->add_person({.name = std::to_string(turn)}).value().id;
    ASSERT_TRUE(gallery->add_photo(id, picture(turn), false));
    say('+', id);
    if (turn % 3 == 2) {
      ASSERT_TRUE(gallery->erase_person(id));
      say('-', id);
    }
  }
}

/// Starts the victim, kills it after a while, and returns what it said.
std::string run_and_kill(const std::string& folder, std::chrono::milliseconds after) {
  int ends[2];
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, ends[1], STDERR_FILENO);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  std::string filter = "--gtest_filter=KillTest.DISABLED_Victim";
  std::string disabled = "--gtest_also_run_disabled_tests";
  std::string program = fs::read_symlink("/proc/self/exe");
  std::string variable = std::string(folder_variable) + "=" + folder;
  char* const arguments[] = {program.data(), filter.data(), disabled.data(), nullptr};
  char* const environment[] = {variable.data(), nullptr};
  pid_t victim = 0;
  EXPECT_EQ(::posix_spawn(&victim, program.c_str(), &files, nullptr, arguments, environment), 0);
  posix_spawn_file_actions_destroy(&files);
  ::close(ends[1]);
  std::this_thread::sleep_for(after);
  ::kill(victim, SIGKILL);
  std::string said;
  char part[4096];
  for (ssize_t size = 0; (size = ::read(ends[0], part, sizeof part)) > 0;) {
    said.append(part, static_cast<std::size_t>(size));
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(victim, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << said;
  return said;
}

TEST(KillTest, LosesNothingThatWasDoneAndKeepsNothingByHalves) {
  const Folder folder;
  std::set<std::string> enrolled;
  for (const int after : {700, 930, 1110, 1370}) {
    std::istringstream said(run_and_kill(folder.path(), std::chrono::milliseconds(after)));
    for (std::string line; std::getline(said, line) && line.size() == 27;) {
      const std::string id = line.substr(1);
      if (line[0] == '+') {
        enrolled.insert(id);
      } else {
        enrolled.erase(id);
      }
    }
  }
  ASSERT_GT(enrolled.size(), 4U);

  const auto gallery = open_gallery(folder.path(), std::make_shared<PixelModels>()).value();
  const PixelModels models;
  std::set<std::string> known;
  const auto people = gallery->people({.limit = 1'000'000}).value();
  for (const Person& person : people) {
    known.insert(person.id);
    if (!enrolled.contains(person.id)) continue;  // was being enrolled, or erased, at the end
    ASSERT_EQ(person.photos.size(), 1U);
    const auto expected = picture(static_cast<unsigned>(std::stoul(person.name)));
    EXPECT_EQ(gallery->photo_bytes(person.id, person.photos[0].id).value(), *expected);
  }
  std::size_t lost = 0;
  for (const std::string& id : enrolled) lost += known.contains(id) ? 0 : 1;
  EXPECT_LE(lost, 4U) << "an erasure that was done, but not yet said: one for each kill at most";

  const auto files = [&] {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder.path() + "/photos")) {
      count += entry.is_regular_file() ? 1 : 0;
    }
    return count;
  };
  EXPECT_TRUE(soon([&] { return files() == gallery->size().photos; })) << files();
}

}  // namespace
}  // namespace vedette::gallery
