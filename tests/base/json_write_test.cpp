#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "base/json.hpp"

namespace vedette::json {
namespace {

struct Case {
  std::string name;
  Value value;
  std::string text;
};

class JsonWrite : public testing::TestWithParam<Case> {};

TEST_P(JsonWrite, IsOneLine) { EXPECT_EQ(write(GetParam().value), GetParam().text); }

INSTANTIATE_TEST_SUITE_P(
    Values, JsonWrite,
    testing::Values(Case{"Null", nullptr, "null"}, Case{"True", true, "true"},
                    Case{"False", false, "false"}, Case{"Integer", -42, "-42"},
                    Case{"Least", std::numeric_limits<std::int64_t>::min(), "-9223372036854775808"},
                    Case{"Text", "a/b", "\"a/b\""}, Case{"EmptyList", List{}, "[]"},
                    Case{"EmptyObject", Dict{}, "{}"},
                    Case{"List", List{1, List{"x"}}, "[1,[\"x\"]]"},
                    Case{"Object", Dict{{"b", 1}, {"a", Dict{{"c", nullptr}}}},
                         R"({"b":1,"a":{"c":null}})"},
                    Case{"Box", Value::box(std::string("secret")), "null"},
                    Case{"Escapes", std::string("\"\\\b\f\n\r\t\x01\x1f\0", 10),
                         R"("\"\\\b\f\n\r\t\u0001\u001f\u0000")"},
                    Case{"Utf8", "\xe5\xbc\xa0\x7f", "\"\xe5\xbc\xa0\x7f\""},
                    Case{"EscapeBehindLongText", std::string(70, 'x') + "\n",
                         '"' + std::string(70, 'x') + "\\n\""}),
    [](const auto& test) { return test.param.name; });

struct Number {
  double number;
  std::string text;
};

class JsonWriteNumber : public testing::TestWithParam<Number> {};

TEST_P(JsonWriteNumber, LooksAsPythonsRepr) {
  std::string out;
  write_number(GetParam().number, out);
  EXPECT_EQ(out, GetParam().text);
}

constexpr double infinity = std::numeric_limits<double>::infinity();
INSTANTIATE_TEST_SUITE_P(
    Numbers, JsonWriteNumber,
    testing::Values(Number{0, "0.0"}, Number{-0.0, "-0.0"}, Number{1, "1.0"}, Number{0.1, "0.1"},
                    Number{-2.5, "-2.5"}, Number{0.0001, "0.0001"}, Number{0.00001, "1e-05"},
                    Number{9.999999999999999e-05, "9.999999999999999e-05"},
                    Number{1.5e-7, "1.5e-07"}, Number{1e15, "1000000000000000.0"},
                    Number{9999999999999998.0, "9999999999999998.0"}, Number{1e16, "1e+16"},
                    Number{1.2345678901234568e17, "1.2345678901234568e+17"},
                    Number{1e100, "1e+100"}, Number{5e-324, "5e-324"},
                    Number{1.7976931348623157e308, "1.7976931348623157e+308"},
                    Number{1.0 / 3, "0.3333333333333333"}, Number{infinity, "null"},
                    Number{-infinity, "null"},
                    Number{std::numeric_limits<double>::quiet_NaN(), "null"}));

TEST(JsonWriteOfABox, IsLeftToItsOwner) {
  const Value list = List{Value::box(std::string("picture")), 1};
  std::string out = "> ";
  write(list, out,
        [](const Value& boxed, std::string& text) { write_string(boxed.as<std::string>(), text); });
  EXPECT_EQ(out, "> [\"picture\",1]");
}

TEST(JsonWritePretty, IndentsByTwo) {
  EXPECT_EQ(write_pretty(Dict{{"a", List{1, Dict{}}}, {"b", List{}}}),
            "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}");
}

TEST(JsonWriteThenRead, GivesTheSameValue) {
  const Value value =
      Dict{{"text", "\x01\"\\ \xf0\x9f\x98\x80"}, {"numbers", List{0.1, 1e300, -7}}, {"", false}};
  EXPECT_EQ(read(write(value), strict), value);
  EXPECT_EQ(read(write_pretty(value), strict), value);
}

}  // namespace
}  // namespace vedette::json
