/// /api/v1/people and /api/v1/recognize.
#include <algorithm>
#include <fmt/format.h>

#include "api/form.hpp"
#include "api/guard.hpp"
#include "api/native.hpp"
#include "api/surface.hpp"
#include "base/json.hpp"
#include "vision/image.hpp"

namespace vedette::api {
namespace {

using gallery::Person, gallery::PersonChange, gallery::Photo;

constexpr std::size_t matches_shown = 5;

Value time_or_null(const std::optional<Clock::time_point>& time) {
  return time ? Value(rfc3339(*time)) : Value();
}

Dict photo_json(const Photo& photo) {
  Dict json{{"id", photo.id.empty() ? Value() : Value(photo.id)},
            {"verdict", gallery::verdict_name(photo.verdict)},
            {"quality", photo.quality},
            {"model", photo.model}};
  if (!photo.like.empty()) {
    json.set("looks_like", Dict{{"name", photo.like}, {"similarity", photo.like_score}});
  }
  return json;
}

/// Of a photo that was sent just now: also whether it was there already.
Dict judged_json(const Photo& photo) {
  Dict json = photo_json(photo);
  json.set("known", photo.known);
  json.set("sha256", photo.sha256);
  return json;
}

Dict person_json(const Person& person) {
  List photos;
  for (const Photo& photo : person.photos) photos.emplace_back(photo_json(photo));
  return {{"id", person.id},
          {"name", person.name},
          {"external_id", person.external_id ? Value(*person.external_id) : Value()},
          {"valid_from", time_or_null(person.valid_from)},
          {"valid_to", time_or_null(person.valid_to)},
          {"attributes", person.attributes},
          {"photos", std::move(photos)},
          {"created", rfc3339(person.created)},
          {"updated", rfc3339(person.updated)}};
}

Result<std::optional<Clock::time_point>> read_time(const Value& value, std::string_view name) {
  if (value.is_null()) return std::nullopt;
  if (!value.is_string())
    return fail(Errc::bad_input, std::string(name) + " must be a time or null");
  const auto time = read_rfc3339(value.string());
  if (!time) return fail(Error(time.error()).within(name));
  return *time;
}

/// A change as JSON says it: only what is there changes.
Result<PersonChange> read_change(const Dict& body) {
  PersonChange change;
  for (const auto& [key, value] : body) {
    if (key == "name") {
      if (!value.is_string() || value.string().empty()) {
        return fail(Errc::bad_input, "name must be a text that is not empty");
      }
      change.name = std::string(value.string());
    } else if (key == "external_id") {
      if (!value.is_null() && !value.is_string()) {
        return fail(Errc::bad_input, "external_id must be a text or null");
      }
      change.external_id =
          value.is_null() ? std::nullopt : std::optional(std::string(value.string()));
    } else if (key == "valid_from" || key == "valid_to") {
      const auto time = read_time(value, key);
      if (!time) return fail(time.error());
      (key == "valid_from" ? change.valid_from : change.valid_to) = *time;
    } else if (key == "attributes") {
      if (!value.is_dict()) return fail(Errc::bad_input, "attributes must be an object");
      change.attributes = value.dict();
    } else {
      return fail(Errc::bad_input, fmt::format("'{}' cannot be set; name, external_id, valid_from, "
                                               "valid_to and attributes can",
                                               key));
    }
  }
  return change;
}

/// The fields of a form as the JSON that read_change() reads.
Result<Dict> change_of(const Form& form) {
  Dict body;
  for (const auto& [name, text] : form.texts) {
    if (name == "force" || name == "dry_run" || name == "api_key") continue;
    if (name == "attributes") {
      const auto value = json::read(text, json::strict);
      if (!value) return fail(Error(value.error()).within("attributes"));
      body.set(name, *value);
    } else {
      body.set(name, text.empty() && name != "name" ? Value() : Value(text));
    }
  }
  return body;
}

struct Judged {
  List photos;
  bool any_kept = false;
};

Result<Judged> take_photos(House& house, const std::string& person, const Form& form) {
  Judged judged;
  for (const FormFile& file : form.files) {
    const auto photo = form.is_true("dry_run")
                           ? house.gallery->judge_photo(person, file.bytes)
                           : house.gallery->add_photo(person, file.bytes, form.is_true("force"));
    if (!photo) {
      return fail(Error(photo.error()).within(file.name.empty() ? "file" : file.name));
    }
    judged.any_kept = judged.any_kept || !photo->id.empty();
    judged.photos.emplace_back(judged_json(*photo));
  }
  return judged;
}

Answer create(House& house, const Call& call) {
  const auto form = read_form(call);
  if (!form) return problem(call, form.error());
  const auto body = change_of(*form);
  if (!body) return problem(call, body.error());
  const auto set = read_change(*body);
  if (!set) return problem(call, set.error());
  const std::optional<std::string>& name = set->name;
  if (!name) return problem(call, 400, "the form lacks `name`");

  Person wanted;
  wanted.name = *name;
  wanted.external_id = set->external_id.value_or(std::nullopt);
  wanted.valid_from = set->valid_from.value_or(std::nullopt);
  wanted.valid_to = set->valid_to.value_or(std::nullopt);
  wanted.attributes = set->attributes.value_or(Dict());
  const auto person = house.gallery->add_person(std::move(wanted));
  if (!person) return problem(call, person.error());
  const auto judged = take_photos(house, person->id, *form);
  if (!judged) {
    (void)house.gallery->erase_person(person->id);  // half a person would be no answer
    return problem(call, judged.error());
  }
  const auto whole = house.gallery->person(person->id);
  if (!whole) return problem(call, whole.error());
  Dict json = person_json(*whole);
  json.set("photos", judged->photos);
  Answer answer = json_answer(json, 201);
  answer.headers.push_back({"Location", "/api/v1/people/" + person->id});
  return answer;
}

Answer list(House& house, const Call& call) {
  const auto limit = limit_of(call);
  if (!limit) return limit.error();
  auto people = house.gallery->people({.name_contains = call.query("q").value_or(""),
                                       .group = call.query("group").value_or(""),
                                       .after = call.query("after").value_or(""),
                                       .limit = *limit + 1});
  if (!people) return problem(call, people.error());
  const bool more = people->size() > *limit;
  if (more) people->pop_back();
  List items;
  for (const Person& person : *people) items.emplace_back(person_json(person));
  return list_answer(std::move(items), more ? people->back().id : "");
}

Answer get(House& house, const Call& call) {
  const auto person = house.gallery->person(call.captured[0]);
  return person ? json_answer(person_json(*person)) : problem(call, person.error());
}

Answer change(House& house, const Call& call) {
  const auto body = body_object(house, call);
  if (!body) return body.error();
  const auto set = read_change(*body);
  if (!set) return problem(call, set.error());
  const auto person = house.gallery->change_person(call.captured[0], *set);
  return person ? json_answer(person_json(*person)) : problem(call, person.error());
}

Answer erase(House& house, const Call& call) {
  const auto done = house.gallery->erase_person(call.captured[0]);
  return done ? Answer{.status = 204, .type = {}} : problem(call, done.error());
}

Answer add_photos(House& house, const Call& call) {
  const auto form = read_form(call);
  if (!form) return problem(call, form.error());
  if (form->files.empty()) return problem(call, 400, "the form has no part `file`");
  const auto judged = take_photos(house, call.captured[0], *form);
  if (!judged) return problem(call, judged.error());
  return json_answer(judged->photos, judged->any_kept ? 201 : 200);
}

/// What enrolling these files would say, for nobody yet known.
Answer judge(House& house, const Call& call) {
  const auto form = read_form(call);
  if (!form) return problem(call, form.error());
  List photos;
  for (const FormFile& file : form->files) {
    const auto photo = house.gallery->judge_photo("", file.bytes);
    if (!photo) return problem(call, photo.error());
    photos.emplace_back(judged_json(*photo));
  }
  return json_answer(photos);
}

std::string_view media_type_of(const vision::Bytes& bytes) {
  const auto header = vision::read_header(bytes, {});
  switch (header ? header->format : vision::Format::none) {
    case vision::Format::jpeg:
      return "image/jpeg";
    case vision::Format::png:
      return "image/png";
    case vision::Format::bmp:
      return "image/bmp";
    case vision::Format::webp:
      return "image/webp";
    case vision::Format::tiff:
      return "image/tiff";
    case vision::Format::gif:
      return "image/gif";
    case vision::Format::none:
      break;
  }
  return "application/octet-stream";
}

Answer photo(House& house, const Call& call) {
  auto bytes = house.gallery->photo_bytes(call.captured[0], call.captured[1]);
  if (!bytes) return problem(call, bytes.error());
  Answer answer{.type = std::string(media_type_of(*bytes))};
  answer.bytes = std::make_shared<const vision::Bytes>(std::move(*bytes));
  return answer;
}

Answer remove_photo(House& house, const Call& call) {
  const auto done = house.gallery->remove_photo(call.captured[0], call.captured[1]);
  return done ? Answer{.status = 204, .type = {}} : problem(call, done.error());
}

/// The picture of a /recognize request: a form's `file`, or JSON with `image`.
Result<vision::ImagePtr> picture_of(const House& house, const Call& call) {
  if (media_type(call.header("content-type")) == "multipart/form-data") {
    const auto form = read_form(call);
    if (!form) return fail(form.error());
    if (form->files.size() != 1) {
      return fail(Errc::bad_input, "the form must have one part called file");
    }
    return vision::Image::from_encoded(form->files[0].bytes, house.images);
  }
  const auto body = json::read(call.body, json::Rules{.depth = house.json_depth});
  if (!body) return fail(body.error());
  Value image = body->is_dict() ? body->dict()["image"] : Value();
  if (image.is_dict()) image = image.dict()["value"];
  if (!image.is_string()) {
    return fail(Errc::bad_input, "image must be a picture in base64");
  }
  return vision::Image::from_base64(image, house.images);
}

Value match_json(const gallery::Match& match) {
  return Dict{{"person_id", match.person},
              {"name", match.name},
              {"similarity", match.similarity},
              {"distance", match.distance},
              {"valid", match.valid}};
}

Result<Value> recognized(const House& house, const cv::Mat& pixels, const vision::Face& face) {
  const auto embedding = house.models->embed(pixels, face);
  if (!embedding) return fail(embedding.error());
  const auto found = house.gallery->search(*embedding, matches_shown);
  List matches;
  for (const gallery::Match& match : found) matches.push_back(match_json(match));
  List marks;
  for (const vision::Point mark : face.marks) marks.emplace_back(List{mark.x, mark.y});
  const bool known =
      !found.empty() && found[0].valid && found[0].similarity >= house.similarity_threshold;
  return Dict{
      {"box", Dict{{"left", face.box.left},
                   {"top", face.box.top},
                   {"right", face.box.right},
                   {"bottom", face.box.bottom}}},
      {"detection_confidence", face.confidence},
      {"landmarks", std::move(marks)},
      {"person", known ? Value(Dict{{"id", found[0].person}, {"name", found[0].name}}) : Value()},
      {"similarity", found.empty() ? 0.0 : found[0].similarity},
      {"distance", found.empty() ? Value() : Value(found[0].distance)},
      {"matches", std::move(matches)}};
}

Answer recognize(House& house, const Call& call) {
  const auto picture = picture_of(house, call);
  if (!picture) return problem(call, picture.error());
  const auto pixels = (*picture)->pixels();
  if (!pixels) return problem(call, pixels.error());
  const auto faces = house.models->detect(*pixels);
  if (!faces) return problem(call, faces.error());

  std::vector<Result<Value>> told(faces->size(), Value());
  std::vector<std::function<void()>> work;
  for (std::size_t i = 0; i < faces->size(); ++i) {
    work.emplace_back([&, i] { told[i] = recognized(house, *pixels, (*faces)[i]); });
  }
  house.compute->run_all(work);
  List all;
  for (Result<Value>& one : told) {
    if (!one) return problem(call, one.error());
    all.push_back(std::move(*one));
  }
  return json_answer(Dict{{"faces", std::move(all)}});
}

}  // namespace

void add_people_routes(Table& table, House& house) {
  const auto add = [&](std::string_view method, std::string_view path, std::string_view about,
                       auto handler, Route more = {}) {
    more.method = method;
    more.path = path;
    more.about = about;
    more.handle = answers([&house, handler](const Call& call) { return handler(house, call); });
    table.add(std::move(more));
  };
  const std::vector<std::string_view> forms{"multipart/form-data"};
  const std::vector<std::string_view> json_only{"application/json"};
  add("POST", "/api/v1/people", "Enrol a person", create,
      {.takes = forms,
       .fields = {{"name", "string", "Name", true},
                  {"external_id", "string", "Id in another system"},
                  {"valid_from", "string", "RFC 3339"},
                  {"valid_to", "string", "RFC 3339"},
                  {"attributes", "string", "JSON object"},
                  {"force", "string", "true keeps every photo with a face"},
                  {"file", "file", "Photo; may stand several times"}},
       .success = 201});
  add("GET", "/api/v1/people", "People; ?q= part of the name, ?group=", list);
  add("POST", "/api/v1/people/judge", "What enrolling photos would say; keeps nothing", judge,
      {.takes = forms, .fields = {{"file", "file", "Photo; may stand several times"}}});
  add("GET", "/api/v1/people/{id}", "One person", get);
  add("PATCH", "/api/v1/people/{id}", "Change a person", change,
      {.takes = json_only,
       .fields = {{"name", "string", "Name"},
                  {"external_id", "any", "Id in another system, or null"},
                  {"valid_from", "any", "RFC 3339, or null"},
                  {"valid_to", "any", "RFC 3339, or null"},
                  {"attributes", "object", "Replaces all of them"}}});
  add("DELETE", "/api/v1/people/{id}", "Erase a person: nothing is left", erase, {.success = 204});
  add("POST", "/api/v1/people/{id}/photos", "Add photos; a verdict for each", add_photos,
      {.takes = forms,
       .fields = {{"force", "string", "true keeps every photo with a face"},
                  {"dry_run", "string", "true keeps nothing"},
                  {"file", "file", "Photo; may stand several times", true}},
       .success = 201});
  add("GET", "/api/v1/people/{id}/photos/{photo}", "A photo as it came", photo,
      {.gives = "image/jpeg"});
  add("DELETE", "/api/v1/people/{id}/photos/{photo}", "Remove a photo", remove_photo,
      {.success = 204});
  add("POST", "/api/v1/recognize", "Who is in a picture", recognize,
      {.takes = {"multipart/form-data", "application/json"},
       .fields = {{"file", "file", "The picture, in a form"},
                  {"image", "string", "The picture in base64, in JSON"}}});
}

}  // namespace vedette::api
