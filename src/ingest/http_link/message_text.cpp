#include "ingest/http_link/message_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace vedette::ingest {
namespace {

std::string decoded(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    const char* digits = text.data() + i + 1;
    if (text[i] == '%' && text.size() - i > 2 &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += plus_is_blank && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string_view phrase_of(int status) {
  struct Phrase {
    int status;
    std::string_view text;
  };
  static constexpr std::array<Phrase, 34> phrases{{{101, "Switching Protocols"},
                                                   {200, "OK"},
                                                   {201, "Created"},
                                                   {202, "Accepted"},
                                                   {204, "No Content"},
                                                   {206, "Partial Content"},
                                                   {301, "Moved Permanently"},
                                                   {302, "Found"},
                                                   {303, "See Other"},
                                                   {304, "Not Modified"},
                                                   {307, "Temporary Redirect"},
                                                   {308, "Permanent Redirect"},
                                                   {400, "Bad Request"},
                                                   {401, "Unauthorized"},
                                                   {402, "Payment Required"},
                                                   {403, "Forbidden"},
                                                   {404, "Not Found"},
                                                   {405, "Method Not Allowed"},
                                                   {406, "Not Acceptable"},
                                                   {408, "Request Timeout"},
                                                   {409, "Conflict"},
                                                   {410, "Gone"},
                                                   {411, "Length Required"},
                                                   {412, "Precondition Failed"},
                                                   {413, "Content Too Large"},
                                                   {415, "Unsupported Media Type"},
                                                   {417, "Expectation Failed"},
                                                   {422, "Unprocessable Content"},
                                                   {428, "Precondition Required"},
                                                   {429, "Too Many Requests"},
                                                   {431, "Request Header Fields Too Large"},
                                                   {500, "Internal Server Error"},
                                                   {501, "Not Implemented"},
                                                   {503, "Service Unavailable"}}};
  const auto* const found = std::ranges::find(phrases, status, &Phrase::status);
  return found == phrases.end() ? std::string_view("Status") : found->text;
}

/// "Sun, 01 Mar 2026 09:30:00 GMT", made once a second.
const std::string& date_now() {
  struct Made {
    std::time_t second = 0;
    std::string text;
  };
  thread_local Made made;
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  if (made.second != now) {
    made = {now, fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(now))};
  }
  return made.text;
}

void append_header(std::string_view name, std::string_view value, std::string& head) {
  const std::size_t begin = head.size();
  head.append(name).append(": ").append(value);
  std::replace_if(
      head.begin() + static_cast<std::ptrdiff_t>(begin), head.end(),
      [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }, ' ');
  head += "\r\n";
}

}  // namespace

Result<Target> read_target(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    target.remove_prefix(std::min(target.find('/', scheme.size()), target.size()));
    if (target.empty()) target = "/";
    break;
  }
  if (!target.starts_with('/')) {
    return fail(Errc::bad_input, "the target of a request must be a path, such as /healthz");
  }
  target = target.substr(0, target.find('#'));
  const std::size_t mark = target.find('?');
  Target read{decoded(target.substr(0, mark), false), {}};
  std::string_view rest = mark == target.npos ? "" : target.substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
    if (!pair.empty()) {
      read.query.emplace_back(decoded(pair.substr(0, equals), true), decoded(value, true));
    }
  }
  return read;
}

bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

std::size_t body_size(const HttpResponse& response) {
  std::size_t size = response.body.size();
  for (const SharedBytes& part : response.more) size += part.bytes.size();
  return size;
}

std::string head_of(const HttpResponse& response, After after) {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status,
                                 phrase_of(response.status), date_now());
  if (has_body(response.status)) {
    if (!response.type.empty()) append_header("Content-Type", response.type, head);
    head += fmt::format("Content-Length: {}\r\n", body_size(response));
  }
  for (const HttpHeader& header : response.headers) append_header(header.name, header.value, head);
  if (after == After::close) head += "Connection: close\r\n";
  if (after == After::keep_spoken) head += "Connection: keep-alive\r\n";
  head += "\r\n";
  return head;
}

HttpResponse plain_answer(int status, std::string_view what) {
  return {.status = status, .type = "text/plain; charset=utf-8", .body = std::string(what) + "\n"};
}

}  // namespace vedette::ingest
