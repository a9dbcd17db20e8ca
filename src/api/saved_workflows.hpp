#pragma once
/// Workflows by name: files that somebody keeps under version control, and copies that were
/// edited through the API, which win until they are reverted.

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace vedette::api {

struct SavedWorkflow {
  std::string name;
  std::shared_ptr<const std::string> definition;  ///< JSON
  std::string etag;                               ///< with its quotes
  bool edited = false;                            ///< else it is the file
  int version = 0;                                ///< of edited copies, from 1; the file is 0
  Clock::time_point updated;
};

struct WorkflowVersion {
  int version = 0;
  Clock::time_point created;
  bool current = false;
};

/// Any thread. What put() accepted is on disk when it returns.
class SavedWorkflows {
 public:
  struct Limits {
    std::size_t definition_bytes = 4u << 20;
    int versions = 1000;  ///< kept of one workflow; the oldest goes first
  };

  /// files   NAME.json is workflow NAME; only read
  /// edited  NAME/000001.json, …; made when needed
  SavedWorkflows(std::string files, std::string edited) : SavedWorkflows(files, edited, Limits{}) {}
  SavedWorkflows(std::string files, std::string edited, Limits limits);

  /// 1 to 64 of A-Z a-z 0-9 _ -
  [[nodiscard]] static bool is_name(std::string_view name);

  /// fails  not_found, with the nearest name; io
  [[nodiscard]] Result<SavedWorkflow> get(std::string_view name,
                                          std::optional<int> version = {}) const;
  [[nodiscard]] std::vector<SavedWorkflow> list() const;  ///< by name
  /// fails  as get()
  [[nodiscard]] Result<std::vector<WorkflowVersion>> versions(std::string_view name) const;

  enum class Condition : std::uint8_t { met, missing, changed };
  /// What an If-Match header (empty: none) says of the state now; "*" is met by any.
  [[nodiscard]] Condition check(std::string_view name, std::string_view if_match) const;

  /// Keeps `definition` as the newest version. Checks `if_match` under the same lock.
  /// fails  bad_input: not a name; too_large; io. A condition that is not met is told in
  /// `condition`
  [[nodiscard]] Result<SavedWorkflow> put(std::string_view name, std::string definition,
                                          std::string_view if_match, Condition& condition);
  /// Drops the edited copy; its versions stay readable. A file, if there is one, counts again.
  /// fails  not_found: there is no edited copy; io
  [[nodiscard]] Result<void> revert(std::string_view name);

 private:
  [[nodiscard]] Result<SavedWorkflow> load(std::string_view name, std::optional<int> version) const;
  [[nodiscard]] int head(std::string_view name) const;  ///< 0: no edited copy counts
  [[nodiscard]] std::string version_path(std::string_view name, int version) const;
  [[nodiscard]] Condition check_locked(std::string_view name, std::string_view if_match) const;

  std::string files_, edited_;
  Limits limits_;
  mutable std::mutex mutex_;
  struct Cached {
    std::string path;
    std::int64_t changed = 0;
    std::uintmax_t size = 0;
    SavedWorkflow workflow;
  };
  mutable std::map<std::string, Cached, std::less<>> cache_;  // by path
};

}  // namespace vedette::api
