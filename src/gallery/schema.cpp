#include "gallery/schema.hpp"

#include <array>
#include <filesystem>
#include <fmt/chrono.h>
#include <system_error>

#include "base/clock.hpp"
#include "gallery/files.hpp"

namespace vedette::gallery {
namespace {

namespace fs = std::filesystem;

/// Step n makes version n + 1 of version n. Steps that have been released never change. Times are
/// milliseconds since 1970.
constexpr std::array<std::string_view, 2> steps{
    R"(CREATE TABLE person (
         number INTEGER PRIMARY KEY AUTOINCREMENT,
         id TEXT NOT NULL UNIQUE,
         name TEXT NOT NULL,
         external_id TEXT UNIQUE,
         created INTEGER NOT NULL,
         updated INTEGER NOT NULL
       ) STRICT;
       CREATE TABLE photo (
         number INTEGER PRIMARY KEY AUTOINCREMENT,
         id TEXT NOT NULL UNIQUE,
         person INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
         sha256 TEXT NOT NULL,
         verdict TEXT NOT NULL,
         quality REAL NOT NULL,
         model TEXT NOT NULL,
         embedding BLOB NOT NULL,
         UNIQUE (person, sha256)
       ) STRICT;)",
    R"(ALTER TABLE person ADD COLUMN valid_from INTEGER;
       ALTER TABLE person ADD COLUMN valid_to INTEGER;
       ALTER TABLE person ADD COLUMN attributes TEXT NOT NULL DEFAULT '{}';
       ALTER TABLE photo ADD COLUMN resembles INTEGER REFERENCES person ON DELETE SET NULL;
       ALTER TABLE photo ADD COLUMN resemblance REAL;
       CREATE INDEX photo_resembles ON photo (resembles) WHERE resembles IS NOT NULL;
       CREATE INDEX photo_model ON photo (model, number);
       CREATE TABLE erasure (id TEXT PRIMARY KEY) STRICT;)",
};
constexpr auto latest = static_cast<std::int64_t>(steps.size());

std::string backups(const std::string& folder) { return folder + "/backups"; }

Result<void> back_up(const Database& database, const std::string& folder, std::int64_t version) {
  if (auto made = make_private_folder(backups(folder)); !made) return made;
  const auto now = std::chrono::floor<std::chrono::milliseconds>(Clock::now());
  const std::string path =
      fmt::format("{}/gallery-v{}-{:%Y%m%dT%H%M%S}Z.sqlite", backups(folder), version, now);
  const std::string part = path + ".part";
  std::error_code error;
  fs::remove(part, error);
  if (const auto made = Database::open(part); !made) return fail(made.error());  // its owner's only
  if (auto copied = database.tell("VACUUM INTO ?", part); !copied) return copied;
  if (auto synced = sync_to_disk(part); !synced) return synced;
  fs::rename(part, path, error);
  if (error) return fail(Errc::io, path + ": " + error.message());
  return sync_to_disk(backups(folder));
}

Result<void> migrate(const Database& database, std::int64_t from) {
  auto changes = Transaction::begin(database);
  if (!changes) return fail(std::move(changes).error());
  for (std::int64_t version = from; version < latest; ++version) {
    const std::string_view step = steps[static_cast<std::size_t>(version)];
    if (auto done = database.run(std::string(step)); !done) return done;
  }
  const auto stamped = database.run(fmt::format("PRAGMA user_version = {}", latest));
  if (!stamped) return stamped;
  return changes->commit();
}

}  // namespace

Result<Database> open_tables(const std::string& folder) {
  if (const auto made = make_private_folder(folder); !made) return fail(made.error());
  const std::string path = folder + "/gallery.sqlite";
  auto database = Database::open(path);
  if (!database) return database;
  const auto version = database->number("PRAGMA user_version");
  if (!version) return fail(version.error());
  const std::int64_t found = version->value_or(0);
  if (found > latest) {
    return fail(Errc::bad_input,
                fmt::format("{} was made by a newer program (version {} of its tables, this one "
                            "knows {}): start that program, or name another data folder",
                            path, found, latest));
  }
  if (const auto set = database->run("PRAGMA journal_mode = WAL"); !set) return fail(set.error());
  if (found == latest) return database;
  if (found > 0) {
    if (auto kept = back_up(*database, folder, found); !kept) {
      return fail(
          std::move(kept).error().within("no backup before the store is brought up to date"));
    }
  }
  if (auto done = migrate(*database, found); !done) {
    return fail(std::move(done).error().within(
        fmt::format("from version {} to {} of the tables", found, latest)));
  }
  return database;
}

Result<void> erase_in_backups(const std::string& folder, std::span<const std::string> ids) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(backups(folder), error)) {
    if (entry.path().extension() != ".sqlite") {  // one that was never finished
      fs::remove(entry.path(), error);
      continue;
    }
    const auto backup = Database::open(entry.path());
    if (!backup) return fail(backup.error());
    std::int64_t gone = 0;
    for (const std::string& id : ids) {
      for (const std::string_view deed :
           {"DELETE FROM person WHERE id = ?", "DELETE FROM photo WHERE id = ?"}) {
        if (auto told = backup->tell(deed, id); !told) return told;
        gone += backup->changes();
      }
    }
    // Rows also leave shadows where pages were once split; only a new file is surely without.
    if (gone == 0) continue;
    if (auto rewritten = backup->run("VACUUM"); !rewritten) return rewritten;
  }
  return {};
}

}  // namespace vedette::gallery
