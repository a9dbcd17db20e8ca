#pragma once
/// Who is known: people, their photos, and the search for the face that looks most alike.
///
/// Rows live in SQLite in the data folder, embeddings also in memory. All of it takes additions
/// and removals while it serves. Shapes and verdicts follow the native API's contract.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "vision/faces.hpp"

namespace vedette::gallery {

struct GalleryLimits {
  std::size_t people = 1'000'000;
  std::size_t photos_each = 100;
  std::size_t photo_bytes = 16u << 20;
  std::size_t text_bytes = 200;             ///< of a name or an external id
  std::size_t attribute_bytes = 16u << 10;  ///< of all attributes, as JSON
  double eyes_apart = 24;                   ///< px; under it a photo is `small`
  double second_face = 0.5;  ///< part of the first one's side over which a photo is of `several`
  /// Under it a photo is `blurred`; see sharpness(). Measured on 60 faces of public photos: as
  /// they are 0.035 to 1.1; blurred by a tenth of the distance between the eyes, which leaves a
  /// face at most as like itself as siblings are, 0.0016 to 0.0115.
  double sharpness = 0.012;
  double looks_like = 0.6;  ///< similarity to another person from which it is reported
};

enum class Verdict : std::uint8_t { ok, no_face, several, small, blurred, looks_like };
[[nodiscard]] std::string_view verdict_name(Verdict verdict);  ///< "ok", "no_face", …
/// Is a photo of that verdict kept without force?
[[nodiscard]] bool is_kept(Verdict verdict);

struct Photo {
  std::string id;  ///< ULID; empty where it was refused
  Verdict verdict = Verdict::ok;
  double quality = 0;     ///< 0 to 1: detector's confidence, size and sharpness together
  std::string model;      ///< that made its embedding
  std::string sha256;     ///< of the photo's bytes
  std::string like;       ///< looks_like: the other person's name …
  double like_score = 0;  ///< … and the similarity
  bool known = false;     ///< this very file was there already; nothing was added
};

struct Person {
  std::string id;           ///< ULID
  std::int64_t number = 0;  ///< counts from 1, never used again: the face block's class_id
  std::string name;
  std::optional<std::string> external_id;
  std::optional<Clock::time_point> valid_from, valid_to;
  Dict attributes;
  std::vector<Photo> photos;
  Clock::time_point created, updated;
};

struct Match {
  std::string person;  ///< id
  std::int64_t number = 0;
  std::string name;
  bool valid = true;  ///< within the person's validity now
  double distance = 0, similarity = 0;
};

/// What may change of a person; what is not set stays. To take an external id or a bound away, set
/// an empty one: `.external_id = std::optional<std::string>()`, since `{std::nullopt}` sets
/// nothing.
struct PersonChange {
  std::optional<std::string> name;
  std::optional<std::optional<std::string>> external_id;
  std::optional<std::optional<Clock::time_point>> valid_from, valid_to;
  std::optional<Dict> attributes;
};

struct PersonQuery {
  std::string name_contains;  ///< any case
  std::string group;          ///< attributes.group equals
  std::string after;          ///< id of the last one seen
  std::size_t limit = 50;
};

/// Any thread, all at once. Every deed is on disk when it returns.
class Gallery {
 public:
  virtual ~Gallery() = default;

  [[nodiscard]] virtual Result<Person> add_person(Person person) = 0;  ///< id, number are made
  [[nodiscard]] virtual Result<Person> person(std::string_view id) const = 0;
  [[nodiscard]] virtual Result<std::vector<Person>> people(const PersonQuery& query) const = 0;
  [[nodiscard]] virtual Result<Person> change_person(std::string_view id,
                                                     const PersonChange& change) = 0;
  /// Nothing is left. When this returns, neither a search nor a question finds the person, and
  /// their photos are gone; the tables, the journal and the backups are rewritten within seconds,
  /// by this process or, if it is killed, by the next that opens the store.
  [[nodiscard]] virtual Result<void> erase_person(std::string_view id) = 0;

  /// Finds the face, judges the photo, keeps it where the verdict (or force) allows.
  /// fails  not_found: no such person; bad_input: not a picture; too_large
  [[nodiscard]] virtual Result<Photo> add_photo(std::string_view person,
                                                vision::SharedBytes encoded, bool force) = 0;
  /// What add_photo() would say, with nothing kept. `person` may be empty.
  [[nodiscard]] virtual Result<Photo> judge_photo(std::string_view person,
                                                  vision::SharedBytes encoded) const = 0;
  [[nodiscard]] virtual Result<void> remove_photo(std::string_view person,
                                                  std::string_view photo) = 0;
  [[nodiscard]] virtual Result<vision::Bytes> photo_bytes(std::string_view person,
                                                          std::string_view photo) const = 0;

  /// The `most` people who look most alike, the best photo of each counting; best first.
  [[nodiscard]] virtual std::vector<Match> search(std::span<const float> embedding,
                                                  std::size_t most) const = 0;

  struct Size {
    std::size_t people = 0, photos = 0;
  };
  [[nodiscard]] virtual Size size() const = 0;
};

/// Opens or makes the store under `folder`; migrates an older one after a backup; embeds anew, in
/// the background, what another model embedded. Several processes may have it open: what one
/// writes, the others' searches know within seconds.
/// fails  io; bad_input: made by a newer program
[[nodiscard]] Result<std::unique_ptr<Gallery>> open_gallery(
    const std::string& folder, std::shared_ptr<const vision::FaceModels> models,
    const GalleryLimits& limits = {});

}  // namespace vedette::gallery
