#include "server/progress.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>

#include "server/config.hpp"

namespace vedette::server {

Progress::Progress(std::size_t total)
    : total_(total), shown_(total > 0 && ::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() { clear(); }

void Progress::step() {
  const std::scoped_lock lock(mutex_);
  ++done_;
  draw();
}

void Progress::print(const std::string& line) {
  const std::scoped_lock lock(mutex_);
  clear();
  fmt::print("{}\n", line);
  std::fflush(stdout);
  draw();
}

void Progress::draw() const {
  if (!shown_) return;
  constexpr std::size_t width = 30;
  const std::size_t filled = width * done_ / total_;
  fmt::print(stderr, "\r[{:<{}}] {}/{} ", std::string(filled, '#'), width, done_, total_);
  std::fflush(stderr);
}

void Progress::clear() const {
  if (shown_) fmt::print(stderr, "\r\033[K");
}

std::string colored(const std::string& text, bool good) {
  static const bool colors =
      ::isatty(STDOUT_FILENO) == 1 && !process_environment().contains("NO_COLOR");
  return colors ? fmt::format("\033[{}m{}\033[0m", good ? 32 : 31, text) : text;
}

}  // namespace vedette::server
