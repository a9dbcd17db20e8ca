#pragma once
/// Bounds on distances from a quarter of the memory: vectors as 8-bit codes around a centre.
///
/// A vector is x = centre + scale * code + rest. Of the rest only its length is kept; by Cauchy
/// and Schwarz that says how far off the distance between codes can be at most. What is surely
/// too far is passed over by its code alone, and only what may be near is compared in full.

#include <cstdint>
#include <span>
#include <vector>

namespace vedette::gallery {

/// A query as its distances to some Codes need it.
struct CodedQuery {
  std::vector<std::int16_t> code;
  float scale = 0;             ///< of the code
  float length = 0;            ///< distance from the codes' centre
  std::vector<float> shifted;  ///< the query less the centre
};

/// The vectors of one chunk.
class Codes {
 public:
  static constexpr std::size_t group =
      8;  ///< vectors that are interleaved: pair by pair of numbers

  /// vectors  each of `dimension` numbers: even, at most 4096
  Codes(std::span<const std::span<const float>> vectors, std::size_t dimension);

  void code(std::span<const float> query, CodedQuery& out) const;

  /// One number for each vector, which |x - query|² - |query - centre|² does not fall below.
  /// out  as many as there are vectors, and up to the next whole group
  void bounds(const CodedQuery& query, std::span<float> out) const;
  void bounds_plain(const CodedQuery& query, std::span<float> out) const;  ///< without SIMD

  /// A bound over this is surely farther from the query than the root of `squared`.
  [[nodiscard]] static float limit(const CodedQuery& query, float squared);

 private:
  std::size_t dimension_, groups_;
  std::vector<float> centre_;
  std::vector<std::int8_t> codes_;           // [group][pair][vector][2]
  std::vector<float> base_, scale_, slack_;  // of each vector
};

}  // namespace vedette::gallery
