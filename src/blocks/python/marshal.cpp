#include "blocks/python/marshal.hpp"

#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>

namespace vedette::blocks::python {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they lie");

constexpr int most_depth = 100;
constexpr std::size_t most_values = 4'000'000;  // 32 bytes each, once they are ours
constexpr int digit_bits = 15;                  // of a long integer

template <class T, class Make>
Result<Value> made_of(Result<T> read, Make make) {
  if (!read) return fail(std::move(read).error());
  return Value(make(*std::move(read)));
}

class Reader {
 public:
  explicit Reader(std::string_view data) : data_(data) {}

  Result<Value> read(int depth) {
    if (depth > most_depth) return fail(Errc::bad_input, "nested too deep");
    if (++values_ > most_values) {
      return fail(Errc::too_large, "more than " + std::to_string(most_values) + " values");
    }
    const auto type = take<char>();
    if (!type) return fail(type.error());
    switch (*type) {
      case 'N':
        return Value();
      case 'T':
        return Value(true);
      case 'F':
        return Value(false);
      case 'i':
        return made_of(take<std::int32_t>(), [](std::int32_t v) { return std::int64_t{v}; });
      case 'l':
        return read_long();
      case 'g':
        return made_of(take<double>(), [](double v) { return v; });
      case 'u':
        return made_of(view(), [](std::string_view v) { return v; });
      case 's':
        return made_of(view(), [](std::string_view v) { return Value::box(Blob{v}); });
      case '[':
        return made_of(read_items(depth), [](List v) { return v; });
      case '(':
        has_tuples_ = true;
        return made_of(read_items(depth), [](List v) { return Value::box(Tuple{std::move(v)}); });
      case '{':
        return read_dict(depth);
      default:
        return fail(Errc::bad_input, std::string("a value of type '") + *type + "'");
    }
  }

  [[nodiscard]] bool is_at_end() const { return data_.empty(); }
  [[nodiscard]] bool has_tuples() const { return has_tuples_; }

 private:
  template <class T>
  Result<T> take() {
    if (data_.size() < sizeof(T)) return fail(Errc::bad_input, "cut off");
    T value;
    data_.copy(reinterpret_cast<char*>(&value), sizeof(T));
    data_.remove_prefix(sizeof(T));
    return value;
  }

  Result<std::string_view> view() {
    const auto size = take<std::uint32_t>();
    if (!size || *size > data_.size()) return fail(Errc::bad_input, "cut off");
    const std::string_view found = data_.substr(0, *size);
    data_.remove_prefix(*size);
    return found;
  }

  Result<Value> read_long() {
    const auto count = take<std::int32_t>();
    if (!count) return fail(count.error());
    const auto digits = static_cast<std::size_t>(std::abs(std::int64_t{*count}));
    if (digits * 2 > data_.size()) return fail(Errc::bad_input, "cut off");
    std::uint64_t whole = 0;
    double rough = 0;
    for (std::size_t i = digits; i-- > 0;) {
      std::uint16_t digit = 0;
      data_.copy(reinterpret_cast<char*>(&digit), sizeof digit, sizeof digit * i);
      whole = whole << digit_bits | digit;
      rough = std::ldexp(rough, digit_bits) + digit;
    }
    data_.remove_prefix(2 * digits);
    constexpr double limit = 9223372036854775808.0;
    const bool fits = *count < 0 ? rough <= limit : whole >> 63 == 0 && rough < 2 * limit;
    if (!fits) return Value(*count < 0 ? -rough : rough);
    return Value(static_cast<std::int64_t>(*count < 0 ? 0 - whole : whole));
  }

  Result<List> read_items(int depth) {
    const auto count = take<std::uint32_t>();
    if (!count || *count > data_.size()) return fail(Errc::bad_input, "cut off");
    List items;
    items.reserve(*count);
    for (std::uint32_t i = 0; i < *count; ++i) {
      auto item = read(depth + 1);
      if (!item) return fail(std::move(item).error());
      items.push_back(*std::move(item));
    }
    return items;
  }

  Result<Value> read_dict(int depth) {
    Dict dict;
    while (!data_.starts_with('0')) {
      const auto key = read(depth + 1);
      if (!key) return fail(key.error());
      if (!key->is_string()) return fail(Errc::bad_input, "a key that is not a text");
      auto value = read(depth + 1);
      if (!value) return fail(std::move(value).error());
      dict.append(std::string(key->string()), *std::move(value));
    }
    data_.remove_prefix(1);
    return Value(std::move(dict));
  }

  std::string_view data_;
  std::size_t values_ = 0;
  bool has_tuples_ = false;
};

}  // namespace

void MarshalWriter::integer(std::int64_t value) {
  if (value >= std::numeric_limits<std::int32_t>::min() &&
      value <= std::numeric_limits<std::int32_t>::max()) {
    out_.push_back('i');
    number(static_cast<std::uint32_t>(value));
    return;
  }
  std::uint64_t rest =
      value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  std::string digits;
  for (; rest != 0; rest >>= digit_bits) {
    digits.push_back(static_cast<char>(rest & 0xff));
    digits.push_back(static_cast<char>(rest >> 8 & 0x7f));
  }
  const auto count = static_cast<std::int32_t>(digits.size() / 2);
  out_.push_back('l');
  number(static_cast<std::uint32_t>(value < 0 ? -count : count));
  out_.append(digits);
}

void MarshalWriter::real(double value) {
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  out_.push_back('g');
  out_.append(raw, sizeof raw);
}

void MarshalWriter::number(std::uint32_t value) {
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  out_.append(raw, sizeof raw);
}

void MarshalWriter::counted(char type, std::size_t items) {
  out_.push_back(type);
  number(static_cast<std::uint32_t>(items));
}

void MarshalWriter::sized(char type, std::string_view value) {
  counted(type, value.size());
  out_.append(value);
}

Result<Unmarshalled> unmarshal(std::string_view data) {
  Reader reader(data);
  auto value = reader.read(0);
  if (!value) return fail(std::move(value).error());
  if (!reader.is_at_end()) return fail(Errc::bad_input, "something after the value");
  return Unmarshalled{*std::move(value), reader.has_tuples()};
}

}  // namespace vedette::blocks::python
