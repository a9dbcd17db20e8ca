#include "api/runs.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace vedette::api {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t most_echoed = 64u << 10;  ///< bytes of a body that an error repeats

char first_of(std::string_view text) {
  const auto at = text.find_first_not_of(" \t\r\n");
  return at == text.npos ? '\0' : text[at];
}

Value read_or_null(std::string_view text) {
  if (text.size() > most_echoed) return nullptr;
  return json::read(text, json::as_python).value_or(Value());
}

std::string_view type_of(std::string_view raw) {
  switch (first_of(raw)) {
    case '{':
      return "object";
    case '[':
      return "array";
    case '"':
      return "string";
    case 't':
    case 'f':
      return "boolean";
    case 'n':
      return raw.starts_with("null") ? "null" : "number";
    default:
      return "number";
  }
}

/// A boolean as pydantic reads it; nothing where it is none.
std::optional<bool> read_boolean(const Value& value) {
  if (value.is_bool()) return value.boolean();
  if (value.is_number()) {
    if (value.number() == 0 || value.number() == 1) return value.number() == 1;
    return std::nullopt;
  }
  if (!value.is_string()) return std::nullopt;
  std::string word(value.string());
  std::ranges::transform(word, word.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c;
  });
  for (const char* yes : {"true", "t", "yes", "y", "on", "1"}) {
    if (word == yes) return true;
  }
  for (const char* no : {"false", "f", "no", "n", "off", "0"}) {
    if (word == no) return false;
  }
  return std::nullopt;
}

Invalid wrong_boolean(const Field& field, const Value& value) {
  const bool readable = value.is_string() || value.is_number();
  if (readable) {
    return {"bool_parsing",
            {"body", field.name},
            "Input should be a valid boolean, unable to interpret input",
            value};
  }
  return {"bool_type", {"body", field.name}, "Input should be a valid boolean", value};
}

/// A list of texts: each element that is none.
void check_texts(const Field& field, const Value& value, std::vector<Invalid>& all) {
  if (!value.is_list()) {
    all.push_back({"list_type", {"body", field.name}, "Input should be a valid list", value});
    return;
  }
  for (std::size_t i = 0; i < value.list().size(); ++i) {
    if (value.list()[i].is_string()) continue;
    all.push_back({"string_type",
                   {"body", field.name, static_cast<std::int64_t>(i)},
                   "Input should be a valid string",
                   value.list()[i]});
  }
}

/// What is wrong with a member that is there. Objects are looked at from outside only.
void check_field(const Field& field, std::string_view raw, std::vector<Invalid>& all) {
  const std::string_view type = type_of(raw);
  if (field.type == "any" || (type == "null" && !field.required && field.type != "boolean")) return;
  if (field.type == "object") {
    if (type != "object") {
      all.push_back({"dict_type",
                     {"body", field.name},
                     "Input should be a valid dictionary",
                     read_or_null(raw)});
    }
    return;
  }
  const Value value = read_or_null(raw);
  if (field.type == "string" && !value.is_string()) {
    all.push_back({"string_type", {"body", field.name}, "Input should be a valid string", value});
  } else if (field.type == "boolean" && !read_boolean(value)) {
    all.push_back(wrong_boolean(field, value));
  } else if (field.type == "array") {
    check_texts(field, value, all);
  }
}

/// What went wrong, told in a record of the run and in the answer.
Answer failed(House& house, RunRecord record, const workflow::Problem& problem) {
  record.status = problem.status;
  record.message = problem.message;
  house.metrics.run(record.workflow, false, std::chrono::duration<double>(record.ms / 1e3));
  house.runs.add(std::move(record));
  return failure(problem);
}

void write_answer(const workflow::RunReport& report, std::string& body) {
  body += R"(,"profiler_trace":[])";
  const auto append = [&](std::string_view name, const Value& value) {
    const bool is_empty = value.is_null() || (value.is_dict() && value.dict().empty()) ||
                          (value.is_list() && value.list().empty());
    if (is_empty) return;
    body += ",\"";
    body += name;
    body += "\":";
    json::write(value, body);
  };
  append("python_blocks_output_streams", report.output_streams);
  append("python_blocks_debug_traces", report.debug_traces);
  body += '}';
}

}  // namespace

namespace {

Answer invalid_json(const Error& error) {
  return unprocessable(
      {{"json_invalid", {"body", 0}, "JSON decode error", Dict{}, Dict{{"error", error.what}}}});
}

Answer nothing_sent() { return unprocessable({{"missing", {"body"}, "Field required", nullptr}}); }

}  // namespace

std::optional<Answer> refuse_no_object(const Call& call) {
  const std::string& body = *call.body;
  if (first_of(body) == '{') return std::nullopt;
  if (body.empty()) return nothing_sent();
  const auto value = json::read(body, json::as_python);
  if (!value) return invalid_json(value.error());
  if (value->is_null()) return nothing_sent();
  return unprocessable({{"dict_type", {"body"}, "Input should be a valid dictionary", *value}});
}

std::expected<Members, Answer> Members::of(const Call& call) {
  const std::string& body = *call.body;
  if (body.empty()) return std::unexpected(nothing_sent());
  if (first_of(body) != '{') {
    const auto value = json::read(body, json::as_python);
    if (!value) return std::unexpected(invalid_json(value.error()));
    if (value->is_null()) return std::unexpected(nothing_sent());
    return std::unexpected(
        unprocessable({{"model_attributes_type",
                        {"body"},
                        "Input should be a valid dictionary or object to extract fields from",
                        body.size() > most_echoed ? Value() : *value}}));
  }
  auto members = json::members(body, {.duplicates = false, .nan = true});
  if (!members) {
    const bool is_json = json::members(body, json::as_python).has_value();
    return std::unexpected(is_json ? message(400, members.error().what)
                                   : invalid_json(members.error()));
  }
  return Members(call, std::move(*members));
}

std::string_view Members::raw(std::string_view key) const {
  const auto found = std::ranges::find(members_, key, &json::Member::key);
  return found == members_.end() ? std::string_view() : found->raw;
}

std::string Members::text(std::string_view key) const {
  const std::string_view value = raw(key);
  if (first_of(value) != '"') return {};
  const auto read = json::read(value, json::as_python);
  return read && read->is_string() ? std::string(read->string()) : std::string();
}

bool Members::is_true(std::string_view key) const {
  const std::string_view value = raw(key);
  return !value.empty() && read_boolean(read_or_null(value)).value_or(false);
}

std::vector<Invalid> Members::check(const std::vector<Field>& fields) const {
  std::vector<Invalid> all;
  for (const Field& field : fields) {
    const std::string_view value = raw(field.name);
    if (!value.empty()) {
      check_field(field, value, all);
    } else if (field.required) {
      all.push_back({"missing", {"body", field.name}, "Field required", read_or_null(*body_)});
    }
  }
  return all;
}

bool may_wait(const House& house, std::string_view text) {
  if (text.contains("\"dynamic_blocks_definitions\"")) return true;
  return house.fetches_urls && (text.contains("\"http://") || text.contains("\"https://"));
}

void run_in_waits(House& house, Reply reply, std::move_only_function<Answer()> work) {
  auto shared = std::make_shared<Reply>(std::move(reply));
  const bool taken =
      house.waits->try_submit([shared, work = std::move(work)]() mutable { (*shared)(work()); });
  if (taken) return;
  house.metrics.refused("queue");
  Answer busy = message(503, "too many requests are waiting already");
  busy.headers.push_back({"Retry-After", "1"});
  (*shared)(std::move(busy));
}

Answer run_for(House& house, const Call& call, std::string_view definition,
               const RunRequest& request) {
  const auto begun = Steady::now();
  RunRecord record{.id = call.id, .workflow = request.workflow, .started = Clock::now()};
  const auto tell_time = [&] {
    record.ms = std::chrono::duration<double, std::milli>(Steady::now() - begun).count();
  };
  const auto plan = house.plans->get(definition);
  if (!plan) {
    tell_time();
    return failed(house, std::move(record), plan.error());
  }
  const json::Rules rules{.depth = house.json_depth, .duplicates = true, .nan = true};
  const auto inputs = json::read_part(call.body, request.inputs, rules);
  if (!inputs) return message(status_of(inputs.error().code), "inputs: " + inputs.error().what);

  const workflow::RunOptions options{.workflow = request.workflow,
                                     .request = call.id,
                                     .excluded_fields = request.excluded_fields,
                                     .debug = request.debug,
                                     .disable_sinks = request.disable_sinks,
                                     .profile = true};
  const auto report = workflow::run(**plan, inputs->dict(), options, house.compute.get());
  if (!report) {
    tell_time();
    return failed(house, std::move(record), report.error());
  }
  Answer answer;
  answer.body = R"({"outputs":)";
  if (auto written = workflow::write_outputs(*report, house.compute.get(), answer.body); !written) {
    tell_time();
    return failed(house, std::move(record), written.error());
  }
  write_answer(*report, answer.body);
  tell_time();
  record.batch = report->outputs.size();
  for (const auto& step : report->steps) {
    record.steps.push_back({std::string(step.step), step.ms, step.elements});
  }
  house.metrics.run(record.workflow, true, std::chrono::duration<double>(record.ms / 1e3));
  house.runs.add(std::move(record));
  return answer;
}

}  // namespace vedette::api
