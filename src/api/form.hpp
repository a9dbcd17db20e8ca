#pragma once
/// A multipart form with files.

#include <string>
#include <string_view>
#include <vector>

#include "api/call.hpp"
#include "vision/image.hpp"

namespace vedette::api {

struct FormFile {
  std::string name;  ///< as the client calls it
  vision::SharedBytes bytes;
};

struct Form {
  std::vector<std::pair<std::string, std::string>> texts;
  std::vector<FormFile> files;  ///< parts called `file`

  [[nodiscard]] std::optional<std::string_view> text(std::string_view name) const;
  [[nodiscard]] bool is_true(std::string_view name) const { return text(name) == "true"; }
};

/// fails  bad_input
[[nodiscard]] Result<Form> read_form(const Call& call);

}  // namespace vedette::api
