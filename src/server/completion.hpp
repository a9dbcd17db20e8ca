#pragma once
/// Completion scripts, made from the commands themselves.

#include <string>

namespace CLI {
class App;
}

namespace vedette::server {

/// shell  bash, zsh or fish
[[nodiscard]] std::string completion(const CLI::App& app, const std::string& shell);

}  // namespace vedette::server
