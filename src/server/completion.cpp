#include "server/completion.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace vedette::server {
namespace {

struct Words {
  std::string command;  ///< "people ls"; empty: the program itself
  std::vector<std::string> next;
};

void collect(const CLI::App& app, const std::string& path, std::vector<Words>& all) {
  Words words{path, {}};
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    words.next.push_back(sub->get_name());
  }
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) words.next.push_back("--" + name);
  }
  all.push_back(std::move(words));
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    collect(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), all);
  }
}

std::string bash(const std::vector<Words>& all) {
  std::string cases;
  for (const Words& words : all) {
    cases += fmt::format("    '{}') words='{}' ;;\n", words.command, fmt::join(words.next, " "));
  }
  return "_vedette() {\n"
         "  local path='' word words=''\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    [[ $word == -* ]] || path=\"${path:+$path }$word\"\n"
         "  done\n"
         "  case $path in\n" +
         cases +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "}\n"
         "complete -o default -F _vedette vedette\n";
}

std::string fish(const std::vector<Words>& all) {
  std::string script = "complete -c vedette\n";
  for (const Words& words : all) {
    const std::string when =
        words.command.empty()
            ? "__fish_use_subcommand"
            : fmt::format("string match -q -- '* {} *' (commandline -c)", words.command);
    for (const std::string& next : words.next) {
      script += next.starts_with("--")
                    ? fmt::format("complete -c vedette -n \"{}\" -l {}\n", when, next.substr(2))
                    : fmt::format("complete -c vedette -n \"{}\" -a {}\n", when, next);
    }
  }
  return script;
}

}  // namespace

std::string completion(const CLI::App& app, const std::string& shell) {
  std::vector<Words> all;
  collect(app, "", all);
  if (shell == "fish") return fish(all);
  // zsh runs bash's script through its own emulation.
  const std::string prelude =
      shell == "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : std::string();
  return prelude + bash(all);
}

}  // namespace vedette::server
