#include "gallery/files.hpp"

#include <cassert>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace vedette::gallery {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> refused(const std::string& path, int error) {
  return fail(Errc::io, path + ": " + std::generic_category().message(error));
}

/// An open file; closed when it goes.
class File {
 public:
  File(const std::string& path, int flags)
      : number_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

/// Calls `transfer` until all bytes are through; it says how many were, 0 at the end, -1 on error.
template <class Transfer>
bool in_full(std::size_t size, Transfer transfer) {
  for (std::size_t done = 0; done < size;) {
    const ssize_t now = transfer(done);
    if (now < 0 && errno == EINTR) continue;
    if (now <= 0) return false;
    done += static_cast<std::size_t>(now);
  }
  return true;
}

}  // namespace

Result<void> make_private_folder(const std::string& path) {
  std::error_code error;
  const bool made = fs::create_directories(path, error);
  if (!error && made) fs::permissions(path, fs::perms::owner_all, error);
  if (error) return fail(Errc::io, path + ": " + error.message());
  return made ? sync_to_disk(fs::path(path).parent_path()) : Result<void>{};
}

Result<void> sync_to_disk(const std::string& path) {
  const File file(path, O_RDONLY);
  if (!file.is_open() || ::fsync(file.number()) != 0) return refused(path, errno);
  return {};
}

std::string PhotoFiles::path(std::string_view id) const {
  assert(id.size() > 2);
  return folder_ + "/" + std::string(id.substr(id.size() - 2)) + "/" + std::string(id);
}

Result<void> PhotoFiles::write(std::string_view id, const vision::Bytes& bytes) const {
  const std::string name = path(id);
  const std::string folder = fs::path(name).parent_path();
  if (auto made = make_private_folder(folder); !made) return made;
  const File file(name, O_WRONLY | O_CREAT | O_EXCL);
  if (!file.is_open()) return refused(name, errno);
  const bool written = in_full(bytes.size(), [&](std::size_t done) {
    return ::write(file.number(), bytes.data() + done, bytes.size() - done);
  });
  if (!written || ::fsync(file.number()) != 0) return refused(name, errno);
  return sync_to_disk(folder);
}

Result<vision::Bytes> PhotoFiles::read(std::string_view id) const {
  const std::string name = path(id);
  const File file(name, O_RDONLY);
  struct stat about{};
  if (!file.is_open() || ::fstat(file.number(), &about) != 0) return refused(name, errno);
  vision::Bytes bytes(static_cast<std::size_t>(about.st_size));
  const bool all = in_full(bytes.size(), [&](std::size_t done) {
    return ::read(file.number(), bytes.data() + done, bytes.size() - done);
  });
  if (!all) return refused(name, errno);
  return bytes;
}

Result<void> PhotoFiles::remove(std::string_view id) const {
  const std::string name = path(id);
  if (::unlink(name.c_str()) != 0 && errno != ENOENT) return refused(name, errno);
  return {};
}

Result<void> PhotoFiles::keep_only(const std::function<bool(std::string_view)>& wanted) const {
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder_, error), end; !error && at != end;
       at.increment(error)) {
    if (at->is_directory(error)) continue;
    if (wanted(at->path().filename().string())) continue;
    if (::unlink(at->path().c_str()) != 0 && errno != ENOENT) return refused(at->path(), errno);
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return fail(Errc::io, folder_ + ": " + error.message());
  }
  return {};
}

}  // namespace vedette::gallery
