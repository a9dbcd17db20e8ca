#include <charconv>
#include <cmath>

#include "base/json.hpp"
#include "base/json_text.hpp"

namespace vedette::json {
namespace {

void write_integer(std::int64_t number, std::string& out) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

struct Writer {
  std::string& out;
  const WriteBox& write_box;
  int indent = 0;  ///< blanks for each level; 0: everything on one line

  void line(int depth) {
    if (indent == 0) return;
    out += '\n';
    out.append(static_cast<std::size_t>(indent * depth), ' ');
  }

  void list(const List& items, int depth) {
    out += '[';
    bool first = true;
    for (const Value& item : items) {
      if (!std::exchange(first, false)) out += ',';
      line(depth + 1);
      value(item, depth + 1);
    }
    if (!items.empty()) line(depth);
    out += ']';
  }

  void dict(const Dict& items, int depth) {
    out += '{';
    bool first = true;
    for (const auto& [name, item] : items) {
      if (!std::exchange(first, false)) out += ',';
      line(depth + 1);
      write_string(name, out);
      out += indent == 0 ? ":" : ": ";
      value(item, depth + 1);
    }
    if (!items.empty()) line(depth);
    out += '}';
  }

  void value(const Value& value, int depth) {
    switch (value.type()) {
      case Value::Type::null:
        out += "null";
        break;
      case Value::Type::boolean:
        out += value.boolean() ? "true" : "false";
        break;
      case Value::Type::integer:
        write_integer(value.integer(), out);
        break;
      case Value::Type::real:
        write_number(value.number(), out);
        break;
      case Value::Type::string:
        write_string(value.string(), out);
        break;
      case Value::Type::list:
        list(value.list(), depth);
        break;
      case Value::Type::dict:
        dict(value.dict(), depth);
        break;
      case Value::Type::box:
        if (write_box) {
          write_box(value, out);
        } else {
          out += "null";
        }
        break;
    }
  }
};

void write_escape(char c, std::string& out) {
  static constexpr std::string_view hex = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\b':
      out += "\\b";
      break;
    case '\f':
      out += "\\f";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      out += "\\u00";
      out += hex[static_cast<unsigned char>(c) >> 4];
      out += hex[static_cast<unsigned char>(c) & 15];
  }
}

}  // namespace

void write(const Value& value, std::string& out, const WriteBox& write_box) {
  Writer{out, write_box}.value(value, 0);
}

std::string write(const Value& value) {
  std::string out;
  write(value, out);
  return out;
}

std::string write_pretty(const Value& value) {
  std::string out;
  const WriteBox no_boxes;
  Writer{out, no_boxes, 2}.value(value, 0);
  return out;
}

void write_string(std::string_view text, std::string& out) {
  out += '"';
  for (const char* at = text.begin();;) {
    const char* special = plain_end(at, text.end());
    out.append(at, special);
    if (special == text.end()) break;
    write_escape(*special, out);
    at = special + 1;
  }
  out += '"';
}

void write_number(double number, std::string& out) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  // Python's repr() changes to exponents at the same two places.
  const double size = std::abs(number);
  const bool plain = size == 0 || (size >= 1e-4 && size < 1e16);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  char text[32];
  const std::string_view digits(text, std::to_chars(text, text + sizeof text, number, format).ptr);
  out += digits;
  if (plain && digits.find('.') == digits.npos) out += ".0";
}

}  // namespace vedette::json
