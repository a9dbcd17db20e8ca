#pragma once
/// The value that travels from port to port: immutable, cheap to copy, shared not cloned.
///
/// Plain data (what JSON can say) is held directly. Everything else (a picture, detections, an
/// array of numbers) is an object of a C++ type, boxed behind a shared pointer to const.

#include <cassert>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vedette {

class Value;
class Dict;
using List = std::vector<Value>;

/// One address for each boxed type: a run compares pointers, never names.
template <class T>
inline constexpr char box_tag = 0;

/// Safe to read from any number of threads, as nobody can write to what it holds.
class Value {
 public:
  enum class Type : std::uint8_t { null, boolean, integer, real, string, list, dict, box };

  Value() = default;  ///< null: what JSON calls null, and what a branch not taken leaves behind
  explicit(false) Value(std::nullptr_t) {}
  explicit(false) Value(bool v) : type_(Type::boolean) { as_.integer = v ? 1 : 0; }
  explicit(false) Value(int v) : Value(std::int64_t{v}) {}
  explicit(false) Value(std::int64_t v) : type_(Type::integer) { as_.integer = v; }
  explicit(false) Value(double v) : type_(Type::real) { as_.real = v; }
  explicit(false) Value(std::string v);
  explicit(false) Value(std::string_view v) : Value(std::string(v)) {}
  explicit(false) Value(const char* v) : Value(std::string(v)) {}
  explicit(false) Value(List v);
  explicit(false) Value(Dict v);

  /// A string that is part of something bigger (a request's body), kept alive by `owner`.
  [[nodiscard]] static Value text_in(std::shared_ptr<const void> owner, std::string_view text);

  /// An object of any other type, shared as it is.
  template <class T>
  [[nodiscard]] static Value box(std::shared_ptr<const T> object) {
    Value value;
    value.type_ = Type::box;
    value.as_.tag = &box_tag<T>;
    value.held_ = std::move(object);
    return value;
  }
  template <class T>
  [[nodiscard]] static Value box(T object) {
    return box(std::make_shared<const T>(std::move(object)));
  }

  [[nodiscard]] Type type() const { return type_; }
  [[nodiscard]] bool is_null() const { return type_ == Type::null; }
  [[nodiscard]] bool is_bool() const { return type_ == Type::boolean; }
  [[nodiscard]] bool is_integer() const { return type_ == Type::integer; }
  [[nodiscard]] bool is_real() const { return type_ == Type::real; }
  [[nodiscard]] bool is_number() const { return is_integer() || is_real(); }
  [[nodiscard]] bool is_string() const { return type_ == Type::string; }
  [[nodiscard]] bool is_list() const { return type_ == Type::list; }
  [[nodiscard]] bool is_dict() const { return type_ == Type::dict; }

  // The caller knows the type already: these are asserts, not checks.
  [[nodiscard]] bool boolean() const { return assert(is_bool()), as_.integer != 0; }
  [[nodiscard]] std::int64_t integer() const { return assert(is_integer()), as_.integer; }
  /// An integer reads as a number too.
  [[nodiscard]] double number() const {
    assert(is_number());
    return is_real() ? as_.real : static_cast<double>(as_.integer);
  }
  [[nodiscard]] std::string_view string() const {
    return assert(is_string()), std::string_view(as_.text.data, as_.text.size);
  }
  /// What keeps string() alive, for those who keep the view longer than this Value.
  [[nodiscard]] const std::shared_ptr<const void>& owner() const { return held_; }
  [[nodiscard]] const List& list() const {
    return assert(is_list()), *static_cast<const List*>(held_.get());
  }
  [[nodiscard]] const Dict& dict() const {
    return assert(is_dict()), *static_cast<const Dict*>(held_.get());
  }

  /// The boxed object, or null where the value is anything else.
  template <class T>
  [[nodiscard]] const T* get_if() const {
    return type_ == Type::box && as_.tag == &box_tag<T> ? static_cast<const T*>(held_.get())
                                                        : nullptr;
  }
  template <class T>
  [[nodiscard]] const T& as() const {
    const T* object = get_if<T>();
    assert(object && "the planner let two kinds meet");
    return *object;
  }
  template <class T>
  [[nodiscard]] std::shared_ptr<const T> share() const {
    return get_if<T>() ? std::static_pointer_cast<const T>(held_) : nullptr;
  }

  /// Deep for plain data; boxed objects are equal where they are the same object.
  bool operator==(const Value& other) const;

 private:
  Type type_ = Type::null;
  union {
    std::int64_t integer;
    double real;
    struct {
      const char* data;
      std::size_t size;
    } text;
    const void* tag;
  } as_{};
  std::shared_ptr<const void> held_;
};

/// Names to values in the order in which they were first set, as JSON objects are written.
/// Look-up is linear: for a handful of names, and never on a hot path.
class Dict {
 public:
  using Item = std::pair<std::string, Value>;

  Dict() = default;
  Dict(std::initializer_list<Item> items);
  /// Of members whose names are known to differ.
  [[nodiscard]] static Dict of(std::vector<Item> items) {
    Dict dict;
    dict.items_ = std::move(items);
    return dict;
  }

  [[nodiscard]] const Value* find(std::string_view name) const;
  /// The value under `name`; null where there is none.
  [[nodiscard]] const Value& operator[](std::string_view name) const;
  void set(std::string_view name, Value value);  ///< replaces in place, or appends
  /// Appends without looking whether the name is there: for those who know it is new.
  void append(std::string name, Value value) {
    items_.emplace_back(std::move(name), std::move(value));
  }
  bool erase(std::string_view name);

  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] bool empty() const { return items_.empty(); }
  [[nodiscard]] auto begin() const { return items_.begin(); }
  [[nodiscard]] auto end() const { return items_.end(); }

  bool operator==(const Dict& other) const = default;

 private:
  std::vector<Item> items_;
};

/// "null", "boolean", "integer", "number", "string", "list", "object" or "a value of its own".
[[nodiscard]] std::string_view type_name(const Value& value);

}  // namespace vedette
