#pragma once
/// Every kind of block that this program was built with. Filled before main(), then only read.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "workflow/block.hpp"

namespace vedette::workflow {

using Maker = std::function<std::unique_ptr<Block>()>;

struct Entry {
  Maker make;
  std::shared_ptr<const Block> model;  ///< never run; its contract is the block's
};

/// By type or alias. `core/x@v1` is `roboflow_core/x@v1`; nullptr where there is none.
[[nodiscard]] const Entry* find_block(std::string_view type);

/// Each block once, in the order of the alphabet.
[[nodiscard]] const std::vector<const Entry*>& all_blocks();

/// The name that was probably meant; empty where none is near.
[[nodiscard]] std::string nearest_block(std::string_view type);

/// Adds to the catalogue; ends the program at start where `type` is taken already.
void enter_in_catalogue(Maker make);

/// Stands once, at the end of a block's file: `const Registered<LabelVisualization> registered;`
template <std::derived_from<Block> B>
struct Registered {
  Registered() {
    enter_in_catalogue([] { return std::make_unique<B>(); });
  }
};

}  // namespace vedette::workflow
