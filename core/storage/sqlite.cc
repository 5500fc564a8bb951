// Calls of the C interface, and its errors as ours.
#include "core/storage/sqlite.h"

#include <fmt/format.h>

namespace wavetank {

SqliteStatement& SqliteStatement::bind(int parameter, int64_t value) {
    CHECK(sqlite3_bind_int64(statement_.get(), parameter, value) == SQLITE_OK);
    return *this;
}

SqliteStatement& SqliteStatement::bind(int parameter, std::string_view bytes) {
    // A null pointer would bind NULL.
    const char* data = bytes.data() == nullptr ? "" : bytes.data();
    CHECK(sqlite3_bind_blob64(statement_.get(), parameter, data, bytes.size(), SQLITE_STATIC) ==
          SQLITE_OK);
    return *this;
}

SqliteStatement::Step SqliteStatement::step() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return Step::Row;
    reset();
    return code == SQLITE_DONE ? Step::Done : Step::Failed;
}

int64_t SqliteStatement::integer(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

std::string_view SqliteStatement::bytes(int column) const {
    const void* data = sqlite3_column_blob(statement_.get(), column);
    if (data == nullptr) return {};
    return {static_cast<const char*>(data),
            static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

Result<SqliteDatabase> SqliteDatabase::open(const Place& place, int flags) {
    sqlite3* handle = nullptr;
    const char* vfs = place.vfs.empty() ? nullptr : place.vfs.c_str();
    const int code = sqlite3_open_v2(place.path.c_str(), &handle, flags, vfs);
    SqliteDatabase database(handle, place.path);
    if (handle == nullptr) return Error{fmt::format("cannot open {}: no memory", place.path)};
    if (code != SQLITE_OK) return database.error("open");
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    return database;
}

std::optional<Error> SqliteDatabase::execute(const std::string& sql) {
    if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK)
        return std::nullopt;
    return error(fmt::format("run `{}` in", sql));
}

Result<SqliteStatement> SqliteDatabase::prepare(std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return error(fmt::format("prepare `{}` in", sql));
    return SqliteStatement(statement);
}

Result<int64_t> SqliteDatabase::integer(std::string_view sql) {
    Result<SqliteStatement> query = prepare(sql);
    if (!query.ok()) return query.error();
    if (query.value().step() != SqliteStatement::Step::Row)
        return error(fmt::format("read `{}` in", sql));
    return query.value().integer(0);
}

Error SqliteDatabase::error(std::string_view what) const {
    return Error{fmt::format("cannot {} {}: {} (SQLite code {})", what, path_,
                             sqlite3_errmsg(handle_.get()), code())};
}

}  // namespace wavetank
