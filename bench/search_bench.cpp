/// How long a search among 100,000 people takes, beside a scan of all floats by OpenBLAS.
///
///     search_bench [people] [queries]
///
/// One thread, 128 numbers a face, one photo a person. Vectors as face embedders make them: all
/// about one mean, a person's photos closer together than two people's. Half of the queries show
/// somebody who is known. Both scans must name the same person.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fmt/core.h>
#include <random>

#include "gallery/index.hpp"

#ifdef VEDETTE_OPENBLAS
extern "C" {
void cblas_sgemv(int order, int transpose, int rows, int columns, float alpha, const float* a,
                 int lda, const float* x, int incx, float beta, float* y, int incy);
void openblas_set_num_threads(int threads);
}
#endif

namespace {

using namespace vedette;  // NOLINT(google-build-using-namespace): a program of one file
using gallery::Card, gallery::Index, gallery::Row;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t dimension = 128;

/// The nearest row by all floats: |x|² - 2 x·q, the products by OpenBLAS where it is there.
class FloatScan {
 public:
  explicit FloatScan(const std::vector<Row>& rows) : products_(rows.size()) {
    for (const Row& row : rows) {
      float square = 0;
      for (const float x : *row.embedding) square += x * x;
      squares_.push_back(square);
      all_.insert(all_.end(), row.embedding->begin(), row.embedding->end());
    }
  }

#ifdef VEDETTE_OPENBLAS
  static constexpr std::string_view name = "OpenBLAS sgemv, 1 thread";
  void multiply(std::span<const float> query) {
    constexpr int row_major = 101, as_it_is = 111;
    cblas_sgemv(row_major, as_it_is, static_cast<int>(squares_.size()), dimension, 1, all_.data(),
                dimension, query.data(), 1, 0, products_.data(), 1);
  }
#else
  static constexpr std::string_view name = "plain loop over floats";
  void multiply(std::span<const float> query) {
    for (std::size_t row = 0; row < squares_.size(); ++row) {
      float sum = 0;
      for (std::size_t i = 0; i < dimension; ++i) sum += all_[row * dimension + i] * query[i];
      products_[row] = sum;
    }
  }
#endif

  std::size_t nearest(std::span<const float> query) {
    multiply(query);
    std::size_t best = 0;
    const auto score = [&](std::size_t row) { return squares_[row] - 2 * products_[row]; };
    for (std::size_t row = 1; row < squares_.size(); ++row) {
      if (score(row) < score(best)) best = row;
    }
    return best;
  }

 private:
  std::vector<float> all_, squares_, products_;
};

struct Times {
  std::vector<double> ms;
  void print(std::string_view what) {
    std::ranges::sort(ms);
    fmt::print("{:<28} min {:7.3f} ms   median {:7.3f} ms\n", what, ms.front(), ms[ms.size() / 2]);
  }
};

template <class Work>
auto timed(Times& times, Work&& work) {
  const auto begun = SteadyClock::now();
  auto result = work();
  times.ms.push_back(std::chrono::duration<double, std::milli>(SteadyClock::now() - begun).count());
  return result;
}

}  // namespace

int main(int count, char** arguments) {
  const std::size_t people = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 100'000;
  const std::size_t queries = count > 2 ? std::strtoul(arguments[2], nullptr, 10) : 200;
#ifdef VEDETTE_OPENBLAS
  openblas_set_num_threads(1);
#endif
  std::mt19937 chance(1);
  const auto scatter = [&](const vision::Embedding& about, float length) {
    std::normal_distribution<float> normal(0, length / std::sqrt(static_cast<float>(dimension)));
    vision::Embedding made = about;
    for (float& x : made) x += normal(chance);
    return made;
  };
  // Lengths as dlib's embeddings have them: the mean 1.3; two people 0.8 apart, two photos 0.4.
  const vision::Embedding mean = scatter(vision::Embedding(dimension), 1.3F);
  std::vector<Row> rows;
  for (std::size_t i = 0; i < people; ++i) {
    const auto number = static_cast<std::int64_t>(i + 1);
    rows.push_back({number, std::make_shared<const Card>(Card{.number = number}),
                    std::make_shared<const vision::Embedding>(scatter(mean, 0.57F))});
  }
  FloatScan floats(rows);

  Times load, ours, with_five, plain, theirs;
  Index index(dimension);
  Index portable(dimension, gallery::Scan::plain);
  timed(load, [&] { return index.replace(rows), 0; });
  portable.replace(rows);
  std::size_t differ = 0;
  for (std::size_t i = 0; i < queries; ++i) {
    const auto query =
        i % 2 == 0 ? scatter(mean, 0.57F) : scatter(*rows[chance() % people].embedding, 0.4F);
    const auto best = timed(ours, [&] { return index.search(query, 1); });
    timed(with_five, [&] { return index.search(query, 5); });
    timed(plain, [&] { return portable.search(query, 1); });
    const std::size_t truth = timed(theirs, [&] { return floats.nearest(query); });
    if (best.front().photo != rows[truth].photo) ++differ;
  }
  fmt::print("{} people, {} numbers, {} queries, 1 thread\n", people, dimension, queries);
  load.print("build the index");
  ours.print("search, the nearest");
  with_five.print("search, the nearest five");
  plain.print("search, without SIMD");
  theirs.print(FloatScan::name);
  fmt::print("{} answers differ\n", differ);
  return differ == 0 ? 0 : 1;
}
