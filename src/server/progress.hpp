#pragma once
/// A bar on stderr, where that is a terminal; nothing elsewhere.

#include <cstddef>
#include <mutex>
#include <string>

namespace vedette::server {

/// Any thread.
class Progress {
 public:
  explicit Progress(std::size_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void step();
  /// A line on stdout that the bar does not run into.
  void print(const std::string& line);

 private:
  void draw() const;
  void clear() const;

  std::mutex mutex_;
  std::size_t total_;
  std::size_t done_ = 0;
  bool shown_;
};

/// `text` in green or red, where stdout is a terminal and NO_COLOR is not set.
[[nodiscard]] std::string colored(const std::string& text, bool good);

}  // namespace vedette::server
