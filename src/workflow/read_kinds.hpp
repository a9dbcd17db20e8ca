#pragma once
/// From JSON to what steps work with, by kind.

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/value.hpp"
#include "vision/image.hpp"
#include "workflow/fetch.hpp"

namespace vedette::workflow {

struct ReadContext {
  vision::ImageLimits limits;
  std::shared_ptr<ImageFetcher> fetcher;  ///< null: pictures may not be given by URL
};

/// A value read, or the peer's words why not; `hint` tells more than those do.
struct ReadFailure {
  std::string words;
  std::string hint;
};
using ReadResult = std::expected<Value, ReadFailure>;

/// `name`  how messages and ids call it: "image", "image.[0]"
/// returns  nothing, where values of that kind are taken as they are
[[nodiscard]] std::optional<ReadResult> read_kind(std::string_view kind, const std::string& name,
                                                  const Value& given, const ReadContext& context);

}  // namespace vedette::workflow
