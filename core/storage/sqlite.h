// A thin cover over the C interface of SQLite3: connections and prepared statements with one owner
// each, and errors that say what was tried on which file. Nothing of what is stored is known here.
// A connection and its statements belong to one thread at a time; they take no locks of their own.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace wavetank {

class SqliteStatement {
 public:
    SqliteStatement() = default;

    // Parameters are numbered from 1. Bytes are not copied: they must stay until the statement is
    // done.
    SqliteStatement& bind(int parameter, int64_t value);
    SqliteStatement& bind(int parameter, std::string_view bytes);

    enum class Step { Row, Done, Failed };
    // The next row. After anything but Row the statement is at its beginning again.
    Step step();
    // Runs a statement that gives no rows. True if it worked.
    [[nodiscard]] bool run() { return step() == Step::Done; }
    // Ends it before its last row was read.
    void reset() { sqlite3_reset(statement_.get()); }

    // Columns of the row, numbered from 0. What is not an integer reads as zero, what is no blob
    // and no text as no bytes. Bytes stay until the next step or reset.
    int64_t integer(int column) const;
    std::string_view bytes(int column) const;

 private:
    friend class SqliteDatabase;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class SqliteDatabase {
 public:
    struct Place {
        std::string path;
        std::string vfs;  // empty: the system's
    };
    // `flags` as of sqlite3_open_v2. Closing leaves the files as they are: the last connection does
    // not checkpoint, as it would by default.
    static Result<SqliteDatabase> open(const Place& place, int flags);

    // Statements without parameters, separated by semicolons; rows are thrown away.
    std::optional<Error> execute(const std::string& sql);
    Result<SqliteStatement> prepare(std::string_view sql);
    // The integer in the first column of the first row of a query.
    Result<int64_t> integer(std::string_view sql);

    // What SQLite says about the last call that failed.
    Error error(std::string_view what) const;
    // SQLite's code of it, as of sqlite3_extended_errcode.
    int code() const { return sqlite3_extended_errcode(handle_.get()); }
    sqlite3* handle() const { return handle_.get(); }

 private:
    struct Close {
        void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
    };
    SqliteDatabase(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
    std::unique_ptr<sqlite3, Close> handle_;
    std::string path_;
};

}  // namespace wavetank
