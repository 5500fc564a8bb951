// Durable state in a SQLite database: hard state, log and snapshots of one server, in one file
// (raft.db, beside it SQLite's own -wal and -shm) of a directory of its own. The writes that have
// gathered are one transaction, and one sync. A crash at any point leaves a prefix of the
// transactions, never less than what was committed. What SQLite does not check is checked here:
// every entry, piece of a snapshot and record has a checksum, and the log is sealed (see
// stored_state.h), so damage is found, and refused, not carried on.
//
// Threads: one commits (commit, checkpoint, seal), another may read at the same time (read_entries,
// read_snapshot, damage). They share nothing but the files: each has a connection of its own, and a
// reader of SQLite's write-ahead log sees the last transaction that was durable when it began and
// waits for nobody. Before both, one of them opens and recovers.
//
// Stopping needs no ceremony: destroying the storage is to the files what a crash is. But damage to
// the transaction that was last in SQLite's log looks as if a crash had torn it, and would take
// with it what was promised. So a host that has been idle for a short time, or stops, calls seal:
// what was damaged after that is found. Before, rot *and* a crash must come within that time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/raft/durable.h"
#include "core/storage/gathering_vfs.h"
#include "core/storage/storage_reader.h"
#include "core/storage/storage_writer.h"

namespace wavetank {

class SqliteStorage {
 public:
    // What may be there. A file in which nothing was created yet is as none.
    enum class Opening : uint8_t { NewOrOld, OnlyOld, OnlyNew };
    struct Setup {
        std::string directory;  // exists; belongs to this server alone
        uint64_t cluster = 0;   // a number that no other cluster has
        ServerId server;
        // For a new database: what the cluster was created with; empty: waits to be added. An old
        // one keeps what it was created with. A server that has lost its disk must be given an
        // empty one: it may have voted before, and has no vote until it has caught up.
        Configuration configuration;
        std::string vfs;  // SQLite's name of the operating system; empty: the real one
        // Of a new database: a power of two, 512 to 65536. Large ones pay with large payloads.
        uint32_t page_bytes = 8192;
        // So much of SQLite's write-ahead log is used before it is copied into the database and
        // begun again. Less means more checkpoints, which sync twice; more, longer ones, and more
        // to read at a restart. At least a page.
        uint32_t log_bytes = 2 << 20;
        Opening opening = Opening::NewOrOld;
        std::string advice;  // what to do if that is not so: the end of the error
    };
    // Creates the database, or opens one that is there. An error, and nothing is changed, if it is
    // of another server, cluster or program, of a newer version, damaged, or in use, or not what
    // `opening` says.
    static Result<std::unique_ptr<SqliteStorage>> open(const Setup& setup);

    // What is durable, all of it verified. An error if anything is damaged: then nothing of it may
    // be used, because the server may have promised what is lost.
    Result<Recovered> recover();

    // Makes the writes durable together, in their order, and gives the last id. An error is final:
    // nobody knows what of this transaction the disk holds, and every later call fails as well.
    // Requires recover() before; ids that rise; at least one write.
    Result<WriteId> commit(std::span<const Write> writes) { return writer_->commit(writes); }
    // Moves what SQLite's log has gathered into the database, if it is time to. commit does it
    // itself, at its beginning; a host that calls this after it has passed on that a commit is
    // done keeps that time out of the next one.
    void checkpoint() { writer_->checkpoint_if_due(); }

    // After so much time without a commit a host should seal. It is longer than a sync of slow
    // disks takes, let alone a client that waits for each answer and then sends the next command:
    // whoever keeps the server busy never waits for a seal. It is short to bits that rot in years.
    static constexpr Duration kIdleBeforeSeal = milliseconds(20);
    // True if the last transaction is no seal.
    bool seal_due() const { return writer_->seal_due(); }
    // Writes one, if it is due: a transaction of some bytes, and a sync. Damage to what is durable
    // already is refused from then on, also at the end; damage to the seal itself loses nothing. An
    // error is as final as one of commit. Requires recover() before.
    std::optional<Error> seal() { return writer_->seal(); }

    // `count` entries from `first` on, but no further than the chunk of the log that `first` is in
    // (LogChunk). Nothing if one of them is not there, or damaged.
    std::optional<EntryRange> read_entries(LogIndex first, uint32_t count) {
        return reader_->read_entries(first, count);
    }
    // `size` bytes from `offset` on of the snapshot at `index`. Nothing if that is not the one that
    // is there, has less, or is damaged.
    using Piece = StorageReader::Piece;
    std::optional<Payload> read_snapshot(LogIndex index, Piece piece) {
        return reader_->read_snapshot(index, piece);
    }
    // The first damage that reading has met. A server that has any should stop.
    const std::optional<Error>& damage() const { return reader_->damage(); }
    // Of files, since it was opened. For any thread.
    uint64_t syncs() const { return vfs_->syncs(); }

 private:
    SqliteStorage() = default;

    // Closed in the opposite order: the lock goes last of the files.
    std::unique_ptr<GatheringVfs> vfs_;
    std::optional<SqliteDatabase> lock_;
    std::unique_ptr<StorageWriter> writer_;
    std::unique_ptr<StorageReader> reader_;
};

}  // namespace wavetank
