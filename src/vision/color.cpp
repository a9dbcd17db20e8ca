#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

#include "vision/color_maps.hpp"
#include "vision/draw.hpp"

namespace vedette::vision {
namespace {

constexpr std::string_view default_palette =
    "a351fbff4040ffa1a0ff7633ffb633d1d4354cfb1294cf1a40de8a1b964000d6c1"
    "2e9caa00c4ff3647976675ff0019ef863aff530087cd3affff97caff39c9";
constexpr std::string_view roboflow_palette = "c28dfca351fb8315f96706ce5905b34d049a";
constexpr std::string_view legacy_palette =
    "a351fbe6194b3cb44bffe1190082c8f58231911eb446f0f0f032e6d2f53cfabebe008080e6beffaa6e28fffac8"
    "800000aaffc3";

constexpr Color unconfirmed_track{128, 128, 128};
constexpr std::int64_t most_colors = 1 << 16;  ///< of a palette

struct NamedColor {
  std::string_view name;
  Color color;
};
constexpr std::array named_colors{
    NamedColor{"WHITE", {255, 255, 255}}, NamedColor{"BLACK", {0, 0, 0}},
    NamedColor{"GREY", {128, 128, 128}},  NamedColor{"RED", {255, 0, 0}},
    NamedColor{"GREEN", {0, 255, 0}},     NamedColor{"BLUE", {0, 0, 255}},
    NamedColor{"YELLOW", {255, 255, 0}},  NamedColor{"ROBOFLOW", {163, 81, 251}},
};

std::uint8_t read_byte(std::string_view two_digits) {
  std::uint8_t value = 0;
  std::from_chars(two_digits.begin(), two_digits.end(), value, 16);
  return value;
}

Color color_at(std::string_view digits, std::size_t index) {
  const std::string_view six = digits.substr(index * 6, 6);
  return {read_byte(six.substr(0, 2)), read_byte(six.substr(2, 2)), read_byte(six.substr(4, 2))};
}

Result<Color> read_hex(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of('#'), text.size()));
  if (text.find_first_not_of("0123456789abcdefABCDEF") != text.npos) {
    return fail(Errc::bad_input, "Invalid characters in color hash");
  }
  if (text.size() == 6 || text.size() == 8) return color_at(text, 0);
  if (text.size() != 3 && text.size() != 4) {
    return fail(Errc::bad_input, "Invalid length of color hash");
  }
  std::string doubled;
  for (const char digit : text) doubled.append(2, digit);
  return color_at(doubled, 0);
}

/// As Python's int() reads it: blanks around, a sign, single underscores between digits.
std::optional<std::int64_t> read_integer(std::string_view text) {
  constexpr std::string_view blanks = " \t\n\v\f\r";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  text = text.substr(0, text.find_last_not_of(blanks) + 1);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool between = i > 0 && i + 1 < text.size() && std::isdigit(text[i - 1]) != 0 &&
                         std::isdigit(text[i + 1]) != 0;
    if (text[i] != '_' || !between) digits += text[i];
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

/// "rgb(1, 2, 3)" or "bgr(3, 2, 1)".
Result<Color> read_triple(std::string_view text) {
  const bool is_bgr = text.starts_with("bgr");
  std::string_view rest = text.size() > 5 ? text.substr(4, text.size() - 5) : std::string_view();
  std::vector<std::int64_t> numbers;
  for (bool more = true; more;) {
    const std::size_t comma = rest.find(',');
    const std::string_view word = rest.substr(0, comma);
    const auto number = read_integer(word);
    if (!number) {
      return fail(Errc::bad_input,
                  "invalid literal for int() with base 10: '" + std::string(word) + "'");
    }
    numbers.push_back(*number);
    more = comma != rest.npos;
    if (more) rest.remove_prefix(comma + 1);
  }
  if (numbers.size() < 3) {
    return fail(Errc::bad_input, "not enough values to unpack (expected 3, got " +
                                     std::to_string(numbers.size()) + ")");
  }
  if (numbers.size() > 3) return fail(Errc::bad_input, "too many values to unpack (expected 3)");
  if (std::ranges::any_of(numbers, [](std::int64_t n) { return n < 0 || n > 255; })) {
    return fail(Errc::bad_input,
                std::string(is_bgr ? "BGR" : "RGB") + " values must be in range 0-255, got (" +
                    std::to_string(numbers[0]) + ", " + std::to_string(numbers[1]) + ", " +
                    std::to_string(numbers[2]) + ")");
  }
  if (is_bgr) std::swap(numbers[0], numbers[2]);
  return Color{static_cast<std::uint8_t>(numbers[0]), static_cast<std::uint8_t>(numbers[1]),
               static_cast<std::uint8_t>(numbers[2])};
}

Palette read_all(std::string_view digits) {
  Palette palette;
  for (std::size_t i = 0; i * 6 < digits.size(); ++i) palette.push_back(color_at(digits, i));
  return palette;
}

/// `size` colours at equal steps from the first of a map to its last, rounded as numpy does.
Palette sample(std::string_view digits, std::int64_t size) {
  const std::size_t count = digits.size() / 6;
  const double step = size > 1 ? 1.0 / static_cast<double>(size - 1) : 0;
  Palette palette;
  for (std::int64_t i = 0; i < size; ++i) {
    const bool is_end = size > 1 && i == size - 1;
    const double place = is_end ? 1.0 : static_cast<double>(i) * step;
    const auto index = static_cast<std::size_t>(place * static_cast<double>(count));
    palette.push_back(color_at(digits, std::min(index, count - 1)));
  }
  return palette;
}

}  // namespace

Result<Color> read_color(std::string_view text) {
  if (text.starts_with('#')) return read_hex(text);
  if (text.starts_with("rgb") || text.starts_with("bgr")) return read_triple(text);
  for (const NamedColor& known : named_colors) {
    const bool is_it = std::ranges::equal(
        text, known.name, [](unsigned char a, char b) { return std::toupper(a) == b; });
    if (is_it) return known.color;
  }
  return fail(Errc::bad_input,
              "Invalid text color: " + std::string(text) +
                  "; valid formats are #RRGGBB, rgb(R, G, B), bgr(B, G, R), or a valid color name "
                  "(like WHITE, BLACK, or BLUE).");
}

Result<Palette> make_palette(std::string_view name, std::int64_t size,
                             std::span<const std::string> custom) {
  if (name == "DEFAULT") return read_all(default_palette);
  if (name == "ROBOFLOW") return read_all(roboflow_palette);
  if (name == "LEGACY") return read_all(legacy_palette);
  if (name == "CUSTOM") {
    Palette palette;
    for (const std::string& text : custom) {
      const auto color = read_color(text);
      if (!color) return fail(color.error());
      palette.push_back(*color);
    }
    return palette;
  }
  constexpr std::string_view prefix = "Matplotlib ";
  const std::string_view digits =
      name.starts_with(prefix) ? find_color_map(name.substr(prefix.size())) : std::string_view();
  if (digits.empty()) {
    return fail(Errc::bad_input, "there is no palette '" + std::string(name) + "'");
  }
  if (size < 0 || size > most_colors) {
    return fail(Errc::bad_input, "a palette has 1 to " + std::to_string(most_colors) +
                                     " colours, not " + std::to_string(size));
  }
  return sample(digits, size);
}

Result<std::vector<Color>> pick_colors(const Detections& detections, const Palette& palette,
                                       ColorAxis axis) {
  std::vector<Color> colors;
  if (detections.rows.empty()) return colors;
  if (palette.empty()) {
    return fail(Errc::bad_input, "A color palette must contain at least one color.");
  }
  for (const Detection& row : detections.rows) {
    auto index = static_cast<std::int64_t>(colors.size());
    if (axis == ColorAxis::by_class) index = row.class_id;
    if (axis == ColorAxis::track) {
      if (!row.tracker_id) {
        return fail(Errc::bad_input,
                    "Could not resolve color by track because Detections do not have tracker_id. "
                    "Did you call tracker.update_with_detections(...) before annotating?");
      }
      index = *row.tracker_id;
      if (index == -1) {
        colors.push_back(unconfirmed_track);
        continue;
      }
    }
    const auto count = static_cast<std::int64_t>(palette.size());
    colors.push_back(palette[static_cast<std::size_t>((index % count + count) % count)]);
  }
  return colors;
}

}  // namespace vedette::vision
