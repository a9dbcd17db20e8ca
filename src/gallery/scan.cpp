#include "gallery/scan.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vedette::gallery {
namespace {

constexpr float row_levels = 127;
/// Far above what single precision loses in a sum of squares, far below what coding loses.
constexpr float rounding = 1e-5F;

/// As many levels as 16 bits have, or as few as keep the sum of all products within 32 bits.
float query_levels(std::size_t dimension) {
  const float sum = static_cast<float>(std::numeric_limits<std::int32_t>::max()) / row_levels;
  return std::min(32767.0F, std::floor(sum / static_cast<float>(dimension)) - 1);
}

float length(std::span<const float> vector) {
  float sum = 0;
  for (const float x : vector) sum += x * x;
  return std::sqrt(sum);
}

float largest(std::span<const float> vector) {
  float most = 0;
  for (const float x : vector) most = std::max(most, std::abs(x));
  return most;
}

/// To the nearest integer; quicker than lround(), for |x| under 2^15.
std::int32_t nearest(float x) { return static_cast<std::int32_t>(x + 32768.5F) - 32768; }

#if defined(__x86_64__)
/// bounds() of one group: products of 16 numbers at a time, eight vectors side by side.
__attribute__((target("avx2,fma"))) __m256 group_dots(const std::int8_t* codes,
                                                      const std::int16_t* query,
                                                      std::size_t pairs) {
  __m256i even = _mm256_setzero_si256();
  __m256i odd = _mm256_setzero_si256();
  const auto dots = [&](std::size_t pair) __attribute__((target("avx2,fma"))) {
    std::int32_t two = 0;
    std::memcpy(&two, query + 2 * pair, sizeof two);
    const auto* from = reinterpret_cast<const __m128i*>(codes + 2 * Codes::group * pair);
    return _mm256_madd_epi16(_mm256_cvtepi8_epi16(_mm_loadu_si128(from)), _mm256_set1_epi32(two));
  };
  std::size_t pair = 0;
  for (; pair + 1 < pairs; pair += 2) {
    even = _mm256_add_epi32(even, dots(pair));
    odd = _mm256_add_epi32(odd, dots(pair + 1));
  }
  if (pair < pairs) even = _mm256_add_epi32(even, dots(pair));
  return _mm256_cvtepi32_ps(_mm256_add_epi32(even, odd));
}
#endif

}  // namespace

Codes::Codes(std::span<const std::span<const float>> vectors, std::size_t dimension)
    : dimension_(dimension), groups_((vectors.size() + group - 1) / group), centre_(dimension) {
  assert(dimension % 2 == 0 && dimension <= 4096);
  for (const auto vector : vectors) {
    for (std::size_t i = 0; i < dimension; ++i) centre_[i] += vector[i];
  }
  for (float& x : centre_) x /= static_cast<float>(std::max<std::size_t>(vectors.size(), 1));

  codes_.resize(groups_ * group * dimension);
  base_.resize(groups_ * group, std::numeric_limits<float>::infinity());
  scale_.resize(groups_ * group);
  slack_.resize(groups_ * group);
  const float query_rest =
      0.51F * std::sqrt(static_cast<float>(dimension)) / query_levels(dimension);
  std::vector<float> shifted(dimension), rest(dimension);
  for (std::size_t row = 0; row < vectors.size(); ++row) {
    for (std::size_t i = 0; i < dimension; ++i) shifted[i] = vectors[row][i] - centre_[i];
    const float scale = largest(shifted) / row_levels;
    const float inverse = scale > 0 ? 1 / scale : 0;
    std::int8_t* const codes =
        codes_.data() + (row / group) * group * dimension + 2 * (row % group);
    for (std::size_t i = 0; i < dimension; ++i) {
      const std::int32_t code = nearest(shifted[i] * inverse);
      codes[(i / 2) * 2 * group + i % 2] = static_cast<std::int8_t>(code);
      rest[i] = shifted[i] - scale * static_cast<float>(code);
    }
    const float all = length(shifted);
    const float left = length(rest);
    base_[row] = all * all * (1 - rounding);
    scale_[row] = scale;
    slack_[row] = left + (all + left) * (query_rest + rounding);
  }
}

void Codes::code(std::span<const float> query, CodedQuery& out) const {
  assert(query.size() == dimension_);
  std::vector<float>& shifted = out.shifted;
  shifted.resize(dimension_);
  for (std::size_t i = 0; i < dimension_; ++i) shifted[i] = query[i] - centre_[i];
  out.length = length(shifted);
  out.scale = largest(shifted) / query_levels(dimension_);
  const float inverse = out.scale > 0 ? 1 / out.scale : 0;
  out.code.resize(dimension_);
  for (std::size_t i = 0; i < dimension_; ++i) {
    out.code[i] = static_cast<std::int16_t>(nearest(shifted[i] * inverse));
  }
}

float Codes::limit(const CodedQuery& query, float squared) {
  const float length_squared = query.length * query.length;
  return squared - length_squared + rounding * (squared + length_squared);
}

void Codes::bounds_plain(const CodedQuery& query, std::span<float> out) const {
  assert(out.size() >= groups_ * group);
  for (std::size_t row = 0; row < groups_ * group; ++row) {
    const std::int8_t* const codes =
        codes_.data() + (row / group) * group * dimension_ + 2 * (row % group);
    std::int32_t dot = 0;
    for (std::size_t i = 0; i < dimension_; ++i) {
      dot += codes[(i / 2) * 2 * group + i % 2] * query.code[i];
    }
    out[row] = base_[row] - 2 * query.scale * scale_[row] * static_cast<float>(dot) -
               2 * query.length * slack_[row];
  }
}

#if defined(__x86_64__)

namespace {

struct Rows {
  const std::int8_t* codes;
  const float *base, *scale, *slack;
  std::size_t groups, pairs;
};

__attribute__((target("avx2,fma"))) void bounds_avx2(const Rows& rows, const CodedQuery& query,
                                                     float* out) {
  const __m256 scale = _mm256_set1_ps(2 * query.scale);
  const __m256 length = _mm256_set1_ps(2 * query.length);
  for (std::size_t g = 0; g < rows.groups; ++g) {
    const std::size_t at = g * Codes::group;
    const __m256 dots = group_dots(rows.codes + at * 2 * rows.pairs, query.code.data(), rows.pairs);
    const __m256 product =
        _mm256_mul_ps(_mm256_mul_ps(scale, _mm256_loadu_ps(rows.scale + at)), dots);
    const __m256 near = _mm256_sub_ps(_mm256_loadu_ps(rows.base + at), product);
    _mm256_storeu_ps(out + at, _mm256_fnmadd_ps(length, _mm256_loadu_ps(rows.slack + at), near));
  }
}

}  // namespace

void Codes::bounds(const CodedQuery& query, std::span<float> out) const {
  static const bool quick = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (!quick) return bounds_plain(query, out);
  assert(out.size() >= groups_ * group);
  bounds_avx2({codes_.data(), base_.data(), scale_.data(), slack_.data(), groups_, dimension_ / 2},
              query, out.data());
}

#else

void Codes::bounds(const CodedQuery& query, std::span<float> out) const {
  bounds_plain(query, out);
}

#endif

}  // namespace vedette::gallery
