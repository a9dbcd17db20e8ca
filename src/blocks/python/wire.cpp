#include "blocks/python/wire.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <ranges>

#include "base/id.hpp"
#include "workflow/values.hpp"

namespace vedette::blocks::python {
namespace {

using vision::Detection, vision::Detections, vision::Frame, vision::Keypoint, vision::Origin,
    vision::OriginPtr, vision::Provenance, vision::VideoMetadata;

bool holds_boxes(const Value& value) {
  switch (value.type()) {
    case Value::Type::box:
      return true;
    case Value::Type::list:
      return std::ranges::any_of(value.list(), holds_boxes);
    case Value::Type::dict:
      return std::ranges::any_of(value.dict(),
                                 [](const auto& item) { return holds_boxes(item.second); });
    default:
      return false;
  }
}

template <class T>
std::string_view as_bytes(const std::vector<T>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(T)};
}

/// The names of all rows' further keys, in the order in which they come.
std::vector<std::string_view> keys_of(const Detections& found, Dict Detection::* keys) {
  std::vector<std::string_view> names;
  for (const Detection& row : found.rows) {
    for (const auto& [name, value] : row.*keys) {
      if (std::ranges::find(names, name) == names.end()) names.emplace_back(name);
    }
  }
  return names;
}

}  // namespace

void ArgumentWriter::put(const Value& value) {
  const bool is_container = value.is_list() || value.is_dict();
  if (is_container && holds_boxes(value)) {
    out_.tuple(2);
    out_.text("n");
  }
  put_nested(value);
}

void ArgumentWriter::begin_batch(std::span<const std::vector<std::size_t>> indices) {
  out_.tuple(3);
  out_.text("B");
  out_.list(indices.size());
  for (const auto& index : indices) {
    out_.tuple(index.size());
    for (const std::size_t at : index) out_.integer(static_cast<std::int64_t>(at));
  }
  out_.list(indices.size());
}

void ArgumentWriter::put_nested(const Value& value) {
  switch (value.type()) {
    case Value::Type::null:
      return out_.none();
    case Value::Type::boolean:
      return out_.boolean(value.boolean());
    case Value::Type::integer:
      return out_.integer(value.integer());
    case Value::Type::real:
      return out_.real(value.number());
    case Value::Type::string:
      return out_.text(value.string());
    case Value::Type::list:
      out_.list(value.list().size());
      for (const Value& item : value.list()) put_nested(item);
      return;
    case Value::Type::dict:
      out_.begin_dict();
      for (const auto& [name, item] : value.dict()) {
        out_.text(name);
        put_nested(item);
      }
      return out_.end_dict();
    case Value::Type::box:
      return put_box(value);
  }
}

void ArgumentWriter::put_box(const Value& box) {
  if (const auto* frame = box.get_if<Frame>()) return put_frame(box, *frame);
  if (const auto* found = box.get_if<Detections>()) return put_detections(*found);
  if (const auto* classified = box.get_if<vision::Classification>()) {
    return put(classified->fields);
  }
  if (const auto* elements = box.get_if<workflow::Elements>()) {
    begin_batch(elements->indices);
    for (const Value& value : elements->values) put(value);
  } else if (const auto* video = box.get_if<VideoMetadata>()) {
    out_.tuple(2);
    out_.text("v");
    put_video(*video);
  } else if (const auto* bytes = box.get_if<workflow::ByteString>()) {
    out_.tuple(2);
    out_.text("b");
    out_.bytes(bytes->data);
  } else if (const auto* time = box.get_if<workflow::Timestamp>()) {
    out_.tuple(2);
    out_.text("t");
    out_.text(time->iso);
  } else if (const auto* array = box.get_if<workflow::Array>()) {
    out_.tuple(4);
    out_.text("a");
    out_.text(array->dtype);
    out_.list(array->shape.size());
    for (const std::size_t side : array->shape) out_.integer(static_cast<std::int64_t>(side));
    out_.bytes(array->data);
  } else {
    out_.none();
  }
}

void ArgumentWriter::put_frame(const Value& box, const Frame& frame) {
  out_.tuple(5);
  out_.text("i");
  out_.integer(static_cast<std::int64_t>(pictures_.size()));
  put_origin(frame.parent);
  const bool is_root = !frame.root || (frame.parent && *frame.root == *frame.parent);
  if (is_root) {
    out_.none();
  } else {
    put_origin(frame.root);
  }
  if (frame.video) {
    put_video(*frame.video);
  } else {
    out_.none();
  }
  pictures_.push_back(box);
}

void ArgumentWriter::put_origin(const OriginPtr& origin) {
  if (!origin) return out_.none();
  out_.tuple(5);
  out_.text(origin->id);
  for (const int each : {origin->x, origin->y, origin->width, origin->height}) out_.integer(each);
}

void ArgumentWriter::put_video(const VideoMetadata& video) {
  const auto put_real = [this](const std::optional<double>& number) {
    return number ? out_.real(*number) : out_.none();
  };
  out_.tuple(6);
  out_.text(video.video_identifier);
  out_.integer(video.frame_number);
  out_.text(video.frame_timestamp);
  put_real(video.fps);
  put_real(video.measured_fps);
  if (video.comes_from_video_file) {
    out_.boolean(*video.comes_from_video_file);
  } else {
    out_.none();
  }
}

namespace {

/// The columns of detections, one after another, as ("d", …) has them.
class DetectionsWriter {
 public:
  DetectionsWriter(MarshalWriter& out, const Detections& found) : out_(out), found_(found) {}

  template <class T, class Of>
  void numbers(Of of) {
    std::vector<T> column;
    for (const Detection& row : found_.rows) of(row, column);
    out_.bytes(as_bytes(column));
  }

  void texts(std::string Detection::* member) {
    out_.list(found_.rows.size());
    for (const Detection& row : found_.rows) out_.text(row.*member);
  }

  void trackers() {
    const auto has = [](const Detection& row) { return row.tracker_id.has_value(); };
    if (found_.rows.empty() || !std::ranges::all_of(found_.rows, has)) return out_.none();
    numbers<std::int64_t>(
        [](const Detection& row, auto& column) { column.push_back(row.tracker_id.value_or(0)); });
  }

  void masks() {
    const auto has = [](const Detection& row) { return row.mask != nullptr; };
    const auto first = std::ranges::find_if(found_.rows, has);
    if (first == found_.rows.end()) return out_.none();
    const cv::Size size = first->mask->size();
    std::string pixels;
    for (const Detection& row : found_.rows) {
      const bool fits = row.mask && row.mask->size() == size && row.mask->isContinuous();
      const cv::Mat empty = fits ? cv::Mat() : cv::Mat::zeros(size, CV_8UC1);
      const cv::Mat& mask = fits ? *row.mask : empty;
      pixels.append(reinterpret_cast<const char*>(mask.data), mask.total());
    }
    out_.tuple(3);
    out_.integer(size.height);
    out_.integer(size.width);
    out_.bytes(pixels);
  }

  void further(Dict Detection::* keys, ArgumentWriter& values) {
    out_.begin_dict();
    for (const std::string_view name : keys_of(found_, keys)) {
      out_.text(name);
      List column;
      for (const Detection& row : found_.rows) column.push_back((row.*keys)[name]);
      values.put(column);
    }
    out_.end_dict();
  }

  void keypoints() {
    const auto has = [](const Detection& row) { return row.keypoints != nullptr; };
    if (!std::ranges::any_of(found_.rows, has)) return out_.none();
    out_.list(found_.rows.size());
    for (const Detection& row : found_.rows) {
      out_.list(row.keypoints ? row.keypoints->size() : 0);
      if (!row.keypoints) continue;
      for (const Keypoint& point : *row.keypoints) {
        out_.tuple(5);
        out_.integer(point.class_id);
        out_.text(point.class_name);
        for (const double each : {point.confidence, point.at.x, point.at.y}) out_.real(each);
      }
    }
  }

 private:
  MarshalWriter& out_;
  const Detections& found_;
};

}  // namespace

void ArgumentWriter::put_detections(const Detections& found) {
  DetectionsWriter columns(out_, found);
  out_.tuple(14);
  out_.text("d");
  out_.integer(static_cast<std::int64_t>(found.rows.size()));
  columns.numbers<double>([](const Detection& row, auto& column) {
    column.insert(column.end(), {row.box.left, row.box.top, row.box.right, row.box.bottom});
  });
  columns.numbers<double>(
      [](const Detection& row, auto& column) { column.push_back(row.confidence); });
  columns.numbers<std::int64_t>(
      [](const Detection& row, auto& column) { column.push_back(row.class_id); });
  columns.texts(&Detection::class_name);
  columns.texts(&Detection::id);
  columns.trackers();
  columns.masks();

  std::vector<const Provenance*> places;  // each once
  std::vector<std::int64_t> place_of;
  for (const Detection& row : found.rows) {
    const auto at = std::ranges::find(places, row.from.get());
    place_of.push_back(at - places.begin());
    if (at == places.end()) places.push_back(row.from.get());
  }
  out_.list(places.size());
  for (const Provenance* place : places) {
    const Provenance from = place == nullptr ? Provenance{} : *place;
    out_.tuple(4);
    out_.integer(from.width);
    out_.integer(from.height);
    put_origin(from.parent);
    put_origin(from.root);
  }
  if (places.size() > 1) {
    out_.list(place_of.size());
    for (const std::int64_t place : place_of) out_.integer(place);
  } else {
    out_.none();
  }
  columns.further(&Detection::extra, *this);
  columns.further(&Detection::kept, *this);
  columns.keypoints();
}

Result<Value> AnswerReader::read(const Value& answered) {
  Value value = make(answered);
  if (!flaw_.empty()) return fail(Errc::bad_input, flaw_);
  return value;
}

Value AnswerReader::make(const Value& answered) {
  if (const auto* made = answered.get_if<Tuple>()) return make_tuple(made->items);
  if (answered.is_list()) {
    List items;
    items.reserve(answered.list().size());
    for (const Value& item : answered.list()) items.push_back(make(item));
    return items;
  }
  if (answered.is_dict()) {
    Dict items;
    for (const auto& [name, item] : answered.dict()) items.append(name, make(item));
    return items;
  }
  return answered;
}

Value AnswerReader::make_tuple(const List& items) {
  const std::string_view kind =
      !items.empty() && items[0].is_string() ? items[0].string() : std::string_view();
  if (kind == "i" && items.size() == 5) return make_frame(items);
  if (kind == "d" && items.size() == 15) return make_detections(items);
  if (kind == "a" && items.size() == 4) return make_array(items);
  if (kind == "b" && items.size() == 2) {
    return Value::box(workflow::ByteString{std::string(blob(items[1]))});
  }
  if (kind == "t" && items.size() == 2) return Value::box(workflow::Timestamp{text(items[1])});
  if (kind == "v" && items.size() == 2) return Value::box(video(items[1]));
  refuse("a tuple of an unknown kind");
  return {};
}

Value AnswerReader::make_frame(const List& items) {
  OriginPtr parent = origin(items[2]);
  OriginPtr root = origin(items[3]);
  const Value* same = nullptr;
  if (items[1].is_integer()) {
    const auto number = static_cast<std::size_t>(integer(items[1]));
    if (number >= pictures_.size()) return refuse("a picture that was not sent"), Value();
    same = &pictures_[number];
  }
  vision::ImagePtr image = same ? same->as<Frame>().image : make_image(items[1]);
  if (!image) return {};
  // Without coordinates it is a picture of its own.
  for (OriginPtr* each : {&parent, &root}) {
    if (*each && (*each)->width <= 0) {
      *each = std::make_shared<const Origin>(
          Origin{(*each)->id, 0, 0, image->width(), image->height()});
    }
  }
  std::shared_ptr<const VideoMetadata> seen;
  if (!items[4].is_null()) seen = std::make_shared<const VideoMetadata>(video(items[4]));
  if (same) {
    const auto& was = same->as<Frame>();
    const bool same_video = (was.video == nullptr) == (seen == nullptr);
    if (was.parent && parent && *was.parent == *parent && same_video &&
        (!was.root || (root && *was.root == *root))) {
      return *same;
    }
  }
  return Value::box(Frame{std::move(image), std::move(parent), std::move(root), std::move(seen)});
}

vision::ImagePtr AnswerReader::make_image(const Value& pixels) {
  if (pixels.is_string()) {
    auto image = vision::Image::from_base64(Value(pixels.string()));
    if (!image) return refuse(image.error().what), nullptr;
    return *image;
  }
  const List& fields = tuple(pixels, 4);
  if (fields.empty()) return nullptr;
  const std::string_view data = blob(fields[3]);
  const std::int64_t height = integer(fields[0]);
  const std::int64_t width = integer(fields[1]);
  const std::int64_t channels = integer(fields[2]);
  constexpr std::int64_t longest = 1 << 20;
  const bool fits = height > 0 && width > 0 && height < longest && width < longest &&
                    (channels == 1 || channels == 3) &&
                    static_cast<std::size_t>(height * width * channels) == data.size();
  if (!fits) return refuse("pixels that are no picture"), nullptr;
  cv::Mat mat(static_cast<int>(height), static_cast<int>(width), channels == 3 ? CV_8UC3 : CV_8UC1);
  std::memcpy(mat.data, data.data(), data.size());
  return vision::Image::from_pixels(std::move(mat));
}

Value AnswerReader::make_detections(const List& items) {
  Detections found;
  const auto rows = static_cast<std::size_t>(integer(items[1]));
  const auto boxes = column<double>(items[2], rows * 4);
  const auto confidences = column<double>(items[3], rows);
  const auto classes = column<std::int64_t>(items[4], rows);
  const List& names = list(items[5]);
  const List& ids = list(items[6]);
  const bool tracked = !items[7].is_null();
  const auto trackers = tracked ? column<std::int64_t>(items[7], rows) : classes;
  if (names.size() != rows || ids.size() != rows) refuse("columns of several lengths");
  if (!flaw_.empty()) return {};
  for (std::size_t i = 0; i < rows; ++i) {
    Detection row{.box = {boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3]},
                  .confidence = confidences[i],
                  .class_id = classes[i],
                  .class_name = text(names[i]),
                  .id = text(ids[i])};
    if (tracked) row.tracker_id = trackers[i];
    found.rows.push_back(std::move(row));
  }
  add_masks(items[8], found);
  add_origins(items, found);
  const std::array further{std::pair{&items[11], &Detection::extra},
                           std::pair{&items[12], &Detection::kept}};
  for (const auto& [columns, keys] : further) {
    if (!columns->is_dict()) return refuse("columns without names"), Value();
    for (const auto& [name, values] : columns->dict()) {
      if (list(values).size() != rows) return refuse("columns of several lengths"), Value();
      for (std::size_t i = 0; i < rows; ++i) {
        (found.rows[i].*keys).append(name, make(values.list()[i]));
      }
    }
  }
  add_keypoints(items[13], found);
  found.is_whole = items[14].is_bool() && items[14].boolean();
  return Value::box(std::move(found));
}

void AnswerReader::add_masks(const Value& mask, Detections& found) {
  if (mask.is_null()) return;
  const List& fields = tuple(mask, 3);
  if (fields.empty()) return;
  const auto height = static_cast<std::size_t>(integer(fields[0]));
  const auto width = static_cast<std::size_t>(integer(fields[1]));
  const std::string_view pixels = blob(fields[2]);
  const std::size_t rows = found.rows.size();
  constexpr std::size_t longest = 1u << 20;
  if (height == 0 || width == 0 || height > longest || width > longest ||
      pixels.size() != rows * height * width) {
    return refuse("masks that are no pictures");
  }
  found.has_masks = true;
  for (std::size_t i = 0; i < rows; ++i) {
    cv::Mat one(static_cast<int>(height), static_cast<int>(width), CV_8UC1);
    std::ranges::transform(pixels.substr(i * height * width, height * width), one.data,
                           [](char pixel) { return static_cast<std::uint8_t>(pixel != 0); });
    found.rows[i].mask = std::make_shared<const cv::Mat>(std::move(one));
  }
}

void AnswerReader::add_origins(const List& items, Detections& found) {
  std::vector<std::shared_ptr<const Provenance>> places;
  for (const Value& each : list(items[9])) {
    const List& fields = tuple(each, 4);
    if (fields.empty()) return;
    places.push_back(std::make_shared<const Provenance>(
        Provenance{static_cast<int>(integer(fields[0])), static_cast<int>(integer(fields[1])),
                   origin(fields[2]), origin(fields[3])}));
  }
  const List* place_of = items[10].is_null() ? nullptr : &list(items[10]);
  for (std::size_t i = 0; i < found.rows.size() && !places.empty(); ++i) {
    const bool listed = place_of != nullptr && i < place_of->size();
    const auto place = listed ? static_cast<std::size_t>(integer((*place_of)[i])) : 0;
    if (place >= places.size()) return refuse("a place that is not there");
    found.rows[i].from = places[place];
  }
}

void AnswerReader::add_keypoints(const Value& keypoints, Detections& found) {
  if (keypoints.is_null()) return;
  const List& rows = list(keypoints);
  if (rows.size() != found.rows.size()) return refuse("columns of several lengths");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto points = std::make_shared<std::vector<Keypoint>>();
    for (const Value& each : list(rows[i])) {
      const List& fields = tuple(each, 5);
      if (fields.empty()) return;
      const auto real = [&](std::size_t at) {
        return fields[at].is_number() ? fields[at].number() : 0;
      };
      points->push_back({integer(fields[0]), text(fields[1]), real(2), {real(3), real(4)}});
    }
    found.rows[i].keypoints = std::move(points);
  }
}

Value AnswerReader::make_array(const List& items) {
  workflow::Array array{.dtype = text(items[1]), .shape = {}, .data = std::string(blob(items[3]))};
  const bool known = array.dtype.size() == 3 && std::strchr("<|", array.dtype[0]) != nullptr &&
                     std::strchr("biuf", array.dtype[1]) != nullptr &&
                     std::strchr("1248", array.dtype[2]) != nullptr;
  if (!known) return refuse("an array of an unknown type"), Value();
  auto bytes = static_cast<std::size_t>(array.dtype[2] - '0');
  for (const Value& side : list(items[2])) {
    array.shape.push_back(static_cast<std::size_t>(integer(side)));
    if (array.shape.back() > array.data.size()) bytes = array.data.size() + 1;
    bytes *= array.shape.back();
    if (bytes > array.data.size()) break;
  }
  if (bytes != array.data.size()) return refuse("an array of another size"), Value();
  return Value::box(std::move(array));
}

OriginPtr AnswerReader::origin(const Value& fields) {
  if (fields.is_null()) return nullptr;
  const List& items = tuple(fields, 5);
  if (items.empty()) return nullptr;
  const auto pixels = [&](std::size_t at) { return static_cast<int>(integer(items[at])); };
  return std::make_shared<const Origin>(
      Origin{text(items[0]), pixels(1), pixels(2), pixels(3), pixels(4)});
}

VideoMetadata AnswerReader::video(const Value& fields) {
  const List& items = tuple(fields, 6);
  if (items.empty()) return {};
  VideoMetadata made{.video_identifier = text(items[0]),
                     .frame_number = integer(items[1]),
                     .frame_timestamp = text(items[2])};
  if (items[3].is_number()) made.fps = items[3].number();
  if (items[4].is_number()) made.measured_fps = items[4].number();
  if (items[5].is_bool()) made.comes_from_video_file = items[5].boolean();
  return made;
}

void AnswerReader::refuse(std::string_view what) {
  if (flaw_.empty()) flaw_ = what;
}

std::int64_t AnswerReader::integer(const Value& value) {
  if (value.is_integer()) return value.integer();
  refuse("no integer where one belongs");
  return 0;
}

std::string AnswerReader::text(const Value& value) {
  if (value.is_string()) return std::string(value.string());
  refuse("no text where one belongs");
  return {};
}

const List& AnswerReader::tuple(const Value& value, std::size_t items) {
  static const List none;
  const auto* found = value.get_if<Tuple>();
  if (found && found->items.size() == items) return found->items;
  refuse("no tuple where one belongs");
  return none;
}

const List& AnswerReader::list(const Value& value) {
  static const List none;
  if (value.is_list()) return value.list();
  refuse("no list where one belongs");
  return none;
}

std::string_view AnswerReader::blob(const Value& value) {
  if (const auto* bytes = value.get_if<Blob>()) return bytes->data;
  const List& fields = tuple(value, 3);
  if (fields.empty()) return {};
  const auto offset = static_cast<std::size_t>(integer(fields[1]));
  const auto size = static_cast<std::size_t>(integer(fields[2]));
  if (offset > memory_.size() || size > memory_.size() - offset) {
    refuse("a piece of memory that did not come along");
    return {};
  }
  return memory_.substr(offset, size);
}

template <class T>
std::vector<T> AnswerReader::column(const Value& value, std::size_t rows) {
  const std::string_view bytes = blob(value);
  if (rows > bytes.size() || bytes.size() != rows * sizeof(T)) {
    refuse("columns of several lengths");
    return {};
  }
  std::vector<T> numbers(rows);
  if (rows > 0) std::memcpy(numbers.data(), bytes.data(), bytes.size());
  return numbers;
}

}  // namespace vedette::blocks::python
