#include <gtest/gtest.h>

#include <map>

#include "gallery/database.hpp"
#include "pixel_models.hpp"

namespace vedette::gallery {
namespace {

namespace fs = std::filesystem;

std::string as_text(std::span<const std::uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

/// Which of the needles are to be found, and where: in the bytes of a file, or in its name.
std::map<std::string, std::string> traces(const std::string& folder,
                                          const std::map<std::string, std::string>& needles) {
  std::map<std::string, std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string all =
        entry.path().string() + (entry.is_regular_file() ? read_file(entry.path()) : "");
    for (const auto& [what, needle] : needles) {
      if (all.contains(needle)) found[what] = fs::relative(entry.path(), folder);
    }
  }
  return found;
}

class Erasure : public testing::Test {
 protected:
  std::unique_ptr<Gallery> open() const { return open_gallery(folder_.path(), models_).value(); }

  /// Somebody with everything that a person can have.
  Person enrol(Gallery& gallery, unsigned number) {
    const std::string name = "Somebody No" + std::to_string(number);
    const Person person =
        gallery
            .add_person({.name = name,
                         .external_id = "badge-" + std::to_string(number) + "-x",
                         .attributes = {{"note", "likes tea at " + std::to_string(number)}}})
            .value();
    for (unsigned i = 0; i < 3; ++i) {
      EXPECT_TRUE(gallery.add_photo(person.id, picture(number * 3 + i), false));
    }
    return gallery.person(person.id).value();
  }

  /// All by which the person of that number could be known again.
  std::map<std::string, std::string> needles(const Person& person, unsigned number) const {
    std::map<std::string, std::string> needles{{"name", person.name},
                                               {"external id", *person.external_id},
                                               {"attribute", "at " + std::to_string(number)},
                                               {"id", person.id}};
    for (unsigned i = 0; i < person.photos.size(); ++i) {
      const std::string place = " of photo " + std::to_string(i);
      const vision::SharedBytes bytes = picture(number * 3 + i);
      needles["id" + place] = person.photos[i].id;
      needles["hash" + place] = person.photos[i].sha256;
      needles["slice" + place] = as_text(std::span(*bytes).subspan(bytes->size() / 2, 24));
      const vision::Embedding embedding = embedding_of(*models_, bytes);
      const auto* const numbers = reinterpret_cast<const std::uint8_t*>(embedding.data());
      needles["embedding" + place] = as_text({numbers, 16});
      needles["end of embedding" + place] = as_text({numbers + 496, 16});
    }
    return needles;
  }

  Folder folder_;
  std::shared_ptr<PixelModels> models_ = std::make_shared<PixelModels>();
};

TEST_F(Erasure, LeavesNothingInTheDataFolder) {
  const auto gallery = open();
  std::vector<Person> people;
  for (unsigned i = 0; i < 25; ++i) people.push_back(enrol(*gallery, i));
  ASSERT_EQ(traces(folder_.path(), needles(people[17], 17)).size(), 4U + 3 * 5) << "all is there";

  for (const unsigned i : {17U, 18U, 24U}) ASSERT_TRUE(gallery->erase_person(people[i].id));
  EXPECT_EQ(gallery->person(people[17].id).error().code, Errc::not_found);
  EXPECT_EQ(gallery->erase_person(people[17].id).error().code, Errc::not_found);
  for (const unsigned i : {17U, 18U, 24U}) {
    const auto all = needles(people[i], i);
    EXPECT_TRUE(soon([&] { return traces(folder_.path(), all).empty(); }))
        << testing::PrintToString(traces(folder_.path(), all));
  }
  EXPECT_EQ(gallery->size().people, 22U);
  EXPECT_EQ(gallery->person(people[16].id)->photos.size(), 3U);
}

/// SQLite overwrites what is deleted, but leaves copies where rows once moved to another page.
TEST_F(Erasure, LeavesNoCopiesWherePagesWereSplit) {
  const auto gallery = open();
  std::vector<Person> people;
  for (int i = 0; i < 150; ++i) {
    const std::string name = "Somebody No" + std::to_string(1000 + i);
    people.push_back(
        gallery
            ->add_person({.name = name, .external_id = sha256_hex(name) + sha256_hex(name + "x")})
            .value());
  }
  for (std::size_t i = 0; i < people.size(); i += 3) {
    const Dict longer{{"note", std::string(300 + i * 3, 'a')}};
    ASSERT_TRUE(gallery->change_person(people[i].id, {.attributes = longer}));
  }
  std::map<std::string, std::string> all;
  for (std::size_t i = 1; i < people.size(); i += 2) {
    ASSERT_TRUE(gallery->erase_person(people[i].id));
    all["name of " + std::to_string(i)] = people[i].name;
    all["external id of " + std::to_string(i)] = *people[i].external_id;
  }
  EXPECT_TRUE(soon([&] { return traces(folder_.path(), all).empty(); }))
      << testing::PrintToString(traces(folder_.path(), all));
}

TEST_F(Erasure, OfOnePhotoLeavesThePersonAndNothingOfThePhoto) {
  const auto gallery = open();
  const Person person = enrol(*gallery, 5);
  ASSERT_TRUE(gallery->remove_photo(person.id, person.photos[1].id));
  auto all = needles(person, 5);
  std::erase_if(all, [](const auto& needle) { return !needle.first.contains("photo 1"); });
  EXPECT_EQ(all.size(), 5U);
  EXPECT_TRUE(soon([&] { return traces(folder_.path(), all).empty(); }))
      << testing::PrintToString(traces(folder_.path(), all));
  EXPECT_EQ(gallery->person(person.id)->photos.size(), 2U);
}

TEST_F(Erasure, IsCompleteWhenTheProgramEnds) {
  std::map<std::string, std::string> all;
  {
    const auto gallery = open();
    const Person person = enrol(*gallery, 1);
    all = needles(person, 1);
    ASSERT_TRUE(gallery->erase_person(person.id));
  }
  EXPECT_TRUE(traces(folder_.path(), all).empty())
      << testing::PrintToString(traces(folder_.path(), all));
}

TEST_F(Erasure, ReachesBackups) {
  Person person, other;
  {
    const auto gallery = open();
    person = enrol(*gallery, 1);
    other = enrol(*gallery, 2);
  }
  const std::string backups = folder_.path() + "/backups";
  fs::create_directories(backups);
  for (const char* name : {"/gallery-v1-old.sqlite", "/gallery-v1-older.sqlite"}) {
    fs::copy(folder_.path() + "/gallery.sqlite", backups + name);
  }
  std::ofstream(backups + "/gallery-v1-never-finished.sqlite.part") << person.name;
  const auto gallery = open();
  ASSERT_TRUE(gallery->erase_person(person.id));
  const auto all = needles(person, 1);
  EXPECT_TRUE(soon([&] { return traces(folder_.path(), all).empty(); }))
      << testing::PrintToString(traces(folder_.path(), all));
  const auto backup = Database::open(backups + "/gallery-v1-old.sqlite").value();
  EXPECT_EQ(backup.number("SELECT count(*) FROM person").value(), 1) << "the other one stays";
  EXPECT_EQ(backup.number("SELECT count(*) FROM photo").value(), 3);
}

TEST_F(Erasure, IsTakenUpAfterACrash) {
  Person person;
  {
    const auto gallery = open();
    person = enrol(*gallery, 1);
  }
  // As a program leaves it that was killed once the rows were gone, and nothing else.
  {
    const auto store = Database::open(folder_.path() + "/gallery.sqlite").value();
    ASSERT_TRUE(store.run("PRAGMA secure_delete = OFF"));
    ASSERT_TRUE(store.tell("INSERT INTO erasure VALUES (?)", person.id));
    ASSERT_TRUE(store.tell("DELETE FROM person WHERE id = ?", person.id));
  }
  const auto all = needles(person, 1);
  ASSERT_FALSE(traces(folder_.path(), all).empty());
  const auto gallery = open();
  EXPECT_TRUE(soon([&] { return traces(folder_.path(), all).empty(); }))
      << testing::PrintToString(traces(folder_.path(), all));
}

}  // namespace
}  // namespace vedette::gallery
