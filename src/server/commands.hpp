#pragma once
/// What each command of the command line does. Answers go to stdout; complaints and progress to
/// stderr, progress only where that is a terminal.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/command_line.hpp"
#include "server/config.hpp"

namespace vedette::server {

/// What every command is told.
struct Invocation {
  std::string config_file;                                 ///< --config; empty: searched for
  std::vector<std::pair<std::string, std::string>> flags;  ///< --set, --listen, --data
  bool json = false;
  [[nodiscard]] Sources sources() const;
};

/// Loads the configuration; complains on stderr and gives nothing where it is wrong.
[[nodiscard]] std::optional<Config> load_config(const Invocation& invocation);

Exit config_check(const Invocation& invocation);
Exit config_show(const Invocation& invocation, bool origin);
Exit config_schema_out();

Exit serve(const Invocation& invocation);

struct RunCommand {
  std::string workflow;               ///< file, or the name of a saved one
  std::vector<std::string> pictures;  ///< files; "-": stdin
  std::vector<std::string> inputs;    ///< name=value
  std::string out;                    ///< folder for the pictures of the answer
};
Exit run_workflow(const Invocation& invocation, const RunCommand& command);
Exit validate(const Invocation& invocation, const std::vector<std::string>& files);

struct EnrollCommand {
  std::string folder;
  bool dry_run = false;
  bool force = false;
};
Exit enroll(const Invocation& invocation, const EnrollCommand& command);
Exit people_list(const Invocation& invocation, const std::string& query);
Exit people_remove(const Invocation& invocation, const std::vector<std::string>& people);
Exit people_export(const Invocation& invocation, const std::string& folder);
Exit people_import(const Invocation& invocation, const std::string& folder);

Exit workflows_list(const Invocation& invocation);
Exit workflows_revert(const Invocation& invocation, const std::string& name);

Exit key_create(const Invocation& invocation, const std::string& name);
Exit backup(const Invocation& invocation, const std::string& file);
Exit restore(const Invocation& invocation, const std::string& file);
Exit doctor(const Invocation& invocation);
Exit version(const Invocation& invocation);

}  // namespace vedette::server
