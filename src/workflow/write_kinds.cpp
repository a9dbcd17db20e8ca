#include "workflow/write_kinds.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstring>
#include <ctime>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <set>

#include "base/base64.hpp"
#include "vision/detections.hpp"
#include "workflow/block.hpp"
#include "workflow/definition.hpp"
#include "workflow/engine.hpp"
#include "workflow/masks.hpp"
#include "workflow/values.hpp"

namespace vedette::workflow {
namespace {

using vision::Classification, vision::Detection, vision::Origin, vision::VideoMetadata;

// --- pieces of JSON

/// Writes the members of one object.
class Members {
 public:
  explicit Members(std::string& out) : out_(out) { out_ += '{'; }

  std::string& at(std::string_view name) {
    if (!first_) out_ += ", ";
    first_ = false;
    json::write_string(name, out_);
    return out_ += ":";
  }
  void number(std::string_view name, double value) { json::write_number(value, at(name)); }
  void integer(std::string_view name, std::int64_t value) { at(name) += std::to_string(value); }
  void text(std::string_view name, std::string_view value) { json::write_string(value, at(name)); }
  void optional(std::string_view name, const std::optional<double>& value) {
    value ? number(name, *value) : void(at(name) += "null");
  }
  void end() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

void write_origin(const Origin& origin, std::string& out) {
  Members members(out);
  members.integer("offset_x", origin.x);
  members.integer("offset_y", origin.y);
  members.integer("width", origin.width);
  members.integer("height", origin.height);
  members.end();
}

/// The moment as Python's datetime.now().isoformat() has it: local, without a zone.
std::string local_now() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch() %
                                                                            std::chrono::seconds(1))
                          .count();
  std::tm local{};
  localtime_r(&seconds, &local);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}", local, micros);
}

void write_video(const VideoMetadata& video, std::string& out) {
  Members members(out);
  members.text("video_identifier", video.video_identifier);
  members.integer("frame_number", video.frame_number);
  members.text("frame_timestamp", video.frame_timestamp);
  members.optional("fps", video.fps);
  members.optional("measured_fps", video.measured_fps);
  members.at("comes_from_video_file") += !video.comes_from_video_file   ? "null"
                                         : *video.comes_from_video_file ? "true"
                                                                        : "false";
  members.end();
}

void write_frame(const Frame& frame, std::string& out) {
  if (!frame.image || !frame.parent) {
    out += "null";
    return;
  }
  Members members(out);
  members.text("type", "base64");
  // Encoded before; a picture that could not be is told in write_outputs().
  const auto text = frame.image->base64();
  members.at("value");
  text ? void(((out += '"') += *text) += '"') : void(out += "null");
  members.at("video_metadata");
  if (frame.video) {
    write_video(*frame.video, out);
  } else {
    write_video({.video_identifier = frame.parent->id,
                 .frame_number = 0,
                 .frame_timestamp = local_now(),
                 .fps = 30,
                 .measured_fps = {},
                 .comes_from_video_file = {}},
                out);
  }
  if (frame.root && frame.parent->id != frame.root->id) {
    members.text("parent_id", frame.parent->id);
    write_origin(*frame.parent, members.at("parent_origin"));
    members.text("root_parent_id", frame.root->id);
    write_origin(*frame.root, members.at("root_parent_origin"));
  }
  members.end();
}

void write_points(const std::vector<cv::Point>& points, std::string& out) {
  out += '[';
  for (const cv::Point& point : points) {
    if (out.back() != '[') out += ", ";
    Members members(out);
    members.number("x", point.x);
    members.number("y", point.y);
    members.end();
  }
  out += ']';
}

void write_provenance(const vision::Provenance& from, Members& members) {
  if (!from.parent) return;
  members.text("parent_id", from.parent->id);
  if (!from.root || from.root->id == from.parent->id) return;
  if (from.parent->width > 0) write_origin(*from.parent, members.at("parent_origin"));
  members.text("root_parent_id", from.root->id);
  if (from.root->width > 0) write_origin(*from.root, members.at("root_parent_origin"));
}

void write_keypoints(const std::vector<vision::Keypoint>& points, std::string& out) {
  out += '[';
  for (const vision::Keypoint& point : points) {
    if (out.back() != '[') out += ", ";
    Members members(out);
    members.integer("class_id", point.class_id);
    members.text("class", point.class_name);
    members.number("confidence", point.confidence);
    members.number("x", point.at.x);
    members.number("y", point.at.y);
    members.end();
  }
  out += ']';
}

void write_box(const Value& box, std::string& out);

bool is_place(const Value& value) {
  constexpr double widest = 1e9;  // px
  return value.is_number() && std::abs(value.number()) < widest;
}

/// The outline that goes out for a mask: the row's own polygon where it has one.
std::vector<cv::Point> points_of(const Detection& row) {
  const Value& polygon = row.extra["polygon"];
  if (!polygon.is_list() || polygon.list().size() < 3) return outline_of(*row.mask);
  std::vector<cv::Point> points;
  for (const Value& point : polygon.list()) {
    const bool pair = point.is_list() && point.list().size() == 2 && is_place(point.list()[0]) &&
                      is_place(point.list()[1]);
    if (!pair) return outline_of(*row.mask);
    points.emplace_back(static_cast<int>(point.list()[0].number()),
                        static_cast<int>(point.list()[1].number()));
  }
  return points;
}

/// Whole numbers, halves to the even one: as numpy rounds.
Value rounded(const Value& points) {
  constexpr double most = 9e18;  // what is beyond, or no number at all, stays as it is
  if (points.is_real() && std::abs(points.number()) < most) {
    return Value(static_cast<std::int64_t>(std::nearbyint(points.number())));
  }
  if (!points.is_list()) return points;
  List all;
  for (const Value& one : points.list()) all.push_back(rounded(one));
  return all;
}

/// The sides of a turned box: they go out only together, and then in place of the row's own.
constexpr std::array<std::string_view, 4> turned{"angle", "rect", "height", "width"};

bool is_turned(const Dict& extra) {
  return std::ranges::all_of(turned, [&](std::string_view name) { return extra.find(name); });
}

void write_further(const Dict& extra, Members& members) {
  const bool whole = is_turned(extra);
  for (const auto& [name, value] : extra) {
    const bool is_side = std::ranges::find(turned, name) != turned.end();
    if (is_side && (!whole || name == "width" || name == "height")) continue;
    json::write(name == "polygon" ? rounded(value) : value, members.at(name), write_box);
  }
}

void write_row(const Detection& row, std::string& out) {
  std::vector<cv::Point> points;
  if (row.mask) points = points_of(row);
  if (row.mask && points.empty()) return;  // an empty mask: the peer leaves such rows out
  if (out.back() != '[') out += ", ";
  Members members(out);
  const double width = std::abs(row.box.width());
  const double height = std::abs(row.box.height());
  if (is_turned(row.extra)) {
    json::write(row.extra["width"], members.at("width"));
    json::write(row.extra["height"], members.at("height"));
  } else {
    members.number("width", width);
    members.number("height", height);
  }
  members.number("x", row.box.left + width / 2);
  members.number("y", row.box.top + height / 2);
  members.number("confidence", row.confidence);
  members.integer("class_id", row.class_id);
  if (row.mask) write_points(points, members.at("points"));
  if (row.tracker_id) members.integer("tracker_id", *row.tracker_id);
  members.text("class", row.class_name);
  members.text("detection_id", row.id);
  if (row.from) write_provenance(*row.from, members);
  if (row.keypoints) write_keypoints(*row.keypoints, members.at("keypoints"));
  write_further(row.extra, members);
  members.end();
}

void write_detections(const Detections& detections, std::string& out) {
  Members members(out);
  members.at("image");
  const auto* from = detections.rows.empty() ? nullptr : detections.rows.back().from.get();
  Members size(out);
  if (from && from->width > 0) {
    size.integer("width", from->width);
    size.integer("height", from->height);
  } else {
    size.at("width") += "null";
    size.at("height") += "null";
  }
  size.end();
  members.at("predictions") += '[';
  for (const Detection& row : detections.rows) write_row(row, out);
  out += ']';
  members.end();
}

// --- arrays

template <class T>
T element(const Array& array, std::size_t i) {
  T value{};
  std::memcpy(&value, array.data.data() + i * sizeof(T), sizeof(T));
  return value;
}

struct Dtype {
  std::string_view name;
  std::size_t size;
  void (*write)(const Array&, std::size_t, std::string&);
};

template <class T>
void write_integer(const Array& array, std::size_t i, std::string& out) {
  out += std::to_string(element<T>(array, i));
}
template <class T>
void write_real(const Array& array, std::size_t i, std::string& out) {
  const T value = element<T>(array, i);
  // The shortest text of the narrower type: 0.1, not 0.10000000149.
  if constexpr (sizeof(T) == 4) {
    std::isfinite(value) ? void(out += fmt::format("{}", value)) : void(out += "null");
  } else {
    json::write_number(value, out);
  }
}
void write_truth(const Array& array, std::size_t i, std::string& out) {
  out += array.data[i] ? "true" : "false";
}

constexpr std::array dtypes{
    Dtype{"|b1", 1, write_truth},
    Dtype{"|u1", 1, write_integer<std::uint8_t>},
    Dtype{"|i1", 1, write_integer<std::int8_t>},
    Dtype{"<u2", 2, write_integer<std::uint16_t>},
    Dtype{"<i2", 2, write_integer<std::int16_t>},
    Dtype{"<u4", 4, write_integer<std::uint32_t>},
    Dtype{"<i4", 4, write_integer<std::int32_t>},
    Dtype{"<u8", 8, write_integer<std::uint64_t>},
    Dtype{"<i8", 8, write_integer<std::int64_t>},
    Dtype{"<f4", 4, write_real<float>},
    Dtype{"<f8", 8, write_real<double>},
};

void write_nested(const Array& array, const Dtype& type, std::size_t axis, std::size_t& next,
                  std::string& out) {
  if (axis == array.shape.size()) return type.write(array, next++, out);
  out += '[';
  for (std::size_t i = 0; i < array.shape[axis]; ++i) {
    if (i > 0) out += ", ";
    write_nested(array, type, axis + 1, next, out);
  }
  out += ']';
}

void write_array(const Array& array, std::string& out) {
  const auto* type = std::ranges::find(dtypes, array.dtype, &Dtype::name);
  std::size_t count = 1;
  for (const std::size_t side : array.shape) count *= side;
  if (type == dtypes.end() || count * type->size != array.data.size()) {
    out += "null";
    return;
  }
  std::size_t next = 0;
  write_nested(array, *type, 0, next, out);
}

void write_box(const Value& box, std::string& out) {
  if (const auto* frame = box.get_if<Frame>()) return write_frame(*frame, out);
  if (const auto* detections = box.get_if<Detections>()) return write_detections(*detections, out);
  if (const auto* classes = box.get_if<Classification>()) {
    return json::write(classes->fields, out, write_box);
  }
  if (const auto* video = box.get_if<VideoMetadata>()) return write_video(*video, out);
  if (const auto* moment = box.get_if<Timestamp>()) return json::write_string(moment->iso, out);
  if (const auto* array = box.get_if<Array>()) return write_array(*array, out);
  if (const auto* elements = box.get_if<Elements>()) {
    return json::write(elements->values, out, write_box);
  }
  if (const auto* bytes = box.get_if<ByteString>()) {
    out += '"';
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes->data.data());
    base64::encode({data, bytes->data.size()}, out);
    out += '"';
    return;
  }
  out += "null";
}

// --- pictures to encode, and room for the text

struct Survey {
  std::set<const vision::Image*> pictures;
  std::size_t rows = 0;
  std::size_t others = 0;

  void add(const Value& value) {
    ++others;
    const auto* frame = value.get_if<Frame>();
    if (frame && frame->image) pictures.insert(frame->image.get());
    if (const auto* detections = value.get_if<Detections>()) rows += detections->rows.size();
    if (value.is_list()) {
      for (const Value& one : value.list()) add(one);
    }
    if (value.is_dict()) {
      for (const auto& [name, one] : value.dict()) add(one);
    }
    if (const auto* elements = value.get_if<Elements>()) {
      for (const Value& one : elements->values) add(one);
    }
  }
};

/// Encodes each picture once; makes room for all in `out`.
Outcome<void> encode(const Survey& survey, ComputePool* pool, std::string& out) {
  constexpr std::size_t row_bytes = 400;
  constexpr std::size_t value_bytes = 64;
  constexpr std::size_t picture_bytes = 512;
  const std::vector<const vision::Image*> pictures(survey.pictures.begin(), survey.pictures.end());
  std::vector<Result<std::string_view>> texts(pictures.size());
  std::vector<std::function<void()>> tasks;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    tasks.emplace_back([&texts, &pictures, i] { texts[i] = pictures[i]->base64(); });
  }
  if (pool && tasks.size() > 1) {
    pool->run_all(tasks);
  } else {
    for (const auto& task : tasks) task();
  }
  std::size_t room = survey.rows * row_bytes + survey.others * value_bytes;
  for (const auto& text : texts) {
    if (!text) {
      auto problem =
          problem_of("RuntimeInputError", "a picture could not be encoded: " + text.error().what,
                     "workflow_execution | output_construction");
      return std::unexpected(std::move(problem));
    }
    room += text->size() + picture_bytes;
  }
  out.reserve(out.size() + room);
  return {};
}

// --- kinds

enum class Form : std::uint8_t { raw, image, video, detections, coded, secret, moment, any };

Form form_of(std::string_view kind) {
  if (kind == kind::any || kind == "detections_overlaps") return Form::any;
  if (kind == kind::image) return Form::image;
  if (kind == kind::video_metadata) return Form::video;
  if (kind == kind::secret) return Form::secret;
  if (kind == kind::timestamp) return Form::moment;
  if (kind == kind::rle_instance_segmentation || kind == kind::semantic_segmentation) {
    return Form::coded;
  }
  const bool detections = kind == kind::object_detection || kind == kind::instance_segmentation ||
                          kind == kind::keypoint_detection || kind == kind::qr_code ||
                          kind == kind::bar_code;
  return detections ? Form::detections : Form::raw;
}

std::string masked(std::string_view secret) {
  constexpr std::string_view stars = "********";
  if (secret.size() < stars.size()) return std::string(stars);
  return fmt::format("{}{}{}", secret.substr(0, 2), stars, secret.substr(secret.size() - 2));
}

bool is_coded(const Value& value) {
  const auto* detections = value.get_if<Detections>();
  return detections && !detections->rows.empty() &&
         std::ranges::all_of(detections->rows, [](const Detection& row) {
           return row.mask || row.extra.find("rle_mask");
         });
}

/// With masks as run lengths, and without outlines.
Value coded(const Value& value) {
  Detections with = value.as<Detections>();
  for (Detection& row : with.rows) {
    if (!row.extra.find("rle_mask")) row.extra.set("rle_mask", encode_mask(*row.mask));
    row.mask = nullptr;
  }
  return Value::box(std::move(with));
}

/// What an outline goes out with: run lengths that came in are not for this kind.
Value outlined(const Value& value) {
  const Detections& given = value.as<Detections>();
  const auto has_code = [](const Detection& row) { return row.extra.find("rle_mask") != nullptr; };
  if (std::ranges::none_of(given.rows, has_code)) return value;
  Detections without = given;
  for (Detection& row : without.rows) row.extra.erase("rle_mask");
  return Value::box(std::move(without));
}

/// The value in that form; nothing where it cannot be.
std::optional<Value> in_form(const Value& value, Form form) {
  const bool detections = value.get_if<Detections>() != nullptr;
  switch (form) {
    case Form::image:
      return value.get_if<Frame>() ? std::optional(value) : std::nullopt;
    case Form::video:
      return value.get_if<VideoMetadata>() ? std::optional(value) : std::nullopt;
    case Form::detections:
      if (!detections || !value.as<Detections>().is_whole) return std::nullopt;
      return outlined(value);
    case Form::coded:
      if (!is_coded(value)) return std::nullopt;
      return coded(value);
    case Form::secret:
      return value.is_string() ? std::optional(Value(masked(value.string()))) : std::nullopt;
    case Form::moment:
      return value.get_if<Timestamp>() ? std::optional(value) : std::nullopt;
    case Form::any:
      return detections ? outlined(value) : value;
    case Form::raw:
      break;
  }
  return std::nullopt;
}

std::string_view python_class(const Value& value) {
  if (value.get_if<Detections>()) return "supervision.detection.core.Detections";
  if (value.get_if<Frame>()) {
    return "inference.core.workflows.execution_engine.entities.base.WorkflowImageData";
  }
  if (value.get_if<Array>()) return "numpy.ndarray";
  if (value.get_if<Array>()) return "numpy.ndarray";
  return python_type(value);
}

}  // namespace

Outcome<Value> as_output(Value value, const Kinds& kinds, const std::string& name) {
  if (value.is_null()) return value;
  bool any_raw = kinds.empty();
  for (const std::string_view kind : kinds) {
    const Form form = form_of(kind);
    any_raw = any_raw || form == Form::raw;
    if (form == Form::raw) continue;
    if (auto formed = in_form(value, form)) return *std::move(formed);
  }
  if (any_raw) return value;
  return std::unexpected(problem_of(
      "ExecutionEngineRuntimeError",
      fmt::format("Requested Workflow output serialization, but for output `{}` which evaluates "
                  "into Python type: <class '{}'> cannot successfully apply any of registered "
                  "serializers.",
                  name, python_class(value)),
      "workflow_execution | output_construction"));
}

Outcome<void> write_outputs(const RunReport& report, ComputePool* pool, std::string& out) {
  Survey survey;
  for (const Dict& element : report.outputs) {
    for (const auto& [name, value] : element) survey.add(value);
  }
  if (auto done = encode(survey, pool, out); !done) return done;
  out += '[';
  for (const Dict& element : report.outputs) {
    if (&element != report.outputs.data()) out += ", ";
    Members members(out);
    for (const auto& [name, value] : element) json::write(value, members.at(name), write_box);
    members.end();
  }
  out += ']';
  return {};
}

Outcome<void> write_value(const Value& value, std::string& out) {
  Survey survey;
  survey.add(value);
  if (auto done = encode(survey, nullptr, out); !done) return done;
  json::write(value, out, write_box);
  return {};
}

}  // namespace vedette::workflow
