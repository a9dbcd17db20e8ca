#pragma once
/// Values on their way to a worker and back; python/vedette_worker/values.py says how each is put.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "blocks/python/marshal.hpp"
#include "workflow/block.hpp"

namespace vedette::blocks::python {

/// Writes the arguments of one call. Pictures are only numbered: the worker fetches what it reads.
class ArgumentWriter {
 public:
  explicit ArgumentWriter(MarshalWriter& out) : out_(out) {}

  void put(const Value& value);
  /// One argument for a whole batch: its items are put next.
  void begin_batch(std::span<const std::vector<std::size_t>> indices);

  /// By number: frames.
  [[nodiscard]] const std::vector<Value>& pictures() const { return pictures_; }

 private:
  void put_nested(const Value& value);
  void put_box(const Value& box);
  void put_frame(const Value& box, const vision::Frame& frame);
  void put_detections(const vision::Detections& found);
  void put_origin(const vision::OriginPtr& origin);
  void put_video(const vision::VideoMetadata& video);

  MarshalWriter& out_;
  std::vector<Value> pictures_;
};

/// Makes values of what a worker answered.
class AnswerReader {
 public:
  /// memory    of the frame
  /// pictures  those of the call's ArgumentWriter
  AnswerReader(std::string_view memory, std::span<const Value> pictures)
      : memory_(memory), pictures_(pictures) {}

  /// fails  bad_input: not what a worker of ours sends, or a picture that cannot be read
  [[nodiscard]] Result<Value> read(const Value& answered);

 private:
  Value make(const Value& answered);
  Value make_tuple(const List& items);
  Value make_frame(const List& items);
  vision::ImagePtr make_image(const Value& pixels);
  Value make_detections(const List& items);
  void add_origins(const List& items, vision::Detections& found);
  void add_masks(const Value& mask, vision::Detections& found);
  void add_keypoints(const Value& keypoints, vision::Detections& found);
  Value make_array(const List& items);
  vision::OriginPtr origin(const Value& fields);
  vision::VideoMetadata video(const Value& fields);

  // What is expected of a value; anything else is_sound_ remembers, and a default stands in.
  std::int64_t integer(const Value& value);
  std::string text(const Value& value);
  const List& tuple(const Value& value, std::size_t items);
  const List& list(const Value& value);
  std::string_view blob(const Value& value);
  template <class T>
  std::vector<T> column(const Value& value, std::size_t rows);
  void refuse(std::string_view what);

  std::string_view memory_;
  std::span<const Value> pictures_;
  std::string flaw_;  // empty: none so far
};

}  // namespace vedette::blocks::python
