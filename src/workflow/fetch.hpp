#pragma once
/// How pictures that are given by URL come in, where configuration lets them.

#include <string_view>

#include "vision/image.hpp"

namespace vedette::workflow {

/// A service; without one, a URL is refused with the name of the key that would allow it.
class ImageFetcher {
 public:
  virtual ~ImageFetcher() = default;

  /// Any thread; waits for the network.
  /// fails  bad_input, too_large, timed_out, io: with what the other side said
  [[nodiscard]] virtual Result<vision::SharedBytes> fetch(std::string_view url) = 0;
};

}  // namespace vedette::workflow
