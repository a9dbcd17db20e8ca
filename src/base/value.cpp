#include "base/value.hpp"

#include <algorithm>

namespace vedette {

Value::Value(std::string v) : type_(Type::string) {
  auto held = std::make_shared<const std::string>(std::move(v));
  as_.text = {held->data(), held->size()};
  held_ = std::move(held);
}

Value::Value(List v) : type_(Type::list), held_(std::make_shared<const List>(std::move(v))) {}

Value::Value(Dict v) : type_(Type::dict), held_(std::make_shared<const Dict>(std::move(v))) {}

Value Value::text_in(std::shared_ptr<const void> owner, std::string_view text) {
  Value value;
  value.type_ = Type::string;
  value.as_.text = {text.data(), text.size()};
  value.held_ = std::move(owner);
  return value;
}

bool Value::operator==(const Value& other) const {
  if (is_number() && other.is_number() && type_ != other.type_) return number() == other.number();
  if (type_ != other.type_) return false;
  switch (type_) {
    case Type::null:
      return true;
    case Type::boolean:
    case Type::integer:
      return as_.integer == other.as_.integer;
    case Type::real:
      return as_.real == other.as_.real;
    case Type::string:
      return string() == other.string();
    case Type::list:
      return list() == other.list();
    case Type::dict:
      return dict() == other.dict();
    case Type::box:
      return held_ == other.held_;
  }
  return false;
}

Dict::Dict(std::initializer_list<Item> items) {
  for (const Item& item : items) set(item.first, item.second);
}

const Value* Dict::find(std::string_view name) const {
  const auto found = std::ranges::find(items_, name, &Item::first);
  return found == items_.end() ? nullptr : &found->second;
}

const Value& Dict::operator[](std::string_view name) const {
  static const Value null;
  const Value* found = find(name);
  return found ? *found : null;
}

void Dict::set(std::string_view name, Value value) {
  const auto found = std::ranges::find(items_, name, &Item::first);
  if (found == items_.end()) {
    items_.emplace_back(std::string(name), std::move(value));
  } else {
    found->second = std::move(value);
  }
}

bool Dict::erase(std::string_view name) {
  return std::erase_if(items_, [name](const Item& item) { return item.first == name; }) > 0;
}

std::string_view type_name(const Value& value) {
  switch (value.type()) {
    case Value::Type::null:
      return "null";
    case Value::Type::boolean:
      return "boolean";
    case Value::Type::integer:
      return "integer";
    case Value::Type::real:
      return "number";
    case Value::Type::string:
      return "string";
    case Value::Type::list:
      return "list";
    case Value::Type::dict:
      return "object";
    case Value::Type::box:
      return "a value of its own";
  }
  return "null";
}

}  // namespace vedette
