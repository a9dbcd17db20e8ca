#include "gallery/gallery.hpp"

#include <gtest/gtest.h>

#include "pixel_models.hpp"

namespace vedette::gallery {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;

class GalleryTest : public testing::Test {
 protected:
  std::unique_ptr<Gallery> open(const GalleryLimits& limits = {}) const {
    return open_gallery(folder_.path(), models_, limits).value();
  }
  static Person add(Gallery& gallery, const std::string& name) {
    return gallery.add_person({.name = name}).value();
  }
  [[nodiscard]] vision::Embedding shown(unsigned number) const {
    return embedding_of(*models_, picture(number));
  }

  Folder folder_;
  std::shared_ptr<PixelModels> models_ = std::make_shared<PixelModels>();
};

TEST_F(GalleryTest, KnowsAPersonWhoWasEnrolled) {
  const auto gallery = open();
  const Person ada = add(*gallery, "Ada");
  add(*gallery, "Nobody has seen");
  const auto photo = gallery->add_photo(ada.id, picture(1), false);
  ASSERT_TRUE(photo) << photo.error().what;
  EXPECT_EQ(photo->verdict, Verdict::ok);
  EXPECT_EQ(photo->id.size(), 26U);
  EXPECT_EQ(photo->model, "pixels/1");
  EXPECT_GT(photo->quality, 0);
  EXPECT_LE(photo->quality, 1);

  const auto matches = gallery->search(shown(1), 5);
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches[0].person, ada.id);
  EXPECT_EQ(matches[0].number, 1);
  EXPECT_EQ(matches[0].name, "Ada");
  EXPECT_TRUE(matches[0].valid);
  EXPECT_EQ(matches[0].distance, 0);
  EXPECT_EQ(matches[0].similarity, 1);
  EXPECT_EQ(gallery->size().people, 2U);
  EXPECT_EQ(gallery->size().photos, 1U);
  EXPECT_EQ(gallery->photo_bytes(ada.id, photo->id).value(), *picture(1));
}

TEST_F(GalleryTest, KeepsEverythingOverARestart) {
  Person kept;
  {
    const auto gallery = open();
    const auto from = Clock::time_point(hours(24 * 365 * 56)), to = from + hours(5);
    kept = gallery
               ->add_person({.name = "Zoë 张",
                             .external_id = "E-7",
                             .valid_from = from,
                             .valid_to = to,
                             .attributes = {{"group", "night"}, {"floor", List{1, 2.5, nullptr}}}})
               .value();
    ASSERT_TRUE(gallery->add_photo(kept.id, picture(1), false));
    ASSERT_TRUE(gallery->add_photo(kept.id, picture(2), false));
    kept = gallery->person(kept.id).value();
  }
  const auto gallery = open();
  const Person read = gallery->person(kept.id).value();
  EXPECT_EQ(read.number, kept.number);
  EXPECT_EQ(read.name, "Zoë 张");
  EXPECT_EQ(read.external_id, "E-7");
  EXPECT_EQ(read.valid_from, kept.valid_from);
  EXPECT_EQ(read.valid_to, kept.valid_to);
  EXPECT_EQ(read.attributes, kept.attributes);
  EXPECT_EQ(read.created, kept.created);
  EXPECT_EQ(read.updated, kept.updated);
  ASSERT_EQ(read.photos.size(), 2U);
  EXPECT_EQ(read.photos[1].id, kept.photos[1].id);
  EXPECT_EQ(read.photos[1].sha256, kept.photos[1].sha256);
  EXPECT_EQ(gallery->search(shown(2), 1).at(0).person, kept.id);
}

TEST_F(GalleryTest, NeverGivesANumberTwice) {
  auto gallery = open();
  const Person first = add(*gallery, "A"), second = add(*gallery, "B");
  EXPECT_EQ(first.number, 1);
  EXPECT_EQ(second.number, 2);
  ASSERT_TRUE(gallery->erase_person(second.id));
  gallery.reset();
  gallery = open();
  EXPECT_EQ(add(*gallery, "C").number, 3);
}

TEST_F(GalleryTest, TakesTwoPeopleOfOneName) {
  const auto gallery = open();
  const Person one = add(*gallery, "Ada"), other = add(*gallery, "Ada");
  EXPECT_NE(one.id, other.id);
  EXPECT_NE(one.number, other.number);
}

struct Refusal {
  std::string name;
  Person person;
  Errc code;
  std::string what;
};
class GalleryRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(GalleryRefuses, WhatIsNoPerson) {
  const Folder folder;
  const auto gallery =
      open_gallery(folder.path(), std::make_shared<PixelModels>(), {.people = 2}).value();
  const Person taken = gallery->add_person({.name = "Ada", .external_id = "taken"}).value();
  if (GetParam().name == "OneTooMany") {
    ASSERT_TRUE(gallery->add_person({.name = "Bob"}));
  }
  const auto added = gallery->add_person(GetParam().person);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, GetParam().code);
  EXPECT_NE(added.error().what.find(GetParam().what), std::string::npos) << added.error().what;
}

INSTANTIATE_TEST_SUITE_P(
    People, GalleryRefuses,
    testing::Values(
        Refusal{"NoName", {.name = ""}, Errc::bad_input, "name is empty"},
        Refusal{"LongName", {.name = std::string(201, 'a')}, Errc::too_large, "200 is the most"},
        Refusal{"NotUtf8", {.name = "\xFF"}, Errc::bad_input, "UTF-8"},
        Refusal{"LineBreak", {.name = "a\nb"}, Errc::bad_input, "one line"},
        Refusal{"EmptyId", {.name = "B", .external_id = ""}, Errc::bad_input, "external_id"},
        Refusal{"IdOfAnother", {.name = "B", .external_id = "taken"}, Errc::bad_input, "'taken'"},
        Refusal{"EndsBeforeItBegins",
                {.name = "B",
                 .valid_from = Clock::time_point(hours(2)),
                 .valid_to = Clock::time_point(hours(2))},
                Errc::bad_input,
                "valid_to"},
        Refusal{"ManyAttributes",
                {.name = "B", .attributes = {{"x", std::string(17 << 10, 'x')}}},
                Errc::too_large,
                "attributes"},
        Refusal{"OneTooMany", {.name = "C"}, Errc::too_large, "2 people"}),
    [](const auto& test) { return test.param.name; });

TEST_F(GalleryTest, ChangesWhatIsNamedAndNothingElse) {
  const auto gallery = open();
  const Person ada =
      gallery->add_person({.name = "Ada", .external_id = "1", .attributes = {{"group", "a"}}})
          .value();
  ASSERT_TRUE(gallery->add_photo(ada.id, picture(1), false));
  const auto named = gallery->change_person(ada.id, {.name = "Ada L."});
  ASSERT_TRUE(named) << named.error().what;
  EXPECT_EQ(named->external_id, "1");
  EXPECT_EQ(named->attributes, ada.attributes);
  EXPECT_EQ(named->photos.size(), 1U);
  EXPECT_EQ(gallery->search(shown(1), 1).at(0).name, "Ada L.");

  EXPECT_EQ(
      gallery->change_person(ada.id, {.external_id = std::optional<std::string>()})->external_id,
      std::nullopt);
  EXPECT_EQ(gallery->change_person(ada.id, {.name = ""}).error().code, Errc::bad_input);
  EXPECT_EQ(gallery->change_person("nobody", {}).error().code, Errc::not_found);
  const Person other = gallery->add_person({.name = "B", .external_id = "2"}).value();
  EXPECT_EQ(gallery->change_person(ada.id, {.external_id = {"2"}}).error().code, Errc::bad_input);
  EXPECT_TRUE(gallery->change_person(other.id, {.external_id = {"2"}})) << "it is their own";
}

TEST_F(GalleryTest, TellsWhoIsOutsideTheirValidity) {
  const auto gallery = open();
  const auto now = Clock::now();
  const Person ada = add(*gallery, "Ada");
  ASSERT_TRUE(gallery->add_photo(ada.id, picture(1), false));
  const auto is_valid = [&](std::optional<Clock::time_point> from,
                            std::optional<Clock::time_point> to) {
    EXPECT_TRUE(gallery->change_person(ada.id, {.valid_from = {from}, .valid_to = {to}}));
    return gallery->search(shown(1), 1).at(0).valid;
  };
  EXPECT_TRUE(is_valid({}, {}));
  EXPECT_TRUE(is_valid(now - hours(1), now + hours(1)));
  EXPECT_FALSE(is_valid(now + hours(1), {}));
  EXPECT_FALSE(is_valid({}, now - hours(1)));
}

TEST_F(GalleryTest, ListsPagewiseByNameAndGroup) {
  const auto gallery = open();
  for (const std::string name : {"Émile", "Emil", "Ada", "ÉMILIE"}) {
    ASSERT_TRUE(gallery->add_person(
        {.name = name, .attributes = {{"group", name == "Ada" ? "night" : "day"}}}));
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // ids sort by millisecond
  }
  const auto names = [&](const PersonQuery& query) {
    std::vector<std::string> found;
    const auto people = gallery->people(query).value();
    for (const Person& person : people) found.push_back(person.name);
    return found;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names({}), Names({"Émile", "Emil", "Ada", "ÉMILIE"}));
  EXPECT_EQ(names({.name_contains = "éMIL"}), Names({"Émile", "ÉMILIE"}));
  EXPECT_EQ(names({.name_contains = "%"}), Names());
  EXPECT_EQ(names({.group = "night"}), Names({"Ada"}));
  EXPECT_EQ(names({.name_contains = "emil", .group = "day"}), Names({"Emil"}));
  EXPECT_EQ(names({.limit = 3}), Names({"Émile", "Emil", "Ada"}));
  const std::string third = gallery->people({.limit = 3}).value().back().id;
  EXPECT_EQ(names({.after = third, .limit = 3}), Names({"ÉMILIE"}));
}

TEST_F(GalleryTest, SkipsAPhotoThatThePersonHasAlready) {
  const auto gallery = open();
  const Person ada = add(*gallery, "Ada");
  const Photo first = gallery->add_photo(ada.id, picture(1), false).value();
  EXPECT_FALSE(first.known);
  const int embedded = models_->embedded;
  for (const bool force : {false, true}) {
    const Photo again = gallery->add_photo(ada.id, picture(1), force).value();
    EXPECT_TRUE(again.known);
    EXPECT_EQ(again.id, first.id);
    EXPECT_EQ(again.verdict, first.verdict);
  }
  EXPECT_TRUE(gallery->judge_photo(ada.id, picture(1))->known);
  EXPECT_EQ(models_->embedded, embedded) << "its hash is enough";
  EXPECT_EQ(gallery->size().photos, 1U);
}

TEST_F(GalleryTest, SaysWhomElseAPhotoLooksLike) {
  const auto gallery = open();
  const Person ada = add(*gallery, "Ada"), eve = add(*gallery, "Eve");
  ASSERT_TRUE(gallery->add_photo(ada.id, picture(1), false));

  const Photo judged = gallery->judge_photo("", picture(1)).value();
  EXPECT_EQ(judged.verdict, Verdict::looks_like);
  const Photo kept = gallery->add_photo(eve.id, picture(1), false).value();
  EXPECT_EQ(kept.verdict, Verdict::looks_like);
  EXPECT_FALSE(kept.id.empty()) << "reported, but kept";
  EXPECT_EQ(kept.like, "Ada");
  EXPECT_EQ(kept.like_score, 1);

  ASSERT_TRUE(gallery->change_person(ada.id, {.name = "Ada L."}));
  EXPECT_EQ(gallery->person(eve.id)->photos.at(0).like, "Ada L.");
  ASSERT_TRUE(gallery->erase_person(ada.id));
  EXPECT_EQ(gallery->person(eve.id)->photos.at(0).like, "") << "of whom nothing is left";
}

struct PhotoRefusal {
  std::string name;
  std::string person;  ///< "": the one there is
  vision::SharedBytes bytes;
  Errc code;
};
class GalleryRefusesPhoto : public testing::TestWithParam<PhotoRefusal> {};

TEST_P(GalleryRefusesPhoto, ThatItCannotKeep) {
  const Folder folder;
  const auto gallery = open_gallery(folder.path(), std::make_shared<PixelModels>(),
                                    {.photos_each = 1, .photo_bytes = 20'000})
                           .value();
  const std::string ada = gallery->add_person({.name = "Ada"}).value().id;
  ASSERT_TRUE(gallery->add_photo(ada, picture(1), false));
  const std::string& person = GetParam().person.empty() ? ada : GetParam().person;
  const auto added = gallery->add_photo(person, GetParam().bytes, true);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, GetParam().code) << added.error().what;
  EXPECT_EQ(gallery->size().photos, 1U);
}

vision::SharedBytes bytes(std::size_t count) {
  return std::make_shared<const vision::Bytes>(count, std::uint8_t{7});
}

INSTANTIATE_TEST_SUITE_P(
    Photos, GalleryRefusesPhoto,
    testing::Values(PhotoRefusal{"OfNobody", "nobody", picture(2), Errc::not_found},
                    PhotoRefusal{"NoPicture", "", bytes(100), Errc::bad_input},
                    PhotoRefusal{"Nothing", "", bytes(0), Errc::bad_input},
                    PhotoRefusal{"TooManyBytes", "", bytes(20'001), Errc::too_large},
                    PhotoRefusal{"OneTooMany", "", picture(2), Errc::too_large}),
    [](const auto& test) { return test.param.name; });

TEST_F(GalleryTest, RemovesOnePhoto) {
  const auto gallery = open();
  const Person ada = add(*gallery, "Ada"), eve = add(*gallery, "Eve");
  const Photo photo = gallery->add_photo(ada.id, picture(1), false).value();
  EXPECT_EQ(gallery->remove_photo(eve.id, photo.id).error().code, Errc::not_found);
  EXPECT_EQ(gallery->photo_bytes(eve.id, photo.id).error().code, Errc::not_found);
  ASSERT_TRUE(gallery->remove_photo(ada.id, photo.id));
  EXPECT_EQ(gallery->remove_photo(ada.id, photo.id).error().code, Errc::not_found);
  EXPECT_TRUE(gallery->search(shown(1), 1).empty());
  EXPECT_TRUE(gallery->person(ada.id)->photos.empty());
  EXPECT_FALSE(gallery->add_photo(ada.id, picture(1), false)->known) << "it may come back";
}

TEST_F(GalleryTest, KeepsItsFilesToTheOwner) {
  const auto gallery = open();
  ASSERT_TRUE(gallery->add_photo(add(*gallery, "Ada").id, picture(1), false));
  const fs::path root = folder_.path();
  constexpr auto others = fs::perms::group_all | fs::perms::others_all;
  for (const char* name : {"gallery.sqlite", "gallery.sqlite-wal", "photos"}) {
    EXPECT_EQ(fs::status(root / name).permissions() & others, fs::perms::none) << name;
  }
}

TEST_F(GalleryTest, SeesWhatAnotherProgramWrites) {
  const auto server = open();
  const auto command = open();  // as `vedette enroll` beside a running server
  const Person ada = add(*command, "Ada");
  ASSERT_TRUE(command->add_photo(ada.id, picture(1), false));
  EXPECT_TRUE(soon([&] { return server->search(shown(1), 1).size() == 1; }));
  EXPECT_EQ(server->person(ada.id)->name, "Ada");
  ASSERT_TRUE(command->erase_person(ada.id));
  EXPECT_TRUE(soon([&] { return server->search(shown(1), 1).empty(); }));
}

TEST_F(GalleryTest, EmbedsAgainWhatAnotherModelEmbedded) {
  constexpr unsigned count = 20;
  {
    const auto gallery = open();
    for (unsigned i = 0; i < count; ++i) {
      const std::string name = std::to_string(i);
      ASSERT_TRUE(gallery->add_photo(add(*gallery, name).id, picture(i), false));
    }
  }
  models_ = std::make_shared<PixelModels>("pixels/2", 64);
  models_->takes = std::chrono::milliseconds(20);
  {
    const auto gallery = open();  // closed long before all are done
    ASSERT_TRUE(soon([&] { return !gallery->search(shown(0), 1).empty(); }));
    EXPECT_LT(gallery->search(shown(0), count).size(), count);
  }
  models_->takes = std::chrono::milliseconds(0);
  const auto gallery = open();
  ASSERT_TRUE(soon([&] { return gallery->search(shown(0), count).size() == count; }));
  for (unsigned i = 0; i < count; ++i) {
    const Match match = gallery->search(shown(i), 1).at(0);
    EXPECT_EQ(match.name, std::to_string(i));
    EXPECT_EQ(match.distance, 0);
    EXPECT_EQ(gallery->person(match.person)->photos.at(0).model, "pixels/2");
  }
}

TEST_F(GalleryTest, ServesManyAtOnce) {
  const auto gallery = open();
  const Person resident = add(*gallery, "resident");
  ASSERT_TRUE(gallery->add_photo(resident.id, picture(0), false));
  const vision::Embedding query = shown(0);
  std::atomic<bool> over = false;
  std::vector<std::thread> threads;
  for (unsigned i = 1; i <= 2; ++i) {
    threads.emplace_back([&, i] {
      for (unsigned turn = 0; turn < 15; ++turn) {
        const Person guest = add(*gallery, "guest");
        const auto photo = gallery->add_photo(guest.id, picture(100 * i + turn), false);
        ASSERT_TRUE(photo) << photo.error().what;
        EXPECT_TRUE(gallery->change_person(guest.id, {.name = "guest " + std::to_string(turn)}));
        if (turn % 2 == 0) {
          EXPECT_TRUE(gallery->remove_photo(guest.id, photo->id));
        }
        EXPECT_TRUE(gallery->erase_person(guest.id));
      }
      over = true;
    });
  }
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      do {
        EXPECT_EQ(gallery->search(query, 3).at(0).person, resident.id);
        EXPECT_TRUE(gallery->people({}));
      } while (!over);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(gallery->size().people, 1U);
  EXPECT_EQ(gallery->search(query, 10).size(), 1U);
}

}  // namespace
}  // namespace vedette::gallery
