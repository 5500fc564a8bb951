// Transactions, and when to checkpoint. What a write does to the tables is in storage_changes.cc.
#include "core/storage/storage_writer.h"

#include <fmt/format.h>

#include "core/base/check.h"

namespace wavetank {
namespace {

// So much of SQLite's write-ahead log is used before it is begun again. Less means more
// checkpoints, which sync twice; more is read again at a restart, and leaves the caches.
constexpr int64_t kLogBytes = 4 << 20;

}  // namespace

Result<std::unique_ptr<StorageWriter>> StorageWriter::open(SqliteDatabase database) {
    std::unique_ptr<StorageWriter> writer(new StorageWriter(std::move(database)));
    if (auto error = writer->prepare()) return *std::move(error);
    return writer;
}

std::optional<Error> StorageWriter::prepare() {
    const struct {
        SqliteStatement& statement;
        const char* sql;
    } all[] = {
        {begin_, "BEGIN IMMEDIATE"},
        {commit_, "COMMIT"},
        {rollback_, "ROLLBACK"},
        {put_record_, "INSERT OR REPLACE INTO records(id, content) VALUES(?1, ?2)"},
        {put_seal_, "INSERT OR REPLACE INTO seals(id, seal) VALUES(1, ?1)"},
        {put_run_, "INSERT OR REPLACE INTO runs(first, entries) VALUES(?1, ?2)"},
        {put_piece_, "INSERT INTO pieces(place, content) VALUES(?1, ?2)"},
        {run_before_,
         "SELECT first, entries FROM runs WHERE first < ?1 ORDER BY first DESC LIMIT 1"},
        {run_from_, "SELECT first, entries FROM runs WHERE first >= ?1 ORDER BY first LIMIT 1"},
        {delete_runs_from_, "DELETE FROM runs WHERE first >= ?1"},
        {delete_runs_before_,
         "DELETE FROM runs WHERE first < (SELECT max(first) FROM runs WHERE first <= ?1)"},
        {delete_pieces_, "DELETE FROM pieces WHERE place BETWEEN ?1 AND ?2"},
    };
    for (const auto& [statement, sql] : all) {
        Result<SqliteStatement> prepared = database_.prepare(sql);
        if (!prepared.ok()) return prepared.error();
        statement = std::move(prepared.value());
    }
    const Result<int64_t> page_bytes = database_.integer("PRAGMA page_size");
    if (!page_bytes.ok()) return page_bytes.error();
    frames_max_ = static_cast<int>(kLogBytes / page_bytes.value());
    sqlite3_wal_hook(database_.handle(), &StorageWriter::log_grew, this);
    return std::nullopt;
}

int StorageWriter::log_grew(void* writer, sqlite3*, const char*, int frames) {
    static_cast<StorageWriter*>(writer)->frames_ = frames;
    return SQLITE_OK;
}

Result<Recovered> StorageWriter::recover() {
    Result<StorageContent> content = read_storage(database_);
    if (!content.ok()) return content.error();
    if (!recovered_) {
        // A new log of SQLite's: in the old one, remains of the transaction that a crash cut off
        // could come to lie behind the next one that is cut off (see wal_audit.h).
        const int code = sqlite3_wal_checkpoint_v2(database_.handle(), nullptr,
                                                   SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
        if (code != SQLITE_OK) return database_.error("checkpoint");
    }
    state_ = content.value().state;
    last_ = content.value().last;
    chain_ = content.value().chain;
    recovered_ = true;
    return std::move(content.value().recovered);
}

Result<WriteId> StorageWriter::commit(std::span<const Write> writes) {
    CHECK(recovered_);
    CHECK(!writes.empty());
    if (failure_) return *failure_;
    checkpoint_if_due();
    if (!failure_ && carry_out(writes)) return writes.back().id;
    if (!failure_) failure_ = database_.error("write to");
    if (sqlite3_get_autocommit(database_.handle()) == 0) (void)rollback_.run();
    return *failure_;
}

bool StorageWriter::carry_out(std::span<const Write> writes) {
    const bool due = frames_ >= frames_max_ || !sealed_;
    bool more_than_entries = due;
    for (const Write& write : writes) {
        more_than_entries |= write.hard_state || write.piece || write.snapshot ||
                             write.compaction || write.truncate_from;
    }
    if (more_than_entries) ++state_.seal;
    if (!begin_.run()) return false;
    WriteId before;
    for (const Write& write : writes) {
        CHECK(before < write.id);
        before = write.id;
        if (!apply(write)) return false;
    }
    if (!flush_run()) return false;
    if (more_than_entries && !seal()) return false;
    if (due && !put_seal_.bind(1, static_cast<int64_t>(state_.seal)).run()) return false;
    if (!commit_.run()) return false;
    checkpoint_due_ = due;
    sealed_ = true;
    return true;
}

void StorageWriter::checkpoint_if_due() {
    if (!checkpoint_due_ || failure_) return;
    // PASSIVE: waits for no reader. What a reader still needs is copied the next time.
    const int code = sqlite3_wal_checkpoint_v2(database_.handle(), nullptr,
                                               SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    checkpoint_due_ = false;
    // The transactions are safe in the log, but a disk that fails here is not to be trusted.
    if (code != SQLITE_OK) failure_ = database_.error("checkpoint");
}

}  // namespace wavetank
