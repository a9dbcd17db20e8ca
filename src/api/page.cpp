#include "api/page.hpp"

#include "api/surface.hpp"
#include "base/id.hpp"

namespace vedette::api {
namespace {

/// Nothing but our own files runs, and nobody frames the page.
constexpr std::string_view policy =
    "default-src 'self'; img-src 'self' blob: data:; connect-src 'self' ws: wss:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

Answer file_answer(const Call& call, const PageFile& file, const std::string& etag) {
  Answer answer{.type = std::string(file.type), .revalidate = true};
  answer.headers = {{"ETag", etag},
                    {"Content-Security-Policy", std::string(policy)},
                    {"X-Frame-Options", "DENY"},
                    {"Referrer-Policy", "no-referrer"}};
  if (call.header("if-none-match") == etag) {
    answer.status = 304;
  } else {
    answer.body = file.content;
  }
  return answer;
}

}  // namespace

void add_page_routes(Table& table) {
  for (const PageFile& file : page_files()) {
    const std::string etag = '"' + sha256_hex(file.content).substr(0, 16) + '"';
    table.add({.method = "GET",
               .path = file.path,
               .about = file.path == "/" ? "The live page" : "A file of the live page",
               .lane = Lane::io,
               .access = Access::open,
               .gives = file.type,
               .before_ready = true,
               .handle = answers(
                   [&file, etag](const Call& call) { return file_answer(call, file, etag); })});
  }
}

}  // namespace vedette::api
