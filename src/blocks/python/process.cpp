#include "blocks/python/process.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>

#include "base/json.hpp"

extern char** environ;

namespace vedette::blocks::python {
namespace {

using std::chrono::milliseconds, std::chrono::steady_clock;

constexpr int control_number = 3;  // of the parent's end, as python/vedette_worker/parent.py
constexpr milliseconds answer_within{5'000};  // of the parent, once it is ready
constexpr milliseconds killed_within{1'000};
constexpr milliseconds where_within{150};
constexpr milliseconds last_words{200};
constexpr int niceness = 10;

auto system_failure(std::string_view what, int error) {
  return fail(Errc::io, std::string(what) + ": " + std::generic_category().message(error));
}

struct Pipe {
  Descriptor reading, writing;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_failure("pipe", errno);
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

Result<Pipe> make_sockets(int type) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return system_failure("socketpair", errno);
  }
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

/// What user code may know of our environment: nothing of ours, no secrets.
std::vector<std::string> environment_of(const Settings& settings) {
  std::vector<std::string> names{"PATH",
                                 "HOME",
                                 "USER",
                                 "LANG",
                                 "LC_ALL",
                                 "LC_CTYPE",
                                 "TZ",
                                 "TMPDIR",
                                 "http_proxy",
                                 "https_proxy",
                                 "no_proxy",
                                 "HTTP_PROXY",
                                 "HTTPS_PROXY",
                                 "NO_PROXY",
                                 "SSL_CERT_FILE",
                                 "SSL_CERT_DIR",
                                 "REQUESTS_CA_BUNDLE"};
  names.insert(names.end(), settings.environment.begin(), settings.environment.end());
  std::vector<std::string> variables;
  for (const std::string& name : names) {
    for (char** each = environ; *each != nullptr; ++each) {
      const std::string_view variable = *each;
      if (variable.starts_with(name) && variable.substr(name.size()).starts_with('=')) {
        variables.emplace_back(variable);
      }
    }
  }
  // One worker, one core: threads of the number libraries would only fight over it.
  for (const char* threads : {"OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1", "MPLBACKEND=Agg"}) {
    variables.emplace_back(threads);
  }
  return variables;
}

std::string arguments_of(const Settings& settings) {
  Value network = settings.network.reach == Network::Reach::none ? "none" : "all";
  if (settings.network.reach == Network::Reach::listed) {
    network = List(settings.network.listed.begin(), settings.network.listed.end());
  }
  return json::write(Dict{{"memory", static_cast<std::int64_t>(settings.memory)},
                          {"network", network},
                          {"path", List(settings.path.begin(), settings.path.end())},
                          {"protected", List{static_cast<std::int64_t>(::getpid())}}});
}

/// Starts the interpreter with `control` as descriptor 3 and its streams in `err`.
Result<pid_t> spawn(const Settings& settings, const Descriptor& control, const Descriptor& err) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, err.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err.get(), STDERR_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, control.get(), control_number);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);

  std::vector<std::string> words{settings.interpreter, "-I", "-B", settings.package,
                                 arguments_of(settings)};
  std::vector<std::string> variables = environment_of(settings);
  std::vector<char*> argv, envp;
  for (std::string& word : words) argv.push_back(word.data());
  for (std::string& variable : variables) envp.push_back(variable.data());
  argv.push_back(nullptr);
  envp.push_back(nullptr);

  pid_t process = 0;
  const int error =
      ::posix_spawn(&process, argv[0], &actions, &attributes, argv.data(), envp.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return system_failure("cannot start " + words[0], error);
  return process;
}

/// One message of the parent.
Result<std::string> hear(const Descriptor& control, milliseconds within) {
  pollfd polled{control.get(), POLLIN, 0};
  int ready = 0;
  do {
    ready = ::poll(&polled, 1, static_cast<int>(within.count()));
  } while (ready < 0 && errno == EINTR);
  if (ready == 0) return fail(Errc::timed_out, "no answer");
  std::array<char, 64> text{};
  const ssize_t got = ::recv(control.get(), text.data(), text.size(), 0);
  if (got <= 0) return fail(Errc::peer_gone, "it ended");
  return std::string(text.data(), static_cast<std::size_t>(got));
}

void write_line(const std::string& path, std::string_view line) {
  std::ofstream file(path);
  file << line;
}

}  // namespace

Worker::Worker(std::shared_ptr<Parent> parent, pid_t process, Channel channel)
    : parent_(std::move(parent)), process_(process), channel_(std::move(channel)) {}

Worker::~Worker() { end(milliseconds(0)); }

void Worker::yield_to_others() {
  ::setpriority(PRIO_PGRP, static_cast<id_t>(process_), niceness);
  // Where the kernel shares out time between sessions first, that one's own niceness counts.
  write_line("/proc/" + std::to_string(process_) + "/autogroup", std::to_string(niceness));
}

void Worker::ask_where() {
  const std::size_t had = channel_.err().text.size();
  ::kill(process_, SIGUSR1);
  const auto until = steady_clock::now() + where_within;
  while (channel_.err().text.size() == had && steady_clock::now() < until) {
    channel_.listen(steady_clock::now() + milliseconds(10));
  }
  channel_.listen(steady_clock::now() + milliseconds(10));
}

std::string Worker::end(milliseconds patience) {
  if (std::exchange(has_ended_, true)) return "has ended";
  std::optional<int> status;
  if (patience.count() > 0) status = parent_->reap(process_, patience);
  ::kill(-process_, SIGKILL);  // what it started, too
  if (!status) {
    ::kill(process_, SIGKILL);
    status = parent_->reap(process_, killed_within);
  }
  channel_.listen(steady_clock::now() + last_words);
  if (!status) return "is gone";
  if (WIFSIGNALED(*status)) {
    const int number = WTERMSIG(*status);
    return "was ended by signal " + std::to_string(number) + " (" + ::sigdescr_np(number) + ")";
  }
  return "ended itself with status " + std::to_string(WEXITSTATUS(*status));
}

Parent::Parent(pid_t process, Descriptor control, Descriptor err)
    : process_(process), control_(std::move(control)), err_(std::move(err)) {}

Parent::~Parent() {
  control_.close();
  ::kill(-process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

Result<std::shared_ptr<Parent>> Parent::start(const Settings& settings) {
  for (const auto& needed : {settings.interpreter, settings.package / "__main__.py"}) {
    if (!std::filesystem::exists(needed)) {
      return fail(Errc::not_found, needed.string() + " is not there: ./run --prepare makes it");
    }
  }
  auto control = make_sockets(SOCK_SEQPACKET);
  if (!control) return fail(std::move(control).error());
  auto err = make_pipe();
  if (!err) return fail(std::move(err).error());
  auto process = spawn(settings, control->writing, err->writing);
  if (!process) return fail(std::move(process).error());
  ::fcntl(err->reading.get(), F_SETFL, O_NONBLOCK);
  control->writing.close();
  err->writing.close();
  std::shared_ptr<Parent> parent(
      new Parent(*process, std::move(control->reading), std::move(err->reading)));
  if (auto ready = hear(parent->control_, settings.start); !ready) {
    return fail(ready.error().code, "Python did not start: " + parent->complaint());
  }
  return parent;
}

std::string Parent::complaint() {
  std::string text(4096, '\0');
  const ssize_t got = ::read(err_.get(), text.data(), text.size());
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  while (text.ends_with('\n')) text.pop_back();
  const std::size_t last = text.rfind('\n');
  return text.empty() ? "it said nothing" : text.substr(last == text.npos ? 0 : last + 1);
}

Result<std::string> Parent::ask(std::string_view request, std::span<const int> descriptors) {
  iovec part{const_cast<char*>(request.data()), request.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(3 * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* attached = CMSG_FIRSTHDR(&message);
    attached->cmsg_level = SOL_SOCKET;
    attached->cmsg_type = SCM_RIGHTS;
    attached->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(attached), descriptors.data(), descriptors.size_bytes());
  }
  const std::lock_guard lock(mutex_);
  if (::sendmsg(control_.get(), &message, MSG_NOSIGNAL) < 0) {
    return fail(Errc::peer_gone, "the parent of the Python workers ended: " + complaint());
  }
  auto answer = hear(control_, answer_within);
  if (!answer) control_.close();  // an answer that came late would be taken for the next one's
  return answer;
}

Result<std::unique_ptr<Worker>> Parent::fork() {
  auto conversation = make_sockets(SOCK_STREAM);
  auto out = make_pipe();
  auto err = make_pipe();
  if (!conversation || !out || !err) return system_failure("a new Python worker", errno);
  const std::array<int, 3> theirs{conversation->writing.get(), out->writing.get(),
                                  err->writing.get()};
  const auto answer = ask("fork", theirs);
  if (!answer) return fail(answer.error());
  return std::make_unique<Worker>(
      shared_from_this(), static_cast<pid_t>(std::strtol(answer->c_str(), nullptr, 10)),
      Channel(std::move(conversation->reading), std::move(out->reading), std::move(err->reading)));
}

std::optional<int> Parent::reap(pid_t worker, milliseconds patience) {
  const auto answer = ask(fmt::format("reap {} {}", worker, patience.count()), {});
  if (!answer) return std::nullopt;
  const long status = std::strtol(answer->c_str(), nullptr, 10);
  if (status < 0) return std::nullopt;
  return static_cast<int>(status);
}

}  // namespace vedette::blocks::python
