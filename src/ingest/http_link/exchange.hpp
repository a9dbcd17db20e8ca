#pragma once
/// Where a reply, on any thread, and the connection that waits for it meet.

#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "ingest/http_link/http_link.hpp"
#include "ingest/http_link/signal.hpp"

namespace vedette::ingest {

class WebSocketSession;

/// The peer's wish for a WebSocket was granted.
struct Upgrade {
  std::shared_ptr<WebSocketSession> session;
  std::vector<HttpHeader> extra;
};

/// The connection ends before there is an answer.
struct Abandoned {};

using Outcome = std::variant<HttpResponse, Upgrade, Abandoned>;

class HttpExchange {
 public:
  explicit HttpExchange(Executor executor) : executor_(executor), answered_(executor) {}

  /// Any thread. The first answer counts.
  void answer(Outcome outcome) {
    {
      const std::lock_guard lock(mutex_);
      if (outcome_) return;
      outcome_ = std::move(outcome);
    }
    answered_.notify();
  }

  /// On the connection's thread, once.
  Task<Outcome> outcome() {
    if (!is_answered()) co_await answered_.wait();
    co_return *std::move(outcome_);  // nobody touches it any more
  }

  [[nodiscard]] bool is_answered() const {
    const std::lock_guard lock(mutex_);
    return outcome_.has_value();
  }
  [[nodiscard]] const Executor& executor() const { return executor_; }

 private:
  Executor executor_;
  mutable std::mutex mutex_;
  std::optional<Outcome> outcome_;
  Signal answered_;
};

}  // namespace vedette::ingest
