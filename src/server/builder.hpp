#pragma once
/// Builds the rooms of the program from its configuration.

#include <filesystem>
#include <memory>

#include "api/house.hpp"
#include "server/command_line.hpp"
#include "server/config.hpp"

namespace vedette::server {

/// A failure, and how the program ends over it.
struct Failure {
  Exit exit = Exit::failed;
  std::string what;
};
template <class T>
using Built = std::expected<T, Failure>;

struct Folders {
  std::filesystem::path data, secrets, models, python_package, python;
};
[[nodiscard]] Folders folders_of(const Config& config);

/// What takes no time: pools, keys, saved workflows. Makes the data folder.
[[nodiscard]] Built<std::unique_ptr<api::House>> build_house(const Config& config);

/// What takes a second: models, gallery, Python; then the house is ready.
/// faces  must there be models? Else blocks that need them say so themselves
[[nodiscard]] Built<void> open_house(api::House& house, const Config& config, bool faces);

}  // namespace vedette::server
