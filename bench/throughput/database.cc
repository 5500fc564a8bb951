// Thin: every call checks its result and says what was tried.
#include "bench/throughput/database.h"

#include <fmt/format.h>

namespace wavetank::bench {

void Statement::bind(int place, const std::string& text) {
    const int size = static_cast<int>(text.size());
    CHECK(sqlite3_bind_text(statement_.get(), place + 1, text.data(), size, SQLITE_TRANSIENT) ==
          SQLITE_OK);
}

void Statement::bind(int place, int64_t number) {
    CHECK(sqlite3_bind_int64(statement_.get(), place + 1, number) == SQLITE_OK);
}

void Statement::bind_nothing(int place) {
    CHECK(sqlite3_bind_null(statement_.get(), place + 1) == SQLITE_OK);
}

Result<bool> Statement::step() {
    const int result = sqlite3_step(statement_.get());
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) return false;
    return Error{sqlite3_errmsg(sqlite3_db_handle(statement_.get()))};
}

void Statement::reset() {
    sqlite3_reset(statement_.get());
}

std::string Statement::text(int column) {
    const unsigned char* text = sqlite3_column_text(statement_.get(), column);
    const int size = sqlite3_column_bytes(statement_.get(), column);
    if (text == nullptr) return {};
    return std::string(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
}

uint64_t Statement::number(int column) {
    const bool is_number = sqlite3_column_type(statement_.get(), column) == SQLITE_INTEGER;
    const int64_t number = sqlite3_column_int64(statement_.get(), column);
    if (is_number && number >= 0) return static_cast<uint64_t>(number);
    if (!mistake_) {
        mistake_ = Error{fmt::format("column {} holds '{}', which is no number from 0 on",
                                     sqlite3_column_name(statement_.get(), column), text(column))};
    }
    return 0;
}

std::optional<uint64_t> Statement::optional_number(int column) {
    if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return std::nullopt;
    return number(column);
}

Error Database::error(const std::string& what) const {
    return Error{fmt::format("cannot {} '{}': {}", what, path_, sqlite3_errmsg(database_.get()))};
}

Result<Database> Database::open(const std::string& path, Mode mode) {
    Database out(path);
    sqlite3* opened = nullptr;
    const int flags =
        mode == Mode::Read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    const int result = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
    out.database_.reset(opened);
    if (result != SQLITE_OK) return out.error("open");
    return out;
}

std::optional<Error> Database::run(const std::string& sql) {
    const int result = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) return error("write to");
    return std::nullopt;
}

Result<Statement> Database::prepare(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    const int result = sqlite3_prepare_v2(database_.get(), sql.c_str(), -1, &statement, nullptr);
    if (result != SQLITE_OK) return Error{sqlite3_errmsg(database_.get())};
    return Statement(statement);
}

}  // namespace wavetank::bench
