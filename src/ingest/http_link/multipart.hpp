#pragma once
/// Bodies of type multipart/form-data (RFC 7578), as browsers and programs upload files.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace vedette::ingest {

struct MultipartLimits {
  std::size_t parts = 1'000;
  std::size_t part_header_bytes = 4u << 10;
};

struct Part {
  std::string name;       ///< of the form's field
  std::string file_name;  ///< as the peer says, never a path to be trusted; empty: no file
  std::string type;       ///< Content-Type; "text/plain" where none is given
  std::string_view body;  ///< within what was read
};

/// The parts of `body` in order; views into it. Strict: CRLF line ends, a form-data disposition
/// with a name in every part, a closing boundary.
/// fails  bad_input; too_large, where there are more or longer than the limits
[[nodiscard]] Result<std::vector<Part>> read_multipart(std::string_view content_type,
                                                       std::string_view body,
                                                       MultipartLimits limits = {});

}  // namespace vedette::ingest
