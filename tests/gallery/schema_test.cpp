#include "gallery/schema.hpp"

#include <gtest/gtest.h>

#include "pixel_models.hpp"

namespace vedette::gallery {
namespace {

namespace fs = std::filesystem;

/// The tables as version 1 had them, with one person of one photo.
constexpr const char* version_1 = R"(
  CREATE TABLE person (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL, external_id TEXT UNIQUE, created INTEGER NOT NULL,
    updated INTEGER NOT NULL) STRICT;
  CREATE TABLE photo (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    person INTEGER NOT NULL REFERENCES person ON DELETE CASCADE, sha256 TEXT NOT NULL,
    verdict TEXT NOT NULL, quality REAL NOT NULL, model TEXT NOT NULL, embedding BLOB NOT NULL,
    UNIQUE (person, sha256)) STRICT;
  INSERT INTO person VALUES (7, '01HQ0000000000000000000007', 'Ada Lovelace', 'E-7',
    1700000000123, 1700000000123);
  PRAGMA user_version = 1;)";
constexpr std::string_view ada = "01HQ0000000000000000000007";

class SchemaTest : public testing::Test {
 protected:
  [[nodiscard]] Database old_store() const {
    auto database = Database::open(folder_.path() + "/gallery.sqlite").value();
    EXPECT_TRUE(database.run(version_1));
    const vision::Embedding embedding = embedding_of(*models_, picture(1));
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(embedding.data());
    EXPECT_TRUE(database.tell(
        "INSERT INTO photo VALUES (3, '01HQ0000000000000000000003', 7, 'abc', 'ok', 0.75, "
        "'pixels/1', ?)",
        std::span(bytes, embedding.size() * sizeof(float))));
    return database;
  }
  [[nodiscard]] std::vector<fs::path> backups() const {
    std::vector<fs::path> found;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder_.path() + "/backups", none)) {
      found.push_back(entry.path());
    }
    return found;
  }

  Folder folder_;
  std::shared_ptr<const PixelModels> models_ = std::make_shared<PixelModels>();
};

TEST_F(SchemaTest, BringsAnOldStoreUpToDate) {
  static_cast<void>(old_store());
  const auto gallery = open_gallery(folder_.path(), models_).value();
  const Person person = gallery->person(ada).value();
  EXPECT_EQ(person.number, 7);
  EXPECT_EQ(person.name, "Ada Lovelace");
  EXPECT_EQ(person.external_id, "E-7");
  EXPECT_EQ(person.valid_from, std::nullopt);
  EXPECT_TRUE(person.attributes.empty());
  EXPECT_EQ(rfc3339(person.created), "2023-11-14T22:13:20.123Z");
  ASSERT_EQ(person.photos.size(), 1U);
  EXPECT_EQ(person.photos[0].quality, 0.75);
  EXPECT_EQ(gallery->search(embedding_of(*models_, picture(1)), 1).at(0).person, ada);
  EXPECT_EQ(gallery->add_person({.name = "next"})->number, 8);
}

TEST_F(SchemaTest, KeepsABackupOfWhatWas) {
  static_cast<void>(old_store());
  ASSERT_TRUE(open_gallery(folder_.path(), models_));
  ASSERT_TRUE(open_gallery(folder_.path(), models_)) << "which is up to date and makes no other";
  ASSERT_EQ(backups().size(), 1U);
  const fs::path path = backups().at(0);
  EXPECT_TRUE(path.filename().string().starts_with("gallery-v1-2")) << path;
  EXPECT_EQ(path.extension(), ".sqlite");
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  const auto backup = Database::open(path).value();
  EXPECT_EQ(backup.number("PRAGMA user_version").value(), 1);
  EXPECT_EQ(backup.number("SELECT number FROM person").value(), 7);
}

TEST_F(SchemaTest, ErasesFromABackupThatItMade) {
  static_cast<void>(old_store());
  const auto gallery = open_gallery(folder_.path(), models_).value();
  const auto is_there = [&] {
    return std::ranges::any_of(
        fs::recursive_directory_iterator(folder_.path()), [](const auto& entry) {
          return entry.is_regular_file() && read_file(entry.path()).contains("Ada Lovelace");
        });
  };
  ASSERT_TRUE(is_there());
  ASSERT_TRUE(gallery->erase_person(ada));
  EXPECT_TRUE(soon([&] { return !is_there(); }));
  EXPECT_EQ(backups().size(), 1U);
}

TEST_F(SchemaTest, MakesNoBackupOfANewStore) {
  ASSERT_TRUE(open_gallery(folder_.path(), models_));
  EXPECT_TRUE(backups().empty());
}

TEST_F(SchemaTest, LeavesAlone_WhatANewerProgramMade) {
  const std::string path = folder_.path() + "/gallery.sqlite";
  ASSERT_TRUE(old_store().run("PRAGMA user_version = 99"));
  const std::string before = read_file(path);
  const auto gallery = open_gallery(folder_.path(), models_);
  ASSERT_FALSE(gallery);
  EXPECT_EQ(gallery.error().code, Errc::bad_input);
  for (const char* part : {"gallery.sqlite", "newer program", "99", "data folder"}) {
    EXPECT_NE(gallery.error().what.find(part), std::string::npos) << gallery.error().what;
  }
  EXPECT_EQ(read_file(path), before);
}

struct Broken {
  std::string name;
  void (*prepare)(const std::string& folder);
};
class BrokenStore : public testing::TestWithParam<Broken> {};

TEST_P(BrokenStore, IsAnErrorThatNamesTheFile) {
  const Folder folder;
  GetParam().prepare(folder.path());
  const auto gallery = open_gallery(folder.path(), std::make_shared<PixelModels>());
  ASSERT_FALSE(gallery);
  EXPECT_EQ(gallery.error().code, Errc::io);
  EXPECT_NE(gallery.error().what.find("gallery.sqlite"), std::string::npos) << gallery.error().what;
}

INSTANTIATE_TEST_SUITE_P(
    Stores, BrokenStore,
    testing::Values(Broken{"NoDatabase",
                           [](const std::string& folder) {
                             std::ofstream(folder + "/gallery.sqlite") << std::string(5000, 'x');
                           }},
                    Broken{"AFolder",
                           [](const std::string& folder) {
                             fs::create_directory(folder + "/gallery.sqlite");
                           }},
                    Broken{"AMigrationThatCannotBe",
                           [](const std::string& folder) {
                             const auto store = Database::open(folder + "/gallery.sqlite").value();
                             EXPECT_TRUE(store.run("CREATE TABLE x (y); PRAGMA user_version = 1"));
                           }}),
    [](const auto& test) { return test.param.name; });

TEST_F(SchemaTest, UndoesAMigrationThatFails) {
  {
    const auto store = old_store();
    ASSERT_TRUE(store.run("CREATE TABLE erasure (something_else)"));  // the last step's
  }
  ASSERT_FALSE(open_gallery(folder_.path(), models_));
  const auto store = Database::open(folder_.path() + "/gallery.sqlite").value();
  EXPECT_EQ(store.number("PRAGMA user_version").value(), 1);
  EXPECT_FALSE(store.number("SELECT valid_from FROM person")) << "the first steps are undone too";
}

}  // namespace
}  // namespace vedette::gallery
