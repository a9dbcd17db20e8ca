#pragma once
/// How users' Python code is run.

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace vedette::blocks::python {

/// Where users' code may connect to.
struct Network {
  enum class Reach : std::uint8_t {
    all,
    none,    ///< the kernel refuses every socket but pairs
    listed,  ///< Python code is held to the list; libraries written in C could pass it by
  };
  Reach reach = Reach::all;
  std::vector<std::string> listed;  ///< "host:port"
};

struct Settings {
  bool enabled = true;  ///< otherwise a workflow with Python blocks does not compile
  std::filesystem::path interpreter = ".venv/bin/python";  ///< CPython 3.11
  std::filesystem::path package = "python/vedette_worker";
  std::size_t workers = 2;  ///< processes that answer quickly; 1 or more
  /// Further ones, while calls take long: somebody's slow receiver does not stop the others.
  std::size_t spares = 14;
  std::chrono::milliseconds timeout{30'000};  ///< of one call of run(), or of loading a block
  std::chrono::milliseconds slow{100};        ///< a call over this has a spare take its place
  std::chrono::milliseconds hog{1'000};       ///< over this, its process yields to all others
  std::chrono::milliseconds start{20'000};    ///< for the parent to have imported what is shared
  std::size_t memory = 1u << 30;              ///< bytes of one worker
  std::size_t answer = 256u << 20;            ///< bytes of one result with its pictures
  Network network;
  std::vector<std::string> path;         ///< further folders that user code imports from
  std::vector<std::string> environment;  ///< variables that user code sees, beside the usual
};

}  // namespace vedette::blocks::python
