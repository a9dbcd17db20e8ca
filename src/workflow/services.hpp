#pragma once
/// What blocks need from the house they run in (face models, the gallery, Python workers, the
/// live page), each under its own type. Filled at start, then only read.

#include <map>
#include <memory>

#include "base/value.hpp"

namespace vedette::workflow {

class Services {
 public:
  template <class T>
  void add(std::shared_ptr<T> service) {
    held_[&box_tag<T>] = std::move(service);
  }

  /// Null where this house has none: the block then says so in its prepare().
  template <class T>
  [[nodiscard]] std::shared_ptr<T> find() const {
    const auto found = held_.find(&box_tag<T>);
    return found == held_.end() ? nullptr : std::static_pointer_cast<T>(found->second);
  }

 private:
  std::map<const void*, std::shared_ptr<void>> held_;
};

}  // namespace vedette::workflow
