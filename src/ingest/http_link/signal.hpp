#pragma once
/// How any thread wakes a coroutine on an I/O thread.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <mutex>
#include <utility>

namespace vedette::ingest {

using Executor = boost::asio::io_context::executor_type;
template <class T = void>
using Task = boost::asio::awaitable<T, Executor>;

/// One coroutine waits, on `executor`; anybody notifies, before or after. The executor is used
/// only while somebody waits, so a Signal may outlive it.
class Signal {
 public:
  explicit Signal(Executor executor) : executor_(std::move(executor)) {}

  void notify() {
    const std::lock_guard lock(mutex_);
    if (waiter_) {
      boost::asio::post(executor_, std::exchange(waiter_, nullptr));
    } else {
      notified_ = true;
    }
  }

  /// Returns at once where notify() was called since the last return.
  Task<> wait() {
    using Token = boost::asio::use_awaitable_t<Executor>;
    return boost::asio::async_initiate<const Token, void()>(
        [this](auto resume) {
          const std::lock_guard lock(mutex_);
          if (std::exchange(notified_, false)) {
            boost::asio::post(executor_, std::move(resume));
          } else {
            waiter_ = std::move(resume);
          }
        },
        Token());
  }

 private:
  Executor executor_;
  std::mutex mutex_;
  bool notified_ = false;
  std::move_only_function<void()> waiter_;
};

}  // namespace vedette::ingest
