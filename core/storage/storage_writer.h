// The connection that commits: carries out writes as rows (entry_run.h, stored_state.h), one
// transaction for all that are given at a time, and decides when SQLite's write-ahead log is copied
// into the database. That log is kept short and is written over again and again: syncing a file
// that grows costs up to twice as much.
//
// Tables:  records(id, content)    1: identity, 2: state
//          runs(first, entries)    the log, a run a row, by the index of its first entry
//          pieces(place, content)  of snapshots: slot << 62 | offset; u64 check, bytes
//          seals(id, seal)         number of the state record at the last checkpoint
// and the mark of the last seal (wal_audit.h) as record 3, which is read in SQLite's log only.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "core/base/result.h"
#include "core/raft/durable.h"
#include "core/storage/entry_run.h"
#include "core/storage/sqlite.h"
#include "core/storage/storage_recovery.h"
#include "core/storage/stored_state.h"

namespace wavetank {

class StorageWriter {
 public:
    // Takes a database with the newest schema, where it is, whose, and how long SQLite's log gets.
    static Result<std::unique_ptr<StorageWriter>> open(SqliteDatabase database,
                                                       const SqliteDatabase::Place& place,
                                                       ServerId server, uint32_t log_bytes);

    // See SqliteStorage.
    Result<Recovered> recover();
    Result<WriteId> commit(std::span<const Write> writes);
    void checkpoint_if_due();
    bool seal_due() const { return seal_due_; }
    std::optional<Error> seal();

 private:
    StorageWriter(SqliteDatabase database, const SqliteDatabase::Place& place)
        : database_(std::move(database)), place_(place) {}
    std::optional<Error> prepare();
    std::optional<Error> plan_checkpoints(ServerId server, uint32_t log_bytes);

    std::optional<Error> end_old_log();
    bool log_is_long() const { return frames_ >= frames_due_; }

    // carry_out, with what comes before it and, if it fails, after it.
    std::optional<Error> transact(std::span<const Write> writes);
    // One transaction; a seal, if there are no writes. If it is sealed, a checkpoint may follow.
    // False: SQLite failed, and has the error, unless failure_ is set.
    [[nodiscard]] bool carry_out(std::span<const Write> writes, bool sealed);
    [[nodiscard]] bool apply(const Write& write);
    [[nodiscard]] bool apply(const SnapshotPiece& piece);
    [[nodiscard]] bool apply(const SnapshotWrite& write);
    [[nodiscard]] bool apply(const Compaction& compaction);
    [[nodiscard]] bool truncate(LogIndex from);
    // Leaves no entry from `from` on in the run before it, and sets chain_ to what is there then.
    [[nodiscard]] bool end_log_before(LogIndex from);
    [[nodiscard]] bool chain_before(LogIndex from);
    [[nodiscard]] bool append(const EntryRange& range);
    [[nodiscard]] bool flush_run();
    [[nodiscard]] bool put_state();
    [[nodiscard]] bool put_mark();
    [[nodiscard]] bool put_pieces(const StoredSnapshot& snapshot, uint64_t offset,
                                  std::string_view bytes);
    [[nodiscard]] bool delete_pieces(uint32_t slot);
    static int log_grew(void* writer, sqlite3* handle, const char* name, int frames);

    SqliteDatabase database_;
    SqliteDatabase::Place place_;
    SqliteStatement begin_, commit_, rollback_;
    SqliteStatement put_record_, put_seal_, put_run_, put_piece_;
    SqliteStatement run_before_, run_from_, delete_runs_from_, delete_runs_before_, delete_pieces_;

    // As of the last transaction, and within one as far as it has come.
    bool recovered_ = false;
    StoredState state_;
    LogIndex last_;       // of the log
    uint64_t chain_ = 0;  // up to there
    EntryRunWriter run_;  // entries of this transaction that are no row yet

    int frames_ = 0;  // in SQLite's write-ahead log that are not all in the database yet
    int frames_max_ = 0;
    int frames_due_ = 0;           // for the next checkpoint
    bool checkpoint_due_ = false;  // the last transaction sealed the log for it
    bool seal_due_ = false;        // the last transaction was no seal
    std::optional<Error> failure_;
};

}  // namespace wavetank
