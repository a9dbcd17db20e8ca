#include "api/route.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace vedette::api {
namespace {

Table table() {
  Table table;
  for (const auto& [method, path] : {std::pair{"POST", "/workflows/run"},
                                     {"GET", "/api/v1/people"},
                                     {"POST", "/api/v1/people"},
                                     {"GET", "/api/v1/people/{id}"},
                                     {"DELETE", "/api/v1/people/{id}"},
                                     {"GET", "/api/v1/people/{id}/photos/{photo}"},
                                     {"POST", "/{workspace}/workflows/{id}"},
                                     {"GET", "/"}}) {
    table.add({.method = method, .path = path, .about = "about", .takes = {"application/json"}});
  }
  table.sort();
  return table;
}

struct Case {
  std::string method, path;
  std::string route;  ///< empty: none
  std::vector<std::string> captured = {};
  std::string allow = {};
};

TEST(Table, FindsTheFirstMatch) {
  const Table routes = table();
  for (const Case& one : {
           Case{"POST", "/workflows/run", "/workflows/run"},
           Case{"GET", "/workflows/run", "", {}, "POST"},
           Case{"GET", "/api/v1/people/01A", "/api/v1/people/{id}", {"01A"}},
           Case{"HEAD", "/api/v1/people/01A", "/api/v1/people/{id}", {"01A"}},
           Case{"PUT", "/api/v1/people/01A", "", {}, "GET, DELETE"},
           Case{"GET", "/api/v1/people/a%2Fb", "/api/v1/people/{id}", {"a/b"}},
           Case{"GET",
                "/api/v1/people/a/photos/b",
                "/api/v1/people/{id}/photos/{photo}",
                {"a", "b"}},
           Case{"GET", "/api/v1/people/", ""},
           Case{"POST", "/local/workflows/door", "/{workspace}/workflows/{id}", {"local", "door"}},
           Case{"POST", "/%E5%BC%A0/workflows/door", "/{workspace}/workflows/{id}", {"张", "door"}},
           Case{"POST", "/api/workflows/door", ""},
           Case{"POST", "/infer/workflows/door", ""},
           Case{"POST", "/ws/workflows/door", ""},
           Case{"GET", "/", "/"},
           Case{"GET", "", ""},
           Case{"GET", "/nothing", ""},
       }) {
    const auto match = routes.find(one.method, one.path);
    EXPECT_EQ(match.route ? match.route->path : "", one.route) << one.method << " " << one.path;
    EXPECT_EQ(match.captured, one.captured) << one.path;
    EXPECT_EQ(match.allow, one.allow) << one.path;
  }
}

TEST(OpenApi, IsMadeFromTheTable) {
  const Value document = openapi(table(), "1");
  const Dict& paths = document.dict()["paths"].dict();
  EXPECT_EQ(document.dict()["openapi"].string(), "3.1.0");
  EXPECT_EQ(paths.size(), 6u);
  const Dict& people = paths["/api/v1/people/{id}"].dict();
  EXPECT_TRUE(people.find("get") && people.find("delete"));
  EXPECT_EQ(people["get"].dict()["parameters"].list()[0].dict()["name"].string(), "id");
}

TEST(CallQuery, IsDecoded) {
  Call call;
  call.target = "/p?&a=1&b=x+y%21&b=2&empty&%61c=%C3%A9";
  EXPECT_EQ(call.query("a"), "1");
  EXPECT_EQ(call.query("b"), "x y!");
  EXPECT_EQ(call.query("empty"), "");
  EXPECT_EQ(call.query("ac"), "é");
  EXPECT_EQ(call.query("none"), std::nullopt);
}

}  // namespace
}  // namespace vedette::api
