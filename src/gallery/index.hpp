#pragma once
/// The search for the people who look most alike: exact, and quick at a hundred thousand.
///
/// Rows stand in chunks that never change once they are built; a writer builds another chunk and
/// puts it in place, so that a search reads what it began with and nobody waits for anybody.

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "vision/faces.hpp"

namespace vedette::gallery {

/// What a search tells of a person. Never changed: another card takes its place.
struct Card {
  std::string id = {};
  std::int64_t number = 0;
  std::string name = {};
  std::optional<Clock::time_point> valid_from = {}, valid_to = {};
};
using CardPtr = std::shared_ptr<const Card>;

/// One photo.
struct Row {
  std::int64_t photo = 0;
  CardPtr person;
  std::shared_ptr<const vision::Embedding> embedding;  ///< all finite
};

/// The scan for candidates: the quickest that this machine has, or plain C++ to compare with.
enum class Scan : std::uint8_t { best, plain };

class Index {
 public:
  /// dimension  of all embeddings: even, at most 4096
  explicit Index(std::size_t dimension, Scan scan = Scan::best);
  ~Index();
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  void replace(std::vector<Row> rows);  ///< all that there is by these
  void add(Row row);
  void remove_photo(std::int64_t photo);
  void remove_person(std::int64_t number);
  void change_person(const CardPtr& card);  ///< the one of the same number

  /// The rows of the `most` nearest people by L2 distance, the nearest photo of each counting,
  /// nearest first. Always what comparing all floats would say; nobody, where one of the query's
  /// is no number. Any number of threads, beside any writer.
  [[nodiscard]] std::vector<Row> search(std::span<const float> query, std::size_t most) const;

  [[nodiscard]] std::size_t photos() const;

 private:
  struct Chunk;
  using Snapshot = std::vector<std::shared_ptr<const Chunk>>;

  [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const;
  void put(Snapshot snapshot);
  /// Gives every row that is `wanted` another card; without a card, lets it go.
  void edit(const std::function<bool(const Row&)>& wanted, const CardPtr& card);

  const std::size_t dimension_;
  const Scan scan_;
  std::mutex writing_;          // one writer at a time
  mutable std::mutex reading_;  // guards the pointer, for as long as copying it takes
  std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace vedette::gallery
