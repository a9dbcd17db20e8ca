#include "blocks/python/pool.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace vedette::blocks::python {
namespace {

using std::chrono::milliseconds, std::chrono::steady_clock;

constexpr milliseconds first_pause{100};  // after a failure to start; doubled with each further
constexpr int most_doublings = 6;
constexpr std::size_t most_loaded = 256;  // blocks; a worker that knows more makes room

}  // namespace

Pool::Lease::~Lease() {
  if (worker_) pool_->take_back(std::move(worker_), is_slow_);
}

void Pool::Lease::say_slow() {
  if (std::exchange(is_slow_, true)) return;
  const std::lock_guard lock(pool_->mutex_);
  ++pool_->slow_;
  pool_->freed_.notify_one();
}

std::string Pool::Lease::end(milliseconds patience) {
  worker_->is_over = true;
  return worker_->end(patience);
}

Pool::~Pool() {
  idle_.clear();
  parent_.reset();
}

Result<Pool::Lease> Pool::acquire(Deadline deadline) {
  std::unique_lock lock(mutex_);
  const auto most = [this] { return settings_.workers + std::min(slow_, settings_.spares); };
  const auto ready = [&] { return !idle_.empty() || alive_ < most(); };
  if (!freed_.wait_until(lock, deadline, ready)) {
    return fail(Errc::timed_out, fmt::format("none of {} Python workers was free in time", alive_));
  }
  if (!idle_.empty()) {
    auto worker = std::move(idle_.back());
    idle_.pop_back();
    return Lease(*this, std::move(worker));
  }
  if (steady_clock::now() < not_before_) return fail(Errc::io, last_failure_);
  ++alive_;
  lock.unlock();
  auto made = make();
  lock.lock();
  if (made) {
    failures_ = 0;
    return Lease(*this, *std::move(made));
  }
  --alive_;
  freed_.notify_one();
  last_failure_ = made.error().what;
  not_before_ = steady_clock::now() + first_pause * (1 << std::min(failures_++, most_doublings));
  return fail(std::move(made).error());
}

Result<std::unique_ptr<Worker>> Pool::make() {
  auto from = parent();
  if (!from) return fail(std::move(from).error());
  auto worker = (*from)->fork();
  if (worker || worker.error().code != Errc::peer_gone) return worker;
  {  // somebody ended it: once more, with another
    const std::lock_guard lock(mutex_);
    if (parent_ == *from) parent_.reset();
  }
  from = parent();
  if (!from) return fail(std::move(from).error());
  return (*from)->fork();
}

Result<std::shared_ptr<Parent>> Pool::parent() {
  const std::lock_guard starting(start_mutex_);
  {
    const std::lock_guard lock(mutex_);
    if (parent_) return parent_;
  }
  auto started = Parent::start(settings_);
  if (!started) return started;
  const std::lock_guard lock(mutex_);
  parent_ = *started;
  return started;
}

void Pool::take_back(std::unique_ptr<Worker> worker, bool was_slow) {
  {
    const std::lock_guard lock(mutex_);
    if (was_slow) --slow_;
    const bool surplus = alive_ > settings_.workers + std::min(slow_, settings_.spares);
    if (!worker->is_over && !surplus && worker->loaded.size() <= most_loaded) {
      idle_.push_back(std::move(worker));
    } else {
      --alive_;
    }
  }
  freed_.notify_one();
  worker.reset();  // where it is not kept; takes a moment, so nobody waits for it
}

std::vector<pid_t> Pool::processes() const {
  const std::lock_guard lock(mutex_);
  std::vector<pid_t> processes;
  if (parent_) processes.push_back(parent_->process());
  for (const auto& worker : idle_) processes.push_back(worker->process());
  return processes;
}

}  // namespace vedette::blocks::python
