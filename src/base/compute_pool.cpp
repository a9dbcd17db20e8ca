#include "base/compute_pool.hpp"

#include <algorithm>
#include <atomic>

namespace vedette {
namespace {

/// One call of run_all(), shared with the threads that help it.
struct Shared {
  explicit Shared(std::span<const std::function<void()>> all) : tasks(all), left(all.size()) {}

  /// Takes tasks until none is unclaimed. `tasks` is read only for a claim that succeeded, so a
  /// helper that comes late never touches the caller's memory after it returned.
  void take_part() {
    for (;;) {
      const std::size_t claimed = next.fetch_add(1);
      if (claimed >= count) return;
      tasks[claimed]();
      if (left.fetch_sub(1) == 1) left.notify_all();
    }
  }

  std::span<const std::function<void()>> tasks;
  const std::size_t count = tasks.size();
  std::atomic<std::size_t> next = 0;
  std::atomic<std::size_t> left;
};

/// The pool that this thread belongs to.
thread_local ComputePool* own_pool = nullptr;

}  // namespace

ComputePool::StepAside::StepAside() : pool_(own_pool) {
  if (pool_ == nullptr) return;
  {
    const std::lock_guard lock(pool_->mutex_);
    ++pool_->aside_;
    const std::size_t idle = pool_->threads_.size() - pool_->busy_;
    if (idle == 0 && !pool_->stopping_ && pool_->threads_.size() < pool_->wanted_ + most_spares) {
      pool_->threads_.emplace_back([pool = pool_] { pool->serve(); });
    }
  }
  pool_->wake_.notify_one();
}

ComputePool::StepAside::~StepAside() {
  if (pool_ == nullptr) return;
  const std::lock_guard lock(pool_->mutex_);
  --pool_->aside_;
}

ComputePool::ComputePool(std::size_t threads, std::size_t queue) : wanted_(threads), most_(queue) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
}

ComputePool::~ComputePool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool ComputePool::try_submit(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= most_) return false;
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
  return true;
}

void ComputePool::run_all(std::span<const std::function<void()>> tasks) {
  if (tasks.empty()) return;
  const auto shared = std::make_shared<Shared>(tasks);
  {
    const std::lock_guard lock(mutex_);
    const std::size_t shares = std::min(tasks.size() - 1, wanted_);
    for (std::size_t i = 0; i < shares; ++i) {
      urgent_.emplace_back([shared] { shared->take_part(); });
    }
  }
  wake_.notify_all();
  shared->take_part();
  for (std::size_t left = shared->left.load(); left != 0; left = shared->left.load()) {
    shared->left.wait(left);
  }
}

std::size_t ComputePool::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void ComputePool::serve() {
  own_pool = this;
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] {
      const bool has_work = !queue_.empty() || !urgent_.empty();
      return stopping_ || (has_work && busy_ - aside_ < wanted_);
    });
    auto& from = urgent_.empty() ? queue_ : urgent_;
    if (from.empty()) return;  // stopping, and all that was accepted has run
    Work work = std::move(from.front());
    from.pop_front();
    ++busy_;
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
    --busy_;
  }
}

}  // namespace vedette
