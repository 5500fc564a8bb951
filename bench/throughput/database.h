// The little of SQLite that result files need: open, run, ask, with errors as values. Numbers are
// read with their type checked, because a file can come from anywhere.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/base/result.h"

namespace wavetank::bench {

struct SqliteCloser {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

// One statement. Columns and parameters are numbered as in SQL text order, from 0.
class Statement {
 public:
    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

    void bind(int place, const std::string& text);
    void bind(int place, int64_t number);
    void bind_nothing(int place);
    // True if there is a row, false at the end.
    Result<bool> step();
    void reset();

    // Of the current row. Nothing is noted as wrong twice: the first mistake stays in `mistake`.
    std::string text(int column);
    uint64_t number(int column);  // refuses what is negative or no integer
    std::optional<uint64_t> optional_number(int column);
    const std::optional<Error>& mistake() const { return mistake_; }

 private:
    std::unique_ptr<sqlite3_stmt, SqliteCloser> statement_;
    std::optional<Error> mistake_;
};

class Database {
 public:
    enum class Mode : uint8_t { Read, Create };
    static Result<Database> open(const std::string& path, Mode mode);

    // Runs statements that give nothing back.
    std::optional<Error> run(const std::string& sql);
    Result<Statement> prepare(const std::string& sql);

 private:
    explicit Database(std::string path) : path_(std::move(path)) {}
    Error error(const std::string& what) const;

    std::string path_;
    std::unique_ptr<sqlite3, SqliteCloser> database_;
};

}  // namespace wavetank::bench
