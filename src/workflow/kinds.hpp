#pragma once
/// The kinds under which values travel between steps, by the names that definitions use.

#include <string_view>
#include <vector>

namespace vedette::workflow {

namespace kind {
inline constexpr std::string_view any = "*";
inline constexpr std::string_view image = "image";
inline constexpr std::string_view video_metadata = "video_metadata";
inline constexpr std::string_view object_detection = "object_detection_prediction";
inline constexpr std::string_view instance_segmentation = "instance_segmentation_prediction";
inline constexpr std::string_view rle_instance_segmentation =
    "rle_instance_segmentation_prediction";
inline constexpr std::string_view semantic_segmentation = "semantic_segmentation_prediction";
inline constexpr std::string_view keypoint_detection = "keypoint_detection_prediction";
inline constexpr std::string_view classification = "classification_prediction";
inline constexpr std::string_view qr_code = "qr_code_detection";
inline constexpr std::string_view bar_code = "bar_code_detection";
inline constexpr std::string_view string = "string";
inline constexpr std::string_view integer = "integer";
inline constexpr std::string_view real = "float";
inline constexpr std::string_view zero_to_one = "float_zero_to_one";
inline constexpr std::string_view boolean = "boolean";
inline constexpr std::string_view dictionary = "dictionary";
inline constexpr std::string_view list = "list_of_values";
inline constexpr std::string_view rgb_color = "rgb_color";
inline constexpr std::string_view secret = "secret";
inline constexpr std::string_view timestamp = "timestamp";
inline constexpr std::string_view bytes = "bytes";
}  // namespace kind

using Kinds = std::vector<std::string_view>;  ///< views of literals: kinds are never made up late

/// What is known of a kind: for `/workflows/blocks/describe` and for typing hints.
struct KindFacts {
  std::string_view name, about, serialised, internal;
};
/// Every kind, by name; nullptr where there is none of that name.
[[nodiscard]] const KindFacts* find_kind(std::string_view name);
[[nodiscard]] const std::vector<KindFacts>& all_kinds();

/// May what produces `from` feed what takes `to`? `*` on either side always may.
[[nodiscard]] bool compatible(const Kinds& from, const Kinds& to);

}  // namespace vedette::workflow
