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

Invalid wrong_type(const Field& field, std::string_view raw) {
  Invalid invalid{
      "dict_type", {"body", field.name}, "Input should be a valid dictionary", read_or_null(raw)};
  if (field.type == "array") {
    invalid.type = "list_type";
    invalid.msg = "Input should be a valid list";
  } else if (field.type == "string") {
    invalid.type = "string_type";
    invalid.msg = "Input should be a valid string";
  } else if (field.type == "boolean") {
    invalid.type = "bool_parsing";
    invalid.msg = "Input should be a valid boolean, unable to interpret input";
  }
  return invalid;
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
    if (value.is_null()) return;
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

std::expected<Members, Answer> Members::of(const Call& call) {
  const std::string& body = *call.body;
  const auto invalid = [&](std::string type, std::vector<Value> loc, std::string msg, Value input) {
    return std::unexpected(
        unprocessable({{std::move(type), std::move(loc), std::move(msg), std::move(input)}}));
  };
  if (body.empty()) return invalid("missing", {"body"}, "Field required", nullptr);
  if (first_of(body) != '{' && json::read(body, json::as_python)) {
    return invalid("model_attributes_type", {"body"},
                   "Input should be a valid dictionary or object to extract fields from",
                   read_or_null(body));
  }
  auto members = json::members(body, json::as_python);
  if (!members) {
    return invalid("json_invalid", {"body", 0}, "JSON decode error: " + members.error().what,
                   Dict{});
  }
  for (std::size_t i = 1; i < members->size(); ++i) {
    const auto end = members->begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find_if(members->begin(), end, [&](const json::Member& one) {
          return one.key == (*members)[i].key;
        }) != end) {
      return std::unexpected(message(400, "the body has '" + (*members)[i].key + "' twice"));
    }
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

std::vector<Invalid> Members::check(const std::vector<Field>& fields) const {
  std::vector<Invalid> all;
  for (const Field& field : fields) {
    const std::string_view value = raw(field.name);
    if (value.empty()) {
      if (field.required) {
        all.push_back({"missing", {"body", field.name}, "Field required", read_or_null(*body_)});
      }
      continue;
    }
    const std::string_view type = type_of(value);
    const bool optional_null = type == "null" && !field.required;
    if (field.type != "any" && type != field.type && !optional_null) {
      all.push_back(wrong_type(field, value));
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
