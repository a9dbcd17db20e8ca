/// The reader is our own because simdjson, which is quicker still, has no NaN, no word on
/// duplicate keys and no positions for errors. It checks the UTF-8 for us.

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <optional>
#include <simdjson.h>

#include "base/json.hpp"
#include "base/json_text.hpp"

namespace vedette::json {
namespace {

[[maybe_unused]] constexpr int deepest_rule = 10'000;  // what the stack of a thread carries
constexpr std::size_t worth_sharing = 64;              // bytes: a shorter string is copied
constexpr std::size_t searched_by_eye = 16;            // members: over it an index finds duplicates
constexpr char32_t replacement = 0xfffd;               // for half a surrogate pair
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

Position position_in(const char* begin, const char* at) {
  const std::string_view before(begin, at);
  const auto lines = std::ranges::count(before, '\n');
  const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return {static_cast<std::size_t>(lines) + 1, before.size() - line_begin + 1};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

void append_utf8(char32_t c, std::string& out) {
  const auto byte = [&out](char32_t bits) { out += static_cast<char>(bits); };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xc0 | c >> 6), byte(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    byte(0xe0 | c >> 12), byte(0x80 | (c >> 6 & 0x3f)), byte(0x80 | (c & 0x3f));
  } else {
    byte(0xf0 | c >> 18), byte(0x80 | (c >> 12 & 0x3f));
    byte(0x80 | (c >> 6 & 0x3f)), byte(0x80 | (c & 0x3f));
  }
}

/// The first byte that is not UTF-8, or null: character by character, as it is for a message.
const char* bad_utf8(std::string_view text) {
  if (simdjson::validate_utf8(text.data(), text.size())) return nullptr;
  const char* at = text.begin();
  while (at != text.end()) {
    const auto lead = static_cast<unsigned char>(*at);
    const std::ptrdiff_t wanted = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    const auto length = static_cast<std::size_t>(std::min(wanted, text.end() - at));
    if (!simdjson::validate_utf8(at, length)) break;
    at += length;
  }
  return at;
}

/// A place in a text, and the steps over it that need no Value. Every step returns whether it
/// went well; the first that did not leaves its reason in `error`.
struct Cursor {
  const char* begin;  ///< of the text that positions are counted in
  const char* at;
  const char* end;
  std::optional<Error> error = std::nullopt;

  bool refuse(const char* where, std::string_view why, Errc code = Errc::bad_input) {
    const auto [line, column] = position_in(begin, where);
    error = Error{code, fmt::format("line {}, column {}: {}", line, column, why)};
    return false;
  }

  bool expected(std::string_view what) {
    if (at == end) return refuse(at, fmt::format("{} expected, but the text ends", what));
    const bool printable = *at > ' ' && *at <= '~';
    return refuse(at, printable ? fmt::format("{} expected, not '{}'", what, *at)
                                : fmt::format("{} expected, not the byte 0x{:02x}", what,
                                              static_cast<unsigned char>(*at)));
  }

  bool comes_twice(const char* where, std::string_view name) {
    return refuse(where, fmt::format("the key '{}' comes twice", name));
  }

  bool too_many(const char* where, std::size_t most) {
    return refuse(where, fmt::format("more than {} values", most), Errc::too_large);
  }

  bool too_deep(int most) {
    return refuse(at, fmt::format("nested deeper than {}", most), Errc::too_large);
  }

  void blanks() {
    while (at != end && is_blank(*at)) ++at;
  }

  [[nodiscard]] bool sees(char c) const { return at != end && *at == c; }

  bool take(char c) {
    if (!sees(c)) return false;
    ++at;
    return true;
  }

  bool take(std::string_view word) {
    if (!std::string_view(at, end).starts_with(word)) return false;
    at += word.size();
    return true;
  }

  bool utf8() {
    const char* bad = bad_utf8({at, end});
    return !bad || refuse(bad, fmt::format("not UTF-8: the byte 0x{:02x}",
                                           static_cast<unsigned char>(*bad)));
  }

  /// From a quote to behind its partner. `raw` is what stands between them.
  bool string(std::string_view& raw, bool& escaped) {
    const char* open = at;
    if (!take('"')) return expected("a string");
    escaped = false;
    for (;;) {
      at = plain_end(at, end);
      if (at == end) return refuse(open, "this string has no end");
      if (*at == '"') break;
      if (*at != '\\') return refuse(at, "a control character must be written as an escape");
      escaped = true;
      at += std::min<std::ptrdiff_t>(2, end - at);
    }
    raw = {open + 1, at++};
    return true;
  }

  bool hex4(const char*& from, const char* to, char32_t& out) {
    std::uint16_t digits = 0;
    const char* stop = from + std::min<std::ptrdiff_t>(4, to - from);
    const auto [last, failed] = std::from_chars(from, stop, digits, 16);
    if (failed != std::errc{} || last != from + 4) {
      return refuse(from, "four hexadecimal digits expected after \\u");
    }
    from = last;
    out = digits;
    return true;
  }

  /// `from` stands behind a "\u".
  bool code_point(const char*& from, const char* to, std::string& out) {
    char32_t c = 0;
    if (!hex4(from, to, c)) return false;
    const bool leads = c >= 0xd800 && c < 0xdc00;
    if (leads && std::string_view(from, to).starts_with("\\u")) {
      const char* behind = from + 2;
      char32_t trail = 0;
      if (!hex4(behind, to, trail)) return false;
      if (trail >= 0xdc00 && trail < 0xe000) {
        append_utf8(0x10000 + ((c - 0xd800) << 10) + (trail - 0xdc00), out);
        from = behind;
        return true;
      }
    }
    append_utf8(c >= 0xd800 && c < 0xe000 ? replacement : c, out);
    return true;
  }

  bool unescape(std::string_view raw, std::string& out) {
    static constexpr std::string_view names = "\"\\/bfnrt";
    static constexpr std::string_view meant = "\"\\/\b\f\n\r\t";
    out.reserve(raw.size());
    for (const char* from = raw.begin(); from != raw.end();) {
      const char* escape = std::find(from, raw.end(), '\\');
      out.append(from, escape);
      if (escape == raw.end()) break;
      from = escape + 2;
      if (escape[1] == 'u') {
        if (!code_point(from, raw.end(), out)) return false;
      } else if (const auto known = names.find(escape[1]); known != names.npos) {
        out += meant[known];
      } else {
        return refuse(escape, "an unknown escape: one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
      }
    }
    return true;
  }

  bool key(std::string& out) {
    std::string_view raw;
    bool escaped = false;
    if (!sees('"')) return expected("a key in quotes");
    if (!string(raw, escaped)) return false;
    if (escaped) return unescape(raw, out);
    out = raw;
    return true;
  }

  /// What stands between a key and its value.
  bool colon() {
    blanks();
    if (!take(':')) return expected("':'");
    blanks();
    return true;
  }

  /// After an element. `more` says whether another one follows.
  bool comma(char close, bool& more) {
    blanks();
    more = take(',');
    if (!more && !take(close)) return expected(close == ']' ? "',' or ']'" : "',' or '}'");
    blanks();
    return true;
  }

  /// Over a value, whose brackets are counted but not matched.
  bool skip() {
    const char* first = at;
    std::string_view raw;
    bool escaped = false;
    for (std::size_t open = 0; at != end;) {
      if (*at == '"') {
        if (!string(raw, escaped)) return false;
        if (open == 0) return true;
        continue;
      }
      const bool opens = *at == '[' || *at == '{';
      const bool closes = *at == ']' || *at == '}';
      if (open == 0 && (closes || *at == ',' || is_blank(*at))) break;  // behind a number or word
      ++at;
      if (opens) ++open;
      if (closes && --open == 0) return true;
    }
    if (at == first) return expected("a value");
    return at != end || (*first != '[' && *first != '{') || refuse(first, "this has no end");
  }
};

/// Does a key come twice in an object that is just being read? By looking at the members there
/// are; by an index where there are many, as nobody should make us compare each with each.
class Keys {
 public:
  /// The place of the earlier member of that name, if there is one; `name` leads to a member's.
  template <class Item>
  std::optional<std::size_t> seen(const std::vector<Item>& items, std::string Item::* name,
                                  const std::string& key) {
    if (items.size() < searched_by_eye) {
      const auto twin = std::ranges::find(items, key, name);
      if (twin == items.end()) return std::nullopt;
      return static_cast<std::size_t>(twin - items.begin());
    }
    if (index_.empty()) {
      for (std::size_t i = 0; i < items.size(); ++i) index_.emplace(items[i].*name, i);
    }
    const auto [entry, is_new] = index_.emplace(key, items.size());
    return is_new ? std::nullopt : std::optional(entry->second);
  }

 private:
  std::map<std::string, std::size_t> index_;
};

class Reader {
 public:
  /// `part` lies within the text that begins at `begin`.
  Reader(const char* begin, std::string_view part, Rules rules,
         std::shared_ptr<const std::string> owner)
      : cursor_{begin, part.begin(), part.end()}, rules_(rules), owner_(std::move(owner)) {
    assert(rules.depth <= deepest_rule);
  }

  Result<Value> document() {
    Value read;
    if (cursor_.utf8()) {
      (void)cursor_.take(byte_order_mark);
      cursor_.blanks();
      if (value(read)) {
        cursor_.blanks();
        if (cursor_.at != cursor_.end) (void)cursor_.expected("the end");
      }
    }
    if (cursor_.error) return fail(*std::move(cursor_.error));
    return read;
  }

 private:
  /// A list or an object of which the end has not been seen.
  struct Open {
    char close;
    std::vector<Dict::Item> members = {};  // of an object
    List items = {};                       // of a list
    Keys keys = {};
    std::size_t place = 0;  // of the member whose value comes next
  };

  /// Without recursion: how deep a text is nested is up to who wrote it, and the stack is ours.
  bool value(Value& out) {
    for (;;) {  // a value begins here
      if (++values_ > rules_.values) return cursor_.too_many(cursor_.at, rules_.values);
      Value complete;
      if (cursor_.sees('{') || cursor_.sees('[')) {
        if (!enter()) return false;
        if (!cursor_.take(open_.back().close)) {
          if (!key()) return false;
          continue;
        }
        complete = leave();
      } else if (!scalar(complete)) {
        return false;
      }
      for (bool more = false; !more;) {  // a value is complete; so may be those around it
        if (open_.empty()) return out = std::move(complete), true;
        if (!put(std::move(complete), more)) return false;
        if (!more) complete = leave();
      }
    }
  }

  bool enter() {
    if (open_.size() >= static_cast<std::size_t>(rules_.depth))
      return cursor_.too_deep(rules_.depth);
    open_.push_back({.close = cursor_.take('{') ? '}' : ']'});
    (void)cursor_.take('[');
    cursor_.blanks();
    return true;
  }

  /// Before a value in an object: its name. In a list there is none.
  bool key() {
    Open& object = open_.back();
    if (object.close != '}') return true;
    const char* where = cursor_.at;
    std::string name;
    if (!cursor_.key(name) || !cursor_.colon()) return false;
    const auto twin = object.keys.seen(object.members, &Dict::Item::first, name);
    if (twin && !rules_.duplicates) return cursor_.comes_twice(where, name);
    object.place = twin.value_or(object.members.size());
    if (!twin) object.members.emplace_back(std::move(name), Value{});
    return true;
  }

  /// Into the innermost list or object, and on to what follows there.
  bool put(Value value, bool& more) {
    Open& in = open_.back();
    if (in.close == '}') {
      in.members[in.place].second = std::move(value);
    } else {
      in.items.push_back(std::move(value));
    }
    return cursor_.comma(in.close, more) && (!more || key());
  }

  Value leave() {
    Open& in = open_.back();
    Value complete =
        in.close == '}' ? Value(Dict::of(std::move(in.members))) : Value(std::move(in.items));
    open_.pop_back();
    return complete;
  }

  bool scalar(Value& out) {
    if (cursor_.at == cursor_.end) return cursor_.expected("a value");
    return *cursor_.at == '"' ? string(out) : word(out) || number(out);
  }

  bool string(Value& out) {
    std::string_view raw;
    bool escaped = false;
    if (!cursor_.string(raw, escaped)) return false;
    if (escaped) {
      std::string text;
      if (!cursor_.unescape(raw, text)) return false;
      out = Value(std::move(text));
    } else if (owner_ && raw.size() >= worth_sharing) {
      out = Value::text_in(owner_, raw);
    } else {
      out = Value(raw);
    }
    return true;
  }

  bool word(Value& out) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (cursor_.take("true")) return out = Value(true), true;
    if (cursor_.take("false")) return out = Value(false), true;
    if (cursor_.take("null")) return out = Value(), true;
    if (!rules_.nan) return false;
    if (cursor_.take("NaN")) return out = Value(std::numeric_limits<double>::quiet_NaN()), true;
    if (cursor_.take("Infinity")) return out = Value(infinity), true;
    if (cursor_.take("-Infinity")) return out = Value(-infinity), true;
    return false;
  }

  bool digits() {
    const char* first = cursor_.at;
    while (cursor_.at != cursor_.end && is_digit(*cursor_.at)) ++cursor_.at;
    return cursor_.at != first || cursor_.expected("a digit");
  }

  bool number(Value& out) {
    const char* first = cursor_.at;
    const bool negative = cursor_.take('-');
    if (!negative && !is_digit(*first)) return cursor_.expected("a value");
    if (!cursor_.take('0') && !digits()) return false;  // nothing follows a leading zero
    bool whole = true;
    if (cursor_.take('.')) {
      whole = false;
      if (!digits()) return false;
    }
    if (cursor_.take('e') || cursor_.take('E')) {
      whole = false;
      (void)(cursor_.take('+') || cursor_.take('-'));
      if (!digits()) return false;
    }
    std::int64_t integer = 0;
    if (whole && std::from_chars(first, cursor_.at, integer).ec == std::errc{}) {
      out = Value(integer);
      return true;
    }
    return real(first, out);
  }

  bool real(const char* first, Value& out) {
    double number = 0;
    if (std::from_chars(first, cursor_.at, number).ec != std::errc{}) {
      // Out of range, on which side from_chars() does not say.
      number = std::strtod(std::string(first, cursor_.at).c_str(), nullptr);
      if (!rules_.nan && !std::isfinite(number)) {
        return cursor_.refuse(first, "a number beyond the range of a double");
      }
    }
    out = Value(number);
    return true;
  }

  Cursor cursor_;
  Rules rules_;
  std::shared_ptr<const std::string> owner_;
  std::vector<Open> open_;  // the innermost last
  std::size_t values_ = 0;
};

/// What there was up to the end or an error, which the cursor then has.
std::vector<Member> members_of(Cursor& cursor, Rules rules) {
  std::vector<Member> found;
  Keys keys;
  (void)cursor.take(byte_order_mark);
  cursor.blanks();
  if (!cursor.take('{')) return (void)cursor.expected("'{'"), found;
  cursor.blanks();
  for (bool more = !cursor.take('}'); more;) {
    const char* where = cursor.at;
    Member member;
    if (!cursor.key(member.key) || !cursor.colon()) return found;
    const char* first = cursor.at;
    if (!cursor.skip()) return found;
    member.raw = {first, cursor.at};
    const auto twin = keys.seen(found, &Member::key, member.key);
    if (twin && !rules.duplicates) return (void)cursor.comes_twice(where, member.key), found;
    (twin ? found[*twin] : found.emplace_back()) = std::move(member);
    if (found.size() > rules.values) return (void)cursor.too_many(where, rules.values), found;
    if (!cursor.comma('}', more)) return found;
  }
  cursor.blanks();
  if (cursor.at != cursor.end) (void)cursor.expected("the end");
  return found;
}

/// Onto the element `part` of the list or object that `cursor` stands at.
bool go_to(Cursor& cursor, const PathPart& part) {
  const auto* wanted = std::get_if<std::string>(&part);
  const char close = wanted ? '}' : ']';
  if (!cursor.take(wanted ? '{' : '[')) return false;
  cursor.blanks();
  std::size_t index = 0;
  for (bool more = !cursor.sees(close); more; ++index) {
    std::string key;
    if (wanted && (!cursor.key(key) || !cursor.colon())) return false;
    if (wanted ? key == *wanted : index == std::get<std::size_t>(part)) return true;
    if (!cursor.skip() || !cursor.comma(close, more)) return false;
  }
  return false;
}

}  // namespace

Result<Value> read(std::shared_ptr<const std::string> text, Rules rules) {
  return Reader(text->data(), *text, rules, text).document();
}

Result<Value> read(std::string_view text, Rules rules) {
  return Reader(text.data(), text, rules, nullptr).document();
}

Result<Value> read_part(const std::shared_ptr<const std::string>& owner, std::string_view part,
                        Rules rules) {
  assert(part.data() >= owner->data() && part.end() <= std::string_view(*owner).end());
  return Reader(owner->data(), part, rules, owner).document();
}

Result<std::vector<Member>> members(std::string_view text, Rules rules) {
  Cursor cursor{text.begin(), text.begin(), text.end()};
  auto found = members_of(cursor, rules);
  if (cursor.error) return fail(*std::move(cursor.error));
  return found;
}

Position find(std::string_view text, std::span<const PathPart> path) {
  Cursor cursor{text.begin(), text.begin(), text.end()};
  (void)cursor.take(byte_order_mark);
  cursor.blanks();
  const char* found = cursor.at;
  for (const PathPart& part : path) {
    if (!go_to(cursor, part)) break;
    found = cursor.at;
  }
  return position_in(text.begin(), found);
}

}  // namespace vedette::json
