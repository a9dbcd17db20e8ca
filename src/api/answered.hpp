#pragma once
/// Answers that were given already, for clients that ask again because the first got lost.

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "api/call.hpp"

namespace vedette::api {

/// By Idempotency-Key; in memory, for 24 hours, as long as the process lives. Any thread.
class Answered {
 public:
  struct Limits {
    std::size_t answers = 10'000;
    std::size_t bytes = 64u << 20;  ///< of all bodies together; the oldest go first
    std::chrono::hours age{24};
  };
  Answered() : Answered(Limits{}) {}
  explicit Answered(Limits limits) : limits_(limits) {}

  enum class State : std::uint8_t {
    fresh,     ///< begun now: the caller runs it and calls finish()
    running,   ///< the first one has not ended yet
    differs,   ///< the key was used for another body
    answered,  ///< `answer` is what was said
  };
  struct Begun {
    State state = State::fresh;
    Answer answer;
  };
  [[nodiscard]] Begun begin(const std::string& key, const std::string& fingerprint);
  /// An answer of 500 or more is forgotten, so that the client can try again.
  void finish(const std::string& key, const Answer& answer);

 private:
  using Steady = std::chrono::steady_clock;
  struct Kept {
    std::string fingerprint;
    std::optional<Answer> answer;
    Steady::time_point begun;
  };
  void forget_old();

  const Limits limits_;
  std::mutex mutex_;
  std::map<std::string, Kept> kept_;
  std::deque<std::string> order_;
  std::size_t bytes_ = 0;
};

}  // namespace vedette::api
