#pragma once
/// JSON in and out of `Value`.
///
/// Reading is stricter or looser by choice: definitions and native bodies refuse NaN and
/// duplicate keys, user data is read as Python's json reads it. A long string without escapes
/// is not copied: its Value is a view into the text that was read.

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "base/value.hpp"

namespace vedette::json {

struct Rules {
  int depth = 64;           ///< of nested lists and objects; 10,000 at most
  bool duplicates = false;  ///< may a key come twice (the last wins)
  bool nan = false;         ///< are NaN, Infinity and -Infinity numbers (as Python's json has it)
  std::size_t values = 2'000'000;  ///< in one text: each takes 40 bytes or more of memory
};

inline constexpr Rules strict{};
inline constexpr Rules as_python{.depth = 64, .duplicates = true, .nan = true};

/// One member of an object, its value not yet read.
struct Member {
  std::string key;
  std::string_view raw;  ///< the value's text within what was given
};

/// The members of the object that `text` is, in order, found by skipping over their values: what
/// nobody asks for is never read. A duplicate key is refused unless the rules allow it.
/// fails  bad_input: not an object, or cut off. The values themselves are checked by read() only
[[nodiscard]] Result<std::vector<Member>> members(std::string_view text, Rules rules);

/// As read(), for a part of `owner`: long strings become views that keep `owner` alive, and errors
/// tell positions in `owner`.
[[nodiscard]] Result<Value> read_part(const std::shared_ptr<const std::string>& owner,
                                      std::string_view part, Rules rules);

/// A place in a text, both counted from 1; columns in bytes.
struct Position {
  std::size_t line = 0;
  std::size_t column = 0;
  bool operator==(const Position&) const = default;
};

/// Reads one JSON document; the text must be UTF-8. Integers outside 64 bits become doubles, half
/// a surrogate pair becomes U+FFFD, a byte order mark is passed over.
/// fails  bad_input, "line L, column C: …"; too_large, where it is deeper or more than the rules
[[nodiscard]] Result<Value> read(std::shared_ptr<const std::string> text, Rules rules);
[[nodiscard]] Result<Value> read(std::string_view text, Rules rules);

/// The way to an element: "steps", 2, "image".
using PathPart = std::variant<std::string, std::size_t>;
using Path = std::vector<PathPart>;

/// Where the element at `path` (or the nearest parent that is there) begins in a text that was
/// read before. Scans the text anew: for error messages only.
[[nodiscard]] Position find(std::string_view text, std::span<const PathPart> path);

/// What to write for a boxed object; appends JSON to `out`.
using WriteBox = std::function<void(const Value& boxed, std::string& out)>;

/// Appends JSON. Reals as the shortest text that reads back the same ("1.0" keeps its point, as
/// Python writes it); NaN and infinities as null. A box without `write_box` is null.
void write(const Value& value, std::string& out, const WriteBox& write_box = {});
[[nodiscard]] std::string write(const Value& value);
/// The same over several lines, indented by two.
[[nodiscard]] std::string write_pretty(const Value& value);

void write_string(std::string_view text, std::string& out);  ///< with quotes and escapes
void write_number(double number, std::string& out);

}  // namespace vedette::json
