#pragma once
/// Worker processes, and the parent that they are forked from.

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <sys/types.h>

#include "base/result.hpp"
#include "blocks/python/channel.hpp"
#include "blocks/python/settings.hpp"

namespace vedette::blocks::python {

class Parent;

/// One process that runs users' code; whoever holds it is the only one who talks to it.
class Worker {
 public:
  Worker(std::shared_ptr<Parent> parent, pid_t process, Channel channel);
  ~Worker();  ///< ends the process and all that it started
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  [[nodiscard]] Channel& channel() { return channel_; }
  [[nodiscard]] pid_t process() const { return process_; }

  /// It and what it started get what the processor has left from now on.
  void yield_to_others();

  /// Asks it to say on its stderr where it is, and waits a moment for that.
  void ask_where();

  /// Ends it and says what became of it: "ended itself with status 3", "was ended by signal 11
  /// (Segmentation fault)". What it printed last is in the channel.
  /// patience  how long it may take to end by itself before it is killed
  std::string end(std::chrono::milliseconds patience);

  std::set<std::int64_t> loaded;  ///< numbers of the blocks that it knows
  bool is_over = false;           ///< not to be used again

 private:
  std::shared_ptr<Parent> parent_;
  pid_t process_;
  Channel channel_;
  bool has_ended_ = false;
};

/// The Python process that has imported what all workers share. Any thread.
class Parent : public std::enable_shared_from_this<Parent> {
 public:
  /// Starts it and waits until it is ready.
  /// fails  not_found: no interpreter, no package; timed_out; io, with what Python said
  [[nodiscard]] static Result<std::shared_ptr<Parent>> start(const Settings& settings);
  ~Parent();  ///< ends it; its workers end with it
  Parent(const Parent&) = delete;
  Parent& operator=(const Parent&) = delete;

  /// fails  peer_gone, timed_out, io
  [[nodiscard]] Result<std::unique_ptr<Worker>> fork();

  /// The wait status of a worker; empty where it has not ended within `patience`.
  [[nodiscard]] std::optional<int> reap(pid_t worker, std::chrono::milliseconds patience);

  [[nodiscard]] pid_t process() const { return process_; }

 private:
  Parent(pid_t process, Descriptor control, Descriptor err);
  Result<std::string> ask(std::string_view request, std::span<const int> descriptors);
  std::string complaint();

  pid_t process_;
  Descriptor control_, err_;
  std::mutex mutex_;  // guards the conversation over control_
};

}  // namespace vedette::blocks::python
