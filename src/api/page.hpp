#pragma once
/// The files of the live page, which are part of the program.

#include <string_view>
#include <vector>

namespace vedette::api {

struct PageFile {
  std::string_view path;  ///< "/assets/live.js"
  std::string_view type;
  std::string_view content;
};
using PageFiles = std::vector<PageFile>;

[[nodiscard]] const PageFiles& page_files();  ///< made by the build from web/

}  // namespace vedette::api
