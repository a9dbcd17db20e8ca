#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "base/json.hpp"

namespace vedette::json {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Good {
  std::string name;
  std::string text;
  Value value;
  Rules rules = strict;
};

class JsonRead : public testing::TestWithParam<Good> {};

TEST_P(JsonRead, SaysWhatTheTextSays) {
  const auto value = read(std::string_view(GetParam().text), GetParam().rules);
  ASSERT_TRUE(value) << value.error().what;
  EXPECT_EQ(value->type(), GetParam().value.type());
  EXPECT_EQ(*value, GetParam().value) << write(*value);
}

TEST_P(JsonRead, SaysTheSameOfAnOwnedText) {
  const auto owned = std::make_shared<const std::string>("[0, " + GetParam().text + " ]");
  const std::string_view part = std::string_view(*owned).substr(4, GetParam().text.size());
  const auto value = read_part(owned, part, GetParam().rules);
  ASSERT_TRUE(value) << value.error().what;
  EXPECT_EQ(*value, GetParam().value);
}

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();

INSTANTIATE_TEST_SUITE_P(
    Texts, JsonRead,
    testing::Values(
        Good{"Null", "null", nullptr}, Good{"True", " true\n", true}, Good{"False", "false", false},
        Good{"Zero", "0", 0}, Good{"MinusZero", "-0", 0}, Good{"Integer", "-12", -12},
        Good{"Most", "9223372036854775807", most}, Good{"Least", "-9223372036854775808", least},
        Good{"OneOver", "9223372036854775808", 9223372036854775808.0}, Good{"Real", "1.5", 1.5},
        Good{"RealWithoutFraction", "1.0", 1.0}, Good{"Exponent", "1e2", 100.0},
        Good{"SignedExponent", "-1.25E-2", -0.0125}, Good{"Underflow", "1e-999", 0.0},
        Good{"Overflow", "-1e999", -infinity, as_python},
        Good{"Infinity", "Infinity", infinity, as_python},
        Good{"MinusInfinity", "-Infinity", -infinity, as_python}, Good{"EmptyString", "\"\"", ""},
        Good{"Escapes", R"("a\"\\\/\b\f\n\r\t")", "a\"\\/\b\f\n\r\t"},
        Good{"EscapedLetters", R"("\u0041\u00e4\u20AC")", "A\xc3\xa4\xe2\x82\xac"},
        Good{"SurrogatePair", R"("\ud83d\ude00")", "\xf0\x9f\x98\x80"},
        Good{"HalfAPair", R"("\ud83dx")", "\xef\xbf\xbdx"},
        Good{"TwoFirstHalves", R"("\ud83d\ud83d")", "\xef\xbf\xbd\xef\xbf\xbd"},
        Good{"SecondHalf", R"("\ude00")", "\xef\xbf\xbd"},
        Good{"EscapedZero", R"("a\u0000b")", std::string("a\0b", 3)},
        Good{"RawUtf8", "\"\xe5\xbc\xa0\"", "\xe5\xbc\xa0"}, Good{"EmptyList", "[ ]", List{}},
        Good{"List", "[1, \"a\" , null]", List{1, "a", nullptr}},
        Good{"EmptyObject", "{\n}", Dict{}},
        Good{"Object", R"({"b":1, "a" : {"c":[]}})", Dict{{"b", 1}, {"a", Dict{{"c", List{}}}}}},
        Good{"EscapedKey", R"({"\u0061":1})", Dict{{"a", 1}}},
        Good{"EmptyKey", R"({"":1})", Dict{{"", 1}}},
        Good{"LastTwinWins", R"({"a":1,"b":2,"a":3})", Dict{{"a", 3}, {"b", 2}}, as_python},
        Good{"LongString", '"' + std::string(5000, 'x') + '"', std::string(5000, 'x')},
        Good{"LongStringWithEscape", '"' + std::string(99, 'x') + "\\n\"",
             std::string(99, 'x') + "\n"}),
    [](const auto& test) { return test.param.name; });

TEST(JsonReadOfPython, KnowsNaN) {
  const auto value = read("[NaN]", as_python);
  ASSERT_TRUE(value) << value.error().what;
  EXPECT_TRUE(std::isnan(value->list()[0].number()));
}

TEST(JsonReadOfATextWithAByteOrderMark, PassesOverIt) {
  EXPECT_EQ(read("\xef\xbb\xbf[1]", strict), (List{1}));
}

struct Bad {
  std::string name;
  std::string text;
  std::string what;
  Errc code = Errc::bad_input;
};

class JsonReadRefuses : public testing::TestWithParam<Bad> {};

TEST_P(JsonReadRefuses, AndSaysWhereAndWhy) {
  const auto value = read(std::string_view(GetParam().text), strict);
  ASSERT_FALSE(value) << write(*value);
  EXPECT_EQ(value.error().what, GetParam().what);
  EXPECT_EQ(value.error().code, GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, JsonReadRefuses,
    testing::Values(
        Bad{"Nothing", "", "line 1, column 1: a value expected, but the text ends"},
        Bad{"Blanks", " \n ", "line 2, column 2: a value expected, but the text ends"},
        Bad{"Word", "nul", "line 1, column 1: a value expected, not 'n'"},
        Bad{"NotANumber", "[NaN]", "line 1, column 2: a value expected, not 'N'"},
        Bad{"Infinity", "-Infinity", "line 1, column 2: a digit expected, not 'I'"},
        Bad{"BeyondDouble", "[1e999]", "line 1, column 2: a number beyond the range of a double"},
        Bad{"LeadingZero", "01", "line 1, column 2: the end expected, not '1'"},
        Bad{"NoFraction", "1.", "line 1, column 3: a digit expected, but the text ends"},
        Bad{"NoExponent", "1e+", "line 1, column 4: a digit expected, but the text ends"},
        Bad{"Plus", "+1", "line 1, column 1: a value expected, not '+'"},
        Bad{"PointFirst", ".5", "line 1, column 1: a value expected, not '.'"},
        Bad{"Two", "1 2", "line 1, column 3: the end expected, not '2'"},
        Bad{"OpenList", "[1,\n 2", "line 2, column 3: ',' or ']' expected, but the text ends"},
        Bad{"CommaBeforeEnd", "[1,]", "line 1, column 4: a value expected, not ']'"},
        Bad{"CommaInObject", "{\"a\":1,}", "line 1, column 8: a key in quotes expected, not '}'"},
        Bad{"BareKey", "{a:1}", "line 1, column 2: a key in quotes expected, not 'a'"},
        Bad{"NoColon", "{\"a\" 1}", "line 1, column 6: ':' expected, not '1'"},
        Bad{"WrongBracket", "[1}", "line 1, column 3: ',' or ']' expected, not '}'"},
        Bad{"OpenString", "[\"abc]", "line 1, column 2: this string has no end"},
        Bad{"OpenEscape", "\"abc\\", "line 1, column 1: this string has no end"},
        Bad{"LineBreakInString", "\"a\nb\"",
            "line 1, column 3: a control character must be written as an escape"},
        Bad{"UnknownEscape", "\"\\x41\"",
            "line 1, column 2: an unknown escape: one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u"},
        Bad{"ShortCodePoint", "\"\\u12\"",
            "line 1, column 4: four hexadecimal digits expected after \\u"},
        Bad{"SignedCodePoint", "\"\\u-123\"",
            "line 1, column 4: four hexadecimal digits expected after \\u"},
        Bad{"Twins", "{\"a\": 1,\n \"a\": 2}", "line 2, column 2: the key 'a' comes twice"},
        Bad{"TwinsByEscape", R"({"a":1,"\u0061":2})", "line 1, column 8: the key 'a' comes twice"},
        Bad{"BadUtf8", "[\"ab\xff\"]", "line 1, column 5: not UTF-8: the byte 0xff"},
        Bad{"CutUtf8", "[\"\xe2\x82\"]", "line 1, column 3: not UTF-8: the byte 0xe2"},
        Bad{"Zero", std::string("[\0]", 3),
            "line 1, column 2: a value expected, not the byte 0x00"},
        Bad{"Deep", std::string(10'000, '['), "line 1, column 65: nested deeper than 64",
            Errc::too_large},
        Bad{"JustTooDeep", std::string(65, '[') + std::string(65, ']'),
            "line 1, column 65: nested deeper than 64", Errc::too_large}),
    [](const auto& test) { return test.param.name; });

TEST(JsonReadOfManyMembers, StaysQuickAndFindsTheTwin) {
  std::string text = "{";
  for (int i = 0; i < 200'000; ++i) text += "\"k" + std::to_string(i) + "\":0,";
  const auto all = read(text + "\"last\":1}", strict);
  ASSERT_TRUE(all) << all.error().what;
  EXPECT_EQ(all->dict().size(), 200'001u);
  EXPECT_EQ(all->dict()["last"], 1);
  const auto twin = read(text + "\"k77\":1}", strict);
  ASSERT_FALSE(twin);
  EXPECT_NE(twin.error().what.find("'k77' comes twice"), std::string::npos) << twin.error().what;
  const auto last = read(text + "\"k77\":1}", as_python);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->dict()["k77"], 1);
}

TEST(JsonReadAtTheDeepestRule, DoesNotOverflowTheStack) {
  constexpr std::size_t depth = 10'000;
  std::string lists = std::string(depth, '[') + std::string(depth, ']');
  EXPECT_TRUE(read(lists, Rules{.depth = depth}));
  std::string objects;
  for (std::size_t i = 0; i < depth; ++i) objects += "{\"a\":";
  objects += "0" + std::string(depth, '}');
  const auto value = read(objects, Rules{.depth = depth});
  ASSERT_TRUE(value);
  EXPECT_EQ(write(*value).size(), objects.size());
}

TEST(JsonReadOfTooManyValues, IsRefused) {
  EXPECT_TRUE(read("[1,2,3]", Rules{.values = 4}));
  const auto more = read("[1,2,3,4]", Rules{.values = 4});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error(), (Error{Errc::too_large, "line 1, column 8: more than 4 values"}));
}

TEST(JsonReadOfAHugeString, IsAViewIntoTheText) {
  auto text = std::make_shared<const std::string>("[\"" + std::string(100'000'000, 'A') + "\"]");
  const auto value = read(text, strict);
  ASSERT_TRUE(value) << value.error().what;
  const std::string_view string = value->list()[0].string();
  EXPECT_EQ(string.size(), 100'000'000u);
  EXPECT_EQ(string.data(), text->data() + 2);
}

TEST(JsonReadOfOwnedText, KeepsItAliveWhileAViewLives) {
  auto text = std::make_shared<const std::string>("[\"" + std::string(64, 'A') + "\", \"short\"]");
  const std::weak_ptr<const std::string> watched = text;
  auto value = read(std::move(text), strict);
  ASSERT_TRUE(value);
  EXPECT_FALSE(watched.expired());
  const Value brief = value->list()[1];
  value = Value();
  EXPECT_TRUE(watched.expired()) << "a short string is no reason to keep a body";
  EXPECT_EQ(brief.string(), "short");
}

TEST(JsonReadOfAPart, TellsPositionsInTheWhole) {
  const auto text = std::make_shared<const std::string>("{\n  \"a\": [1, x]}");
  const auto part = read_part(text, std::string_view(*text).substr(9, 6), strict);
  ASSERT_FALSE(part);
  EXPECT_EQ(part.error().what, "line 2, column 12: a value expected, not 'x'");
}

TEST(JsonMembers, AreFoundWithoutReadingTheirValues) {
  const std::string text =
      R"( {"a": [1, "]}", {"x": 2}], "\u0062":"q\"" , "c":nonsense,"d":-1.5 } )";
  const auto found = members(text, strict);
  ASSERT_TRUE(found) << found.error().what;
  ASSERT_EQ(found->size(), 4u);
  EXPECT_EQ((*found)[0].key, "a");
  EXPECT_EQ((*found)[0].raw, R"([1, "]}", {"x": 2}])");
  EXPECT_EQ((*found)[1].key, "b");
  EXPECT_EQ((*found)[1].raw, R"("q\"")");
  EXPECT_EQ((*found)[2].raw, "nonsense");
  EXPECT_EQ((*found)[3].raw, "-1.5");
  EXPECT_EQ((*found)[0].raw.data(), text.data() + 7);
}

class JsonMembersRefuses : public testing::TestWithParam<Bad> {};

TEST_P(JsonMembersRefuses, AndSaysWhereAndWhy) {
  const auto found = members(GetParam().text, strict);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().what, GetParam().what);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, JsonMembersRefuses,
    testing::Values(Bad{"List", "[1]", "line 1, column 1: '{' expected, not '['"},
                    Bad{"Nothing", "", "line 1, column 1: '{' expected, but the text ends"},
                    Bad{"Cut", "{\"a\": [1, 2", "line 1, column 7: this has no end"},
                    Bad{"CutInString", "{\"a\": [\"x", "line 1, column 8: this string has no end"},
                    Bad{"NoValue", "{\"a\": }", "line 1, column 7: a value expected, not '}'"},
                    Bad{"CutBeforeValue",
                        "{\"a\":", "line 1, column 6: a value expected, but the text ends"},
                    Bad{"Rest", "{} x", "line 1, column 4: the end expected, not 'x'"},
                    Bad{"Twins", "{\"a\":1,\"a\":2}", "line 1, column 8: the key 'a' comes twice"}),
    [](const auto& test) { return test.param.name; });

TEST(JsonMembersOfPython, LetTheLastTwinWin) {
  const auto found = members(R"({"a":1,"b":2,"a":3})", as_python);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ((*found)[0].raw, "3");
}

struct Place {
  std::string name;
  Path path;
  Position position;
};

class JsonFind : public testing::TestWithParam<Place> {};

TEST_P(JsonFind, LeadsToTheElement) {
  constexpr std::string_view text = "{\n  \"a\": [1,\n    {\"b c\": \"]\"}, 3],\n  \"d\": {}\n}\n";
  EXPECT_EQ(find(text, GetParam().path), GetParam().position);
}

using U = std::size_t;
INSTANTIATE_TEST_SUITE_P(Paths, JsonFind,
                         testing::Values(Place{"Root", {}, {1, 1}}, Place{"Member", {"a"}, {2, 8}},
                                         Place{"FirstItem", {"a", U{0}}, {2, 9}},
                                         Place{"Nested", {"a", U{1}, "b c"}, {3, 13}},
                                         Place{"LastItem", {"a", U{2}}, {3, 19}},
                                         Place{"SecondMember", {"d"}, {4, 8}},
                                         Place{"UnknownKey", {"x"}, {1, 1}},
                                         Place{"UnknownChild", {"d", "x", "y"}, {4, 8}},
                                         Place{"BeyondTheList", {"a", U{3}}, {2, 8}},
                                         Place{"IndexIntoObject", {"d", U{0}}, {4, 8}},
                                         Place{"KeyIntoNumber", {"a", U{0}, "x"}, {2, 9}}),
                         [](const auto& test) { return test.param.name; });

TEST(JsonFindInBrokenText, StopsAtTheLastGoodPlace) {
  EXPECT_EQ(find("", Path{"a"}), (Position{1, 1}));
  EXPECT_EQ(find("{\"a\": [1, \"x", Path{"a", U{5}}), (Position{1, 7}));
}

}  // namespace
}  // namespace vedette::json
