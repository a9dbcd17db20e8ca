#include "gallery/store.hpp"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <unordered_map>

#include "base/id.hpp"
#include "base/json.hpp"
#include "gallery/enrolment.hpp"
#include "gallery/schema.hpp"
#include "gallery/text.hpp"

namespace vedette::gallery {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view person_columns =
    "SELECT number, id, name, external_id, valid_from, valid_to, attributes, created, updated "
    "FROM person ";

std::int64_t as_number(Clock::time_point time) {
  return std::chrono::floor<milliseconds>(time.time_since_epoch()).count();
}
std::optional<std::int64_t> as_number(const std::optional<Clock::time_point>& time) {
  return time ? std::optional(as_number(*time)) : std::nullopt;
}
Clock::time_point as_time(std::int64_t number) { return Clock::time_point(milliseconds(number)); }

std::optional<Clock::time_point> time_at(const Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return as_time(row.integer(column));
}

std::span<const std::uint8_t> as_bytes(const vision::Embedding& embedding) {
  return {reinterpret_cast<const std::uint8_t*>(embedding.data()),
          embedding.size() * sizeof(float)};
}

Result<Person> read_person(const Statement& row) {
  Person person{.id = std::string(row.text(1)),
                .number = row.integer(0),
                .name = std::string(row.text(2)),
                .external_id = std::nullopt,
                .valid_from = time_at(row, 4),
                .valid_to = time_at(row, 5),
                .attributes = {},
                .photos = {},
                .created = as_time(row.integer(7)),
                .updated = as_time(row.integer(8))};
  if (!row.is_null(3)) person.external_id = std::string(row.text(3));
  const auto attributes = json::read(row.text(6), json::strict);
  if (!attributes) {
    return fail(Errc::io, "person " + person.id + ": attributes: " + attributes.error().what);
  }
  person.attributes = attributes->dict();
  return person;
}

constexpr std::string_view photo_columns =
    "SELECT photo.id, verdict, quality, model, sha256, other.name, resemblance "
    "FROM photo LEFT JOIN person AS other ON other.number = resembles ";

Photo read_photo(const Statement& row) {
  return {.id = std::string(row.text(0)),
          .verdict = verdict_named(row.text(1)),
          .quality = row.real(2),
          .model = std::string(row.text(3)),
          .sha256 = std::string(row.text(4)),
          .like = std::string(row.text(5)),
          .like_score = row.real(6)};
}

std::unexpected<Error> no_person(std::string_view id) {
  return fail(Errc::not_found, fmt::format("there is no person '{}'", id));
}

}  // namespace

CardPtr card_of(const Person& person) {
  return std::make_shared<const Card>(Card{.id = person.id,
                                           .number = person.number,
                                           .name = person.name,
                                           .valid_from = person.valid_from,
                                           .valid_to = person.valid_to});
}

Store::Store(std::string folder, Database database)
    : folder_(std::move(folder)), files_(folder_ + "/photos"), database_(std::move(database)) {}

Result<Store> Store::open(std::string folder) {
  auto database = open_tables(folder);
  if (!database) return fail(std::move(database).error());
  const auto made = make_private_folder(folder + "/photos");
  if (!made) return fail(made.error());
  return Store(std::move(folder), *std::move(database));
}

Result<Person> Store::add(Person person, std::size_t most) {
  auto changes = Transaction::begin(database_);
  if (!changes) return fail(std::move(changes).error());
  const auto count = database_.number("SELECT count(*) FROM person");
  if (!count) return fail(count.error());
  if (static_cast<std::size_t>(count->value_or(0)) >= most) {
    return fail(Errc::too_large, fmt::format("there are {} people already: no more fit", most));
  }
  if (const auto free = check_external_id(0, person.external_id); !free) return fail(free.error());
  person.id = make_ulid();
  const std::int64_t now = as_number(Clock::now());
  const auto told = database_.tell(
      "INSERT INTO person (id, name, external_id, valid_from, valid_to, attributes, created, "
      "updated) VALUES (?, ?, ?, ?, ?, ?, ?7, ?7)",
      person.id, person.name, person.external_id, as_number(person.valid_from),
      as_number(person.valid_to), json::write(Value(person.attributes)), now);
  if (!told) return fail(told.error());
  if (const auto kept = changes->commit(); !kept) return fail(kept.error());
  return this->person(person.id);
}

Result<Person> Store::person(std::string_view id) const {
  auto row = database_.ask(std::string(person_columns) + "WHERE id = ?", id);
  if (!row) return fail(std::move(row).error());
  const auto found = row->next();
  if (!found) return fail(found.error());
  if (!*found) return no_person(id);
  auto person = read_person(*row);
  if (!person) return person;
  if (const auto filled = fill_photos(*person); !filled) return fail(filled.error());
  return person;
}

Result<void> Store::fill_photos(Person& person) const {
  auto row = database_.ask(std::string(photo_columns) + "WHERE person = ? ORDER BY photo.number",
                           person.number);
  if (!row) return fail(std::move(row).error());
  for (auto more = row->next();; more = row->next()) {
    if (!more) return fail(more.error());
    if (!*more) return {};
    person.photos.push_back(read_photo(*row));
  }
}

Result<std::vector<Person>> Store::people(const PersonQuery& query) const {
  auto row = database_.ask(
      std::string(person_columns) +
          "WHERE id > ?1 AND (?2 = '' OR instr(fold(name), ?2) > 0) AND "
          "(?3 = '' OR json_extract(attributes, '$.group') = ?3) ORDER BY id LIMIT ?4",
      query.after, fold(query.name_contains), query.group, static_cast<std::int64_t>(query.limit));
  if (!row) return fail(std::move(row).error());
  std::vector<Person> people;
  for (auto more = row->next();; more = row->next()) {
    if (!more) return fail(more.error());
    if (!*more) return people;
    auto person = read_person(*row);
    if (!person) return fail(std::move(person).error());
    if (const auto filled = fill_photos(*person); !filled) return fail(filled.error());
    people.push_back(*std::move(person));
  }
}

Result<Person> Store::changed(std::string_view id, const PersonChange& change) const {
  auto person = this->person(id);
  if (!person) return person;
  if (change.name) person->name = *change.name;
  if (change.external_id) person->external_id = *change.external_id;
  if (change.valid_from) person->valid_from = *change.valid_from;
  if (change.valid_to) person->valid_to = *change.valid_to;
  if (change.attributes) person->attributes = *change.attributes;
  return person;
}

Result<Person> Store::put(const Person& person) {
  auto changes = Transaction::begin(database_);
  if (!changes) return fail(std::move(changes).error());
  const auto free = check_external_id(person.number, person.external_id);
  if (!free) return fail(free.error());
  const auto told = database_.tell(
      "UPDATE person SET name = ?, external_id = ?, valid_from = ?, valid_to = ?, attributes = ?, "
      "updated = ? WHERE id = ?",
      person.name, person.external_id, as_number(person.valid_from), as_number(person.valid_to),
      json::write(Value(person.attributes)), as_number(Clock::now()), person.id);
  if (!told) return fail(told.error());
  if (const auto kept = changes->commit(); !kept) return fail(kept.error());
  return this->person(person.id);
}

Result<void> Store::check_external_id(std::int64_t person,
                                      const std::optional<std::string>& id) const {
  if (!id) return {};
  const auto taken = database_.number(
      "SELECT number FROM person WHERE external_id = ? AND number <> ?", *id, person);
  if (!taken) return fail(taken.error());
  if (!*taken) return {};
  return fail(Errc::bad_input, fmt::format("external_id '{}' is another person's already", *id));
}

Result<std::int64_t> Store::number_of(std::string_view person) const {
  const auto number = database_.number("SELECT number FROM person WHERE id = ?", person);
  if (!number) return fail(number.error());
  const std::optional found = *number;
  return found ? Result<std::int64_t>(*found) : no_person(person);
}

Result<Store::Removed> Store::erase(std::string_view id) {
  auto changes = Transaction::begin(database_);
  if (!changes) return fail(std::move(changes).error());
  const auto person = this->person(id);
  if (!person) return fail(person.error());
  for (const std::string_view deed :
       {"DELETE FROM person WHERE id = ?", "INSERT OR IGNORE INTO erasure VALUES (?)"}) {
    if (const auto told = database_.tell(deed, id); !told) return fail(told.error());
  }
  if (const auto kept = changes->commit(); !kept) return fail(kept.error());
  Removed removed{.number = person->number};
  for (const Photo& photo : person->photos) removed.files.push_back(photo.id);
  return removed;
}

Result<std::optional<Photo>> Store::known(std::string_view person, std::string_view sha256) const {
  const auto number = number_of(person);
  if (!number) return fail(number.error());
  auto row = database_.ask(std::string(photo_columns) + "WHERE person = ? AND sha256 = ?", *number,
                           sha256);
  if (!row) return fail(std::move(row).error());
  const auto found = row->next();
  if (!found) return fail(found.error());
  if (!*found) return std::nullopt;
  Photo photo = read_photo(*row);
  photo.known = true;
  return photo;
}

Result<Store::Added> Store::add_photo(std::string_view person, NewPhoto added, std::size_t most) {
  auto changes = Transaction::begin(database_);
  if (!changes) return fail(std::move(changes).error());
  const auto number = number_of(person);
  if (!number) return fail(number.error());
  Photo& photo = added.photo;
  auto known = this->known(person, photo.sha256);  // meanwhile, by somebody else
  if (!known) return fail(std::move(known).error());
  if (std::optional<Photo>& found = *known) return Added{.photo = *std::move(found)};
  const auto count = database_.number("SELECT count(*) FROM photo WHERE person = ?", *number);
  if (!count) return fail(count.error());
  if (static_cast<std::size_t>(count->value_or(0)) >= most) {
    return fail(Errc::too_large,
                fmt::format("the person has {} photos already: remove one first", most));
  }
  photo.id = make_ulid();
  const bool is_like = added.like != 0;
  auto told = database_.tell(
      "INSERT INTO photo (id, person, sha256, verdict, quality, model, embedding, resembles, "
      "resemblance) VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT number FROM person WHERE number = ?), ?)",
      photo.id, *number, photo.sha256, verdict_name(photo.verdict), photo.quality, photo.model,
      as_bytes(*added.embedding), added.like,
      is_like ? std::optional(photo.like_score) : std::nullopt);
  const std::int64_t photo_number = database_.last_row();
  if (told) {
    told = database_.tell("UPDATE person SET updated = ? WHERE number = ?", as_number(Clock::now()),
                          *number);
  }
  if (told) told = files_.write(photo.id, *added.encoded);
  if (told) told = changes->commit();
  if (!told) {
    [[maybe_unused]] const auto gone = files_.remove(photo.id);  // else the next sweep() takes it
    return fail(std::move(told).error());
  }
  auto row = this->row(photo_number);
  if (!row) return fail(std::move(row).error());
  return Added{.photo = std::move(photo), .row = *std::move(row)};
}

Result<Store::Removed> Store::remove_photo(std::string_view person, std::string_view photo) {
  auto changes = Transaction::begin(database_);
  if (!changes) return fail(std::move(changes).error());
  const auto number = photo_number(person, photo);
  if (!number) return fail(number.error());
  auto told = database_.tell("DELETE FROM photo WHERE number = ?", *number);
  if (told) told = database_.tell("INSERT OR IGNORE INTO erasure VALUES (?)", photo);
  if (told) {
    told = database_.tell("UPDATE person SET updated = ? WHERE id = ?", as_number(Clock::now()),
                          person);
  }
  if (told) told = changes->commit();
  if (!told) return fail(std::move(told).error());
  return Removed{.number = *number, .files = {std::string(photo)}};
}

Result<std::int64_t> Store::photo_number(std::string_view person, std::string_view photo) const {
  const auto owner = number_of(person);
  if (!owner) return fail(owner.error());
  const auto number =
      database_.number("SELECT number FROM photo WHERE id = ? AND person = ?", photo, *owner);
  if (!number) return fail(number.error());
  if (const std::optional found = *number) return *found;
  return fail(Errc::not_found, fmt::format("person '{}' has no photo '{}'", person, photo));
}

namespace {

constexpr std::string_view index_columns =
    "SELECT photo.number, embedding, person.number, person.id, name, valid_from, valid_to "
    "FROM photo CROSS JOIN person ON person.number = photo.person ";

/// cards  that were made so far: all photos of a person share one
Row read_index_row(const Statement& row, std::unordered_map<std::int64_t, CardPtr>& cards) {
  CardPtr& card = cards[row.integer(2)];
  if (!card) {
    card = std::make_shared<const Card>(Card{.id = std::string(row.text(3)),
                                             .number = row.integer(2),
                                             .name = std::string(row.text(4)),
                                             .valid_from = time_at(row, 5),
                                             .valid_to = time_at(row, 6)});
  }
  const auto bytes = row.blob(1);
  vision::Embedding embedding(bytes.size() / sizeof(float));
  std::memcpy(embedding.data(), bytes.data(), embedding.size() * sizeof(float));
  return {row.integer(0), card, std::make_shared<const vision::Embedding>(std::move(embedding))};
}

}  // namespace

Result<std::vector<Row>> Store::rows(std::string_view model, std::size_t dimension) const {
  // +model: in the order of the table, since nearly all of it is wanted, and no index is as quick.
  auto row =
      database_.ask(std::string(index_columns) + "WHERE +model = ? AND length(embedding) = ?",
                    model, static_cast<std::int64_t>(dimension * sizeof(float)));
  if (!row) return fail(std::move(row).error());
  std::vector<Row> rows;
  std::unordered_map<std::int64_t, CardPtr> cards;
  for (auto more = row->next();; more = row->next()) {
    if (!more) return fail(more.error());
    if (!*more) return rows;
    rows.push_back(read_index_row(*row, cards));
  }
}

Result<std::optional<Store::Stale>> Store::stale(std::string_view model,
                                                 std::int64_t number) const {
  auto row = database_.ask(
      "SELECT number, id FROM photo WHERE number > ? AND model <> ? ORDER BY number LIMIT 1",
      number, model);
  if (!row) return fail(std::move(row).error());
  const auto found = row->next();
  if (!found) return fail(found.error());
  if (!*found) return std::nullopt;
  return Stale{.number = row->integer(0), .id = std::string(row->text(1))};
}

Result<std::optional<Row>> Store::renew(std::int64_t number, std::string_view model,
                                        const vision::Embedding& embedding) {
  const auto told = database_.tell(
      "UPDATE photo SET model = ?1, embedding = ?2 WHERE number = ?3 AND model <> ?1", model,
      as_bytes(embedding), number);
  if (!told) return fail(told.error());
  return database_.changes() == 0 ? std::nullopt : row(number);
}

Result<std::optional<Row>> Store::row(std::int64_t number) const {
  auto row = database_.ask(std::string(index_columns) + "WHERE photo.number = ?", number);
  if (!row) return fail(std::move(row).error());
  const auto found = row->next();
  if (!found) return fail(found.error());
  if (!*found) return std::nullopt;
  std::unordered_map<std::int64_t, CardPtr> cards;
  return read_index_row(*row, cards);
}

Result<Gallery::Size> Store::size() const {
  const auto people = database_.number("SELECT count(*) FROM person");
  if (!people) return fail(people.error());
  const auto photos = database_.number("SELECT count(*) FROM photo");
  if (!photos) return fail(photos.error());
  return Gallery::Size{.people = static_cast<std::size_t>(people->value_or(0)),
                       .photos = static_cast<std::size_t>(photos->value_or(0))};
}

Result<std::int64_t> Store::written_by_others() const {
  const auto version = database_.number("PRAGMA data_version");
  if (!version) return fail(version.error());
  return version->value_or(0);
}

Result<std::vector<std::string>> Store::ids(const std::string& sql) const {
  auto row = database_.ask(sql);
  if (!row) return fail(std::move(row).error());
  std::vector<std::string> ids;
  for (auto more = row->next();; more = row->next()) {
    if (!more) return fail(more.error());
    if (!*more) return ids;
    ids.emplace_back(row->text(0));
  }
}

Result<bool> Store::is_to_scrub() const {
  const auto waiting = database_.number("SELECT count(*) FROM erasure");
  if (!waiting) return fail(waiting.error());
  return waiting->value_or(0) > 0;
}

Result<void> Store::scrub() {
  const auto erased = ids("SELECT id FROM erasure");
  if (!erased) return fail(erased.error());
  if (auto done = erase_in_backups(folder_, *erased); !done) return done;
  if (auto swept = sweep(); !swept) return swept;
  if (auto rewritten = database_.run("VACUUM"); !rewritten) return rewritten;
  for (const std::string& id : *erased) {
    if (auto told = database_.tell("DELETE FROM erasure WHERE id = ?", id); !told) return told;
  }
  const auto busy = database_.number("PRAGMA wal_checkpoint(TRUNCATE)");
  if (!busy) return fail(busy.error());
  if (busy->value_or(0) != 0) return fail(Errc::io, "another program is reading the store");
  return {};
}

Result<void> Store::sweep() {
  auto writing = Transaction::begin(database_);  // nobody adds a photo meanwhile
  if (!writing) return fail(std::move(writing).error());
  const auto known = ids("SELECT id FROM photo ORDER BY id");
  if (!known) return fail(known.error());
  return files_.keep_only(
      [&](std::string_view id) { return std::ranges::binary_search(*known, id); });
}

}  // namespace vedette::gallery
