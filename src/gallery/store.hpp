#pragma once
/// The gallery on disk: rows in SQLite, every photo a file.
///
///     gallery.sqlite    people, photos' verdicts, embeddings; see schema.cpp
///     photos/XX/<id>    photos as they came; XX: the end of their id
///     backups/          stores of older versions, without their photos
///
/// A photo's file is written within the transaction that adds its row, and goes after the one that
/// takes the row away. A file without a row is what a crash left; sweep() removes it.
///
/// Erasing takes two steps. At once, rows and files go. Soon after, scrub() rewrites the tables
/// and the journal, and does the same in the backups: SQLite overwrites what is deleted, but where
/// a page was split, it leaves copies. Until scrub() has done that, the ids stand in a list of
/// those to be erased, so that a crash does not forget them.

#include <optional>
#include <string>
#include <vector>

#include "gallery/database.hpp"
#include "gallery/files.hpp"
#include "gallery/gallery.hpp"
#include "gallery/index.hpp"

namespace vedette::gallery {

/// For one thread at a time.
class Store {
 public:
  /// fails  as open_gallery()
  [[nodiscard]] static Result<Store> open(std::string folder);

  /// fails  too_large: there are `most` people already; bad_input: the external id is taken
  [[nodiscard]] Result<Person> add(Person person, std::size_t most);
  [[nodiscard]] Result<Person> person(std::string_view id) const;
  [[nodiscard]] Result<std::vector<Person>> people(const PersonQuery& query) const;
  /// The person as they would be.
  [[nodiscard]] Result<Person> changed(std::string_view id, const PersonChange& change) const;
  /// Writes over the one of the same id.
  /// fails  bad_input: the external id is taken
  [[nodiscard]] Result<Person> put(const Person& person);

  /// Rows that are gone, and the files that have to follow.
  struct Removed {
    std::int64_t number = 0;  ///< that the person, or the photo, had
    std::vector<std::string> files;
  };
  [[nodiscard]] Result<Removed> erase(std::string_view id);

  /// The person's photo of these bytes, if there is one.
  /// fails  not_found: no such person
  [[nodiscard]] Result<std::optional<Photo>> known(std::string_view person,
                                                   std::string_view sha256) const;
  struct NewPhoto {
    Photo photo;            ///< its id is made
    std::int64_t like = 0;  ///< number of the person it looks like; 0: of nobody
    vision::SharedBytes encoded;
    std::shared_ptr<const vision::Embedding> embedding;
  };
  struct Added {
    Photo photo;
    std::optional<Row> row;  ///< nothing where the photo was known
  };
  /// fails  not_found: the person is gone; too_large: has `most` photos already
  [[nodiscard]] Result<Added> add_photo(std::string_view person, NewPhoto photo, std::size_t most);
  [[nodiscard]] Result<Removed> remove_photo(std::string_view person, std::string_view photo);
  /// fails  not_found: no such person, or no such photo of theirs
  [[nodiscard]] Result<std::int64_t> photo_number(std::string_view person,
                                                  std::string_view photo) const;
  [[nodiscard]] const PhotoFiles& files() const { return files_; }  ///< any thread

  /// All photos that `model` embedded.
  [[nodiscard]] Result<std::vector<Row>> rows(std::string_view model, std::size_t dimension) const;
  struct Stale {
    std::int64_t number = 0;
    std::string id;
  };
  /// The first photo after `number` that another model embedded.
  [[nodiscard]] Result<std::optional<Stale>> stale(std::string_view model,
                                                   std::int64_t number) const;
  /// returns  the row as it is now; nothing where the photo is gone meanwhile
  [[nodiscard]] Result<std::optional<Row>> renew(std::int64_t number, std::string_view model,
                                                 const vision::Embedding& embedding);

  [[nodiscard]] Result<Gallery::Size> size() const;
  /// Another number whenever another connection has written.
  [[nodiscard]] Result<std::int64_t> written_by_others() const;

  [[nodiscard]] Result<bool> is_to_scrub() const;
  [[nodiscard]] Result<void> scrub();
  [[nodiscard]] Result<void> sweep();

 private:
  Store(std::string folder, Database database);
  [[nodiscard]] Result<std::int64_t> number_of(std::string_view person) const;
  [[nodiscard]] Result<void> fill_photos(Person& person) const;
  [[nodiscard]] Result<std::optional<Row>> row(std::int64_t photo) const;
  [[nodiscard]] Result<std::vector<std::string>> ids(const std::string& sql) const;
  [[nodiscard]] Result<void> check_external_id(std::int64_t person,
                                               const std::optional<std::string>& id) const;

  std::string folder_;
  PhotoFiles files_;
  Database database_;
};

[[nodiscard]] CardPtr card_of(const Person& person);

}  // namespace vedette::gallery
