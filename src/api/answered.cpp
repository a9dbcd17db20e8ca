#include "api/answered.hpp"

namespace vedette::api {

Answered::Begun Answered::begin(const std::string& key, const std::string& fingerprint) {
  const std::scoped_lock lock(mutex_);
  forget_old();
  const auto [place, is_new] = kept_.try_emplace(key, Kept{fingerprint, {}, Steady::now()});
  if (is_new) {
    order_.push_back(key);
    return {};
  }
  const Kept& kept = place->second;
  if (kept.fingerprint != fingerprint) return {State::differs, {}};
  if (!kept.answer) return {State::running, {}};
  return {State::answered, *kept.answer};
}

void Answered::finish(const std::string& key, const Answer& answer) {
  const std::scoped_lock lock(mutex_);
  const auto found = kept_.find(key);
  if (found == kept_.end()) return;
  constexpr int server_error = 500;
  if (answer.status >= server_error) {
    kept_.erase(found);
    std::erase(order_, key);
    return;
  }
  found->second.answer = answer;
  bytes_ += answer.body.size();
}

void Answered::forget_old() {
  const auto oldest = Steady::now() - limits_.age;
  while (!order_.empty()) {
    const auto first = kept_.find(order_.front());
    const bool keeps =
        kept_.size() < limits_.answers && bytes_ <= limits_.bytes && first->second.begun >= oldest;
    if (keeps) return;
    if (first->second.answer) bytes_ -= first->second.answer->body.size();
    kept_.erase(first);
    order_.pop_front();
  }
}

}  // namespace vedette::api
