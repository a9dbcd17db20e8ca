#include "base/id.hpp"

#include <gtest/gtest.h>

#include <mutex>
#include <regex>
#include <set>
#include <thread>
#include <vector>

namespace vedette {
namespace {

TEST(Ulid, IsTwentySixCharactersThatSortByTime) {
  const std::string first = make_ulid();
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  const std::string second = make_ulid();
  EXPECT_TRUE(std::regex_match(first, std::regex("[0-7][0-9A-HJKMNP-TV-Z]{25}"))) << first;
  EXPECT_LT(first.substr(0, 10), second.substr(0, 10));
}

TEST(Ulid, NeverComesTwiceOnAnyThread) {
  std::mutex mutex;
  std::set<std::string> all;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 1000; ++j) {
        const std::string id = make_ulid();
        const std::lock_guard lock(mutex);
        all.insert(id.substr(10));  // the part that is chance
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(all.size(), 4000u);
}

TEST(Uuid, IsOfVersionFour) {
  const std::regex form("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  std::set<std::string> all;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = make_uuid();
    ASSERT_TRUE(std::regex_match(id, form)) << id;
    all.insert(id);
  }
  EXPECT_EQ(all.size(), 1000u);
}

TEST(Sha256, IsThatOfTheStandard) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace vedette
