#include "ingest/http_link/multipart.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

namespace vedette::ingest {
namespace {

constexpr std::size_t longest_boundary = 70;  // RFC 2046, section 5.1.1

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

/// `form-data; name="a;b"; filename=c`: the value before the first ';', and parameters by name.
struct Parameters {
  std::string value;
  std::vector<std::pair<std::string, std::string>> all;

  [[nodiscard]] std::optional<std::string> find(std::string_view name) const {
    const auto found = std::ranges::find(all, name, &std::pair<std::string, std::string>::first);
    return found == all.end() ? std::nullopt : std::optional(found->second);
  }
};

/// A quoted text from behind its first quote. Only \" and \\ are escapes: browsers that send
/// paths leave single backslashes in them.
std::optional<std::string> quoted(std::string_view& text) {
  std::string out;
  while (!text.empty()) {
    char c = text.front();
    text.remove_prefix(1);
    if (c == '"') return out;
    if (c == '\\' && !text.empty() && (text.front() == '"' || text.front() == '\\')) {
      c = text.front();
      text.remove_prefix(1);
    }
    out += c;
  }
  return std::nullopt;
}

std::optional<Parameters> read_parameters(std::string_view text) {
  Parameters read;
  const auto end = std::min(text.find(';'), text.size());
  read.value = lower(trimmed(text.substr(0, end)));
  text.remove_prefix(end);
  while (take(text, ";")) {
    const auto equals = text.find('=');
    if (equals == text.npos) return trimmed(text).empty() ? std::optional(read) : std::nullopt;
    std::string name = lower(trimmed(text.substr(0, equals)));
    text = trimmed(text.substr(equals + 1));
    std::optional<std::string> value;
    if (take(text, "\"")) {
      value = quoted(text);
      text = trimmed(text);
      if (!value || (!text.empty() && text.front() != ';')) return std::nullopt;
    } else {
      const auto stop = std::min(text.find(';'), text.size());
      value = trimmed(text.substr(0, stop));
      text.remove_prefix(stop);
    }
    if (read.find(name)) return std::nullopt;
    read.all.emplace_back(std::move(name), *std::move(value));
  }
  return read;
}

Result<void> take_header(std::string_view line, Part& part) {
  const auto colon = line.find(':');
  if (colon == line.npos) return fail(Errc::bad_input, "a header without a colon");
  const std::string name = lower(line.substr(0, colon));
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (name == "content-type") part.type = value;
  if (name == "content-transfer-encoding" && lower(value) != "binary" && lower(value) != "8bit" &&
      lower(value) != "7bit") {
    return fail(Errc::bad_input, "its transfer encoding must be binary");
  }
  if (name != "content-disposition") return {};
  const auto read = read_parameters(value);
  if (!read || read->value != "form-data" || !read->find("name")) {
    return fail(Errc::bad_input, "its disposition must be form-data with a name");
  }
  part.name = *read->find("name");
  part.file_name = read->find("filename").value_or("");
  return {};
}

/// From behind a boundary's line end to the next boundary, which `rest` then begins with.
Result<Part> read_part(std::string_view& rest, std::string_view delimiter, std::size_t most) {
  Part part{.type = "text/plain"};
  const std::string_view all_headers = rest;
  bool has_disposition = false;
  for (;;) {
    const auto end = rest.substr(0, most + 2).find("\r\n");
    const std::size_t so_far = all_headers.size() - rest.size();
    if (end == rest.npos || so_far + end > most) {
      const bool cut = rest.size() + so_far <= most;
      return cut ? fail(Errc::bad_input, "it ends within its headers")
                 : fail(Errc::too_large, fmt::format("its headers are over {} bytes", most));
    }
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    if (line.empty()) break;
    if (auto taken = take_header(line, part); !taken) return fail(std::move(taken).error());
    has_disposition |= lower(line).starts_with("content-disposition:");
  }
  if (!has_disposition)
    return fail(Errc::bad_input, "its disposition must be form-data with a name");
  // An empty body is followed by the line end that ended the headers.
  const auto end = rest.find(delimiter);
  if (end == rest.npos) return fail(Errc::bad_input, "it has no end");
  part.body = rest.substr(0, end);
  rest.remove_prefix(end + delimiter.size());
  return part;
}

}  // namespace

Result<std::vector<Part>> read_multipart(std::string_view content_type, std::string_view body,
                                         MultipartLimits limits) {
  const auto type = read_parameters(content_type);
  if (!type || type->value != "multipart/form-data") {
    return fail(Errc::bad_input, "the body must be multipart/form-data");
  }
  const std::string boundary = type->find("boundary").value_or("");
  if (boundary.empty() || boundary.size() > longest_boundary) {
    return fail(Errc::bad_input, "multipart/form-data without a boundary of 1 to 70 characters");
  }
  const std::string delimiter = "\r\n--" + boundary;
  std::string_view rest = body;
  if (!take(rest, std::string_view(delimiter).substr(2))) {
    return fail(Errc::bad_input, "a multipart body must begin with its boundary");
  }
  std::vector<Part> parts;
  while (!take(rest, "--")) {
    if (!take(rest, "\r\n")) return fail(Errc::bad_input, "a boundary must end its line");
    if (parts.size() == limits.parts) {
      return fail(Errc::too_large, fmt::format("more than {} parts", limits.parts));
    }
    auto part = read_part(rest, delimiter, limits.part_header_bytes);
    if (!part)
      return fail(std::move(part).error().within(fmt::format("part {}", parts.size() + 1)));
    parts.push_back(*std::move(part));
  }
  return parts;
}

}  // namespace vedette::ingest
