#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <iterator>

#include "base/base64.hpp"
#include "base/json.hpp"
#include "server/builder.hpp"
#include "server/commands.hpp"
#include "vision/detections.hpp"

namespace vedette::server {
namespace fs = std::filesystem;
namespace {

Result<std::string> read_whole(const std::string& path) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Errc::io, path + ": cannot be read");
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Exit complain(const std::string& what, Exit exit = Exit::failed) {
  fmt::print(stderr, "vedette: {}\n", what);
  return exit;
}

/// "file:line:column: message", with what was probably meant.
void print_problem(const std::string& file, const workflow::Problem& problem) {
  std::string where = file;
  if (problem.position.line > 0) {
    where += fmt::format(":{}:{}", problem.position.line, problem.position.column);
  }
  fmt::print(stderr, "{}: {}: {}\n", where, problem.type, problem.message);
  for (const workflow::BlockProblem& block : problem.blocks) {
    std::string line = "  " + (block.block_id.empty() ? block.block_type : block.block_id);
    if (!block.property_name.empty()) line += "." + block.property_name;
    const std::string& details =
        block.property_details.empty() ? block.block_details : block.property_details;
    if (!details.empty()) line += ": " + details;
    fmt::print(stderr, "{}\n", line);
  }
  if (!problem.inner_message.empty() && problem.inner_message != "None" && problem.blocks.empty()) {
    fmt::print(stderr, "  {}\n", problem.inner_message);
  }
  if (!problem.nearest.empty()) fmt::print(stderr, "  did you mean {}?\n", problem.nearest);
}

/// What the values of a run are made of, for a terminal: pictures go to files.
class Showing {
 public:
  Showing(std::string folder, std::string prefix)
      : folder_(std::move(folder)), prefix_(std::move(prefix)) {}

  /// `value` with each picture in it replaced by the name of its file, or by its size.
  Value without_pictures(const Value& value, const std::string& name) {
    if (const auto* frame = value.get_if<vision::Frame>()) return picture(*frame, name);
    if (value.is_list()) {
      List list;
      for (const Value& item : value.list()) {
        list.push_back(without_pictures(item, fmt::format("{}-{}", name, list.size())));
      }
      return list;
    }
    if (value.is_dict()) {
      Dict dict;
      for (const auto& [key, item] : value.dict()) {
        dict.append(key, without_pictures(item, name + "-" + key));
      }
      return dict;
    }
    return value;
  }
  [[nodiscard]] const std::vector<std::string>& written() const { return written_; }

 private:
  Value picture(const vision::Frame& frame, const std::string& name) {
    if (folder_.empty()) {
      return fmt::format("<picture {}x{}; --out DIR writes it>", frame.image->width(),
                         frame.image->height());
    }
    const std::string path = fmt::format("{}/{}-{}.jpg", folder_, prefix_, name);
    const auto jpeg = frame.image->jpeg();
    if (!jpeg) return "<picture: " + jpeg.error().what + ">";
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>((*jpeg)->data()),
               static_cast<std::streamsize>((*jpeg)->size()));
    if (!file) return "<picture: " + path + " cannot be written>";
    written_.push_back(path);
    return path;
  }

  std::string folder_, prefix_;
  std::vector<std::string> written_;
};

/// `name=value`, the value as JSON where it is, else as text.
Result<Dict> parameters(const std::vector<std::string>& inputs) {
  Dict dict;
  for (const std::string& input : inputs) {
    const auto equals = input.find('=');
    if (equals == std::string::npos) {
      return fail(Errc::bad_input, "-i " + input + ": must be name=value");
    }
    const std::string text = input.substr(equals + 1);
    const auto value = json::read(text, json::strict);
    dict.set(input.substr(0, equals), value ? *value : Value(text));
  }
  return dict;
}

void print_steps(const workflow::RunReport& report) {
  std::size_t width = 4;
  for (const auto& step : report.steps) width = std::max(width, step.step.size());
  fmt::print("{:<{}}  {:>8}  {:>8}\n", "step", width, "elements", "ms");
  for (const auto& step : report.steps) {
    fmt::print("{:<{}}  {:>8}  {:>8.2f}\n", step.step, width, step.elements, step.ms);
  }
}

Value steps_json(const workflow::RunReport& report) {
  List list;
  for (const auto& step : report.steps) {
    list.emplace_back(Dict{{"step", step.step},
                           {"elements", static_cast<std::int64_t>(step.elements)},
                           {"ms", step.ms}});
  }
  return list;
}

/// The outputs as JSON has them; pictures as files where there is a folder for them.
Result<Value> outputs_json(const workflow::RunReport& report, Showing& showing,
                           bool keep_pictures) {
  List outputs;
  for (const Dict& element : report.outputs) {
    const std::string name =
        report.outputs.size() > 1 ? fmt::format("{}", outputs.size()) : std::string();
    Dict shown;
    for (const auto& [key, value] : element) {
      const Value plain =
          keep_pictures ? value
                        : showing.without_pictures(value, name.empty() ? key : name + "-" + key);
      std::string text;
      if (auto written = workflow::write_value(plain, text); !written) {
        return fail(Errc::bad_input, written.error().message);
      }
      shown.append(key, json::read(text, json::as_python).value_or(Value()));
    }
    outputs.emplace_back(std::move(shown));
  }
  return outputs;
}

struct OneRun {
  api::House& house;
  const workflow::Plan& plan;
  const RunCommand& command;
  bool as_json;
  List told;  ///< for --json
};

Exit run_one(OneRun& one, const std::string& picture, Dict inputs) {
  if (!picture.empty()) {
    const auto names = one.plan.image_inputs();
    if (names.empty()) return complain("the workflow takes no picture", Exit::failed);
    const auto bytes = read_whole(picture);
    if (!bytes) return complain(bytes.error().what);
    std::string text;
    base64::encode({reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size()}, text);
    inputs.set(names.front(), Dict{{"type", "base64"}, {"value", std::move(text)}});
  }
  const auto report = workflow::run(one.plan, inputs, {.profile = true}, one.house.compute.get());
  if (!report) {
    print_problem(picture.empty() ? one.command.workflow : picture, report.error());
    return Exit::failed;
  }
  Showing showing(one.command.out, picture.empty() ? "run" : fs::path(picture).stem().string());
  const bool keep_pictures = one.as_json && one.command.out.empty();
  const auto outputs = outputs_json(*report, showing, keep_pictures);
  if (!outputs) return complain(outputs.error().what);
  if (one.as_json) {
    one.told.emplace_back(Dict{{"picture", picture.empty() ? Value() : Value(picture)},
                               {"outputs", *outputs},
                               {"steps", steps_json(*report)}});
    return Exit::ok;
  }
  if (!picture.empty()) fmt::print("{}\n", picture);
  print_steps(*report);
  for (const std::string& path : showing.written()) fmt::print("wrote {}\n", path);
  fmt::print("{}\n", json::write_pretty(*outputs));
  return Exit::ok;
}

}  // namespace

Exit run_workflow(const Invocation& invocation, const RunCommand& command) {
  const auto config = load_config(invocation);
  if (!config) return Exit::configuration;
  auto text = read_whole(command.workflow);
  if (!text) return complain(text.error().what);
  const auto inputs = parameters(command.inputs);
  if (!inputs) return complain(inputs.error().what, Exit::configuration);
  if (!command.out.empty()) {
    std::error_code error;
    fs::create_directories(command.out, error);
    if (error) return complain(command.out + ": " + error.message());
  }
  auto house = build_house(*config);
  if (!house) return complain(house.error().what, house.error().exit);
  if (auto open = open_house(**house, *config, false); !open) {
    return complain(open.error().what, open.error().exit);
  }
  const auto plan = (*house)->plans->get(*text);
  if (!plan) {
    print_problem(command.workflow, plan.error());
    return Exit::failed;
  }
  OneRun one{**house, **plan, command, invocation.json, {}};
  std::vector<std::string> pictures = command.pictures;
  if (pictures.empty()) pictures.emplace_back();
  Exit worst = Exit::ok;
  for (const std::string& picture : pictures) {
    if (run_one(one, picture, *inputs) != Exit::ok) worst = Exit::failed;
  }
  if (invocation.json) fmt::print("{}\n", json::write_pretty(one.told));
  return worst;
}

Exit validate(const Invocation& invocation, const std::vector<std::string>& files) {
  const auto config = load_config(invocation);
  if (!config) return Exit::configuration;
  auto house = build_house(*config);
  if (!house) return complain(house.error().what, house.error().exit);
  if (auto open = open_house(**house, *config, false); !open) {
    return complain(open.error().what, open.error().exit);
  }
  List told;
  bool good = true;
  for (const std::string& file : files) {
    const auto text = read_whole(file);
    if (!text) {
      good = false;
      told.emplace_back(Dict{{"file", file}, {"ok", false}, {"message", text.error().what}});
      if (!invocation.json) fmt::print(stderr, "{}\n", text.error().what);
      continue;
    }
    const auto plan = (*house)->plans->get(*text);
    good = good && plan.has_value();
    Dict one{{"file", file}, {"ok", plan.has_value()}};
    if (!plan) {
      one.set("line", static_cast<std::int64_t>(plan.error().position.line));
      one.set("column", static_cast<std::int64_t>(plan.error().position.column));
      one.set("problem", workflow::as_json(plan.error()));
    }
    told.emplace_back(std::move(one));
    if (invocation.json) continue;
    if (plan) {
      fmt::print("{}: ok, {} steps\n", file, (*plan)->step_count());
    } else {
      print_problem(file, plan.error());
    }
  }
  if (invocation.json) fmt::print("{}\n", json::write_pretty(told));
  return good ? Exit::ok : Exit::failed;
}

}  // namespace vedette::server
