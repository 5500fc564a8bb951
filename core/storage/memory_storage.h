// Durable state in memory: the same rules as a disk, without its cost. Writes are queued and become
// durable in order; a crash keeps all that was synced, and of the rest what the caller decides:
// some whole writes, then perhaps the beginning of the next one. A write is carried out in this
// order: hard state, piece of a snapshot, snapshot together with compaction, truncation, entries
// one by one. Fast enough to put millions of writes a second under crashes.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/quorum/configuration.h"
#include "core/raft/configurations.h"
#include "core/raft/durable.h"

namespace wavetank {

class MemoryStorage {
 public:
    // Holds `initial`, all of it durable. Requires neither a snapshot nor pieces of one in it:
    // their bytes are not there.
    explicit MemoryStorage(const Recovered& initial);

    // Queues a write; it is not durable yet. Requires ids that rise. Takes from `write`.
    void submit(Write& write);
    // Makes the oldest queued write durable and returns its id. Requires pending() > 0.
    WriteId sync_one();
    std::size_t pending() const { return pending_; }
    // The number of durable steps in the queued write at this position, for torn writes: hard state
    // 1, piece 1, snapshot with compaction 1, truncation 1, each entry 1. Requires pending() >
    // position.
    std::size_t parts(std::size_t position) const;

    // What a crash leaves of the queue: `whole` writes, then the first `parts` steps of the next.
    struct Survivors {
        std::size_t whole = 0;
        std::size_t parts = 0;
    };
    void crash(Survivors survivors);

    // What a server starts from. An error if something does not fit its digest: nothing of this
    // storage can be trusted then.
    Result<Recovered> recover() const;

    // --- What is durable ---
    // `count` entries from `first` on, but no further than the chunk of the log that `first` is in
    // (LogChunk). Nothing if one of them is not there.
    std::optional<EntryRange> read_entries(LogIndex first, uint32_t count) const;
    // `size` bytes from `offset` on of the snapshot at `index`. Nothing if that is not the one that
    // is there, or has less.
    struct Piece {
        uint64_t offset;
        uint64_t size;
    };
    std::optional<Payload> read_snapshot(LogIndex index, Piece piece) const;

    const HardState& hard_state() const { return hard_state_; }
    const LogBase& base() const { return base_; }
    LogIndex last_index() const { return base_.index.plus(entries_.size()); }
    // Requires base().index < index <= last_index().
    const Entry& entry_at(LogIndex index) const;
    const std::optional<SnapshotMeta>& snapshot() const { return snapshot_; }
    std::optional<Recovered::Partial> partial() const;
    // The newest one in the log, or that of the snapshot, or (index 0) the one the cluster began
    // with.
    Configurations::Placed configuration() const;

 private:
    // The write at this position of the queue; at pending() the place of the next one.
    Write& at(std::size_t position) {
        const std::size_t place = first_ + position;
        return ring_[place < ring_.size() ? place : place - ring_.size()];
    }
    const Write& at(std::size_t position) const {
        return const_cast<MemoryStorage*>(this)->at(position);
    }
    void grow();
    void apply(const Write& write, std::size_t parts);
    void apply(const SnapshotPiece& piece);
    void apply(const SnapshotWrite& write);
    void apply(const Compaction& compaction);

    Configuration configuration_;  // the cluster began with
    HardState hard_state_;
    LogBase base_;
    std::deque<Entry> entries_;  // after base_; never moves what it holds
    std::optional<SnapshotMeta> snapshot_;
    Payload snapshot_data_;
    std::optional<SnapshotMeta> collecting_;  // whose pieces are in `collected_`
    std::string collected_;

    // The queue: a ring whose unused places keep their vectors' memory.
    std::vector<Write> ring_;
    std::size_t first_ = 0;  // the oldest write's place
    std::size_t pending_ = 0;
};

}  // namespace wavetank
