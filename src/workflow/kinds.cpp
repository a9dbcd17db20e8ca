#include "workflow/kinds.hpp"

#include <algorithm>

namespace vedette::workflow {
namespace {

constexpr std::string_view detections = "sv.Detections";

const std::vector<KindFacts>& sorted_kinds() {
  static const std::vector<KindFacts> kinds{
      {"*", "Anything", "Any", "Any"},
      {"ROBOFLOW_MANAGED_KEY", "Key of an outside service that the platform keeps", "str", "str"},
      {"bar_code_detection", "Bar codes, with what they say", "dict", detections},
      {"boolean", "True or false", "bool", "bool"},
      {"bytes", "Raw bytes; base64 outside", "str", "bytes"},
      {"classification_prediction", "Classes of one picture, with confidence", "dict", "dict"},
      {"contours", "Outlines, each a list of points", "List[list]", "List[np.ndarray]"},
      {"detection", "One detected object",
       "Tuple[list, Optional[list], Optional[float], Optional[float], Optional[int], dict]",
       "Tuple[np.ndarray, Optional[np.ndarray], Optional[float], Optional[float], "
       "Optional[int], dict]"},
      {"detections_overlaps", "Pairs of objects that overlap", "List[Dict[str, Any]]",
       "List[Dict[str, Any]]"},
      {"dictionary", "Names and values", "dict", "dict"},
      {"embedding", "What a model makes of a picture, as numbers", "List[float]", "List[float]"},
      {"float", "A number", "float", "float"},
      {"float_zero_to_one", "A number from 0 to 1", "float", "float"},
      {"image", "A picture", "dict", "WorkflowImageData"},
      {"image_keypoints", "Marked points of a picture", "dict", "dict"},
      {"image_metadata", "Facts about a picture", "dict", "dict"},
      {"inference_id", "Identifier of one call of a model", "str", "str"},
      {"instance_segmentation_prediction", "Objects with box and outline", "dict", detections},
      {"integer", "A whole number", "int", "int"},
      {"keypoint_detection_prediction", "Objects with box and marked points", "dict", detections},
      {"labeled_points", "Points that say what belongs to an object and what does not",
       "List[Dict[str, Any]]", "List[Dict[str, Any]]"},
      {"language_model_output", "What a language model wrote", "str", "str"},
      {"list_of_values", "A list of anything", "List[Any]", "List[Any]"},
      {"numpy_array", "A block of numbers", "list", "np.ndarray"},
      {"object_detection_prediction", "Objects, each with a box", "dict", detections},
      {"parent_id", "Name of the picture that a piece was cut from", "str", "str"},
      {"point", "A place in a picture", "Tuple[int, int]", "Tuple[int, int]"},
      {"prediction_type", "What sort of prediction this is", "str", "str"},
      {"qr_code_detection", "QR codes, with what they say", "dict", detections},
      {"rgb_color", "A colour: name, #hex or red, green, blue", "Tuple[int, int, int]",
       "Tuple[int, int, int]"},
      {"rle_instance_segmentation_prediction", "Objects with box and run-length coded mask", "dict",
       detections},
      {"roboflow_api_key", "Key of a Roboflow workspace", "str", "str"},
      {"roboflow_model_id", "Name of a model", "str", "str"},
      {"roboflow_project", "Name of a project", "str", "str"},
      {"roboflow_solution", "Name of a solution", "str", "str"},
      {"secret", "Text that is never shown in full", "str", "str"},
      {"semantic_segmentation_prediction", "A class for every pixel", "dict", detections},
      {"serialised_payloads", "Texts or objects ready to be sent", "List[Union[str, dict]]",
       "List[Union[str, bytes, dict]]"},
      {"string", "Text", "str", "str"},
      {"tensor", "A block of numbers of a model", "list", "torch.Tensor"},
      {"timestamp", "A moment", "str", "datetime"},
      {"top_class", "Name of the most probable class", "str", "str"},
      {"video_metadata", "Which frame of which video this is", "dict", "VideoMetadata"},
      {"zone", "A region: the corners of a polygon", "List[Tuple[int, int]]",
       "List[Tuple[int, int]]"},
  };
  return kinds;
}

}  // namespace

const KindFacts* find_kind(std::string_view name) {
  const auto& kinds = sorted_kinds();
  const auto found = std::ranges::lower_bound(kinds, name, {}, &KindFacts::name);
  return found != kinds.end() && found->name == name ? &*found : nullptr;
}

const std::vector<KindFacts>& all_kinds() { return sorted_kinds(); }

bool compatible(const Kinds& from, const Kinds& to) {
  const auto has = [](const Kinds& kinds, std::string_view kind) {
    return std::ranges::find(kinds, kind) != kinds.end();
  };
  return has(to, kind::any) || std::ranges::any_of(from, [&](std::string_view kind) {
           return kind == kind::any || has(to, kind);
         });
}

}  // namespace vedette::workflow
