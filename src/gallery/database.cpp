#include "gallery/database.hpp"

#include <cassert>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>

#include "gallery/text.hpp"

namespace vedette::gallery {
namespace {

constexpr int patience_ms = 10'000;

std::unexpected<Error> refused(sqlite3* connection) {
  const char* const file = sqlite3_db_filename(connection, nullptr);
  return fail(Errc::io,
              fmt::format("{}: {}", file ? file : "the store", sqlite3_errmsg(connection)));
}

void fold_in_sql(sqlite3_context* context, int, sqlite3_value** values) {
  const auto* const text = reinterpret_cast<const char*>(sqlite3_value_text(values[0]));
  if (!text) return sqlite3_result_null(context);
  const std::string folded = fold({text, static_cast<std::size_t>(sqlite3_value_bytes(values[0]))});
  sqlite3_result_text64(context, folded.data(), folded.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

}  // namespace

void Statement::bind(int place, std::nullptr_t) { sqlite3_bind_null(statement_.get(), place); }
void Statement::bind(int place, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), place, value);
}
void Statement::bind(int place, double value) {
  sqlite3_bind_double(statement_.get(), place, value);
}
void Statement::bind(int place, std::string_view value) {
  sqlite3_bind_text64(statement_.get(), place, value.data() ? value.data() : "", value.size(),
                      SQLITE_TRANSIENT, SQLITE_UTF8);
}
void Statement::bind(int place, std::span<const std::uint8_t> value) {
  sqlite3_bind_blob64(statement_.get(), place, value.data(), value.size(), SQLITE_TRANSIENT);
}

Result<bool> Statement::next() {
  switch (sqlite3_step(statement_.get())) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      return refused(sqlite3_db_handle(statement_.get()));
  }
}

Result<void> Statement::run() {
  const auto row = next();
  if (!row) return fail(row.error());
  return {};
}

void Statement::rewind() { sqlite3_reset(statement_.get()); }

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}
std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}
double Statement::real(int column) const { return sqlite3_column_double(statement_.get(), column); }
std::string_view Statement::text(int column) const {
  const auto* const text =
      reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (!text) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}
std::span<const std::uint8_t> Statement::blob(int column) const {
  const auto* const bytes =
      static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_.get(), column));
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

Result<Database> Database::open(const std::string& path) {
  // Made here rather than by SQLite, whose files the whole world may read. One that is there is
  // left alone: to close it would let go of the locks of all its connections in this process.
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file >= 0) {
    ::close(file);
  } else if (errno != EEXIST) {
    return fail(Errc::io, path + ": " + std::generic_category().message(errno));
  }

  sqlite3* connection = nullptr;
  const int opened =
      sqlite3_open_v2(path.c_str(), &connection,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Database database(connection);
  if (opened != SQLITE_OK) return fail(Errc::io, path + ": " + sqlite3_errstr(opened));
  sqlite3_busy_timeout(connection, patience_ms);
  sqlite3_create_function_v2(connection, "fold", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
                             fold_in_sql, nullptr, nullptr, nullptr);
  const auto set = database.run(
      "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;"
      "PRAGMA synchronous = FULL;");
  if (!set) return fail(set.error());
  return database;
}

Result<void> Database::run(const std::string& script) const {
  if (sqlite3_exec(connection_.get(), script.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return refused(connection_.get());
  }
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) const {
  sqlite3_stmt* statement = nullptr;
  const int prepared = sqlite3_prepare_v2(connection_.get(), sql.data(),
                                          static_cast<int>(sql.size()), &statement, nullptr);
  if (prepared != SQLITE_OK) return refused(connection_.get());
  return Statement(statement);
}

Result<Transaction> Transaction::begin(const Database& database) {
  if (const auto begun = database.run("BEGIN IMMEDIATE"); !begun) return fail(begun.error());
  return Transaction(database);
}

Result<void> Transaction::commit() {
  assert(database_);
  if (auto committed = database_->run("COMMIT"); !committed) return committed;
  database_ = nullptr;
  return {};
}

Transaction::~Transaction() {
  if (!database_) return;
  // One that fails was preceded by SQLite's own.
  [[maybe_unused]] const auto undone = database_->run("ROLLBACK");
}

}  // namespace vedette::gallery
