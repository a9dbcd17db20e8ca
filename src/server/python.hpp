#pragma once
/// The service that runs users' Python, as the configuration wants it.

#include <memory>

#include "server/config.hpp"
#include "workflow/dynamic.hpp"

namespace vedette::server {

/// With python.enabled false, a service that says so.
[[nodiscard]] std::shared_ptr<workflow::DynamicBlocks> make_python_blocks(const Config& config);

}  // namespace vedette::server
