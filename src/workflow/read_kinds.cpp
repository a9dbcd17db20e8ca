#include "workflow/read_kinds.hpp"

#include <array>
#include <fmt/format.h>
#include <regex>

#include "base/base64.hpp"
#include "base/id.hpp"
#include "vision/detections.hpp"
#include "workflow/definition.hpp"
#include "workflow/read_detections.hpp"
#include "workflow/values.hpp"

namespace vedette::workflow {
namespace {

using Failure = std::unexpected<ReadFailure>;

Failure fail(std::string words, std::string hint = {}) {
  return Failure(ReadFailure{std::move(words), std::move(hint)});
}

/// "Detected runtime parameter `x` declared to hold …"
template <class... Args>
Failure declared(const std::string& name, fmt::format_string<Args...> text, Args&&... args) {
  return fail(fmt::format("Detected runtime parameter `{}` declared to hold {}", name,
                          fmt::format(text, std::forward<Args>(args)...)));
}

Failure wrong_type(const std::string& name, std::string_view what, const Value& given) {
  return declared(name, "{}, but invalid type of data found (`{}`).", what, python_type(given));
}

// --- pictures

constexpr std::string_view not_a_picture =
    "NumPy image type is not supported in this configuration of `inference`.";

Failure bad_picture(const std::string& name, std::string_view details, std::string hint = {}) {
  return fail(fmt::format("Detected runtime parameter `{}` defined as `WorkflowImage` that is "
                          "invalid. Failed on input validation. Details: {}",
                          name, details),
              std::move(hint));
}

std::expected<vision::ImagePtr, ReadFailure> read_pixels(const std::string& name, const Value& text,
                                                         const ReadContext& context) {
  const std::string_view start = text.string().substr(0, 8);
  Result<vision::ImagePtr> image;
  if (start.starts_with("http://") || start.starts_with("https://")) {
    if (!context.fetcher) {
      constexpr std::string_view off =
          "pictures may not be given by URL here; blocks.fetch_urls: true in the configuration "
          "allows it";
      return bad_picture(name, off, std::string(off));
    }
    auto bytes = context.fetcher->fetch(text.string());
    if (!bytes) return bad_picture(name, bytes.error().what);
    image = vision::Image::from_encoded(*std::move(bytes), context.limits);
  } else {
    image = vision::Image::from_base64(text, context.limits);
  }
  if (image) return *std::move(image);
  const bool too_large = image.error().code == Errc::too_large;
  return bad_picture(name, too_large ? image.error().what : std::string(not_a_picture),
                     image.error().what);
}

/// The moment as isoformat() writes what fromisoformat() reads; nothing where it is none.
/// Source: Python's datetime, version 3.11.
std::optional<std::string> isoformat(std::string_view given) {
  static const std::regex form(
      R"((\d{4}-\d\d-\d\d)(?:[T ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?)?(Z|[-+]\d\d:?\d\d)?)?)");
  constexpr std::size_t longest = 64;
  const std::string text(given.substr(0, longest));
  std::smatch parts;
  if (!std::regex_match(text, parts, form)) return std::nullopt;
  const auto part = [&parts](std::size_t i) { return parts[i].matched ? parts[i].str() : "00"; };
  std::string iso = fmt::format("{}T{}:{}:{}", part(1), part(2), part(3), part(4));
  if (parts[5].matched) {
    std::string fraction = parts[5].str();
    fraction.resize(6, '0');
    if (fraction != "000000") iso += "." + fraction;
  }
  if (parts[6].matched) {
    std::string zone = parts[6].str();
    if (zone == "Z") zone = "+00:00";
    if (zone.size() == 5) zone.insert(3, ":");
    iso += zone;
  }
  return iso;
}

std::expected<std::shared_ptr<const vision::VideoMetadata>, ReadFailure> read_video(
    const std::string& name, const Value& given) {
  const auto refuse = [&name](std::string_view why) {
    return fail(
        fmt::format("Detected runtime parameter `{}` holding `WorkflowVideoMetadata`, but "
                    "provided value is {}",
                    name, why));
  };
  constexpr std::string_view malformed = "malformed. See details in inner error.";
  if (!given.is_dict()) return refuse("not a dict.");
  const Dict& from = given.dict();
  const auto number = [&from](const char* key, std::optional<double>& into) {
    const Value& value = from[key];
    if (value.is_number()) into = value.number();
    return value.is_null() || value.is_number();
  };
  vision::VideoMetadata video;
  const Value& id = from["video_identifier"];
  const Value& frame = from["frame_number"];
  const Value& time = from["frame_timestamp"];
  if (!id.is_string() || !frame.is_integer() || !time.is_string()) return refuse(malformed);
  auto iso = isoformat(time.string());
  if (!iso) return refuse(malformed);
  video.frame_timestamp = *std::move(iso);
  video.video_identifier = id.string();
  video.frame_number = frame.integer();
  const Value& from_file = from["comes_from_video_file"];
  if (from_file.is_bool()) video.comes_from_video_file = from_file.boolean();
  if (!number("fps", video.fps) || !number("measured_fps", video.measured_fps) ||
      (!from_file.is_null() && !from_file.is_bool())) {
    return refuse(malformed);
  }
  return std::make_shared<const vision::VideoMetadata>(std::move(video));
}

/// An origin that says nothing of size is the picture's own.
vision::OriginPtr with_size(const vision::OriginPtr& origin, const vision::Image& image) {
  if (origin->width > 0) return origin;
  vision::Origin own = *origin;
  own.width = image.width();
  own.height = image.height();
  return std::make_shared<const vision::Origin>(std::move(own));
}

ReadResult read_image(const std::string& name, const Value& given, const ReadContext& context) {
  const Dict none;
  const Dict& members = given.is_dict() ? given.dict() : none;
  const auto id_of = [&members](const char* key) -> std::string_view {
    const Value& id = members[key];
    return id.is_string() ? id.string() : std::string_view();
  };
  const std::string_view parent_id = id_of("parent_id").empty() ? name : id_of("parent_id");
  auto parent = read_origin(name, parent_id, members["parent_origin"]);
  if (!parent) return Failure(parent.error());
  vision::OriginPtr root = *parent;
  if (!id_of("root_parent_id").empty()) {
    auto read = read_origin(name, id_of("root_parent_id"), members["root_parent_origin"]);
    if (!read) return Failure(read.error());
    root = *std::move(read);
  }
  vision::Frame frame;
  if (const Value* video = members.find("video_metadata"); video) {
    auto read = read_video(name, *video);
    if (!read) return Failure(read.error());
    frame.video = *std::move(read);
  }
  const Value* text = given.is_dict() ? members.find("value") : &given;
  if (!text) return bad_picture(name, "'value'");
  if (!text->is_string()) {
    return fail(
        fmt::format("Detected runtime parameter `{}` defined as `WorkflowImage` with type "
                    "<class '{}'> that is invalid. Workflows accept only np.arrays, "
                    "`WorkflowImageData` and dicts with keys `type` and `value` compatible "
                    "with `inference` (or list of them).",
                    name, python_type(*text)));
  }
  auto image = read_pixels(name, *text, context);
  if (!image) return Failure(image.error());
  frame.image = *std::move(image);
  const bool own_root = root == *parent;
  frame.parent = with_size(*parent, *frame.image);
  frame.root = own_root ? frame.parent : with_size(root, *frame.image);
  return Value::box(std::move(frame));
}

// --- the rest

ReadResult read_string(const std::string& name, const Value& given) {
  if (given.is_string()) return given;
  return wrong_type(name, "string value", given);
}

ReadResult read_integer(const std::string& name, const Value& given) {
  if (given.is_integer() || given.is_bool()) return given;
  return wrong_type(name, "integer value", given);
}

ReadResult read_float(const std::string& name, const Value& given) {
  if (given.is_bool()) return Value(given.boolean() ? 1.0 : 0.0);
  if (given.is_number()) return Value(given.number());
  return wrong_type(name, "float value", given);
}

ReadResult read_zero_to_one(const std::string& name, const Value& given) {
  auto read = read_float(name, given);
  if (!read || (read->number() >= 0 && read->number() <= 1)) return read;
  return declared(name, "float value in range [0.0, 1.0], but value out of range detected.");
}

ReadResult read_boolean(const std::string& name, const Value& given) {
  if (given.is_bool()) return given;
  return wrong_type(name, "boolean value", given);
}

ReadResult read_list(const std::string& name, const Value& given) {
  if (given.is_list()) return given;
  return wrong_type(name, "list", given);
}

ReadResult read_dict(const std::string& name, const Value& given) {
  if (given.is_dict()) return given;
  return wrong_type(name, "dict value", given);
}

bool is_number(const Value& value) { return value.is_number() || value.is_bool(); }

ReadResult read_point(const std::string& name, const Value& given) {
  if (!given.is_list()) return wrong_type(name, "point coordinates", given);
  const List& all = given.list();
  if (all.size() < 2) {
    return declared(name, "point coordinates, but missing point coordinates detected.");
  }
  if (!is_number(all[0]) || !is_number(all[1])) {
    return declared(name, "point coordinates, but at least one of the coordinate is not number");
  }
  return Value(List{all[0], all[1]});
}

ReadResult read_labeled_points(const std::string& name, const Value& given) {
  constexpr std::string_view what = "list of labeled points";
  if (!given.is_list()) return wrong_type(name, what, given);
  List points;
  for (const Value& one : given.list()) {
    const bool pair = one.is_list() && (one.list().size() == 2 || one.list().size() == 3);
    if (!pair && !one.is_dict()) {
      return declared(name,
                      "{}, but at least one element is neither a dict with `x` and `y` keys nor a "
                      "sequence of (x, y) or (x, y, positive).",
                      what);
    }
    if (one.is_dict() && (!one.dict().find("x") || !one.dict().find("y"))) {
      return declared(name, "{}, but at least one point misses `x` or `y` coordinate.", what);
    }
    const Value x = pair ? one.list()[0] : one.dict()["x"];
    const Value y = pair ? one.list()[1] : one.dict()["y"];
    if (!is_number(x) || !is_number(y)) {
      return declared(name, "{}, but at least one point coordinate is not a number.", what);
    }
    const Value* label =
        pair ? (one.list().size() == 3 ? &one.list()[2] : nullptr) : one.dict().find("positive");
    const bool negative = label && (label->is_null() || *label == Value(false) ||
                                    (label->is_number() && label->number() == 0));
    points.push_back(Dict{{"x", x}, {"y", y}, {"positive", !negative}});
  }
  return Value(std::move(points));
}

ReadResult read_zone(const std::string& name, const Value& given) {
  constexpr std::string_view what = "zone coordinates, but defined zone";
  if (!given.is_list() || given.list().size() < 3) {
    return declared(name, "{} is not a list with at least 3 points coordinates.", what);
  }
  for (const Value& point : given.list()) {
    if (point.is_list() && point.list().size() == 2) continue;
    return declared(name,
                    "{} contains at least one element which is not a point withexactly two "
                    "coordinates (x, y).",
                    what);
  }
  for (const Value& point : given.list()) {
    if (is_number(point.list()[0]) && is_number(point.list()[1])) continue;
    return declared(name,
                    "{} contains at least one element which is not a point withexactly two "
                    "coordinates (x, y) being numbers.",
                    what);
  }
  return given;
}

ReadResult read_color(const std::string& name, const Value& given) {
  if (given.is_string()) return given;
  if (!given.is_list()) return wrong_type(name, "RGB color", given);
  const List& all = given.list();
  if (all.size() < 3) return declared(name, "RGB color, but not all colors defined.");
  return Value(List(all.begin(), all.begin() + 3));
}

ReadResult read_bytes(const std::string& name, const Value& given) {
  if (!given.is_string()) return wrong_type(name, "bytes string", given);
  // As Python's decoder: whatever is not in the alphabet is passed over.
  std::string letters;
  for (const char c : given.string()) {
    const bool known = std::isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '/';
    if (known) letters += c;
  }
  auto bytes = base64::decode(letters);
  if (!bytes) return fail("Incorrect padding", bytes.error().what);
  return Value::box(ByteString{std::string(bytes->begin(), bytes->end())});
}

ReadResult read_timestamp(const std::string& name, const Value& given) {
  if (!given.is_string()) return wrong_type(name, "datetime", given);
  if (auto iso = isoformat(given.string())) return Value::box(Timestamp{*std::move(iso)});
  return declared(name,
                  "datetime, but could not decode input data: Invalid isoformat string: '{}'.",
                  given.string().substr(0, 64));
}

ReadResult read_classification(const std::string& name, const Value& given) {
  auto read = read_dict(name, given);
  if (!read) return read;
  Dict fields = given.dict();
  constexpr std::string_view what = "classification prediction value, but found that";
  if (!fields.find("image") || !fields.find("predictions")) {
    return declared(name, "{} one of required keys (['predictions', 'image']) is missing.", what);
  }
  if (!fields.find("predicted_classes") && !(fields.find("top") && fields.find("confidence"))) {
    return declared(name, "{} passed value misses prediction details.", what);
  }
  const auto fill = [&fields](const char* key, auto make) {
    if (!fields.find(key)) fields.append(key, make());
  };
  fill("prediction_type", [] { return Value("classification"); });
  fill("inference_id", [] { return Value(make_uuid()); });
  fill("parent_id", [&name] { return Value(name); });
  fill("root_parent_id", [&name] { return Value(name); });
  return Value::box(vision::Classification{std::move(fields)});
}

ReadResult read_array(const std::string& name, const Value& given) {
  if (given.is_list()) return given;
  return wrong_type(name, "numpy array value", given);
}

ReadResult read_video_metadata(const std::string& name, const Value& given) {
  auto video = read_video(name, given);
  if (!video) return Failure(video.error());
  return Value::box(*std::move(video));
}

using Reads = ReadResult (*)(const std::string&, const Value&);

struct Reader {
  std::string_view kind;
  Reads read;
};

constexpr std::array readers{
    Reader{"video_metadata", read_video_metadata},
    Reader{"numpy_array", read_array},
    Reader{"roboflow_model_id", read_string},
    Reader{"roboflow_project", read_string},
    Reader{"roboflow_solution", read_string},
    Reader{"roboflow_api_key", read_string},
    Reader{"ROBOFLOW_MANAGED_KEY", read_string},
    Reader{"string", read_string},
    Reader{"top_class", read_string},
    Reader{"language_model_output", read_string},
    Reader{"parent_id", read_string},
    Reader{"prediction_type", read_string},
    Reader{"inference_id", read_string},
    Reader{"integer", read_integer},
    Reader{"float", read_float},
    Reader{"float_zero_to_one", read_zero_to_one},
    Reader{"boolean", read_boolean},
    Reader{"list_of_values", read_list},
    Reader{"detections_overlaps", read_list},
    Reader{"dictionary", read_dict},
    Reader{"classification_prediction", read_classification},
    Reader{"point", read_point},
    Reader{"labeled_points", read_labeled_points},
    Reader{"zone", read_zone},
    Reader{"rgb_color", read_color},
    Reader{"bytes", read_bytes},
    Reader{"timestamp", read_timestamp},
};

constexpr std::array<std::string_view, 7> detection_kinds{"object_detection_prediction",
                                                          "instance_segmentation_prediction",
                                                          "keypoint_detection_prediction",
                                                          "rle_instance_segmentation_prediction",
                                                          "semantic_segmentation_prediction",
                                                          "qr_code_detection",
                                                          "bar_code_detection"};

}  // namespace

std::optional<ReadResult> read_kind(std::string_view kind, const std::string& name,
                                    const Value& given, const ReadContext& context) {
  if (kind == kind::image) return read_image(name, given, context);
  if (std::ranges::find(detection_kinds, kind) != detection_kinds.end()) {
    return read_detections(name, given, context);
  }
  const auto* reader = std::ranges::find(readers, kind, &Reader::kind);
  if (reader == readers.end()) return std::nullopt;
  return reader->read(name, given);
}

}  // namespace vedette::workflow
