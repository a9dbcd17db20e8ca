#include "gallery/index.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <map>
#include <random>
#include <thread>

#include "gallery/scan.hpp"

namespace vedette::gallery {
namespace {

using vision::Embedding;
using Chance = std::mt19937;

Embedding scattered(Chance& chance, const Embedding& about, float by) {
  std::normal_distribution<float> normal(0, by);
  Embedding made = about;
  for (float& x : made) x += normal(chance);
  return made;
}

Row row(std::int64_t photo, std::int64_t person, Embedding embedding) {
  return {photo, std::make_shared<const Card>(Card{.number = person}),
          std::make_shared<const Embedding>(std::move(embedding))};
}

double squared_distance(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    sum += difference * difference;
  }
  return sum;
}

/// What a search must say: every person's nearest photo, the nearest people first.
std::vector<double> nearest_by_all_floats(const std::vector<Row>& rows, const Embedding& query,
                                          std::size_t most) {
  std::map<std::int64_t, double> best;
  for (const Row& row : rows) {
    const double distance = squared_distance(query, *row.embedding);
    const auto [at, is_new] = best.try_emplace(row.person->number, distance);
    if (!is_new) at->second = std::min(at->second, distance);
  }
  std::vector<double> distances;
  for (const auto& [person, distance] : best) distances.push_back(distance);
  std::ranges::sort(distances);
  distances.resize(std::min(most, distances.size()));
  return distances;
}

/// A way to make vectors: how many, how long, and how they lie.
struct Crowd {
  std::string name;
  std::size_t dimension, rows, photos_each;
  float mean, people, photos;  ///< spread of the common mean, of people about it, of their photos
};

std::vector<Row> make(const Crowd& crowd, Chance& chance) {
  const Embedding mean = scattered(chance, Embedding(crowd.dimension), crowd.mean);
  std::vector<Row> rows;
  Embedding person;
  for (std::size_t i = 0; i < crowd.rows; ++i) {
    if (i % crowd.photos_each == 0) person = scattered(chance, mean, crowd.people);
    rows.push_back(row(static_cast<std::int64_t>(i),
                       static_cast<std::int64_t>(i / crowd.photos_each),
                       scattered(chance, person, crowd.photos)));
  }
  std::ranges::shuffle(rows, chance);
  return rows;
}

class Search : public testing::TestWithParam<Crowd> {};

TEST_P(Search, SaysWhatComparingAllFloatsSays) {
  const Crowd& crowd = GetParam();
  Chance chance(7);
  const std::vector<Row> rows = make(crowd, chance);
  for (const Scan scan : {Scan::best, Scan::plain}) {
    Index index(crowd.dimension, scan);
    index.replace(rows);
    for (int i = 0; i < 20; ++i) {
      const Embedding& shown = *rows[chance() % rows.size()].embedding;
      // Somebody's photo itself, another photo of somebody, a stranger, and nobody at all.
      for (const Embedding& query :
           {shown, scattered(chance, shown, crowd.photos), scattered(chance, shown, crowd.people),
            Embedding(crowd.dimension)}) {
        for (const std::size_t most : {1UL, 5UL}) {
          const auto expected = nearest_by_all_floats(rows, query, most);
          const auto found = index.search(query, most);
          ASSERT_EQ(found.size(), expected.size());
          for (std::size_t place = 0; place < found.size(); ++place) {
            const double distance = squared_distance(query, *found[place].embedding);
            EXPECT_NEAR(distance, expected[place], 1e-5 * (1e-9 + expected[place])) << place;
          }
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Crowds, Search,
                         testing::Values(Crowd{"AsDlibHasThem", 128, 5000, 3, .115F, .05F, .035F},
                                         Crowd{"AllOver", 128, 3000, 1, 0, 1, 0},
                                         Crowd{"NearlyTheSame", 128, 3000, 2, 1, 1e-4F, 1e-5F},
                                         Crowd{"TheSame", 128, 1500, 2, 1, 0, 0},  //
                                         Crowd{"Huge", 128, 1500, 1, 1e6F, 1e6F, 1e3F},
                                         Crowd{"Tiny", 128, 1500, 1, 1e-9F, 1e-9F, 1e-10F},
                                         Crowd{"Long", 512, 2500, 1, .03F, .03F, .01F},
                                         Crowd{"Flat", 2, 3000, 1, 1, 1, 0},  //
                                         Crowd{"NotAMultipleOfFour", 130, 1030, 5, 0, .1F, .01F},
                                         Crowd{"One", 128, 1, 1, 1, 1, 1},
                                         Crowd{"ManyPhotosOfFew", 64, 3000, 1000, 0, 1, .2F}),
                         [](const auto& test) { return test.param.name; });

TEST(CodesTest, NeverPromiseMoreThanIsTrue) {
  Chance chance(3);
  for (const float spread : {1e-6F, .05F, 1.F, 1e4F}) {
    std::vector<Embedding> vectors;
    for (int i = 0; i < 100; ++i) {
      // Some with one number that dwarfs the others, which coding hurts most.
      vectors.push_back(scattered(chance, Embedding(128), spread));
      if (i % 3 == 0) vectors.back()[chance() % 128] *= 50;
    }
    const std::vector<std::span<const float>> spans(vectors.begin(), vectors.end());
    const Codes codes(spans, 128);
    for (const Embedding& query : vectors) {
      CodedQuery coded;
      codes.code(query, coded);
      std::array<float, 104> quick, plain;
      codes.bounds(coded, quick);
      codes.bounds_plain(coded, plain);
      for (std::size_t i = 0; i < vectors.size(); ++i) {
        const auto distance = static_cast<float>(squared_distance(vectors[i], query));
        EXPECT_LE(quick[i], Codes::limit(coded, distance));
        EXPECT_LE(plain[i], Codes::limit(coded, distance));
      }
    }
  }
}

TEST(IndexTest, FollowsWhoComesAndGoes) {
  Chance chance(11);
  const auto chosen = [&](const std::vector<Row>& rows) { return rows[chance() % rows.size()]; };
  Index index(16);
  std::vector<Row> rows;
  std::int64_t next = 0;
  for (int turn = 0; turn < 4000; ++turn) {
    const auto what = chance() % 8;
    if (what < 5 || rows.empty()) {
      const std::int64_t person = next / 2;
      rows.push_back(row(next++, person, scattered(chance, Embedding(16), 1)));
      index.add(rows.back());
    } else if (what < 6) {
      const std::int64_t photo = chosen(rows).photo;
      std::erase_if(rows, [&](const Row& r) { return r.photo == photo; });
      index.remove_photo(photo);
    } else {
      const std::int64_t person = chosen(rows).person->number;
      std::erase_if(rows, [&](const Row& r) { return r.person->number == person; });
      index.remove_person(person);
    }
    ASSERT_EQ(index.photos(), rows.size());
    if (turn % 20 != 0) continue;
    const Embedding query = scattered(chance, Embedding(16), 1);
    const auto expected = nearest_by_all_floats(rows, query, 3);
    const auto found = index.search(query, 3);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_NEAR(squared_distance(query, *found[i].embedding), expected[i], 1e-4);
    }
  }
}

TEST(IndexTest, ShowsAPersonAsTheyAreNow) {
  Index index(2);
  index.replace({row(1, 1, {0, 0}), row(2, 1, {0, 1}), row(3, 2, {5, 5})});
  index.change_person(std::make_shared<const Card>(Card{.number = 1, .name = "Ada"}));
  EXPECT_EQ(index.search(Embedding{0, 1}, 1).front().person->name, "Ada");
  EXPECT_EQ(index.search(Embedding{5, 5}, 1).front().person->name, "");
}

TEST(IndexTest, IsEmptyWhereNobodyIsKnown) {
  const Index index(128);
  EXPECT_TRUE(index.search(Embedding(128), 5).empty());
}

TEST(IndexTest, AnswersWhileItChanges) {
  constexpr std::int64_t residents = 3000;
  Chance chance(5);
  Index index(32);
  std::vector<Row> rows;
  for (std::int64_t i = 0; i < residents; ++i) {
    rows.push_back(row(i, i, scattered(chance, Embedding(32), 1)));
  }
  index.replace(rows);
  std::atomic<bool> over = false;
  std::vector<std::thread> threads;
  for (unsigned seed = 0; seed < 2; ++seed) {
    threads.emplace_back([&, seed] {  // guests come and go; residents stay
      Chance own(seed);
      for (std::int64_t i = 0; i < 150; ++i) {
        const std::int64_t guest = residents + 1000 * (seed + 1) + i % 7;
        index.add(row(guest, guest, scattered(own, Embedding(32), 1)));
        index.change_person(std::make_shared<const Card>(Card{.number = guest, .name = "guest"}));
        index.remove_person(guest);
      }
      over = true;
    });
  }
  for (unsigned seed = 10; seed < 12; ++seed) {
    threads.emplace_back([&, seed] {
      Chance own(seed);
      do {
        const Row& shown = rows[own() % rows.size()];
        const auto found = index.search(*shown.embedding, 1);
        ASSERT_EQ(found.size(), 1U);
        EXPECT_EQ(found.front().photo, shown.photo);
      } while (!over);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(index.photos(), static_cast<std::size_t>(residents));
}

}  // namespace
}  // namespace vedette::gallery
