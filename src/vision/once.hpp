#pragma once
/// A value that is made when it is first asked for, once, whatever thread asks.

#include <atomic>
#include <mutex>
#include <utility>

#include "base/result.hpp"

namespace vedette::vision {

/// Threads that ask while it is being made wait for it. What failed once stays failed.
template <class T>
class Once {
 public:
  /// `make` returns a Result<T> and must not throw.
  template <class Make>
  const Result<T>& get(Make&& make) const {
    std::call_once(flag_, [&] {
      value_ = std::forward<Make>(make)();
      is_made_.store(true, std::memory_order_release);
    });
    return value_;
  }

  void set(T value) {
    get([&]() -> Result<T> { return std::move(value); });
  }

  [[nodiscard]] bool is_made() const { return is_made_.load(std::memory_order_acquire); }

 private:
  mutable std::once_flag flag_;
  mutable std::atomic<bool> is_made_{false};
  mutable Result<T> value_;
};

}  // namespace vedette::vision
