#include "gallery/gallery.hpp"

#include <condition_variable>
#include <fmt/format.h>
#include <limits>
#include <mutex>
#include <thread>

#include "base/id.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "gallery/enrolment.hpp"
#include "gallery/index.hpp"
#include "gallery/store.hpp"
#include "gallery/text.hpp"

namespace vedette::gallery {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::seconds;

constexpr seconds look_around{1};  // how often upkeep looks what other programs wrote
constexpr seconds scrub_after{1};  // so that people erased one after another are scrubbed at once
constexpr seconds try_again{5};    // where upkeep failed
constexpr std::size_t likes = 2;   // to look at: the person themselves may be one

bool is_within(const Card& card, Clock::time_point now) {
  return (!card.valid_from || *card.valid_from <= now) && (!card.valid_to || now < *card.valid_to);
}

Result<void> check_text(std::string_view what, std::string_view text, const GalleryLimits& limits) {
  if (text.empty()) return fail(Errc::bad_input, fmt::format("{} is empty", what));
  if (text.size() > limits.text_bytes) {
    return fail(Errc::too_large, fmt::format("{} has {} bytes; {} is the most", what, text.size(),
                                             limits.text_bytes));
  }
  if (is_one_line(text)) return {};
  return fail(Errc::bad_input, fmt::format("{} is not one line of UTF-8", what));
}

Result<void> check(const Person& person, const GalleryLimits& limits) {
  if (auto sound = check_text("name", person.name, limits); !sound) return sound;
  if (person.external_id) {
    auto sound = check_text("external_id", *person.external_id, limits);
    if (!sound) return sound;
  }
  if (person.valid_from && person.valid_to && *person.valid_to <= *person.valid_from) {
    return fail(Errc::bad_input, "valid_to is not after valid_from");
  }
  const std::size_t bytes = json::write(Value(person.attributes)).size();
  if (bytes <= limits.attribute_bytes) return {};
  return fail(Errc::too_large, fmt::format("the attributes have {} bytes as JSON; {} is the most",
                                           bytes, limits.attribute_bytes));
}

/// The store on disk, the index in memory, and a thread that keeps both as they should be: photos
/// embedded by this model, what was erased scrubbed, what other programs wrote read.
class StoredGallery final : public Gallery {
 public:
  StoredGallery(Store writing, Store reading, std::shared_ptr<const vision::FaceModels> models,
                const GalleryLimits& limits)
      : limits_(limits),
        models_(std::move(models)),
        index_(models_->dimension()),
        reading_(std::move(reading)),
        store_(std::move(writing)) {}

  ~StoredGallery() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    if (upkeep_.joinable()) upkeep_.join();
    const auto waiting = store_.is_to_scrub();
    if (waiting && *waiting) scrub();
  }

  /// Reads what is there and starts the upkeep.
  Result<void> start() {
    const auto version = store_.written_by_others();
    if (!version) return fail(version.error());
    version_ = *version;
    if (auto read = read_index(); !read) return read;
    upkeep_ = std::thread([this] { keep_up(); });
    return {};
  }

  [[nodiscard]] Result<Person> add_person(Person person) override {
    if (const auto sound = check(person, limits_); !sound) return fail(sound.error());
    const std::lock_guard lock(mutex_);
    return store_.add(std::move(person), limits_.people);
  }

  [[nodiscard]] Result<Person> person(std::string_view id) const override {
    const std::lock_guard lock(reading_mutex_);
    return reading_.person(id);
  }

  [[nodiscard]] Result<std::vector<Person>> people(const PersonQuery& query) const override {
    const std::lock_guard lock(reading_mutex_);
    return reading_.people(query);
  }

  [[nodiscard]] Result<Person> change_person(std::string_view id,
                                             const PersonChange& change) override {
    const std::lock_guard lock(mutex_);
    auto person = store_.changed(id, change);
    if (!person) return person;
    if (const auto sound = check(*person, limits_); !sound) return fail(sound.error());
    person = store_.put(*person);
    if (person) index_.change_person(card_of(*person));
    return person;
  }

  [[nodiscard]] Result<void> erase_person(std::string_view id) override {
    const std::lock_guard lock(mutex_);
    const auto erased = store_.erase(id);
    if (!erased) return fail(erased.error());
    index_.remove_person(erased->number);
    return forget(erased->files);
  }

  [[nodiscard]] Result<Photo> add_photo(std::string_view person, vision::SharedBytes encoded,
                                        bool force) override {
    auto considered = consider(person, encoded);
    if (!considered) return fail(std::move(considered).error());
    auto& [photo, like, embedding] = *considered;
    const bool wanted = is_kept(photo.verdict) || (force && embedding);
    if (photo.known || !wanted) return std::move(photo);

    const std::lock_guard lock(mutex_);
    auto added = store_.add_photo(person, {std::move(photo), like, std::move(encoded), embedding},
                                  limits_.photos_each);
    if (!added) return fail(std::move(added).error());
    if (auto& row = added->row) index_.add(*std::move(row));
    return std::move(added->photo);
  }

  [[nodiscard]] Result<Photo> judge_photo(std::string_view person,
                                          vision::SharedBytes encoded) const override {
    auto considered = consider(person, std::move(encoded));
    if (!considered) return fail(std::move(considered).error());
    return std::move(considered->photo);
  }

  [[nodiscard]] Result<void> remove_photo(std::string_view person,
                                          std::string_view photo) override {
    const std::lock_guard lock(mutex_);
    const auto removed = store_.remove_photo(person, photo);
    if (!removed) return fail(removed.error());
    index_.remove_photo(removed->number);
    return forget(removed->files);
  }

  [[nodiscard]] Result<vision::Bytes> photo_bytes(std::string_view person,
                                                  std::string_view photo) const override {
    {
      const std::lock_guard lock(reading_mutex_);
      const auto number = reading_.photo_number(person, photo);
      if (!number) return fail(number.error());
    }
    return store_.files().read(photo);
  }

  [[nodiscard]] std::vector<Match> search(std::span<const float> embedding,
                                          std::size_t most) const override {
    const auto now = Clock::now();
    std::vector<Match> matches;
    for (const Row& row : index_.search(embedding, most)) {
      const double distance = models_->distance(embedding, *row.embedding);
      matches.push_back({.person = row.person->id,
                         .number = row.person->number,
                         .name = row.person->name,
                         .valid = is_within(*row.person, now),
                         .distance = distance,
                         .similarity = models_->similarity(distance)});
    }
    return matches;
  }

  [[nodiscard]] Size size() const override {
    const std::lock_guard lock(reading_mutex_);
    return reading_.size().value_or(Size{});
  }

 private:
  struct Considered {
    Photo photo;
    std::int64_t like = 0;  ///< number of the person it looks like
    std::shared_ptr<const vision::Embedding> embedding;
  };

  /// What there is to say of a photo before it is kept.
  [[nodiscard]] Result<Considered> consider(std::string_view person,
                                            vision::SharedBytes encoded) const {
    if (encoded->size() > limits_.photo_bytes) {
      return fail(Errc::too_large, fmt::format("the photo has {} bytes; {} is the most",
                                               encoded->size(), limits_.photo_bytes));
    }
    const std::string sha256 =
        sha256_hex({reinterpret_cast<const char*>(encoded->data()), encoded->size()});
    if (!person.empty()) {
      const std::lock_guard lock(reading_mutex_);
      auto known = reading_.known(person, sha256);
      if (!known) return fail(std::move(known).error());
      if (auto& photo = *known) return Considered{.photo = *std::move(photo)};
    }
    auto judged = judge(*models_, std::move(encoded), limits_);
    if (!judged) return fail(std::move(judged).error());
    Considered considered{.photo = std::move(judged->photo), .embedding = judged->embedding};
    considered.photo.sha256 = sha256;
    if (considered.photo.verdict == Verdict::ok) compare(person, considered);
    return considered;
  }

  /// Says so where a good photo looks like somebody else.
  void compare(std::string_view person, Considered& considered) const {
    for (Match& match : search(*considered.embedding, likes)) {
      if (match.person == person || match.similarity < limits_.looks_like) continue;
      considered.photo.verdict = Verdict::looks_like;
      considered.photo.like = std::move(match.name);
      considered.photo.like_score = match.similarity;
      considered.like = match.number;
      return;
    }
  }

  /// Files of rows that are gone; and soon, all that is left of them. `mutex_` is held.
  Result<void> forget(const std::vector<std::string>& photos) {
    if (!scrub_at_) scrub_at_ = SteadyClock::now() + scrub_after;
    for (const std::string& photo : photos) {
      if (auto gone = store_.files().remove(photo); !gone) return gone;
    }
    return {};
  }

  Result<void> read_index() {
    auto rows = store_.rows(models_->embedder(), models_->dimension());
    if (!rows) return fail(std::move(rows).error());
    index_.replace(*std::move(rows));
    const auto waiting = store_.is_to_scrub();
    if (waiting && *waiting && !scrub_at_) scrub_at_ = SteadyClock::now() + try_again;
    return {};
  }

  void scrub() {
    const auto done = store_.scrub();
    scrub_at_.reset();
    if (done) return;
    log::error("gallery", "what was erased is still to be scrubbed",
               {{"error", done.error().what}});
    scrub_at_ = SteadyClock::now() + try_again;
  }

  /// Takes a tenth of the time at most, however much another program writes.
  void read_what_others_wrote() {
    const auto now = SteadyClock::now();
    if (now < read_at_) return;
    const auto version = store_.written_by_others();
    if (!version || *version == version_) return;
    if (const auto read = read_index(); read) {
      version_ = *version;
      embedded_ = 0;  // there may be photos of another model among it
    } else {
      log::error("gallery", "what another program wrote cannot be read",
                 {{"error", read.error().what}});
    }
    const auto end = SteadyClock::now();
    read_at_ = end + 10 * (end - now);
  }

  void keep_up() {
    std::unique_lock lock(mutex_);
    if (const auto swept = store_.sweep(); !swept) {
      log::warn("gallery", "left-over photos cannot be removed", {{"error", swept.error().what}});
    }
    for (bool more = true; !stopping_;) {
      if (!more) wake_.wait_for(lock, look_around, [this] { return stopping_; });
      if (stopping_) return;
      read_what_others_wrote();
      if (scrub_at_ && *scrub_at_ <= SteadyClock::now()) scrub();
      more = embed_next(lock);
    }
  }

  /// Embeds one photo that another model embedded; false where there is none. Lets go of the lock
  /// while it computes.
  bool embed_next(std::unique_lock<std::mutex>& lock) {
    const auto stale = store_.stale(models_->embedder(), embedded_).value_or(std::nullopt);
    if (!stale) {
      embedded_ = std::numeric_limits<std::int64_t>::max();  // no need to look through all again
      return false;
    }
    const auto [number, id] = *stale;
    embedded_ = number;
    lock.unlock();
    const auto embedding = embed_again(id);
    lock.lock();
    if (!embedding) {
      log::warn("gallery", "a photo cannot be embedded by the new model",
                {{"photo", id}, {"error", embedding.error().what}});
      return true;
    }
    auto renewed = store_.renew(number, models_->embedder(), *embedding);
    if (!renewed) {
      log::error("gallery", "a new embedding cannot be kept", {{"error", renewed.error().what}});
      return false;
    }
    if (auto& row = *renewed) index_.add(*std::move(row));
    return true;
  }

  [[nodiscard]] Result<vision::Embedding> embed_again(std::string_view photo) const {
    auto bytes = store_.files().read(photo);
    if (!bytes) return fail(std::move(bytes).error());
    const auto judged =
        judge(*models_, std::make_shared<const vision::Bytes>(*std::move(bytes)), limits_);
    if (!judged) return fail(judged.error());
    if (!judged->embedding) return fail(Errc::not_found, "it finds no face");
    return *judged->embedding;
  }

  const GalleryLimits limits_;
  const std::shared_ptr<const vision::FaceModels> models_;
  Index index_;

  mutable std::mutex reading_mutex_;  // guards the connection that answers questions, which need
  Store reading_;                     // not wait while another writes, or scrubs for seconds

  std::mutex mutex_;  // guards what follows, and that index_ follows the store
  Store store_;
  std::int64_t version_ = 0;   // of what other programs wrote, when it was last read
  std::int64_t embedded_ = 0;  // the last photo that was looked at for another model's embedding
  SteadyClock::time_point read_at_;  // when to look again what other programs wrote
  std::optional<SteadyClock::time_point> scrub_at_;
  bool stopping_ = false;
  std::condition_variable wake_;
  std::thread upkeep_;
};

}  // namespace

Result<std::unique_ptr<Gallery>> open_gallery(const std::string& folder,
                                              std::shared_ptr<const vision::FaceModels> models,
                                              const GalleryLimits& limits) {
  auto writing = Store::open(folder);
  if (!writing) return fail(std::move(writing).error());
  auto reading = Store::open(folder);
  if (!reading) return fail(std::move(reading).error());
  auto gallery = std::make_unique<StoredGallery>(*std::move(writing), *std::move(reading),
                                                 std::move(models), limits);
  if (auto started = gallery->start(); !started) return fail(std::move(started).error());
  return gallery;
}

}  // namespace vedette::gallery
