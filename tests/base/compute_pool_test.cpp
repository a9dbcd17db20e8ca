#include "base/compute_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

namespace vedette {
namespace {

TEST(ComputePool, RunsAllThatItAcceptedBeforeItEnds) {
  std::atomic<int> ran = 0;
  {
    ComputePool pool(2, 100);
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(pool.try_submit([&ran] { ++ran; }));
  }
  EXPECT_EQ(ran, 100);
}

TEST(ComputePool, RefusesWhenItsQueueIsFull) {
  std::latch begun(1);
  std::latch go(1);
  std::atomic<int> ran = 0;
  {
    ComputePool pool(1, 2);
    ASSERT_TRUE(pool.try_submit([&] { begun.count_down(), go.wait(); }));
    begun.wait();
    EXPECT_TRUE(pool.try_submit([&ran] { ++ran; }));
    EXPECT_TRUE(pool.try_submit([&ran] { ++ran; }));
    EXPECT_FALSE(pool.try_submit([&ran] { ++ran; }));
    EXPECT_EQ(pool.waiting(), 2u);
    go.count_down();
  }
  EXPECT_EQ(ran, 2);
}

TEST(ComputePoolRunAll, RunsEachTaskOnce) {
  ComputePool pool(3, 10);
  for (std::size_t count = 0; count < 50; ++count) {
    std::vector<std::atomic<int>> ran(count);
    std::vector<std::function<void()>> tasks;
    for (auto& times : ran) tasks.emplace_back([&times] { ++times; });
    pool.run_all(tasks);
    for (const auto& times : ran) EXPECT_EQ(times, 1);
  }
}

TEST(ComputePoolRunAll, DoesNotLockUpWhenEveryThreadCallsIt) {
  std::atomic<int> ran = 0;
  {
    ComputePool pool(2, 100);
    for (int i = 0; i < 20; ++i) {
      const bool taken = pool.try_submit([&] {
        const std::vector<std::function<void()>> inner(5, [&ran] { ++ran; });
        const std::vector<std::function<void()>> outer(3, [&] { pool.run_all(inner); });
        pool.run_all(outer);
      });
      ASSERT_TRUE(taken);
    }
  }
  EXPECT_EQ(ran, 20 * 3 * 5);
}

TEST(ComputePoolRunAll, TakesSeveralThreads) {
  ComputePool pool(3, 10);
  std::latch all(4);  // passed only where the four tasks run at the same time
  const std::vector<std::function<void()>> tasks(4, [&all] { all.arrive_and_wait(); });
  pool.run_all(tasks);
}

TEST(ComputePoolStepAside, LetsAnotherThreadWorkMeanwhile) {
  ComputePool pool(1, 10);
  std::latch other(1);
  std::latch both(2);
  ASSERT_TRUE(pool.try_submit([&] {
    const ComputePool::StepAside aside;
    other.wait();
    both.count_down();
  }));
  ASSERT_TRUE(pool.try_submit([&] { other.count_down(), both.count_down(); }));
  both.wait();
}

}  // namespace
}  // namespace vedette
