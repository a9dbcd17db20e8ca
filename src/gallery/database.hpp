#pragma once
/// SQLite, as thin as it can be: a connection, a statement, a transaction, each let go by itself.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <sqlite3.h>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"

namespace vedette::gallery {

/// A statement on its way through its rows. Lives no longer than its Database.
class Statement {
 public:
  void bind(int place, std::nullptr_t);
  void bind(int place, std::int64_t value);
  void bind(int place, double value);
  void bind(int place, std::string_view value);               ///< copied
  void bind(int place, std::span<const std::uint8_t> value);  ///< copied
  template <class T>
  void bind(int place, const std::optional<T>& value) {
    value ? bind(place, *value) : bind(place, nullptr);
  }

  /// To the next row; false after the last.
  [[nodiscard]] Result<bool> next();
  /// As next(), for those who know that no row comes.
  [[nodiscard]] Result<void> run();
  void rewind();  ///< keeps what is bound

  // Columns from 0; views hold until the next row.
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::span<const std::uint8_t> blob(int column) const;

 private:
  friend class Database;
  struct Close {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  std::unique_ptr<sqlite3_stmt, Close> statement_;
};

/// One connection, for one thread at a time.
///
/// Waits up to ten seconds for other processes. What is deleted is overwritten with zeros, foreign
/// keys hold, temporary tables stay in memory. SQL knows fold(text): the text in lower case, in any
/// alphabet. Errors are Errc::io with SQLite's own words.
class Database {
 public:
  /// Opens the file, or makes it, readable by its owner only.
  [[nodiscard]] static Result<Database> open(const std::string& path);

  /// One statement or several, without values.
  [[nodiscard]] Result<void> run(const std::string& script) const;

  /// `database.ask("SELECT name FROM person WHERE id = ?", id)`
  template <class... Values>
  [[nodiscard]] Result<Statement> ask(std::string_view sql, const Values&... values) const {
    auto statement = prepare(sql);
    if (!statement) return statement;
    int place = 0;
    (statement->bind(++place, values), ...);
    return statement;
  }
  /// A statement that gives no rows.
  template <class... Values>
  [[nodiscard]] Result<void> tell(std::string_view sql, const Values&... values) const {
    auto statement = ask(sql, values...);
    if (!statement) return fail(std::move(statement).error());
    return statement->run();
  }
  /// The first column of the first row; nothing where there is no row, or null in it.
  template <class... Values>
  [[nodiscard]] Result<std::optional<std::int64_t>> number(std::string_view sql,
                                                           const Values&... values) const {
    auto statement = ask(sql, values...);
    if (!statement) return fail(std::move(statement).error());
    const auto row = statement->next();
    if (!row) return fail(row.error());
    if (!*row || statement->is_null(0)) return std::nullopt;
    return statement->integer(0);
  }

  [[nodiscard]] std::int64_t last_row() const {
    return sqlite3_last_insert_rowid(connection_.get());
  }
  [[nodiscard]] std::int64_t changes() const { return sqlite3_changes64(connection_.get()); }

 private:
  struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };
  explicit Database(sqlite3* connection) : connection_(connection) {}
  [[nodiscard]] Result<Statement> prepare(std::string_view sql) const;
  std::unique_ptr<sqlite3, Close> connection_;
};

/// All or nothing: what was not committed is undone.
class Transaction {
 public:
  /// Begins to write at once, so that what is read in it still holds when it is written.
  [[nodiscard]] static Result<Transaction> begin(const Database& database);
  [[nodiscard]] Result<void> commit();

  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

 private:
  explicit Transaction(const Database& database) : database_(&database) {}
  const Database* database_;  // null once committed
};

}  // namespace vedette::gallery
