#include "api/route.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace vedette::api {
namespace {

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    parts.push_back(path.substr(0, path.find('/')));
    path.remove_prefix(parts.back().size());
  }
  return parts;
}

std::optional<std::vector<std::string>> match(std::string_view pattern,
                                              const std::vector<std::string_view>& parts) {
  const auto wanted = parts_of(pattern);
  if (wanted.size() != parts.size()) return std::nullopt;
  std::vector<std::string> captured;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!wanted[i].starts_with('{')) {
      if (wanted[i] != parts[i]) return std::nullopt;
      continue;
    }
    if (parts[i].empty()) return std::nullopt;
    if (wanted[i] == "{workspace}" && is_reserved(parts[i])) return std::nullopt;
    captured.push_back(percent_decoded(parts[i], false));
  }
  return captured;
}

/// GET's route answers HEAD too; the connection leaves the body out.
bool fits(const Route& route, std::string_view method) {
  return route.method == method || (method == "HEAD" && route.method == "GET");
}

void append_method(std::string& allow, std::string_view method) {
  if (!allow.empty()) allow += ", ";
  allow += method;
}

Dict schema_of(const std::vector<Field>& fields) {
  Dict properties;
  List required;
  for (const Field& field : fields) {
    Dict schema;
    if (field.type != "any") {
      schema.set("type", field.type == "file" ? "string" : field.type);
      if (field.type == "file") schema.set("format", "binary");
    }
    schema.set("description", field.about);
    properties.set(field.name, std::move(schema));
    if (field.required) required.emplace_back(field.name);
  }
  Dict schema{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema.set("required", std::move(required));
  return schema;
}

List parameters_of(std::string_view path) {
  List parameters;
  for (const std::string_view part : parts_of(path)) {
    if (!part.starts_with('{')) continue;
    parameters.emplace_back(Dict{{"name", part.substr(1, part.size() - 2)},
                                 {"in", "path"},
                                 {"required", true},
                                 {"schema", Dict{{"type", "string"}}}});
  }
  return parameters;
}

Dict operation_of(const Route& route) {
  Dict operation{{"summary", route.about}};
  if (List parameters = parameters_of(route.path); !parameters.empty()) {
    operation.set("parameters", std::move(parameters));
  }
  if (!route.takes.empty()) {
    Dict content;
    for (const std::string_view type : route.takes) {
      content.set(type, Dict{{"schema", schema_of(route.fields)}});
    }
    operation.set("requestBody", Dict{{"required", true}, {"content", std::move(content)}});
  }
  Dict success{{"description", "Success"}};
  if (!route.gives.empty()) success.set("content", Dict{{std::string(route.gives), Dict{}}});
  operation.set("responses", Dict{{std::to_string(route.success), std::move(success)},
                                  {"default", Dict{{"description", "An error"}}}});
  if (route.access == Access::open) operation.set("security", List{});
  return operation;
}

}  // namespace

bool is_reserved(std::string_view workspace) {
  constexpr std::array<std::string_view, 9> reserved{
      "api", "infer", "workflows", "inference_pipelines", "v2", "assets", "upload", "ws", "live"};
  return std::ranges::find(reserved, workspace) != reserved.end();
}

void Table::sort() {
  for (const Route& route : routes_) {
    if (route.path.contains('{')) {
      patterns_.push_back(&route);
    } else {
      exact_[route.path].push_back(&route);
    }
  }
}

Table::Match Table::find(std::string_view method, std::string_view path) const {
  Match result;
  if (const auto found = exact_.find(path); found != exact_.end()) {
    for (const Route* route : found->second) {
      if (fits(*route, method)) return {route, {}, {}};
      append_method(result.allow, route->method);
    }
    return result;
  }
  const auto parts = parts_of(path);
  for (const Route* route : patterns_) {
    auto captured = match(route->path, parts);
    if (!captured) continue;
    if (fits(*route, method)) return {route, std::move(*captured), {}};
    append_method(result.allow, route->method);
  }
  return result;
}

Value openapi(const Table& table, std::string_view version) {
  Dict paths;
  for (const Route& route : table.routes()) {
    const Value* there = paths.find(route.path);
    Dict operations = there ? there->dict() : Dict();
    std::string method(route.method);
    std::ranges::transform(method, method.begin(),
                           [](char c) { return static_cast<char>(c | 32); });
    operations.set(method, operation_of(route));
    paths.set(route.path, std::move(operations));
  }
  const Dict schemes{{"bearer", Dict{{"type", "http"}, {"scheme", "bearer"}}},
                     {"query", Dict{{"type", "apiKey"}, {"in", "query"}, {"name", "api_key"}}}};
  return Dict{{"openapi", "3.1.0"},
              {"info", Dict{{"title", "Vedette"}, {"version", version}}},
              {"paths", std::move(paths)},
              {"components", Dict{{"securitySchemes", schemes}}},
              {"security", List{Dict{{"bearer", List{}}}, Dict{{"query", List{}}}, Dict{}}}};
}

}  // namespace vedette::api
