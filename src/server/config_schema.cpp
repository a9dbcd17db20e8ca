#include <yaml-cpp/yaml.h>

#include "base/json.hpp"
#include "server/config.hpp"

namespace vedette::server {
namespace {

Value type_of(const Key& key) {
  const auto named = [&](std::string_view name) -> Value {
    if (!key.nullable) return name;
    return List{name, "null"};
  };
  switch (key.kind) {
    case Kind::boolean:
      return named("boolean");
    case Kind::integer:
      return named("integer");
    case Kind::real:
      return named("number");
    case Kind::texts:
    case Kind::records:
      return named("array");
    case Kind::open:
      return named("object");
    case Kind::network:
      return List{"string", "array"};
    case Kind::size:
      return List{"string", "integer"};
    default:
      return named("string");
  }
}

Dict schema_of(const Key& key) {
  Dict schema{{"type", type_of(key)}};
  std::string about(key.about);
  if (!key.unit.empty()) about += " [" + std::string(key.unit) + "]";
  if (key.later) about += about.empty() ? "Not in this version" : "; not in this version";
  if (!about.empty()) schema.set("description", std::move(about));
  if (!key.one_of.empty()) {
    List names;
    for (const std::string_view name : key.one_of) names.emplace_back(name);
    schema.set("enum", std::move(names));
  }
  const bool number = key.kind == Kind::integer || key.kind == Kind::real;
  if (number && key.least) schema.set("minimum", *key.least);
  if (number && key.most) schema.set("maximum", *key.most);
  if (key.kind == Kind::duration) schema.set("pattern", "^[0-9]+(ms|s|m|h|d)$");
  if (key.kind == Kind::size) schema.set("pattern", "^[0-9]+(B|KiB|MiB|GiB|TiB)?$");
  if (key.kind == Kind::address) schema.set("pattern", "^.+:[0-9]+$");
  if (key.kind == Kind::texts) schema.set("items", Dict{{"type", "string"}});
  if (key.kind == Kind::records) {
    Dict fields;
    for (const Key& item : key.items) fields.set(item.path, schema_of(item));
    schema.set("items", Dict{{"type", "object"},
                             {"properties", std::move(fields)},
                             {"additionalProperties", false}});
  }
  return schema;
}

/// Puts `schema` under its path, with objects for the sections on the way.
void place(Dict& object, std::string_view path, Dict schema) {
  Dict properties = object["properties"].is_dict() ? object["properties"].dict() : Dict();
  const auto dot = path.find('.');
  if (dot == path.npos) {
    properties.set(path, std::move(schema));
  } else {
    const std::string_view section = path.substr(0, dot);
    const Value& there = properties[section];
    Dict inner =
        there.is_dict() ? there.dict() : Dict{{"type", "object"}, {"additionalProperties", false}};
    place(inner, path.substr(dot + 1), std::move(schema));
    properties.set(section, std::move(inner));
  }
  object.set("properties", std::move(properties));
}

}  // namespace

Value config_schema() {
  Dict schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
              {"title", "vedette.yaml"},
              {"type", "object"},
              {"additionalProperties", false}};
  for (const Key& key : all_keys()) {
    Dict one = schema_of(key);
    const YAML::Node fallback = YAML::Load(std::string(key.fallback));
    bool boolean = false;
    double number = 0;
    if (key.kind == Kind::boolean && YAML::convert<bool>::decode(fallback, boolean)) {
      one.set("default", boolean);
    } else if ((key.kind == Kind::integer || key.kind == Kind::real) &&
               YAML::convert<double>::decode(fallback, number)) {
      one.set("default",
              key.kind == Kind::real ? Value(number) : Value(static_cast<std::int64_t>(number)));
    } else if (fallback.IsSequence()) {
      one.set("default", List());
    } else if (fallback.IsMap()) {
      one.set("default", Dict());
    } else {
      one.set("default", fallback.IsNull() ? Value() : Value(key.fallback));
    }
    place(schema, key.path, std::move(one));
  }
  return schema;
}

}  // namespace vedette::server
