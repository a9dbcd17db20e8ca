#include <boost/version.hpp>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <netinet/in.h>
#include <opencv2/core/version.hpp>
#include <spawn.h>
#include <sqlite3.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.hpp"
#include "ingest/http_link/http_link.hpp"
#include "server/builder.hpp"
#include "server/commands.hpp"
#include "server/progress.hpp"
#include "server/settings.hpp"

namespace vedette::server {
namespace fs = std::filesystem;
namespace {

Exit complain(const std::string& what, Exit exit = Exit::failed) {
  fmt::print(stderr, "vedette: {}\n", what);
  return exit;
}

api::SavedWorkflows saved_workflows(const Config& config) {
  return {config[keys::workflows], (fs::path(config[keys::data]) / "workflows").string()};
}

/// Runs a program found in PATH; its streams are ours.
bool run_program(const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (::posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0) {
    return false;
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// Copies a database as it is at one moment, also while a server writes to it.
bool copy_database(const fs::path& from, const fs::path& to) {
  sqlite3* source = nullptr;
  sqlite3* target = nullptr;
  bool good = sqlite3_open_v2(from.c_str(), &source, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK &&
              sqlite3_open(to.c_str(), &target) == SQLITE_OK;
  if (good) {
    sqlite3_backup* copying = sqlite3_backup_init(target, "main", source, "main");
    good = copying != nullptr && sqlite3_backup_step(copying, -1) == SQLITE_DONE;
    sqlite3_backup_finish(copying);
  }
  sqlite3_close(source);
  sqlite3_close(target);
  return good;
}

bool is_database(const fs::path& path) { return path.extension() == ".sqlite"; }

/// What belongs to an open database and is of no use without it.
bool is_journal(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.ends_with("-wal") || name.ends_with("-shm") || name.ends_with("-journal");
}

Result<void> copy_folder(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_directories(to, error);
  for (auto entry = fs::recursive_directory_iterator(from, error);
       !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const fs::path target = to / entry->path().lexically_relative(from);
    if (entry->is_directory(error)) {
      fs::create_directories(target, error);
    } else if (is_database(entry->path())) {
      if (!copy_database(entry->path(), target)) {
        return fail(Errc::io, entry->path().string() + ": cannot be copied");
      }
    } else if (entry->is_regular_file(error) && !is_journal(entry->path())) {
      fs::copy_file(entry->path(), target, error);
    }
  }
  if (error) return fail(Errc::io, from.string() + ": " + error.message());
  return {};
}

/// One line of `vedette doctor`.
struct Finding {
  std::string what;
  bool good = true;
  std::string remark;
};

Finding check_port(const Config& config) {
  const auto listen = read_address(config[keys::http_listen]);
  ingest::HttpSettings settings;
  settings.address = listen->host == "localhost" ? "127.0.0.1" : listen->host;
  settings.port = listen->port;
  const auto link = ingest::HttpLink::open(settings, [](auto, auto) {});
  if (link) return {"port", true, listen->text() + " is free"};
  return {"port", false,
          link.error().what + "; a server that already runs is a good reason, else choose another"};
}

Finding check_disk(const Config& config) {
  const std::string data = config[keys::data];
  struct statvfs disk{};
  if (::statvfs(data.c_str(), &disk) != 0 || ::access(data.c_str(), W_OK) != 0) {
    return {"disk", false, data + " cannot be written to"};
  }
  constexpr double gibi = 1 << 30;
  constexpr double least = 1;  // GiB
  const double free =
      static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize) / gibi;
  return {"disk", free >= least, fmt::format("{}: {:.1f} GiB free", data, free)};
}

Finding check_clock() {
  using std::chrono::sys_days, std::chrono::year;
  constexpr auto built = sys_days(year{2026} / 1 / 1);
  const auto now = Clock::now();
  return {"clock", now >= built, rfc3339(now) + (now >= built ? "" : ": set the clock")};
}

Finding check_models(const Config& config) {
  const Folders folders = folders_of(config);
  const auto models = vision::load_face_models({.models = folders.models,
                                                .detector = config[keys::faces_detector],
                                                .embedder = config[keys::faces_embedder],
                                                .streams = 1});
  if (!models) return {"models", false, models.error().what};
  return {"models", true, folders.models.string() + ": " + (*models)->embedder()};
}

Finding check_python(const Config& config) {
  if (!config[keys::python_enabled]) return {"python", true, "switched off"};
  const Folders folders = folders_of(config);
  if (::access(folders.python.c_str(), X_OK) != 0) {
    return {"python", false,
            folders.python.string() +
                " is not there; ./run --prepare makes it, or set "
                "python.interpreter"};
  }
  const bool good = run_program({folders.python.string(), "-c", "import cv2, numpy, supervision"});
  return {"python", good,
          folders.python.string() + (good ? "" : ": cv2, numpy or supervision is missing")};
}

}  // namespace

Exit workflows_list(const Invocation& invocation) {
  const auto config = load_config(invocation);
  if (!config) return Exit::configuration;
  List told;
  for (const api::SavedWorkflow& one : saved_workflows(*config).list()) {
    const char* const origin = one.edited ? "edited" : "file";
    if (!invocation.json) {
      fmt::print("{:<32} {:<7} version {:<4} {}\n", one.name, origin, one.version,
                 rfc3339(one.updated));
    }
    told.emplace_back(Dict{{"name", one.name},
                           {"origin", origin},
                           {"version", one.version},
                           {"updated", rfc3339(one.updated)}});
  }
  if (invocation.json) fmt::print("{}\n", json::write_pretty(told));
  return Exit::ok;
}

Exit workflows_revert(const Invocation& invocation, const std::string& name) {
  const auto config = load_config(invocation);
  if (!config) return Exit::configuration;
  auto saved = saved_workflows(*config);
  if (auto done = saved.revert(name); !done) return complain(done.error().what);
  if (invocation.json) {
    fmt::print("{}\n", json::write_pretty(Dict{{"ok", true}}));
  } else {
    fmt::print("{}: the edited copy no longer counts\n", name);
  }
  return Exit::ok;
}

Exit key_create(const Invocation& invocation, const std::string& name) {
  const auto config = load_config(invocation);
  if (!config) return Exit::configuration;
  const auto house = build_house(*config);
  if (!house) return complain(house.error().what, house.error().exit);
  const auto key = (*house)->keys->create(name);
  if (!key) return complain(key.error().what);
  if (invocation.json) {
    fmt::print("{}\n", json::write_pretty(Dict{{"name", name}, {"key", *key}}));
  } else {
    fmt::print("{}\n", *key);
    fmt::print(stderr, "Keep it now: it cannot be shown again.\n");
  }
  return Exit::ok;
}

Exit backup(const Invocation& invocation, const std::string& file) {
  const auto config = load_config(invocation);
  if (!config) return Exit::configuration;
  ::umask(0077);
  std::error_code error;
  if (fs::exists(file, error)) return complain(file + ": is there already");
  const fs::path scratch = file + ".part";
  fs::remove_all(scratch, error);
  const auto copied = copy_folder((*config)[keys::data], scratch);
  const bool good = copied && run_program({"tar", "-czf", file, "-C", scratch.string(), "."});
  fs::remove_all(scratch, error);
  if (!copied) return complain(copied.error().what);
  if (!good) return complain(file + ": tar could not write it");
  if (invocation.json) {
    fmt::print("{}\n", json::write_pretty(Dict{{"file", file}}));
  } else {
    fmt::print("{}: {}\n", file, write_size(static_cast<std::int64_t>(fs::file_size(file, error))));
  }
  return Exit::ok;
}

Exit restore(const Invocation& invocation, const std::string& file) {
  const auto config = load_config(invocation);
  if (!config) return Exit::configuration;
  ::umask(0077);
  const std::string data = (*config)[keys::data];
  std::error_code error;
  if (fs::exists(data, error) && !fs::is_empty(data, error)) {
    return complain(data + ": is not empty; move it away first, or name another by --data");
  }
  fs::create_directories(data, error);
  if (error || !run_program({"tar", "-xzf", file, "-C", data})) {
    return complain(file + ": could not be unpacked into " + data);
  }
  if (invocation.json) {
    fmt::print("{}\n", json::write_pretty(Dict{{"data", data}}));
  } else {
    fmt::print("{}: restored\n", data);
  }
  return Exit::ok;
}

Exit doctor(const Invocation& invocation) {
  const auto config = load_config(invocation);
  if (!config) return Exit::configuration;
  std::error_code error;
  fs::create_directories((*config)[keys::data], error);
  const std::vector<Finding> findings{check_port(*config), check_disk(*config), check_clock(),
                                      check_models(*config), check_python(*config)};
  bool good = true;
  List told;
  for (const Finding& one : findings) {
    good = good && one.good;
    told.emplace_back(Dict{{"check", one.what}, {"ok", one.good}, {"remark", one.remark}});
    if (!invocation.json) {
      fmt::print("{:<8} {}  {}\n", one.what, colored(one.good ? "ok " : "BAD", one.good),
                 one.remark);
    }
  }
  if (invocation.json) {
    fmt::print("{}\n", json::write_pretty(Dict{{"ok", good}, {"checks", told}}));
  }
  return good ? Exit::ok : Exit::failed;
}

Exit version(const Invocation& invocation) {
  if (invocation.json) {
    fmt::print("{}\n", json::write_pretty(Dict{{"version", VEDETTE_VERSION},
                                               {"engine", workflow::engine_version},
                                               {"opencv", CV_VERSION},
                                               {"boost", BOOST_LIB_VERSION},
                                               {"compiler", __VERSION__}}));
  } else {
    fmt::print("vedette {}, workflow engine {}\n", VEDETTE_VERSION, workflow::engine_version);
  }
  return Exit::ok;
}

}  // namespace vedette::server
