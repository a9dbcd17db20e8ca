#pragma once
/// The threads that compute. I/O threads hand work in and go on; nothing here waits for the
/// network or the disk.

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace vedette {

class ComputePool {
 public:
  using Work = std::move_only_function<void()>;

  /// threads  1 or more
  /// queue    how many pieces of work may wait; over it try_submit() refuses
  ComputePool(std::size_t threads, std::size_t queue);
  ~ComputePool();  ///< runs what was accepted, then joins
  ComputePool(const ComputePool&) = delete;
  ComputePool& operator=(const ComputePool&) = delete;

  /// While it lives, this thread waits for somebody else (another process, the network), and a
  /// spare one works in its place. On a thread of no pool it does nothing.
  class StepAside {
   public:
    StepAside();
    ~StepAside();
    StepAside(const StepAside&) = delete;
    StepAside& operator=(const StepAside&) = delete;

   private:
    ComputePool* pool_;
  };
  static constexpr std::size_t most_spares = 64;  ///< threads

  /// Any thread. False, and nothing taken, where the queue is full.
  [[nodiscard]] bool try_submit(Work work);

  /// Runs all of `tasks`, on this thread and on idle threads of the pool; returns when each has
  /// ended. May be called from work that runs in the pool: the caller takes part, so that it
  /// never waits for a thread that is not to be had. Tasks must not throw.
  void run_all(std::span<const std::function<void()>> tasks);

  [[nodiscard]] std::size_t threads() const { return wanted_; }
  [[nodiscard]] std::size_t waiting() const;

 private:
  void serve();

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Work> queue_;    // requests, in order
  std::deque<Work> urgent_;   // shares of requests that have begun: they go first
  const std::size_t wanted_;  // threads that work at a time
  const std::size_t most_;
  std::size_t busy_ = 0;   // threads that have work
  std::size_t aside_ = 0;  // of which, those that wait for somebody else
  bool stopping_ = false;
  std::vector<std::thread> threads_;  // with spares
};

}  // namespace vedette
