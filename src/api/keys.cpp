#include "api/keys.hpp"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/json.hpp"

namespace vedette::api {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view key_prefix = "vdt_";

/// Readable by its owner only, from the first moment on.
Result<void> write_private(const std::string& path, std::string_view text) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  fs::permissions(fs::path(path).parent_path(), fs::perms::owner_all, error);
  const std::string part = path + ".part";
  const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  bool good = file >= 0 &&
              ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
              ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  if (good) fs::rename(part, path, error);
  if (!good || error) return fail(Errc::io, path + ": cannot be written");
  return {};
}

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

std::string make_secret() {
  std::array<unsigned char, 20> bytes{};
  for (std::size_t got = 0; got < bytes.size();) {
    const ssize_t more = ::getrandom(bytes.data() + got, bytes.size() - got, 0);
    if (more > 0) got += static_cast<std::size_t>(more);
  }
  return fmt::format("{:02x}", fmt::join(bytes, ""));
}

Result<std::string> keep_secret(const std::string& path) {
  if (std::string text = read_all(path); !text.empty()) return text;
  std::string secret = make_secret();
  if (auto done = write_private(path, secret); !done) return fail(done.error());
  return secret;
}

Result<std::string> Keys::create(std::string_view name) {
  const std::string key = std::string(key_prefix) + make_secret();
  const std::scoped_lock lock(mutex_);
  List all;
  if (const auto there = json::read(read_all(file_), json::strict); there && there->is_list()) {
    all = there->list();
  }
  all.emplace_back(Dict{{"id", make_ulid()},
                        {"name", name},
                        {"sha256", sha256_hex(key)},
                        {"created", rfc3339(Clock::now())}});
  if (auto done = write_private(file_, json::write_pretty(all)); !done) return fail(done.error());
  return key;
}

void Keys::reload() const {
  struct stat status{};
  const std::int64_t changed = ::stat(file_.c_str(), &status) == 0
                                   ? status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec
                                   : 0;
  if (changed == changed_) return;
  changed_ = changed;
  hashes_.clear();
  const auto all = json::read(read_all(file_), json::strict);
  if (!all || !all->is_list()) return;
  for (const Value& one : all->list()) {
    if (one.is_dict() && one.dict()["sha256"].is_string()) {
      hashes_.emplace_back(one.dict()["sha256"].string());
    }
  }
}

bool Keys::accepts(std::string_view key) const {
  if (key.empty()) return false;
  // A key is long and random: its hash tells nothing, and neither does the time to compare it.
  const std::string hash = sha256_hex(key);
  const std::scoped_lock lock(mutex_);
  reload();
  return hash == local_hash_ || std::ranges::find(hashes_, hash) != hashes_.end();
}

std::size_t Keys::count() const {
  const std::scoped_lock lock(mutex_);
  reload();
  return hashes_.size();
}

void Keys::accept_local(std::string_view key) {
  const std::scoped_lock lock(mutex_);
  local_hash_ = sha256_hex(key);
}

}  // namespace vedette::api
