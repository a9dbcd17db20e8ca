#pragma once
/// Files that are on the disk when the call returns, readable by their owner only.

#include <functional>
#include <string>

#include "base/result.hpp"
#include "vision/image.hpp"

namespace vedette::gallery {

/// One file for each photo, in folders by the end of its id.
class PhotoFiles {
 public:
  explicit PhotoFiles(std::string folder) : folder_(std::move(folder)) {}

  /// fails  io; also where there is one of that id
  [[nodiscard]] Result<void> write(std::string_view id, const vision::Bytes& bytes) const;
  [[nodiscard]] Result<vision::Bytes> read(std::string_view id) const;
  /// One that is not there is removed already.
  [[nodiscard]] Result<void> remove(std::string_view id) const;
  /// Removes every file whose id is not wanted.
  [[nodiscard]] Result<void> keep_only(
      const std::function<bool(std::string_view id)>& wanted) const;

 private:
  [[nodiscard]] std::string path(std::string_view id) const;
  std::string folder_;
};

/// Makes the folder and those above it; nobody but the owner gets in.
[[nodiscard]] Result<void> make_private_folder(const std::string& path);

/// Waits until what was written to a file, or named in a folder, is on the disk itself.
[[nodiscard]] Result<void> sync_to_disk(const std::string& path);

}  // namespace vedette::gallery
