#include "api/saved_workflows.hpp"

#include <algorithm>
#include <charconv>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <set>
#include <unistd.h>

#include "base/id.hpp"

namespace vedette::api {
namespace fs = std::filesystem;
namespace {

Result<std::string> read_file(const std::string& path, std::size_t most) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error) return fail(Errc::io, path + ": " + error.message());
  if (size > most) {
    return fail(Errc::too_large, fmt::format("{}: {} bytes; at most {}", path, size, most));
  }
  std::string text(size, '\0');
  std::ifstream file(path, std::ios::binary);
  if (!file.read(text.data(), static_cast<std::streamsize>(size))) {
    return fail(Errc::io, path + ": cannot be read");
  }
  return text;
}

/// Either the whole of `text` is at `path` afterwards, also after a power cut, or nothing changed.
Result<void> write_file(const std::string& path, std::string_view text) {
  const std::string part = path + ".part";
  const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return fail(Errc::io, part + ": cannot be made");
  bool good = true;
  for (std::size_t at = 0; good && at < text.size();) {
    const ssize_t written = ::write(file, text.data() + at, text.size() - at);
    good = written > 0;
    at += good ? static_cast<std::size_t>(written) : 0;
  }
  good = good && ::fsync(file) == 0;
  ::close(file);
  std::error_code error;
  if (good) fs::rename(part, path, error);
  if (!good || error) return fail(Errc::io, path + ": cannot be written; is the disk full?");
  return {};
}

Clock::time_point changed_at(const std::string& path) {
  std::error_code error;
  const auto time = fs::last_write_time(path, error);
  if (error) return {};
  return std::chrono::time_point_cast<Clock::duration>(std::chrono::file_clock::to_sys(time));
}

constexpr std::string_view head_file = "/head";

}  // namespace

SavedWorkflows::SavedWorkflows(std::string files, std::string edited, Limits limits)
    : files_(std::move(files)), edited_(std::move(edited)), limits_(limits) {}

bool SavedWorkflows::is_name(std::string_view name) {
  constexpr std::size_t longest = 64;
  return !name.empty() && name.size() <= longest && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

int SavedWorkflows::head(std::string_view name) const {
  const auto text = read_file(fmt::format("{}/{}{}", edited_, name, head_file), 16);
  int version = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), version);
  return version;
}

std::string SavedWorkflows::version_path(std::string_view name, int version) const {
  return fmt::format("{}/{}/{:06}.json", edited_, name, version);
}

Result<SavedWorkflow> SavedWorkflows::load(std::string_view name,
                                           std::optional<int> version) const {
  const int wanted = version.value_or(head(name));
  const std::string path =
      wanted == 0 ? fmt::format("{}/{}.json", files_, name) : version_path(name, wanted);
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error) {
    return fail(Errc::not_found, version
                                     ? fmt::format("workflow {} has no version {}", name, *version)
                                     : fmt::format("no workflow is called {}", name));
  }
  const auto time = changed_at(path);
  Cached& cached = cache_[path];
  if (!cached.workflow.definition || cached.changed != time.time_since_epoch().count() ||
      cached.size != size) {
    auto text = read_file(path, limits_.definition_bytes);
    if (!text) return fail(text.error());
    cached = {path, time.time_since_epoch().count(), size, {}};
    cached.workflow = {.name = std::string(name),
                       .definition = std::make_shared<const std::string>(std::move(*text)),
                       .etag = {},
                       .edited = wanted != 0,
                       .version = wanted,
                       .updated = time};
    cached.workflow.etag = '"' + sha256_hex(*cached.workflow.definition).substr(0, 32) + '"';
  }
  return cached.workflow;
}

Result<SavedWorkflow> SavedWorkflows::get(std::string_view name, std::optional<int> version) const {
  if (!is_name(name)) {
    return fail(Errc::not_found, fmt::format("no workflow is called '{}'", name.substr(0, 64)));
  }
  const std::scoped_lock lock(mutex_);
  return load(name, version);
}

std::vector<SavedWorkflow> SavedWorkflows::list() const {
  std::set<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(files_, error)) {
    if (entry.path().extension() == ".json") names.insert(entry.path().stem().string());
  }
  for (const auto& entry : fs::directory_iterator(edited_, error)) {
    names.insert(entry.path().filename().string());
  }
  std::vector<SavedWorkflow> all;
  for (const std::string& name : names) {
    if (auto workflow = get(name)) all.push_back(std::move(*workflow));
  }
  return all;
}

Result<std::vector<WorkflowVersion>> SavedWorkflows::versions(std::string_view name) const {
  const auto now = get(name);
  if (!now) return fail(now.error());
  std::vector<WorkflowVersion> all;
  std::error_code error;
  const std::string file = fmt::format("{}/{}.json", files_, name);
  if (fs::exists(file, error)) all.push_back({0, changed_at(file), now->version == 0});
  for (const auto& entry : fs::directory_iterator(fmt::format("{}/{}", edited_, name), error)) {
    if (entry.path().extension() != ".json") continue;
    const std::string digits = entry.path().stem().string();
    int version = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), version);
    all.push_back({version, changed_at(entry.path().string()), version == now->version});
  }
  std::ranges::sort(all, std::greater{}, &WorkflowVersion::version);
  return all;
}

SavedWorkflows::Condition SavedWorkflows::check_locked(std::string_view name,
                                                       std::string_view if_match) const {
  const auto now = load(name, {});
  if (!now) return if_match.empty() ? Condition::met : Condition::changed;
  if (if_match.empty()) return Condition::missing;
  return if_match == "*" || if_match == now->etag ? Condition::met : Condition::changed;
}

SavedWorkflows::Condition SavedWorkflows::check(std::string_view name,
                                                std::string_view if_match) const {
  const std::scoped_lock lock(mutex_);
  return check_locked(name, if_match);
}

Result<SavedWorkflow> SavedWorkflows::put(std::string_view name, std::string definition,
                                          std::string_view if_match, Condition& condition) {
  if (!is_name(name)) {
    return fail(Errc::bad_input, "a workflow's name is 1 to 64 of A-Z a-z 0-9 _ -");
  }
  if (definition.size() > limits_.definition_bytes) {
    return fail(Errc::too_large, fmt::format("a definition of {} bytes; at most {}",
                                             definition.size(), limits_.definition_bytes));
  }
  const std::scoped_lock lock(mutex_);
  condition = check_locked(name, if_match);
  if (condition != Condition::met) return SavedWorkflow{};

  std::error_code error;
  const std::string folder = fmt::format("{}/{}", edited_, name);
  fs::create_directories(folder, error);
  int newest = 0;
  int oldest = INT32_MAX;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".json") continue;
    const std::string digits = entry.path().stem().string();
    int version = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), version);
    newest = std::max(newest, version);
    oldest = std::min(oldest, version);
  }
  const int version = newest + 1;
  if (auto done = write_file(version_path(name, version), definition); !done) {
    return fail(done.error());
  }
  if (auto done = write_file(folder + std::string(head_file), std::to_string(version)); !done) {
    return fail(done.error());
  }
  if (version - oldest >= limits_.versions) fs::remove(version_path(name, oldest), error);
  return load(name, {});
}

Result<void> SavedWorkflows::revert(std::string_view name) {
  if (!is_name(name)) return fail(Errc::not_found, "no such workflow");
  const std::scoped_lock lock(mutex_);
  if (head(name) == 0) {
    return fail(Errc::not_found, fmt::format("workflow {} has no edited copy", name));
  }
  return write_file(fmt::format("{}/{}{}", edited_, name, head_file), "0");
}

}  // namespace vedette::api
