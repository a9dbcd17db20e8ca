#pragma once
/// What the native routes share: reading JSON bodies strictly, and cursor lists.

#include <string>

#include "api/house.hpp"
#include "api/route.hpp"

namespace vedette::api {

/// The body as a JSON object, read strictly.
/// fails  the answer that says what is wrong
[[nodiscard]] std::expected<Dict, Answer> body_object(const House& house, const Call& call);

/// `?limit=` (50, most 500).
/// fails  the answer that says what is wrong
[[nodiscard]] std::expected<std::size_t, Answer> limit_of(const Call& call);

/// {"items": […], "next": cursor or null}
[[nodiscard]] Answer list_answer(List items, const std::string& next);

}  // namespace vedette::api
