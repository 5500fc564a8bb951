// What a server keeps through a crash, and how changes of it travel (DESIGN D3).
#pragma once

#include <optional>
#include <vector>

#include "core/base/ids.h"
#include "core/quorum/configuration.h"
#include "core/raft/entry.h"
#include "core/raft/snapshot.h"

namespace wavetank {

// Paper figure 2, persistent state: written before anything that depends on it is said.
struct HardState {
    Term current_term;
    ServerId voted_for;  // in current_term; zero: nobody
    // A server that began with an empty disk has held everything that was committed by then.
    // Before, it has no vote: under the same name it may have voted, or held entries, in an earlier
    // life.
    bool joined = false;
    friend bool operator==(const HardState&, const HardState&) = default;
};

// A piece of a snapshot that a leader is sending. A piece of another snapshot than the one before,
// or with offset 0, throws away what was collected; else it continues it.
struct SnapshotPiece {
    SnapshotMeta meta;
    uint64_t offset = 0;
    Payload data;
};

// A snapshot takes the place of the one before it, together with the compaction of the same write.
struct SnapshotWrite {
    SnapshotMeta meta;
    bool collected = false;  // the data are the pieces collected so far, else `data`
    Payload data;
};

// The beginning of the log goes: entries up to base.index, or the whole log, which then goes on
// after base.index.
struct Compaction {
    LogBase base;
    bool whole_log = false;
};

// One atomic change of the durable state, carried out in the order of its fields.
struct Write {
    WriteId id;  // zero: nothing to write
    std::optional<HardState> hard_state;
    std::optional<SnapshotPiece> piece;
    std::optional<SnapshotWrite> snapshot;
    std::optional<Compaction> compaction;
    std::optional<LogIndex> truncate_from;  // entries at and after this index are removed
    std::vector<EntryRange> append;         // consecutive ranges; the first continues the log

    void clear() {
        id = WriteId();
        hard_state.reset();
        piece.reset();
        snapshot.reset();
        compaction.reset();
        truncate_from.reset();
        append.clear();
    }
};

// What a server finds on its disk when it starts. Storage has verified the digests of entries and
// snapshot.
struct Recovered {
    Configuration configuration;  // the one the cluster was created with; empty: waits to be added
    HardState hard_state;
    std::vector<Entry> entries;  // from base.index + 1
    LogBase base;                // base.index <= snapshot index
    std::optional<SnapshotMeta> snapshot;
    // Pieces of a snapshot on its way, with the bytes that are there.
    struct Partial {
        SnapshotMeta meta;
        uint64_t bytes = 0;
        friend bool operator==(const Partial&, const Partial&) = default;
    };
    std::optional<Partial> partial;
};

}  // namespace wavetank
