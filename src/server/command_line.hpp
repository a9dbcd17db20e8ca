#pragma once
/// `vedette …`

namespace vedette::server {

/// What a shell sees of how a command went.
enum class Exit : int { ok = 0, failed = 1, configuration = 2, port_taken = 3, model_missing = 4 };

[[nodiscard]] int run_command_line(int argc, char** argv);

}  // namespace vedette::server
