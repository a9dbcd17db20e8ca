#include "base/value.hpp"

#include <gtest/gtest.h>

#include <string>

namespace vedette {
namespace {

TEST(Value, ComparesPlainDataDeeply) {
  const Value a = Dict{{"x", List{1, "two", 3.0}}};
  const Value b = Dict{{"x", List{1.0, std::string("two"), 3}}};
  EXPECT_EQ(a, b);
  EXPECT_NE(a, Value(Dict{{"x", List{1, "two"}}}));
  EXPECT_NE(Value(true), Value(1));
  EXPECT_NE(Value(""), Value());
}

TEST(Value, HandsOutABoxByItsTypeOnly) {
  const Value box = Value::box(std::string("inside"));
  ASSERT_TRUE(box.get_if<std::string>());
  EXPECT_EQ(box.as<std::string>(), "inside");
  EXPECT_EQ(box.get_if<int>(), nullptr);
  EXPECT_FALSE(box.is_string());
  EXPECT_EQ(box.share<std::string>().get(), box.get_if<std::string>());
  EXPECT_EQ(box, Value(box));
  EXPECT_NE(box, Value::box(std::string("inside"))) << "boxes are equal where they are the same";
}

TEST(Value, KeepsAliveWhatItsTextIsPartOf) {
  auto owner = std::make_shared<const std::string>("a long body");
  const Value part = Value::text_in(owner, std::string_view(*owner).substr(2, 4));
  const std::weak_ptr<const std::string> watched = owner;
  owner.reset();
  EXPECT_FALSE(watched.expired());
  EXPECT_EQ(part.string(), "long");
}

TEST(Dict, KeepsTheOrderOfFirstSetting) {
  Dict dict{{"b", 1}, {"a", 2}, {"b", 3}};
  dict.set("c", 4);
  dict.set("a", 5);
  EXPECT_EQ(dict, (Dict{{"b", 3}, {"a", 5}, {"c", 4}}));
  EXPECT_TRUE(dict.erase("b"));
  EXPECT_FALSE(dict.erase("b"));
  EXPECT_EQ(dict.begin()->first, "a");
  EXPECT_TRUE(dict["nowhere"].is_null());
  EXPECT_EQ(dict.find("nowhere"), nullptr);
}

TEST(TypeName, IsAWordForPeople) {
  EXPECT_EQ(type_name(nullptr), "null");
  EXPECT_EQ(type_name(1.5), "number");
  EXPECT_EQ(type_name(Dict{}), "object");
  EXPECT_EQ(type_name(Value::box(1)), "a value of its own");
}

}  // namespace
}  // namespace vedette
