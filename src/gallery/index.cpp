#include "gallery/index.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>

#include "gallery/scan.hpp"

namespace vedette::gallery {
namespace {

constexpr std::size_t chunk_rows = 1024;  // what one writer copies, and one centre serves

std::vector<std::span<const float>> vectors(std::span<const Row> rows) {
  std::vector<std::span<const float>> all;
  all.reserve(rows.size());
  for (const Row& row : rows) all.emplace_back(*row.embedding);
  return all;
}

bool all_finite(std::span<const float> vector) {
  return std::ranges::all_of(vector, [](float x) { return std::isfinite(x); });
}

float squared_distance(std::span<const float> a, std::span<const float> b) {
  std::array<float, 8> sums{};  // apart, so that the compiler may add eight at a time
  std::size_t i = 0;
  for (; i + 8 <= a.size(); i += 8) {
    for (std::size_t lane = 0; lane < 8; ++lane) {
      const float difference = a[i + lane] - b[i + lane];
      sums[lane] += difference * difference;
    }
  }
  for (; i < a.size(); ++i) sums[0] += (a[i] - b[i]) * (a[i] - b[i]);
  float sum = 0;
  for (const float part : sums) sum += part;
  return sum;
}

/// The nearest people so far, nearest first.
class Nearest {
 public:
  explicit Nearest(std::size_t most) : most_(most) { found_.reserve(most + 1); }

  /// What is not under this is not taken.
  [[nodiscard]] float limit() const {
    return found_.size() < most_ ? std::numeric_limits<float>::infinity() : found_.back().squared;
  }

  void offer(float squared, const Row& row) {
    if (!(squared < limit())) return;  // nor where it is no number
    const std::int64_t number = row.person->number;
    const auto same =
        std::ranges::find(found_, number, [](const Found& f) { return f.row->person->number; });
    if (same != found_.end()) {
      if (same->squared <= squared) return;
      found_.erase(same);
    }
    const auto after = std::ranges::upper_bound(found_, squared, {}, &Found::squared);
    found_.insert(after, {squared, &row});
    if (found_.size() > most_) found_.pop_back();
  }

  [[nodiscard]] std::vector<Row> rows() const {
    std::vector<Row> rows;
    rows.reserve(found_.size());
    for (const Found& found : found_) rows.push_back(*found.row);
    return rows;
  }

 private:
  struct Found {
    float squared;
    const Row* row;
  };
  std::size_t most_;
  std::vector<Found> found_;
};

}  // namespace

struct Index::Chunk {
  Chunk(std::vector<Row> given, std::size_t dimension)
      : rows(std::move(given)), codes(vectors(rows), dimension) {}

  std::vector<Row> rows;
  Codes codes;
};

Index::Index(std::size_t dimension, Scan scan)
    : dimension_(dimension), scan_(scan), snapshot_(std::make_shared<const Snapshot>()) {}

Index::~Index() = default;

std::shared_ptr<const Index::Snapshot> Index::snapshot() const {
  const std::lock_guard lock(reading_);
  return snapshot_;
}

void Index::put(Snapshot snapshot) {
  auto next = std::make_shared<const Snapshot>(std::move(snapshot));
  const std::lock_guard lock(reading_);
  snapshot_.swap(next);  // what was is let go after the lock
}

void Index::replace(std::vector<Row> rows) {
  const std::lock_guard lock(writing_);
  Snapshot chunks;
  for (std::size_t at = 0; at < rows.size(); at += chunk_rows) {
    const auto from = std::span(rows).subspan(at, std::min(chunk_rows, rows.size() - at));
    chunks.push_back(std::make_shared<const Chunk>(
        std::vector(std::make_move_iterator(from.begin()), std::make_move_iterator(from.end())),
        dimension_));
  }
  put(std::move(chunks));
}

void Index::add(Row row) {
  assert(row.embedding->size() == dimension_ && all_finite(*row.embedding));
  const std::lock_guard lock(writing_);
  Snapshot chunks = *snapshot();
  auto chunk =
      std::ranges::find_if(chunks, [](const auto& c) { return c->rows.size() < chunk_rows; });
  if (chunk == chunks.end()) chunk = chunks.insert(chunk, nullptr);
  std::vector<Row> rows;
  rows.reserve(chunk_rows);
  if (*chunk) rows = (*chunk)->rows;
  rows.push_back(std::move(row));
  *chunk = std::make_shared<const Chunk>(std::move(rows), dimension_);
  put(std::move(chunks));
}

void Index::edit(const std::function<bool(const Row&)>& wanted, const CardPtr& card) {
  const std::lock_guard lock(writing_);
  Snapshot chunks = *snapshot();
  for (auto& chunk : chunks) {
    if (std::ranges::none_of(chunk->rows, wanted)) continue;
    std::vector<Row> rows;
    rows.reserve(chunk->rows.size());
    for (const Row& row : chunk->rows) {
      if (!wanted(row)) {
        rows.push_back(row);
      } else if (card) {
        rows.push_back({row.photo, card, row.embedding});
      }
    }
    chunk = std::make_shared<const Chunk>(std::move(rows), dimension_);
  }
  std::erase_if(chunks, [](const auto& chunk) { return chunk->rows.empty(); });
  put(std::move(chunks));
}

void Index::remove_photo(std::int64_t photo) {
  edit([&](const Row& row) { return row.photo == photo; }, nullptr);
}

void Index::remove_person(std::int64_t number) {
  edit([&](const Row& row) { return row.person->number == number; }, nullptr);
}

void Index::change_person(const CardPtr& card) {
  edit([&](const Row& row) { return row.person->number == card->number; }, card);
}

std::vector<Row> Index::search(std::span<const float> query, std::size_t most) const {
  assert(query.size() == dimension_);
  if (most == 0 || !all_finite(query)) return {};
  const auto chunks = snapshot();
  Nearest nearest(most);
  CodedQuery coded;
  std::array<float, chunk_rows> bounds;
  for (const auto& chunk : *chunks) {
    chunk->codes.code(query, coded);
    if (scan_ == Scan::best) {
      chunk->codes.bounds(coded, bounds);
    } else {
      chunk->codes.bounds_plain(coded, bounds);
    }
    float limit = Codes::limit(coded, nearest.limit());
    for (std::size_t i = 0; i < chunk->rows.size(); ++i) {
      if (bounds[i] > limit) continue;
      nearest.offer(squared_distance(query, *chunk->rows[i].embedding), chunk->rows[i]);
      limit = Codes::limit(coded, nearest.limit());
    }
  }
  return nearest.rows();
}

std::size_t Index::photos() const {
  std::size_t count = 0;
  for (const auto& chunk : *snapshot()) count += chunk->rows.size();
  return count;
}

}  // namespace vedette::gallery
