#include "api/form.hpp"

#include <algorithm>

#include "ingest/http_link/multipart.hpp"

namespace vedette::api {

std::optional<std::string_view> Form::text(std::string_view name) const {
  const auto found = std::ranges::find(texts, name, [](const auto& one) { return one.first; });
  return found == texts.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

Result<Form> read_form(const Call& call) {
  const auto parts = ingest::read_multipart(call.header("content-type"), *call.body);
  if (!parts) return fail(parts.error());
  Form form;
  for (const ingest::Part& part : *parts) {
    if (part.name == "file") {
      form.files.push_back({part.file_name, std::make_shared<const vision::Bytes>(
                                                part.body.begin(), part.body.end())});
    } else {
      form.texts.emplace_back(part.name, part.body);
    }
  }
  return form;
}

}  // namespace vedette::api
