// The migrations, and recognising a database.
#include "core/storage/storage_schema.h"

#include <fmt/format.h>

#include <array>

namespace wavetank {
namespace {

using Step = SqliteStatement::Step;

// Each takes the schema from the version before it to the next one. They are never changed, only
// added to.
constexpr std::array kMigrations = {
    "CREATE TABLE records(id INTEGER PRIMARY KEY, content BLOB NOT NULL);"
    "CREATE TABLE runs(first INTEGER PRIMARY KEY, entries BLOB NOT NULL);"
    "CREATE TABLE pieces(place INTEGER PRIMARY KEY, content BLOB NOT NULL);"
    "CREATE TABLE seals(id INTEGER PRIMARY KEY, seal INTEGER NOT NULL);",
};
constexpr int64_t kApplicationId = 0x5776546b;  // "WvTk"
constexpr auto kNewest = static_cast<int64_t>(kMigrations.size());

// The CREATE statements of all tables, in the order of their names.
Result<std::string> schema_of(SqliteDatabase& database) {
    Result<SqliteStatement> query =
        database.prepare("SELECT sql FROM sqlite_schema ORDER BY name, type");
    if (!query.ok()) return query.error();
    std::string schema;
    Step step = query.value().step();
    for (; step == Step::Row; step = query.value().step()) {
        schema.append(query.value().bytes(0)).push_back(';');
    }
    if (step == Step::Failed) return database.error("read the schema of");
    return schema;
}

// What the first `version` migrations make.
Result<std::string> schema_at(int64_t version) {
    Result<SqliteDatabase> model =
        SqliteDatabase::open({":memory:", ""}, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX);
    if (!model.ok()) return model.error();
    for (int64_t i = 0; i < version; ++i) {
        if (auto error = model.value().execute(kMigrations[static_cast<std::size_t>(i)]))
            return *std::move(error);
    }
    return schema_of(model.value());
}

// The first state of a new database, and the first seal.
std::optional<Error> begin_tables(SqliteDatabase& database, const StoredIdentity& identity) {
    Result<SqliteStatement> record =
        database.prepare("INSERT INTO records(id, content) VALUES(?1, ?2)");
    if (!record.ok()) return record.error();
    const StoredState state;
    const std::string records[] = {encode(identity), encode(state)};
    for (int64_t id = 1; id <= 2; ++id) {
        const std::string& content = records[id - 1];
        if (!record.value().bind(1, id).bind(2, std::string_view(content)).run())
            return database.error("create");
    }
    return database.execute(fmt::format("INSERT INTO seals(id, seal) VALUES(1, {})", state.seal));
}

std::optional<Error> run_migrations(SqliteDatabase& database, int64_t from,
                                    const StoredIdentity& identity) {
    for (int64_t i = from; i < kNewest; ++i) {
        if (auto error = database.execute(kMigrations[static_cast<std::size_t>(i)])) return error;
    }
    if (from == 0) {
        if (auto error = begin_tables(database, identity)) return error;
        if (auto error = database.execute(fmt::format("PRAGMA application_id={}", kApplicationId)))
            return error;
    }
    return database.execute(fmt::format("PRAGMA user_version={}", kNewest));
}

}  // namespace

Result<bool> is_new_database(SqliteDatabase& database) {
    const Result<int64_t> application = database.integer("PRAGMA application_id");
    if (!application.ok()) return application.error();
    const Result<int64_t> version = database.integer("PRAGMA user_version");
    if (!version.ok()) return version.error();
    const Result<std::string> schema = schema_of(database);
    if (!schema.ok()) return schema.error();
    if (application.value() == 0 && version.value() == 0 && schema.value().empty()) return true;
    if (application.value() != kApplicationId) {
        return Error{
            fmt::format("it is a database of another program (application_id {:#x}, not "
                        "{:#x})",
                        application.value(), kApplicationId)};
    }
    if (version.value() > kNewest) {
        return Error{
            fmt::format("its schema has version {}, this program knows versions up to {}: "
                        "use the newer program that wrote it",
                        version.value(), kNewest)};
    }
    const Result<std::string> expected = schema_at(version.value());
    if (!expected.ok()) return expected.error();
    if (version.value() < 1 || schema.value() != expected.value()) {
        return Error{
            fmt::format("its schema is not that of version {}: it is damaged", version.value())};
    }
    return false;
}

std::optional<Error> migrate(SqliteDatabase& database, const StoredIdentity& identity) {
    const Result<int64_t> version = database.integer("PRAGMA user_version");
    if (!version.ok()) return version.error();
    if (version.value() == kNewest) return std::nullopt;
    if (auto error = database.execute("BEGIN IMMEDIATE")) return error;
    if (auto error = run_migrations(database, version.value(), identity)) return error;
    return database.execute("COMMIT");
}

}  // namespace wavetank
