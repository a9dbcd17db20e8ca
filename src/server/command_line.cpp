#include "server/command_line.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "server/commands.hpp"
#include "server/completion.hpp"

namespace vedette::server {
namespace {

using Deed = std::function<Exit()>;

/// The commands, and the one that was chosen.
class CommandLine {
 public:
  CommandLine() {
    app_.require_subcommand(1);
    app_.set_help_all_flag("--help-all", "Help of every command");
    app_.add_option("--config", invocation_.config_file, "Configuration file");
    app_.add_flag("--json", invocation_.json, "Answer in JSON");
    app_.add_option_function<std::vector<std::string>>(
            "--set", [this](const auto& settings) { set(settings); },
            "A key of the configuration: --set limits.body=32MiB")
        ->take_all()
        ->allow_extra_args(false);
    add_serving();
    add_people();
    add_upkeep();
  }

  int run(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return app_.exit(error) == 0 ? 0 : static_cast<int>(Exit::configuration);
    }
    return static_cast<int>(deed_());
  }

 private:
  /// A command; `--json` and the like may also stand after its name.
  CLI::App* add(CLI::App& parent, const std::string& name, const std::string& about, Deed deed) {
    CLI::App* command = parent.add_subcommand(name, about);
    command->fallthrough();
    if (deed) command->final_callback([this, deed] { deed_ = deed; });
    return command;
  }
  CLI::App* group(const std::string& name, const std::string& about) {
    CLI::App* group = add(app_, name, about, {});
    group->require_subcommand(1);
    return group;
  }
  void set_flag(CLI::App* command, const std::string& flag, const std::string& key,
                const std::string& about) {
    command->add_option_function<std::string>(
        flag, [this, key](const auto& text) { invocation_.flags.emplace_back(key, text); }, about);
  }
  void set(const std::vector<std::string>& settings) {
    for (const std::string& setting : settings) {
      const auto equals = setting.find('=');
      if (equals == std::string::npos) throw CLI::ValidationError("--set", "must be key=value");
      invocation_.flags.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
    }
  }

  void add_serving() {
    CLI::App* command = add(app_, "serve", "Serve the API and the live page",
                            [this] { return serve(invocation_); });
    set_flag(command, "--listen", "http.listen", "Address, such as 0.0.0.0:6699");
    set_flag(command, "--data", "data", "Data folder");

    command = add(app_, "run", "Run a workflow on pictures, without a server",
                  [this] { return run_workflow(invocation_, run_); });
    command->add_option("workflow", run_.workflow, "Definition")->required();
    command->add_option("pictures", run_.pictures, "Pictures; - reads stdin");
    command->add_option("-i,--input", run_.inputs, "A parameter: name=value")
        ->allow_extra_args(false);
    command->add_option("--out", run_.out, "Folder for the pictures of the answer");
    set_flag(command, "--data", "data", "Data folder");

    command = add(app_, "validate", "Check definitions",
                  [this] { return validate(invocation_, files_); });
    command->add_option("workflow", files_, "Definitions")->required();
  }

  void add_people() {
    CLI::App* command = add(app_, "enroll", "Enrol the people of FOLDER/NAME/*.jpg",
                            [this] { return enroll(invocation_, enroll_); });
    command->add_option("folder", enroll_.folder, "One folder for each person")->required();
    command->add_flag("--dry-run", enroll_.dry_run, "Judge the photos, keep nothing");
    command->add_flag("--force", enroll_.force, "Keep every photo with a face");
    set_flag(command, "--data", "data", "Data folder");

    CLI::App* people = group("people", "Who is known");
    set_flag(people, "--data", "data", "Data folder");
    command = add(*people, "ls", "List people", [this] { return people_list(invocation_, text_); });
    command->add_option("query", text_, "Part of the name");
    command = add(*people, "rm", "Erase people for good",
                  [this] { return people_remove(invocation_, files_); });
    command->add_option("person", files_, "Ids")->required();
    command = add(*people, "export", "Write people.json and photos",
                  [this] { return people_export(invocation_, text_); });
    command->add_option("folder", text_, "New folder")->required();
    command = add(*people, "import", "Read what export wrote",
                  [this] { return people_import(invocation_, text_); });
    command->add_option("folder", text_, "Folder")->required();

    CLI::App* workflows = group("workflows", "Saved workflows");
    set_flag(workflows, "--data", "data", "Data folder");
    add(*workflows, "ls", "List workflows", [this] { return workflows_list(invocation_); });
    command = add(*workflows, "revert", "Drop the edited copy; the file counts again",
                  [this] { return workflows_revert(invocation_, text_); });
    command->add_option("name", text_, "Workflow")->required();
  }

  void add_upkeep() {
    CLI::App* keys = group("key", "API keys");
    CLI::App* command = add(*keys, "create", "Make a key and print it, once",
                            [this] { return key_create(invocation_, text_); });
    command->add_option("name", text_, "What the key is for")->required();
    set_flag(command, "--data", "data", "Data folder");

    CLI::App* config = group("config", "The configuration");
    add(*config, "check", "Check it", [this] { return config_check(invocation_); });
    command = add(*config, "show", "Print every value",
                  [this] { return config_show(invocation_, origin_); });
    command->add_flag("--origin", origin_, "Say where each comes from");
    add(*config, "schema", "Print its JSON Schema", [] { return config_schema_out(); });

    command = add(app_, "backup", "Write the data folder to a file",
                  [this] { return backup(invocation_, text_); });
    command->add_option("file", text_, "Archive to write, .tar.gz")->required();
    set_flag(command, "--data", "data", "Data folder");
    command = add(app_, "restore", "Make the data folder from a backup",
                  [this] { return restore(invocation_, text_); });
    command->add_option("file", text_, "Archive")->required()->check(CLI::ExistingFile);
    set_flag(command, "--data", "data", "Data folder, which must be empty");
    command = add(app_, "doctor", "Check ports, disk, clock, models and Python",
                  [this] { return doctor(invocation_); });
    set_flag(command, "--data", "data", "Data folder");
    add(app_, "version", "Print the version", [this] { return version(invocation_); });
    add(app_, "bench", "Measure", [] {
      fmt::print(stderr, "bench: not in this version; build the target `bench` instead\n");
      return Exit::failed;
    });
    command = add(app_, "completion", "Print a completion script", [this] {
      fmt::print("{}", completion(app_, text_));
      return Exit::ok;
    });
    command->add_option("shell", text_, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  }

  CLI::App app_{"Vedette: pictures go in, who is there comes out", "vedette"};
  Invocation invocation_;
  RunCommand run_;
  EnrollCommand enroll_;
  std::vector<std::string> files_;
  std::string text_;
  bool origin_ = false;
  Deed deed_;
};

}  // namespace

int run_command_line(int argc, char** argv) { return CommandLine().run(argc, argv); }

}  // namespace vedette::server
