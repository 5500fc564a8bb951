// The durability ledger (DESIGN D3, D4): which changes of term, vote, log and snapshot have been
// handed to the storage, under which WriteId, and which of them are done. It answers the one
// question on which the safety of Raft rests: *after which write is what I am about to promise
// durable?*
//
// Completion is a prefix: Written{upto} covers every write up to it. So a late completion of a
// write that was overwritten since (the ABA race of callback designs) cannot be mistaken for a
// newer one.
#pragma once

#include <optional>
#include <vector>

#include "core/raft/durable.h"
#include "core/raft/log.h"

namespace wavetank {

class WriteLedger {
 public:
    // Everything recovered from disk is durable.
    explicit WriteLedger(LogIndex recovered_last) : unissued_from_(recovered_last.next()) {}

    void hard_state_changed() { hard_state_unissued_ = true; }
    // Entries at and after `from` were removed from the log; called before anything is appended
    // there.
    void truncated(LogIndex from);
    // A piece of a leader's snapshot. Requires !piece_waiting().
    void piece_arrived(SnapshotPiece piece);
    bool piece_waiting() const { return piece_.has_value(); }
    // A snapshot of our own, and the compaction that comes with it, if any.
    void snapshot_taken(SnapshotWrite snapshot, const std::optional<Compaction>& compaction);
    // A leader's snapshot took the place of the whole log, which agreed with the leader's, and
    // thus with the snapshot, before index `differs_from`.
    void log_replaced(SnapshotWrite snapshot, LogIndex differs_from);

    // Moves everything not yet issued into `write` under the next id. Leaves write.id zero when
    // there is nothing to write or too much is in flight already.
    struct Source {
        const HardState& hard_state;
        const Log& log;
    };
    void issue(const Source& source, uint32_t in_flight_max, Write& write);
    // True if issue() has something to hand out, with a log up to `last`.
    bool anything_unissued(LogIndex last) const {
        return hard_state_unissued_ || truncation_unissued_ || unissued_from_ <= last || piece_ ||
               snapshot_;
    }
    // The write that what is unissued now will be part of.
    WriteId next_id() const { return issued_.next(); }

    // Storage reports a prefix as done. False, and nothing happens, for an id never issued.
    [[nodiscard]] bool written(WriteId upto);

    // The highest index such that the log as it is now is durable up to there.
    LogIndex durable_index() const;

    // The write after which the current hard state, and the log up to `upto`, are durable; zero if
    // they are already.
    WriteId covering(LogIndex upto) const;
    bool issued(WriteId id) const { return id && id <= issued_; }
    // True if everything up to write `id` is durable.
    bool done(WriteId id) const { return id <= done_; }
    bool any_in_flight() const { return !in_flight_.empty(); }

    friend bool operator==(const WriteLedger& a, const WriteLedger& b);
    void add_to(Digest& digest) const;

 private:
    struct InFlight {
        WriteId id;
        bool hard_state = false;
        LogIndex first;  // lowest index it touches; LogIndex max if none
        friend bool operator==(const InFlight&, const InFlight&) = default;
    };
    static constexpr LogIndex kNoIndex{UINT64_MAX};

    std::vector<InFlight> in_flight_;  // oldest first
    WriteId issued_;                   // the newest id given out
    WriteId done_;                     // the newest id known to be durable
    LogIndex unissued_from_;           // entries from here on are not in any write yet
    LogIndex truncation_unissued_;  // zero: none; else the lowest index removed and not yet issued
    bool hard_state_unissued_ = false;
    std::optional<SnapshotPiece> piece_;
    std::optional<SnapshotWrite> snapshot_;
    std::optional<Compaction> compaction_;  // only with a snapshot
    LogIndex replaced_from_ = kNoIndex;     // of the unissued snapshot, if it replaces the log
};

}  // namespace wavetank
