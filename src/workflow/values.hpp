#pragma once
/// Values that travel boxed because JSON has no word for them.

#include <cstddef>
#include <string>
#include <vector>

namespace vedette::workflow {

/// Written as base64.
struct ByteString {
  std::string data;
};

/// A moment as Python's isoformat() writes it: "2026-03-01T09:30:00.125000+00:00".
struct Timestamp {
  std::string iso;
};

/// A block of numbers; written as nested lists.
struct Array {
  std::string dtype;               ///< as numpy names it: "<f4", "|u1", "|b1", …
  std::vector<std::size_t> shape;  ///< empty: one number
  std::string data;                ///< row by row, little-endian
};

}  // namespace vedette::workflow
