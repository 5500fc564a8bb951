// DiskShadow: what a server's disk holds by the oracles' own account: what survives any crash, and
// the writes that are on their way. It carries out writes by the rules of core/raft/durable.h.
#pragma once

#include <optional>
#include <vector>

#include "core/raft/durable.h"
#include "sim/check/log_shadow.h"

namespace wavetank {

// A change on its way to the disk, as Write says it.
struct UnsyncedWrite {
    WriteId id;
    bool has_hard_state = false;
    HardState hard_state;
    // Of a snapshot and of the beginning of the log. Rare, and large, so kept apart.
    struct Rare {
        std::optional<SnapshotPiece> piece;
        std::optional<SnapshotMeta> snapshot;
        bool collected = false;
        std::optional<LogIndex> base;  // compaction up to here
        EntryId replaced_by;           // the whole log is replaced by the one that ends so
        bool whole_log = false;
    };
    std::optional<Rare> rare;
    LogIndex truncate_from;        // zero: nothing is removed
    LogIndex first;                // of `entries`
    std::vector<EntryId> entries;  // appended
};

// Pieces of a snapshot on its way, in order and without gaps.
struct PartialShadow {
    SnapshotMeta meta;
    uint64_t bytes = 0;
    std::vector<Payload> pieces;
};

struct DiskShadow {
    // What survives any crash. `log` is whole; the disk has only what is after `base`.
    HardState hard_state;
    LogShadow log;
    LogIndex base;
    bool has_initial = false;  // the configuration that the cluster was created with
    std::optional<SnapshotMeta> snapshot;
    std::optional<PartialShadow> partial;

    // Issued and not known to be synced, oldest first; the first `unsynced_count` places are in
    // use, the others keep their memory for later.
    std::vector<UnsyncedWrite> unsynced;
    std::size_t unsynced_count = 0;
    WriteId newest_write;  // of this incarnation

    UnsyncedWrite& add_unsynced();
    void drop_first_unsynced();

    // --- Once everything issued is carried out ---
    LogIndex issued_last() const;
    // Requires index <= issued_last(). Zero for what a snapshot has replaced.
    EntryId issued_at(LogIndex index) const;
    LogIndex issued_base() const;
    LogIndex issued_snapshot() const;  // its index; zero: none

    // --- The steps of a write; `whole` is the log that snapshots are taken of ---
    void collect(const SnapshotPiece& piece);
    void take_snapshot(const UnsyncedWrite::Rare& write, const LogShadow& whole);
};

}  // namespace wavetank
