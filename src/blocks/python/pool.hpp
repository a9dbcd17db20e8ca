#pragma once
/// The workers, lent to one call at a time.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "blocks/python/process.hpp"
#include "blocks/python/settings.hpp"

namespace vedette::blocks::python {

/// Any thread. The parent is started, and workers are forked, when they are first needed.
class Pool {
 public:
  /// One worker while somebody has it; gives it back when it goes.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Worker> worker) : pool_(&pool), worker_(std::move(worker)) {}
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&& other) = delete;
    ~Lease();

    [[nodiscard]] Worker& worker() { return *worker_; }
    /// The call takes long: another worker may take this one's place meanwhile.
    void say_slow();
    /// The worker is not to be used again; says what became of it, as Worker::end().
    std::string end(std::chrono::milliseconds patience);

   private:
    Pool* pool_;
    std::unique_ptr<Worker> worker_;
    bool is_slow_ = false;
  };

  explicit Pool(Settings settings) : settings_(std::move(settings)) {}
  ~Pool();  ///< nobody has a lease any more

  /// The worker that was used last, so that what users keep in one is found again by the next of
  /// several calls; a new one where none is free and there may be more; waits where there may not.
  /// fails  timed_out: none was free in time; otherwise as Parent::start() and fork()
  [[nodiscard]] Result<Lease> acquire(Deadline deadline);

  [[nodiscard]] const Settings& settings() const { return settings_; }
  /// The parent and the workers that nobody has; for measurements.
  [[nodiscard]] std::vector<pid_t> processes() const;

 private:
  Result<std::unique_ptr<Worker>> make();
  Result<std::shared_ptr<Parent>> parent();
  void take_back(std::unique_ptr<Worker> worker, bool was_slow);

  const Settings settings_;

  std::mutex start_mutex_;  // held while the parent starts
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  std::shared_ptr<Parent> parent_;
  std::vector<std::unique_ptr<Worker>> idle_;  // the last was used last
  std::size_t alive_ = 0;                      // idle and lent
  std::size_t slow_ = 0;                       // of the lent
  int failures_ = 0;                           // to start or fork, one after another
  Deadline not_before_{};                      // for the next try
  std::string last_failure_;
};

}  // namespace vedette::blocks::python
