// Opening: the lock, the settings of the connections, whose database it is.
#include "core/storage/sqlite_storage.h"

#include <fmt/format.h>

#include <bit>

#include "core/storage/storage_schema.h"
#include "core/storage/wal_audit.h"

namespace wavetank {
namespace {

constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;

// What was tried, what is wrong, and what can be done.
Error refusal(const SqliteStorage::Setup& setup, const Error& why) {
    return Error{fmt::format("cannot use {}/raft.db as the disk of server {}: {}", setup.directory,
                             setup.server.value(), why.message)};
}

// Held as long as the connection is: no second process may use the directory. SQLite's own locks
// do not do that, because in a write-ahead log a reader beside the writer is welcome.
Result<SqliteDatabase> lock(const SqliteStorage::Setup& setup) {
    Result<SqliteDatabase> lock = SqliteDatabase::open({setup.directory + "/raft.lock", setup.vfs},
                                                       kFlags | SQLITE_OPEN_CREATE);
    if (!lock.ok()) return lock.error();
    if (auto error = lock.value().execute("BEGIN EXCLUSIVE")) {
        if ((lock.value().code() & 0xff) != SQLITE_BUSY) return *std::move(error);
        return Error{"another process is using it (raft.lock is taken): stop that one first"};
    }
    return lock;
}

// For every connection. What damage can do is kept small by cell_size_check; schemas are not
// trusted to call functions. Temporary tables, which no statement needs, would be in memory.
std::optional<Error> configure(SqliteDatabase& database, const char* more) {
    sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    return database.execute(std::string("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
                                        "PRAGMA temp_store=MEMORY; PRAGMA secure_delete=OFF;") +
                            more);
}

// FULL: a commit returns when its sync has. Checkpoints are decided by the writer, after it has
// sealed the log.
std::optional<Error> configure_writer(SqliteDatabase& database, uint32_t page_bytes) {
    if (auto error = configure(database, "")) return error;
    return database.execute(
        fmt::format("PRAGMA page_size={}; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                    "PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-8192;",
                    page_bytes));
}

std::optional<Error> check_opening(const SqliteStorage::Setup& setup, bool is_new) {
    if (is_new && setup.opening == SqliteStorage::Opening::OnlyOld) {
        return Error{"it holds no database: " + setup.advice};
    }
    if (!is_new && setup.opening == SqliteStorage::Opening::OnlyNew) {
        return Error{"it holds a database already: " + setup.advice};
    }
    return std::nullopt;
}

Result<SqliteDatabase> open_writer(const SqliteStorage::Setup& setup,
                                   const SqliteDatabase::Place& place) {
    Result<SqliteDatabase> database = SqliteDatabase::open(place, kFlags | SQLITE_OPEN_CREATE);
    if (!database.ok()) return database.error();
    const Result<bool> is_new = is_new_database(database.value());
    if (!is_new.ok()) return is_new.error();
    if (auto error = check_opening(setup, is_new.value())) return *std::move(error);
    if (auto error = configure_writer(database.value(), setup.page_bytes)) return *std::move(error);
    const StoredIdentity ours{setup.cluster, setup.server, setup.configuration};
    if (auto error = migrate(database.value(), ours)) return *std::move(error);
    const Result<StoredIdentity> found = read_identity(database.value());
    if (!found.ok()) return found.error();
    if (found.value().cluster != setup.cluster || found.value().server != setup.server) {
        return Error{fmt::format(
            "it belongs to server {} of cluster {:016x}, not to server {} of cluster {:016x}",
            found.value().server.value(), found.value().cluster, setup.server.value(),
            setup.cluster)};
    }
    return database;
}

Result<SqliteDatabase> open_reader(const SqliteDatabase::Place& place) {
    Result<SqliteDatabase> database = SqliteDatabase::open(place, kFlags);
    if (!database.ok()) return database.error();
    if (auto error = configure(database.value(), "PRAGMA query_only=ON;")) return *std::move(error);
    return database;
}

}  // namespace

Result<std::unique_ptr<SqliteStorage>> SqliteStorage::open(const Setup& setup) {
    if (!std::has_single_bit(setup.page_bytes) || setup.page_bytes < 512 ||
        setup.page_bytes > 65536) {
        return Error{fmt::format("pages of {} bytes: not a power of two from 512 to 65536",
                                 setup.page_bytes)};
    }
    std::unique_ptr<SqliteStorage> storage(new SqliteStorage);
    storage->vfs_ = GatheringVfs::over(setup.vfs);
    if (!storage->vfs_) return Error{fmt::format("SQLite knows no VFS \"{}\"", setup.vfs)};
    const SqliteDatabase::Place place{setup.directory + "/raft.db", storage->vfs_->name()};
    if (setup.opening == Opening::OnlyOld) {
        // Before any file is created: what is refused leaves nothing behind.
        const Result<bool> is_new = nothing_there(place);
        if (!is_new.ok()) return refusal(setup, is_new.error());
        if (auto error = check_opening(setup, is_new.value())) return refusal(setup, *error);
    }
    Result<SqliteDatabase> guard = lock(setup);
    if (!guard.ok()) return refusal(setup, guard.error());
    storage->lock_ = std::move(guard.value());
    const Result<WalExtent> log = audit_wal(place);
    if (!log.ok()) return refusal(setup, log.error());
    Result<SqliteDatabase> database = open_writer(setup, place);
    if (!database.ok()) return refusal(setup, database.error());
    auto writer =
        StorageWriter::open(std::move(database.value()), place, setup.server, setup.log_bytes);
    if (!writer.ok()) return refusal(setup, writer.error());
    storage->writer_ = std::move(writer.value());
    Result<SqliteDatabase> second = open_reader(place);
    if (!second.ok()) return refusal(setup, second.error());
    auto reader = StorageReader::open(std::move(second.value()));
    if (!reader.ok()) return refusal(setup, reader.error());
    storage->reader_ = std::move(reader.value());
    return storage;
}

Result<Recovered> SqliteStorage::recover() {
    Result<Recovered> found = writer_->recover();
    if (found.ok()) return found;
    return Error{fmt::format(
        "{}: this disk cannot be trusted. Replace the server: remove it from the cluster, empty "
        "its directory, and add it again; it will get everything from the others",
        found.error().message)};
}

}  // namespace wavetank
