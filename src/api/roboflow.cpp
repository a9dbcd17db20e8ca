/// The routes that Roboflow's clients use, with the bodies and errors that they read.
#include <charconv>
#include <mutex>
#include <zlib.h>

#include "api/runs.hpp"
#include "api/surface.hpp"
#include "workflow/definition.hpp"

namespace vedette::api {
namespace {

const std::vector<std::string_view> json_only{"application/json"};

std::vector<std::string> excluded_fields(const Members& members) {
  std::vector<std::string> names;
  const std::string_view raw = members.raw("excluded_fields");
  const auto list = raw.empty() ? Result<Value>(Value()) : json::read(raw, json::as_python);
  if (!list || !list->is_list()) return names;
  for (const Value& name : list->list()) {
    if (name.is_string()) names.emplace_back(name.string());
  }
  return names;
}

RunRequest request_of(const Members& members) {
  return {.workflow = {},
          .inputs = members.raw("inputs"),
          .excluded_fields = excluded_fields(members),
          .debug = members.is_true("debug"),
          .disable_sinks = members.is_true("disable_sinks")};
}

const std::vector<Field> run_options{
    {"api_key", "string", "Key, where one is needed"},
    {"inputs", "object", "Values of the workflow's inputs by name", true},
    {"excluded_fields", "array", "Outputs to leave out"},
    {"enable_profiling", "boolean", "Accepted, without effect"},
    {"debug", "boolean", "Add what user code printed and traced"},
    {"disable_sinks", "boolean", "Tell nobody outside"},
    {"workflow_id", "any", "Accepted, without effect"},
    {"use_cache", "any", "Accepted, without effect"},
    {"is_preview", "any", "Accepted, without effect"},
};

std::vector<Field> with(std::vector<Field> first, const std::vector<Field>& rest) {
  first.insert(first.end(), rest.begin(), rest.end());
  return first;
}

/// A body that has all it needs, or the answer that says what it lacks.
std::expected<Members, Answer> checked(const House& house, const Call& call,
                                       const std::vector<Field>& fields) {
  auto members = Members::of(call);
  if (!members) return members;
  if (!is_admitted(house, call, members->text("api_key"))) {
    return std::unexpected(unauthorized(call));
  }
  if (const auto invalid = members->check(fields); !invalid.empty()) {
    return std::unexpected(unprocessable(invalid));
  }
  return members;
}

const std::vector<Field> sent_fields =
    with(run_options, {{"specification", "object", "The workflow", true}});
const std::vector<Field> saved_fields =
    with(run_options, {{"workflow_version_id", "any", "A version of ours"}});

Answer run_sent(House& house, const Call& call) {
  const auto members = checked(house, call, sent_fields);
  if (!members) return members.error();
  return run_for(house, call, members->raw("specification"), request_of(*members));
}

Result<SavedWorkflow> saved_workflow(const House& house, const std::string& name,
                                     std::string_view version) {
  if (version.empty() || version == "null") return house.saved->get(name);
  if (version.starts_with('"') && version.ends_with('"')) {
    version = version.substr(1, version.size() - 2);
  }
  int number = -1;
  const auto [end, error] =
      std::from_chars(version.data(), version.data() + version.size(), number);
  if (error != std::errc{} || end != version.data() + version.size()) {
    return fail(Errc::not_found, "workflow " + name + " has no version " + std::string(version));
  }
  return house.saved->get(name, number);
}

void run_saved(House& house, const CallPtr& call, Reply reply) {
  const auto members = checked(house, *call, saved_fields);
  if (!members) return reply(members.error());
  const auto workflow =
      saved_workflow(house, call->captured.back(), members->raw("workflow_version_id"));
  if (!workflow) return reply(message(status_of(workflow.error().code), workflow.error().what));
  RunRequest request = request_of(*members);
  request.workflow = workflow->name;
  auto work = [&house, call, request, definition = workflow->definition] {
    return run_for(house, *call, *definition, request);
  };
  if (may_wait(house, *workflow->definition)) {
    return run_in_waits(house, std::move(reply), std::move(work));
  }
  reply(work());
}

Answer validate(House& house, const Call& call) {
  if (auto answer = refuse_no_object(call)) return std::move(*answer);
  const auto plan = house.plans->get(*call.body);
  if (plan) return json_answer(Dict{{"status", "ok"}});
  const auto members = Members::of(call);  // is it JSON at all?
  return members ? failure(plan.error()) : members.error();
}

Answer interface_of(std::string_view definition) {
  const auto interface =
      workflow::describe_interface(std::make_shared<const std::string>(definition));
  return interface ? json_answer(*interface) : failure(interface.error());
}

const std::vector<Field> describe_fields{
    {"api_key", "string", "Key; any will do where none is needed"},
    {"specification", "object", "The workflow", true},
};

/// The peer demands a key here, though it looks at none; its clients count on the answer.
std::optional<Answer> refuse_no_key(const Call& call, const Members& members) {
  const bool has_key = !members.text("api_key").empty() || call.query("api_key") ||
                       !call.header("authorization").empty();
  if (has_key) return std::nullopt;
  return message(400,
                 "Required Roboflow API key is missing. Visit "
                 "https://docs.roboflow.com/api-reference/authentication#retrieve-an-api-key "
                 "to learn how to retrieve one.");
}

Answer describe_sent(House& house, const Call& call) {
  const auto members = checked(house, call, describe_fields);
  if (!members) return members.error();
  if (auto answer = refuse_no_key(call, *members)) return std::move(*answer);
  return interface_of(members->raw("specification"));
}

Answer describe_saved(House& house, const Call& call) {
  const auto members = checked(house, call, {});
  if (!members) return members.error();
  if (auto answer = refuse_no_key(call, *members)) return std::move(*answer);
  const auto workflow =
      saved_workflow(house, call.captured.back(), members->raw("workflow_version_id"));
  if (!workflow) return message(status_of(workflow.error().code), workflow.error().what);
  return interface_of(*workflow->definition);
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  constexpr int gzip_window = 15 + 16;
  constexpr int memory_level = 8;
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window, memory_level,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return {};
  }
  std::string out(deflateBound(&stream, text.size()), '\0');
  // zlib's interface lacks a const that its promise has
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int code = deflate(&stream, Z_FINISH);
  out.resize(code == Z_STREAM_END ? stream.total_out : 0);
  deflateEnd(&stream);
  return out;
}

/// Big: compressed where the client takes that.
Answer compressed(const Call& call, Answer answer) {
  answer.headers.push_back({"Vary", "Accept-Encoding"});
  if (!call.header("accept-encoding").contains("gzip")) return answer;
  if (std::string small = gzip(answer.body); !small.empty()) {
    answer.body = std::move(small);
    answer.headers.push_back({"Content-Encoding", "gzip"});
  }
  return answer;
}

Answer describe_native(const Call& call) {
  static std::once_flag once;
  static Answer plain;
  static Answer packed;
  std::call_once(once, [&] {
    plain = json_answer(workflow::describe_blocks({}));
    packed = plain;
    packed.body = gzip(plain.body);
    packed.headers = {{"Vary", "Accept-Encoding"}, {"Content-Encoding", "gzip"}};
    plain.headers = {{"Vary", "Accept-Encoding"}};
  });
  return call.header("accept-encoding").contains("gzip") && !packed.body.empty() ? packed : plain;
}

/// What each definition of a dynamic block lacks, as FastAPI tells it.
std::vector<Invalid> check_dynamic(const Value& list) {
  constexpr std::string_view key = "dynamic_blocks_definitions";
  if (!list.is_list()) {
    return {{"list_type", {"body", key}, "Input should be a valid list", list}};
  }
  std::vector<Invalid> all;
  for (std::size_t i = 0; i < list.list().size(); ++i) {
    const Value& one = list.list()[i];
    const auto at = static_cast<std::int64_t>(i);
    if (!one.is_dict()) {
      all.push_back({"model_type",
                     {"body", key, at},
                     "Input should be a valid dictionary or instance of DynamicBlockDefinition",
                     one});
      continue;
    }
    for (const char* name : {"type", "manifest", "code"}) {
      if (one.dict().find(name)) continue;
      all.push_back({"missing", {"body", key, at, name}, "Field required", one});
    }
  }
  return all;
}

Answer describe_with_dynamic(const House& house, const Call& call) {
  if (call.body->empty()) return describe_native(call);
  const auto members = Members::of(call);
  if (!members) return members.error();
  const std::string_view raw = members->raw("dynamic_blocks_definitions");
  if (raw.empty() || raw == "null" || raw == "[]") return describe_native(call);
  const auto list = json::read(raw, json::strict);
  if (!list) return message(400, "dynamic_blocks_definitions: " + list.error().what);
  if (const auto invalid = check_dynamic(*list); !invalid.empty()) return unprocessable(invalid);

  const auto python = house.services.find<workflow::DynamicBlocks>();
  std::vector<std::shared_ptr<const workflow::DynamicBlock>> kept;  // the copies look into these
  std::vector<workflow::DynamicBlock> blocks;
  for (const Value& definition : list->list()) {
    auto block = workflow::read_dynamic_block(definition);
    if (!block) return failure(block.error());
    if (python) {
      if (const auto made = python->make(*block); !made) return failure(made.error());
    }
    kept.push_back(*block);
    blocks.push_back(**block);
  }
  return compressed(call, json_answer(workflow::describe_blocks(blocks)));
}

Answer outputs_of_step(const Call& call) {
  if (auto answer = refuse_no_object(call)) return std::move(*answer);
  const auto manifest = json::read(*call.body, json::strict);
  if (!manifest) return message(status_of(manifest.error().code), manifest.error().what);
  const auto outputs = workflow::dynamic_outputs(*manifest);
  return outputs ? json_answer(*outputs) : failure(outputs.error());
}

void add_runs(Table& table, House& house) {
  for (const std::string_view path : {"/workflows/run", "/infer/workflows"}) {
    table.add({.method = "POST",
               .path = path,
               .about = "Run a workflow that is sent along",
               .lane = Lane::by_body,
               .access = Access::key_in_body,
               .takes = json_only,
               .fields = sent_fields,
               .handle = answers([&house](const Call& call) { return run_sent(house, call); })});
  }
  for (const std::string_view path :
       {"/infer/workflows/{workspace}/{id}", "/{workspace}/workflows/{id}"}) {
    table.add({.method = "POST",
               .path = path,
               .about = "Run a saved workflow; any workspace name is accepted",
               .access = Access::key_in_body,
               .takes = json_only,
               .fields = saved_fields,
               .handle = [&house](const CallPtr& call, Reply reply) {
                 run_saved(house, call, std::move(reply));
               }});
  }
}

void add_descriptions(Table& table, House& house) {
  table.add({.method = "POST",
             .path = "/workflows/validate",
             .about = "Check a definition, which is the body itself",
             .lane = Lane::by_body,
             .takes = json_only,
             .handle = answers([&house](const Call& call) { return validate(house, call); })});
  table.add({.method = "POST",
             .path = "/workflows/describe_interface",
             .about = "Inputs and outputs of a workflow, with their kinds",
             .lane = Lane::by_body,
             .access = Access::key_in_body,
             .takes = json_only,
             .fields = describe_fields,
             .handle = answers([&house](const Call& call) { return describe_sent(house, call); })});
  table.add(
      {.method = "POST",
       .path = "/{workspace}/workflows/{id}/describe_interface",
       .about = "Inputs and outputs of a saved workflow",
       .lane = Lane::waits,
       .access = Access::key_in_body,
       .takes = json_only,
       .handle = answers([&house](const Call& call) { return describe_saved(house, call); })});
  table.add({.method = "GET",
             .path = "/workflows/blocks/describe",
             .about = "Every block with its schema",
             .before_ready = true,
             .handle = answers(describe_native)});
  table.add({.method = "POST",
             .path = "/workflows/blocks/describe",
             .about = "Every block, and those whose definitions are sent",
             .lane = Lane::by_body,
             .takes = json_only,
             .fields = {{"dynamic_blocks_definitions", "array", "Blocks in Python"},
                        {"execution_engine_version", "string", "Accepted, without effect"}},
             .handle = answers(
                 [&house](const Call& call) { return describe_with_dynamic(house, call); })});
  table.add({.method = "POST",
             .path = "/workflows/blocks/dynamic_outputs",
             .about = "The outputs of one step",
             .takes = json_only,
             .handle = answers(outputs_of_step)});
  table.add({.method = "GET",
             .path = "/workflows/definition/schema",
             .about = "JSON Schema of definitions",
             .handle = answers([](const Call& call) {
               return compressed(call,
                                 json_answer(Dict{{"schema", workflow::definition_schema()}}));
             })});
  table.add({.method = "GET",
             .path = "/workflows/execution_engine/versions",
             .about = "Versions of the workflow language",
             .lane = Lane::io,
             .before_ready = true,
             .handle = answers([](const Call&) {
               return json_answer(Dict{{"versions", List{workflow::engine_version}}});
             })});
}

}  // namespace

void add_roboflow_routes(Table& table, House& house) {
  add_runs(table, house);
  add_descriptions(table, house);
}

}  // namespace vedette::api
