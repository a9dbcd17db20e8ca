#include "workflow/properties.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

#include "base/nearest.hpp"
#include "workflow/values.hpp"

namespace vedette::workflow {
namespace {

constexpr std::string_view input_form = R"(^\$inputs.[A-Za-z_0-9\-]+$)";
constexpr std::string_view output_form = R"(^\$steps\.[A-Za-z_\-0-9]+\.[A-Za-z_*0-9\-]+$)";
constexpr std::string_view step_form = R"(^\$steps\.[A-Za-z_0-9\-]+)";
constexpr std::string_view either_form =
    R"((^\$steps\.[A-Za-z_\-0-9]+\.[A-Za-z_*0-9\-]+$)|(^\$inputs.[A-Za-z_0-9\-]+$))";

bool is_name_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_name_letter);
}

/// A value that was taken, or why it was not.
using Taken = std::expected<Value, std::string>;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

template <class T>
std::optional<T> parsed(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  T number{};
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

Taken as_integer(const Value& given) {
  constexpr double most = 9.2e18;
  if (given.is_integer()) return given;
  if (given.is_bool()) return Value(std::int64_t{given.boolean()});
  if (given.is_real()) {
    const double number = given.number();
    if (number == std::floor(number) && std::abs(number) < most) {
      return Value(static_cast<std::int64_t>(number));
    }
    return std::unexpected("Input should be a valid integer, got a number with a fractional part");
  }
  if (!given.is_string()) return std::unexpected("Input should be a valid integer");
  if (const auto number = parsed<std::int64_t>(given.string())) return Value(*number);
  return std::unexpected("Input should be a valid integer, unable to parse string as an integer");
}

Taken as_number(const Value& given) {
  if (given.is_number()) return Value(given.number());
  if (given.is_bool()) return Value(given.boolean() ? 1.0 : 0.0);
  if (!given.is_string()) return std::unexpected("Input should be a valid number");
  if (const auto number = parsed<double>(given.string())) return Value(*number);
  return std::unexpected("Input should be a valid number, unable to parse string as a number");
}

Taken as_boolean(const Value& given) {
  constexpr std::array<std::string_view, 6> yes{"1", "true", "t", "yes", "y", "on"};
  constexpr std::array<std::string_view, 6> no{"0", "false", "f", "no", "n", "off"};
  if (given.is_bool()) return given;
  if (given.is_number() && (given.number() == 0 || given.number() == 1)) {
    return Value(given.number() == 1);
  }
  if (given.is_string()) {
    std::string text(given.string());
    std::ranges::transform(text, text.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (std::ranges::find(yes, text) != yes.end()) return Value(true);
    if (std::ranges::find(no, text) != no.end()) return Value(false);
  }
  if (given.is_string() || given.is_number()) {
    return std::unexpected("Input should be a valid boolean, unable to interpret input");
  }
  return std::unexpected("Input should be a valid boolean");
}

/// "'A', 'B' or 'C'"
std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += "'" + words[i] + "'";
  }
  return text;
}

Taken within_bounds(const Property& property, Value number) {
  const double n = number.number();
  if (property.least && property.above_least && !(n > *property.least)) {
    return std::unexpected(fmt::format("Input should be greater than {}", *property.least));
  }
  if (property.least && !property.above_least && !(n >= *property.least)) {
    return std::unexpected(
        fmt::format("Input should be greater than or equal to {}", *property.least));
  }
  if (property.most && !(n <= *property.most)) {
    return std::unexpected(fmt::format("Input should be less than or equal to {}", *property.most));
  }
  return number;
}

/// The JSON type that `given` is already: what a union of types takes without converting.
Literal exact_type(const Value& given) {
  switch (given.type()) {
    case Value::Type::null:
      return Literal::null;
    case Value::Type::boolean:
      return Literal::boolean;
    case Value::Type::integer:
      return Literal::integer;
    case Value::Type::real:
      return Literal::number;
    case Value::Type::string:
      return Literal::string;
    case Value::Type::list:
      return Literal::list;
    case Value::Type::dict:
      return Literal::dict;
    case Value::Type::box:
      break;
  }
  return Literal::none;
}

Taken as_single(const Property& property, const Value& given);

Taken as_literal(const Property& property, Literal type, const Value& given) {
  switch (type) {
    case Literal::string:
      if (!property.one_of.empty()) {
        const bool known =
            given.is_string() &&
            std::ranges::find(property.one_of, given.string()) != property.one_of.end();
        if (known) return given;
        return std::unexpected("Input should be " + listed(property.one_of));
      }
      if (given.is_string()) return given;
      return std::unexpected("Input should be a valid string");
    case Literal::integer:
    case Literal::number: {
      auto number = type == Literal::integer ? as_integer(given) : as_number(given);
      if (!number) return number;
      return within_bounds(property, *std::move(number));
    }
    case Literal::boolean:
      return as_boolean(given);
    case Literal::list:
      if (!given.is_list()) return std::unexpected("Input should be a valid list");
      for (const Value& item : given.list()) {
        if (has(property.items, exact_type(item))) continue;
        const Property place{.literals = property.items};
        if (auto taken = as_single(place, item); !taken) return taken;
      }
      return given;
    case Literal::dict:
      if (given.is_dict()) return given;
      return std::unexpected("Input should be a valid dictionary");
    case Literal::null:
      if (given.is_null()) return given;
      return std::unexpected("Input should be None");
    case Literal::none:
    case Literal::any:
      break;
  }
  return given;
}

Taken as_selector(const Property& property, const Value& given) {
  if (!given.is_string()) return std::unexpected("Input should be a valid string");
  const bool flow = property.shape == Shape::steps || property.shape == Shape::step_cases;
  const std::string_view text = given.string();
  const bool fits = flow ? is_step_selector(text)
                         : (property.source != Source::steps && is_input_selector(text)) ||
                               (property.source != Source::inputs && is_output_selector(text));
  if (fits) return given;
  return std::unexpected(fmt::format("String should match pattern '{}'",
                                     flow ? step_form : selector_pattern(property)));
}

/// One literal or one selector.
Taken as_single(const Property& property, const Value& given) {
  constexpr std::array in_order{Literal::string,  Literal::integer, Literal::number,
                                Literal::boolean, Literal::list,    Literal::dict};
  if (property.literals == Literal::any) return given;
  const Literal exact = exact_type(given);
  if (exact != Literal::none && has(property.literals, exact)) {
    if (auto taken = as_literal(property, exact, given)) return taken;
  }
  if (given.is_null() && has(property.literals, Literal::null)) return given;
  Taken selector = property.kinds.empty() && property.shape == Shape::plain
                       ? Taken(std::unexpected(std::string()))
                       : as_selector(property, given);
  if (selector) return selector;
  std::string first = property.selector_first ? selector.error() : std::string();
  for (const Literal type : in_order) {
    if (!has(property.literals, type)) continue;
    auto taken = as_literal(property, type, given);
    if (taken) return taken;
    if (first.empty()) first = taken.error();
  }
  if (first.empty()) first = selector.error();
  if (first.empty()) first = "Input should be None";
  return std::unexpected(std::move(first));
}

Mistake mistake(const Property& property, const Value& given, std::string message) {
  Mistake made{.path = {}, .message = std::move(message), .nearest = {}};
  if (given.is_string() && !property.one_of.empty()) {
    const std::vector<std::string_view> known(property.one_of.begin(), property.one_of.end());
    made.nearest = nearest(given.string(), known);
  }
  return made;
}

std::expected<Value, Mistake> accept_list(const Property& property, const Value& given) {
  List taken;
  for (std::size_t i = 0; i < given.list().size(); ++i) {
    const Value& element = given.list()[i];
    auto one = as_single(property, element);
    if (!one) {
      auto made = mistake(property, element, std::move(one).error());
      made.path = {i};
      return std::unexpected(std::move(made));
    }
    taken.push_back(*std::move(one));
  }
  return Value(std::move(taken));
}

std::expected<Value, Mistake> accept_dict(const Property& property, const Value& given) {
  Dict taken;
  for (const auto& [key, element] : given.dict()) {
    auto one = as_single(property, element);
    if (!one) {
      auto made = mistake(property, element, std::move(one).error());
      made.path = {key};
      return std::unexpected(std::move(made));
    }
    taken.append(key, *std::move(one));
  }
  return Value(std::move(taken));
}

/// May one selector stand for the whole list or dict?
bool takes_whole(const Property& property) {
  return std::ranges::any_of(property.kinds, [&](std::string_view kind) {
    return kind == kind::any ||
           kind == (property.shape == Shape::dict_of ? kind::dictionary : kind::list);
  });
}

}  // namespace

bool fits(const Property& property, const Value& value) {
  const auto of_kind = [&value](std::string_view kind) {
    if (kind == kind::any) return true;
    if (kind == kind::image) return value.get_if<Frame>() != nullptr;
    if (kind == kind::classification) return value.get_if<vision::Classification>() != nullptr;
    if (kind == kind::video_metadata) return value.get_if<vision::VideoMetadata>() != nullptr;
    if (kind == kind::timestamp) return value.get_if<Timestamp>() != nullptr;
    if (kind == kind::bytes) return value.get_if<ByteString>() != nullptr;
    if (kind == kind::integer) return value.is_integer();
    if (kind == kind::real || kind == kind::zero_to_one) return value.is_number();
    if (kind == kind::boolean) return value.is_bool();
    if (kind == kind::dictionary) return value.is_dict();
    if (kind == kind::rgb_color) return value.is_string() || value.is_list();
    if (kind == "numpy_array" || kind == "tensor" || kind == "embedding") {
      return value.is_list() || value.get_if<Array>() != nullptr;
    }
    const KindFacts* facts = find_kind(kind);
    if (facts && facts->internal == "sv.Detections") return value.get_if<Detections>() != nullptr;
    if (facts && facts->internal == "str") return value.is_string();
    if (facts && facts->internal == "dict") return value.is_dict();
    return value.is_list();
  };
  if (std::ranges::any_of(property.kinds, of_kind)) return true;
  const Literal exact = exact_type(value);
  if (exact == Literal::none) return property.literals == Literal::any;
  return has(property.literals, exact) ||
         (exact == Literal::integer && has(property.literals, Literal::number));
}

bool is_input_selector(std::string_view text) {
  constexpr std::string_view start = "$inputs";
  return text.starts_with(start) && text.size() > start.size() + 1 &&
         is_name(text.substr(start.size() + 1));
}

bool is_output_selector(std::string_view text) {
  constexpr std::string_view start = "$steps.";
  if (!text.starts_with(start)) return false;
  text.remove_prefix(start.size());
  const auto dot = text.find('.');
  if (dot == std::string_view::npos || !is_name(text.substr(0, dot))) return false;
  const std::string_view property = text.substr(dot + 1);
  return !property.empty() &&
         std::ranges::all_of(property, [](char c) { return is_name_letter(c) || c == '*'; });
}

bool is_step_selector(std::string_view text) {
  constexpr std::string_view start = "$steps.";
  return text.starts_with(start) && text.size() > start.size() &&
         is_name_letter(text[start.size()]);
}

std::string_view selector_pattern(const Property& property) {
  if (property.shape == Shape::steps || property.shape == Shape::step_cases) return step_form;
  if (property.source == Source::inputs) return input_form;
  if (property.source == Source::steps) return output_form;
  return either_form;
}

std::expected<Value, Mistake> accept(const Property& property, const Value& given) {
  const Shape shape = property.shape;
  const bool listed_steps = shape == Shape::steps;
  if ((shape == Shape::list_of || listed_steps) && given.is_list()) {
    return accept_list(property, given);
  }
  const bool in_dict = shape == Shape::dict_of || shape == Shape::step_cases;
  if ((in_dict || shape == Shape::list_of) && given.is_dict()) return accept_dict(property, given);
  const bool alone =
      shape == Shape::plain || listed_steps ||
      (given.is_null() && has(property.literals, Literal::null)) ||
      (given.is_string() && takes_whole(property) && looks_like_selector(given.string()));
  if (!alone) {
    return std::unexpected(
        mistake(property, given,
                in_dict ? "Input should be a valid dictionary" : "Input should be a valid list"));
  }
  if (listed_steps && !given.is_string() && !given.is_null()) {
    return std::unexpected(mistake(property, given, "Input should be a valid list"));
  }
  auto taken = as_single(property, given);
  if (!taken) return std::unexpected(mistake(property, given, std::move(taken).error()));
  return *std::move(taken);
}

}  // namespace vedette::workflow
