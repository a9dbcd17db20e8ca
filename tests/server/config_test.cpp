#include "server/config.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/json.hpp"
#include "server/settings.hpp"

namespace vedette::server {
namespace {

namespace fs = std::filesystem;

/// A folder with a vedette.yaml of its own.
class ConfigFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  std::string write(std::string_view text) const {
    const fs::path path = folder_ / "vedette.yaml";
    std::ofstream(path) << text;
    return path.string();
  }
  fs::path folder_;
};

TEST(Config, StandsWithoutAFile) {
  const auto config = Config::load({});
  ASSERT_TRUE(config);
  EXPECT_EQ((*config)[keys::http_listen], "127.0.0.1:6699");
  EXPECT_EQ((*config)[keys::data], (fs::current_path() / "data").string());
  EXPECT_EQ((*config)[keys::limits_body], 16u << 20);
  EXPECT_EQ((*config)[keys::python_timeout], std::chrono::seconds(30));
  EXPECT_TRUE((*config)[keys::http_origins].empty());
  EXPECT_FALSE((*config)[keys::blocks_fetch_urls]);
  EXPECT_FALSE((*config)[keys::http_public_url]);
}

TEST(Config, EveryDefaultIsOneThatItTakes) {
  for (const Key& key : all_keys()) {
    EXPECT_FALSE(key.about.empty()) << key.path;
    const auto config =
        Config::load({.file = {},
                      .environment = {},
                      .flags = {{std::string(key.path), std::string(key.fallback)}}});
    if (config) continue;
    EXPECT_TRUE(key.later) << config.error().front().text();
  }
}

TEST_F(ConfigFile, FlagBeatsEnvironmentBeatsFile) {
  const std::string file = write("limits: {body: 1MiB, connections: 7}\nhttp:\n  threads: 3\n");
  const auto config = Config::load({.file = file,
                                    .environment = {{"VEDETTE__LIMITS__BODY", "2MiB"},
                                                    {"VEDETTE__LIMITS__CONNECTIONS", "8"},
                                                    {"VEDETTE_CONFIG", "elsewhere"}},
                                    .flags = {{"limits.body", "3MiB"}}});
  ASSERT_TRUE(config) << config.error().front().text();
  EXPECT_EQ((*config)[keys::limits_body], 3u << 20);
  EXPECT_EQ((*config)[keys::limits_connections], 8u);
  EXPECT_EQ((*config)[keys::http_threads], 3u);
  EXPECT_EQ(config->origin(keys::limits_body.slot()), "flag");
  EXPECT_EQ(config->origin(keys::limits_connections.slot()),
            "environment VEDETTE__LIMITS__CONNECTIONS");
  EXPECT_EQ(config->origin(keys::http_threads.slot()), file + ":3");
  EXPECT_EQ(config->origin(keys::data.slot()), "default");
}

TEST_F(ConfigFile, PathsStartAtItsFolder) {
  const auto config =
      Config::load({.file = write("data: d\nworkflows: /w"), .environment = {}, .flags = {}});
  ASSERT_TRUE(config);
  EXPECT_EQ((*config)[keys::data], (folder_ / "d").string());
  EXPECT_EQ((*config)[keys::workflows], "/w");
}

TEST_F(ConfigFile, FillsInVariablesAndFiles) {
  std::ofstream(folder_ / "secret") << "s3cret\n";
  const auto config = Config::load(
      {.file = write("auth: {jwt_secret: '${file:secret}'}\nhttp: {public_url: 'http://${NAME}/'}"),
       .environment = {{"NAME", "cam.example"}},
       .flags = {}});
  ASSERT_TRUE(config) << config.error().front().text();
  EXPECT_EQ((*config)[keys::auth_jwt_secret], "s3cret");
  EXPECT_EQ((*config)[keys::http_public_url], "http://cam.example/");
}

struct Mistake {
  std::string name;
  std::string file;
  std::string complaint;  ///< after the file's path
};

class ConfigMistake : public ConfigFile, public testing::WithParamInterface<Mistake> {};

TEST_P(ConfigMistake, IsNamedWithItsPlace) {
  fs::remove_all(folder_);
  folder_ = fs::path(testing::TempDir()) / ("mistake_" + GetParam().name);
  fs::create_directories(folder_);
  const std::string path = write(GetParam().file);
  const auto config = Config::load({.file = path, .environment = {}, .flags = {}});
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().front().text(), path + GetParam().complaint);
}

INSTANTIATE_TEST_SUITE_P(
    Files, ConfigMistake,
    testing::Values(
        Mistake{"UnknownKey", "http:\n  lissten: x",
                ":2:3: http.lissten: no such key; did you mean http.listen?"},
        Mistake{"UnknownSection", "htpp: {}", ":1:1: htpp: no such key; did you mean http?"},
        Mistake{"FarKey", "colour_of_the_sky: blue",
                ":1:1: colour_of_the_sky: no such key; `vedette config schema` lists them"},
        Mistake{"Twice", "data: a\ndata: b", ":2:1: data: stands here twice"},
        Mistake{"BadSize", "limits: {body: big}",
                ":1:16: limits.body: 'big' must be a number and a unit, as in 16MiB"},
        Mistake{"BadDuration", "python:\n  timeout: 30",
                ":2:12: python.timeout: '30' must be a number and a unit, as in 80ms, 10s, 5m, 1h "
                "or 7d"},
        Mistake{"TooSmall", "limits: {body: 1B}", ":1:16: limits.body: 1B must be at least 1KiB"},
        Mistake{"TooBig", "faces: {threshold: 1.5}",
                ":1:20: faces.threshold: 1.5 must be at most 1"},
        Mistake{"BadChoice", "auth: {mode: open}",
                ":1:14: auth.mode: 'open' must be one of: auto, required, none"},
        Mistake{"BadAddress", "http: {listen: '6699'}",
                ":1:16: http.listen: '6699' must be host:port, as in 127.0.0.1:6699"},
        Mistake{"BadZone", "time_zone: Mars/Base",
                ":1:12: time_zone: 'Mars/Base' must be system or a time zone, as in Asia/Shanghai"},
        Mistake{"NotAList", "http: {origins: x}", ":1:17: http.origins: must be a list"},
        Mistake{"NotASection", "http: 7", ":1:7: http: must be an object of keys"},
        Mistake{"NoVariable", "data: ${NOT_THERE}",
                ":1:7: data: the environment has no variable NOT_THERE"},
        Mistake{"NotYaml", "a: [", ":1:1: is not YAML: end of sequence flow not found"},
        Mistake{"NotBuilt", "frame_links: [{name: gate}]",
                ":1: frame_links: not in this version; remove it"},
        Mistake{"Tls", "http: {tls: {cert: a.pem}}",
                ":1: http.tls.cert: not in this version; remove it"},
        Mistake{"FieldOfARecord", "frame_links: [{nam: gate}]",
                ":1:16: frame_links: nam: no such key; did you mean name?"}),
    [](const auto& test) { return test.param.name; });

TEST_F(ConfigFile, WarnsOfWhatHasNoEffectYet) {
  const auto config = Config::load(
      {.file = write("retention: {events: 30d}\nfree: 1"), .environment = {}, .flags = {}});
  ASSERT_FALSE(config);
  const auto good =
      Config::load({.file = write("retention: {events: 30d}"), .environment = {}, .flags = {}});
  ASSERT_TRUE(good);
  ASSERT_EQ(good->warnings().size(), 1u);
  EXPECT_EQ(good->warnings()[0].what, "retention.events: not in this version, and without effect");
}

TEST(ConfigEnvironment, KnowsItsMistakesToo) {
  const auto config =
      Config::load({.file = {}, .environment = {{"VEDETTE__HTTP__LISTN", "x"}}, .flags = {}});
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error()[0].text(),
            "environment VEDETTE__HTTP__LISTN: http.listn: no such key; did you mean http.listen?");
}

TEST(ConfigEnvironment, TakesLists) {
  const auto config = Config::load(
      {.file = {},
       .environment = {{"VEDETTE__HTTP__ORIGINS", "[http://a.example, 'http://b.example']"},
                       {"VEDETTE__PYTHON__NETWORK", "[10.0.0.1:80]"}},
       .flags = {}});
  ASSERT_TRUE(config) << config.error()[0].text();
  EXPECT_EQ((*config)[keys::http_origins],
            (std::vector<std::string>{"http://a.example", "http://b.example"}));
  EXPECT_TRUE((*config)[keys::python_network].is_list());
}

struct Written {
  std::string text;
  std::int64_t number;
};

TEST(ConfigUnits, ReadAndWriteTheSame) {
  for (const auto& [text, number] : {Written{"0ms", 0},
                                     {"80ms", 80},
                                     {"10s", 10'000},
                                     {"5m", 300'000},
                                     {"1h", 3'600'000},
                                     {"7d", 604'800'000},
                                     {"90s", 90'000}}) {
    EXPECT_EQ(read_duration(text), number) << text;
    EXPECT_EQ(write_duration(number), text);
  }
  for (const auto& [text, number] :
       {Written{"0B", 0}, {"100B", 100}, {"16MiB", 16 << 20}, {"2GiB", std::int64_t{2} << 30}}) {
    EXPECT_EQ(read_size(text), number) << text;
    EXPECT_EQ(write_size(number), text);
  }
  for (const char* wrong : {"", "s", "-1s", "1.5s", "10 s", "99999999999999999999s", "1MB"}) {
    EXPECT_FALSE(read_duration(wrong)) << wrong;
    EXPECT_FALSE(read_size(wrong)) << wrong;
  }
}

TEST(ConfigSchema, HasEveryKey) {
  const Value schema = config_schema();
  const Value& http = schema.dict()["properties"].dict()["http"];
  EXPECT_EQ(http.dict()["properties"].dict()["listen"].dict()["default"].string(),
            "127.0.0.1:6699");
  EXPECT_EQ(json::write(http.dict()["additionalProperties"]), "false");
  EXPECT_TRUE(schema.dict()["properties"].dict()["delivery"].is_dict());
}

TEST(ConfigShow, KeepsSecrets) {
  const auto config =
      Config::load({.file = {}, .environment = {}, .flags = {{"auth.jwt_secret", "hush"}}});
  ASSERT_TRUE(config);
  const std::size_t slot = keys::auth_jwt_secret.slot();
  EXPECT_EQ(show(all_keys()[slot], config->value(slot)), "'********'");
}

struct AddressCase {
  std::string text;
  std::string host;
  std::uint16_t port;
  bool loopback;
};

TEST(ReadAddress, TakesHostAndPort) {
  for (const auto& [text, host, port, loopback] :
       {AddressCase{"127.0.0.1:6699", "127.0.0.1", 6699, true},
        {"localhost:0", "localhost", 0, true},
        {"[::1]:80", "::1", 80, true},
        {"0.0.0.0:65535", "0.0.0.0", 65535, false},
        {"cam.example:1", "cam.example", 1, false}}) {
    const auto address = read_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->host, host);
    EXPECT_EQ(address->port, port);
    EXPECT_EQ(address->is_loopback(), loopback) << text;
    EXPECT_EQ(address->text(), text);
  }
  for (const char* wrong : {"", ":", ":80", "host", "host:", "host:x", "host:65536", "::1:80"}) {
    EXPECT_FALSE(read_address(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace vedette::server
