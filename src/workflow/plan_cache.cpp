#include <condition_variable>
#include <list>
#include <optional>
#include <unordered_map>

#include "workflow/engine.hpp"

namespace vedette::workflow {
namespace {

/// One text's plan, or why there is none; empty until whoever came first has compiled it.
struct Slot {
  std::shared_ptr<const std::string> text;
  std::optional<Outcome<PlanPtr>> plan;
};
using Slots = std::list<std::shared_ptr<Slot>>;  // the latest used first

}  // namespace

struct PlanCache::State {
  const Services& services;
  PlanLimits limits;
  std::size_t most;

  std::mutex mutex;
  std::condition_variable compiled;
  Slots slots;
  std::unordered_map<std::string_view, Slots::iterator> by_text;  // views of Slot::text
};

PlanCache::PlanCache(const Services& services, PlanLimits limits, std::size_t most_plans)
    : state_(new State{.services = services,
                       .limits = limits,
                       .most = most_plans,
                       .mutex = {},
                       .compiled = {},
                       .slots = {},
                       .by_text = {}}) {}

PlanCache::~PlanCache() = default;

Outcome<PlanPtr> PlanCache::get(std::string_view definition) {
  State& state = *state_;
  std::unique_lock lock(state.mutex);
  if (const auto found = state.by_text.find(definition); found != state.by_text.end()) {
    state.slots.splice(state.slots.begin(), state.slots, found->second);
    const std::shared_ptr<Slot> slot = *found->second;
    const ComputePool::StepAside waiting;
    state.compiled.wait(lock, [&slot] { return slot->plan.has_value(); });
    return *slot->plan;
  }
  const auto slot = std::make_shared<Slot>();
  slot->text = std::make_shared<const std::string>(definition);
  state.slots.push_front(slot);
  state.by_text.emplace(*slot->text, state.slots.begin());
  while (state.slots.size() > state.most) {
    state.by_text.erase(*state.slots.back()->text);
    state.slots.pop_back();
  }
  lock.unlock();
  auto plan = compile(slot->text, state.services, state.limits);
  lock.lock();
  slot->plan = plan;
  // A mistake may be mended from outside (a key, a file): it is not remembered.
  const auto mine = state.by_text.find(*slot->text);
  if (!plan && mine != state.by_text.end() && *mine->second == slot) {
    state.slots.erase(mine->second);
    state.by_text.erase(mine);
  }
  lock.unlock();
  state.compiled.notify_all();
  return plan;
}

}  // namespace vedette::workflow
