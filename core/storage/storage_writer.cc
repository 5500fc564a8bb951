// Transactions, and when to checkpoint. What a write does to the tables is in storage_changes.cc.
#include "core/storage/storage_writer.h"

#include <fmt/format.h>

#include "core/base/check.h"
#include "core/storage/wal_audit.h"

namespace wavetank {
namespace {

// How much of SQLite's log is used before the first checkpoint: less, and another part of it at
// each server. All servers of a cluster write the same; if they also checkpointed at the same time,
// nobody would be left to commit meanwhile. Neighbouring ids are far apart (multiples of the golden
// ratio).
int first_of(int frames, ServerId server) {
    const auto turn = static_cast<uint32_t>(server.value() * 2654435769U);
    return static_cast<int>((int64_t{frames} * turn) >> 32);
}

}  // namespace

Result<std::unique_ptr<StorageWriter>> StorageWriter::open(SqliteDatabase database,
                                                           const SqliteDatabase::Place& place,
                                                           ServerId server, uint32_t log_bytes) {
    std::unique_ptr<StorageWriter> writer(new StorageWriter(std::move(database), place));
    if (auto error = writer->prepare()) return *std::move(error);
    if (auto error = writer->plan_checkpoints(server, log_bytes)) return *std::move(error);
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
    return std::nullopt;
}

std::optional<Error> StorageWriter::plan_checkpoints(ServerId server, uint32_t log_bytes) {
    const Result<int64_t> page_bytes = database_.integer("PRAGMA page_size");
    if (!page_bytes.ok()) return page_bytes.error();
    frames_max_ = static_cast<int>(log_bytes / page_bytes.value());
    frames_due_ = first_of(frames_max_, server);
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
    state_ = content.value().state;
    last_ = content.value().last;
    chain_ = content.value().chain;
    if (!recovered_) {
        if (auto error = end_old_log()) return *std::move(error);
    }
    recovered_ = true;
    return std::move(content.value().recovered);
}

// After a crash the end of SQLite's log may hold remains of a transaction. SQLite would write the
// next one over them; if that were cut off as well, the two could not be told from damage.
std::optional<Error> StorageWriter::end_old_log() {
    const Result<WalExtent> log = audit_wal(place_);
    if (!log.ok()) return log.error();
    if (log.value().bytes == 0) return std::nullopt;
    frames_ = static_cast<int>(log.value().frames);
    if (log.value().committed < log.value().bytes) {
        if (auto error = cut_wal(place_, log.value().committed)) return error;
    }
    if (!carry_out({}, true)) return database_.error("seal");
    checkpoint_if_due();
    return failure_;
}

Result<WriteId> StorageWriter::commit(std::span<const Write> writes) {
    CHECK(!writes.empty());
    if (auto error = transact(writes)) return *std::move(error);
    return writes.back().id;
}

std::optional<Error> StorageWriter::seal() {
    return seal_due_ ? transact({}) : failure_;
}

std::optional<Error> StorageWriter::transact(std::span<const Write> writes) {
    CHECK(recovered_);
    checkpoint_if_due();
    if (failure_ || carry_out(writes, log_is_long())) return failure_;
    if (!failure_) failure_ = database_.error("write to");
    if (sqlite3_get_autocommit(database_.handle()) == 0) (void)rollback_.run();
    return failure_;
}

bool StorageWriter::carry_out(std::span<const Write> writes, bool sealed) {
    const bool is_seal = writes.empty();
    bool new_state = sealed || is_seal;
    for (const Write& write : writes) {
        new_state |= write.hard_state || write.piece || write.snapshot || write.compaction ||
                     write.truncate_from;
    }
    if (new_state) ++state_.seal;
    if (!begin_.run()) return false;
    WriteId before;
    for (const Write& write : writes) {
        CHECK(before < write.id);
        before = write.id;
        if (!apply(write)) return false;
    }
    if (!flush_run()) return false;
    if (new_state && !put_state()) return false;
    if (sealed && !put_seal_.bind(1, static_cast<int64_t>(state_.seal)).run()) return false;
    if (is_seal && !put_mark()) return false;
    if (!commit_.run()) return false;
    checkpoint_due_ = sealed;
    seal_due_ = !is_seal;
    return true;
}

void StorageWriter::checkpoint_if_due() {
    if (!checkpoint_due_ || failure_) return;
    checkpoint_due_ = false;
    frames_due_ = frames_max_;
    // PASSIVE: waits for no reader. What a reader still needs is copied the next time. The
    // transactions are safe in the log, but a disk that fails here is not to be trusted.
    int frames = 0;
    int copied = 0;
    const int code = sqlite3_wal_checkpoint_v2(database_.handle(), nullptr,
                                               SQLITE_CHECKPOINT_PASSIVE, &frames, &copied);
    if (code != SQLITE_OK) {
        failure_ = database_.error("checkpoint");
    } else if (copied == frames) {
        frames_ = 0;
    }
}

}  // namespace wavetank
