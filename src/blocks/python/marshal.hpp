#pragma once
/// Python's own format for plain values, version 2: read and written there by C code, with texts
/// and bytes as they are. Source: CPython 3.11, Python/marshal.c, of which this takes the part
/// that None, bool, int, float, str, bytes, list, tuple and dict need.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/value.hpp"

namespace vedette::blocks::python {

/// Appends values to a text, one after another. A container is told how many items follow.
class MarshalWriter {
 public:
  void none() { out_.push_back('N'); }
  void boolean(bool value) { out_.push_back(value ? 'T' : 'F'); }
  void integer(std::int64_t value);
  void real(double value);
  void text(std::string_view value) { sized('u', value); }
  void bytes(std::string_view value) { sized('s', value); }
  void tuple(std::size_t items) { counted('(', items); }
  void list(std::size_t items) { counted('[', items); }
  void begin_dict() { out_.push_back('{'); }  ///< then keys and values in turn
  void end_dict() { out_.push_back('0'); }
  void raw(std::string_view marshalled) { out_.append(marshalled); }

  [[nodiscard]] const std::string& written() const { return out_; }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void number(std::uint32_t value);
  void counted(char type, std::size_t items);
  void sized(char type, std::string_view value);

  std::string out_;
};

/// A Python tuple, boxed in a Value.
struct Tuple {
  List items;
};

/// Python bytes, boxed in a Value: a view of what was read.
struct Blob {
  std::string_view data;
};

struct Unmarshalled {
  Value value;
  bool has_tuples = false;  ///< somewhere in it
};

/// The one value that `data` holds, which must outlive it. Integers over 64 bits become doubles.
/// fails  bad_input: cut off, of a type that is not among ours, or nested over 100 deep
///        too_large: over 4,000,000 values
[[nodiscard]] Result<Unmarshalled> unmarshal(std::string_view data);

}  // namespace vedette::blocks::python
