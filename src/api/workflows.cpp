/// /api/v1/workflows and /api/v1/runs.
#include <charconv>

#include "api/native.hpp"
#include "api/runs.hpp"
#include "api/surface.hpp"

namespace vedette::api {
namespace {

Dict summary(const SavedWorkflow& workflow) {
  return {{"name", workflow.name},
          {"origin", workflow.edited ? "edited" : "file"},
          {"version", workflow.version},
          {"etag", workflow.etag},
          {"updated", rfc3339(workflow.updated)}};
}

Answer definition_answer(const SavedWorkflow& workflow, int status = 200) {
  Answer answer{.status = status, .body = *workflow.definition};
  answer.headers.push_back({"ETag", workflow.etag});
  answer.headers.push_back({"X-Vedette-Origin", workflow.edited ? "edited" : "file"});
  answer.headers.push_back({"X-Vedette-Version", std::to_string(workflow.version)});
  return answer;
}

Answer list(const House& house, const Call& call) {
  const auto limit = limit_of(call);
  if (!limit) return limit.error();
  const std::string after = call.query("after").value_or("");
  List items;
  std::string next;
  for (const SavedWorkflow& workflow : house.saved->list()) {
    if (workflow.name <= after) continue;
    if (items.size() == *limit) {
      next = items.back().dict()["name"].string();
      break;
    }
    items.emplace_back(summary(workflow));
  }
  return list_answer(std::move(items), next);
}

Answer get(const House& house, const Call& call) {
  const auto workflow = house.saved->get(call.captured[0]);
  if (!workflow) return problem(call, workflow.error());
  if (call.header("if-none-match") == workflow->etag) {
    Answer answer{.status = 304, .type = {}};
    answer.headers.push_back({"ETag", workflow->etag});
    return answer;
  }
  return definition_answer(*workflow);
}

Answer get_version(const House& house, const Call& call) {
  int version = -1;
  const std::string& digits = call.captured[1];
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    return problem(call, 404, "a version is a number");
  }
  const auto workflow = house.saved->get(call.captured[0], version);
  return workflow ? definition_answer(*workflow) : problem(call, workflow.error());
}

Answer versions(const House& house, const Call& call) {
  const auto all = house.saved->versions(call.captured[0]);
  if (!all) return problem(call, all.error());
  List items;
  for (const WorkflowVersion& one : *all) {
    items.emplace_back(Dict{
        {"version", one.version}, {"created", rfc3339(one.created)}, {"current", one.current}});
  }
  return list_answer(std::move(items), {});
}

Answer unmet(const Call& call, SavedWorkflows::Condition condition) {
  if (condition == SavedWorkflows::Condition::missing) {
    return problem(call, 428, "this workflow exists: send its ETag as If-Match, or *");
  }
  return problem(call, 412, "this workflow was changed meanwhile: read it again");
}

Answer put(House& house, const Call& call) {
  const std::string& name = call.captured[0];
  if (!SavedWorkflows::is_name(name)) {
    return problem(call, 400, "a workflow's name is 1 to 64 of A-Z a-z 0-9 _ -");
  }
  if (const auto plan = house.plans->get(*call.body); !plan) {
    return problem(call, plan.error().status, plan.error().message,
                   Dict{{"workflow", workflow::as_json(plan.error())}});
  }
  auto condition = SavedWorkflows::Condition::met;
  const bool is_new = !house.saved->get(name);
  const auto kept = house.saved->put(name, *call.body, call.header("if-match"), condition);
  if (!kept) return problem(call, kept.error());
  if (condition != SavedWorkflows::Condition::met) return unmet(call, condition);
  Answer answer = json_answer(summary(*kept), is_new ? 201 : 200);
  answer.headers.push_back({"ETag", kept->etag});
  return answer;
}

Answer remove(House& house, const Call& call) {
  const std::string& name = call.captured[0];
  const auto there = house.saved->get(name);
  if (!there) return problem(call, there.error());
  if (!there->edited) {
    return problem(call, 409,
                   "this workflow is a file and has no edited copy: delete the file instead");
  }
  const std::string_view if_match = call.header("if-match");
  const auto condition = house.saved->check(name, if_match.empty() ? "*" : if_match);
  if (condition != SavedWorkflows::Condition::met) return unmet(call, condition);
  if (auto done = house.saved->revert(name); !done) return problem(call, done.error());
  return {.status = 204, .type = {}};
}

/// The answer of a failed run is the language's own; here it stands within a problem.
Answer as_problem(const Call& call, Answer answer) {
  if (answer.status < 400) return answer;
  const auto body = json::read(answer.body, json::as_python);
  const Dict told = body && body->is_dict() ? body->dict() : Dict();
  const Value& text = told["message"];
  return problem(call, answer.status,
                 text.is_string() ? std::string(text.string()) : "the run failed",
                 Dict{{"workflow", told}});
}

void run(House& house, const CallPtr& call, Reply reply) {
  const auto workflow = house.saved->get(call->captured[0]);
  if (!workflow) return reply(problem(*call, workflow.error()));
  const auto members = Members::of(*call);
  if (!members) return reply(as_problem(*call, members.error()));
  RunRequest request{.workflow = workflow->name,
                     .inputs = members->raw("inputs"),
                     .excluded_fields = {},
                     .debug = members->is_true("debug")};
  if (request.inputs.empty()) request.inputs = "{}";
  if (!request.inputs.starts_with('{')) {
    return reply(problem(*call, 400, "inputs must be an object"));
  }
  auto work = [&house, call, request, definition = workflow->definition] {
    return as_problem(*call, run_for(house, *call, *definition, request));
  };
  if (may_wait(house, *workflow->definition)) {
    return run_in_waits(house, std::move(reply), std::move(work));
  }
  reply(work());
}

Answer runs(const House& house, const Call& call) {
  const auto limit = limit_of(call);
  if (!limit) return limit.error();
  const auto page = house.runs.list(call.query("workflow").value_or(""),
                                    call.query("after").value_or(""), *limit);
  List items;
  for (const RunPtr& one : page.runs) items.push_back(as_json(*one));
  return list_answer(std::move(items), page.more ? page.runs.back()->id : "");
}

}  // namespace

void add_workflow_routes(Table& table, House& house) {
  const auto add = [&](std::string_view method, std::string_view path, std::string_view about,
                       auto handler, Route more = {}) {
    more.method = method;
    more.path = path;
    more.about = about;
    more.handle = answers([&house, handler](const Call& call) { return handler(house, call); });
    table.add(std::move(more));
  };
  add("GET", "/api/v1/workflows", "Saved workflows", list);
  add("GET", "/api/v1/workflows/{name}", "One definition, with its ETag", get);
  Route keep{.lane = Lane::waits};
  keep.takes = {"application/json"};
  add("PUT", "/api/v1/workflows/{name}", "Keep a definition; needs If-Match where there is one",
      put, keep);
  add("DELETE", "/api/v1/workflows/{name}", "Drop the edited copy; its file counts again", remove,
      {.success = 204});
  add("GET", "/api/v1/workflows/{name}/versions", "Versions of a workflow", versions);
  add("GET", "/api/v1/workflows/{name}/versions/{version}", "One version", get_version);
  add("GET", "/api/v1/runs", "The last runs, the newest first", runs);
  table.add({.method = "POST",
             .path = "/api/v1/workflows/{name}/run",
             .about = "Run a saved workflow",
             .takes = {"application/json"},
             .fields = {{"inputs", "object", "Values of the inputs by name"},
                        {"debug", "boolean", "Add what user code printed and traced"}},
             .handle = [&house](const CallPtr& call, Reply reply) {
               run(house, call, std::move(reply));
             }});
}

}  // namespace vedette::api
