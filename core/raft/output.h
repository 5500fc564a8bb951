// What a Raft core wants done. The caller owns the Output and keeps it between steps, so that its
// vectors keep their memory. Messages in it are always safe to send at once: whatever they promise
// is already durable (DESIGN D4).
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/raft/durable.h"
#include "core/raft/messages.h"

namespace wavetank {

struct Send {
    ServerId to;
    Message message;
    // What the host puts into the message from its storage before it leaves, because the core does
    // not hold it: up to this many entries of an AppendEntries from prev_log_index + 1 on, at least
    // one, within Options::bytes_per_message_max (a single larger one travels alone); this many
    // bytes of an InstallSnapshot from `offset` on. What storage cannot give (any more) is not
    // sent: to the core that is a lost message. At most one of the two is not zero.
    uint32_t entries_to_fetch = 0;
    uint32_t bytes_to_fetch = 0;
    bool stubs_only = false;  // the fetched commands travel as stubs, to a witness
    friend bool operator==(const Send&, const Send&) = default;
};

enum class ProposeStatus : uint8_t {
    Accepted,   // appended by this leader; whether it commits is not known yet
    NotLeader,  // definitely not appended
    Busy,       // definitely not appended: too much is uncommitted, or the leadership moves
    Forwarded,  // sent to the leader
};
struct ProposeDone {
    uint64_t ticket = 0;
    ProposeStatus status = ProposeStatus::NotLeader;
    LogIndex index;  // Accepted: of the first command
    friend bool operator==(const ProposeDone&, const ProposeDone&) = default;
};

// What became of a proposal that was Accepted or Forwarded.
enum class OutcomeKind : uint8_t {
    Committed,  // all of it is committed, the first command at `index`, the others after it
    Lost,       // something else is committed in its place: it never takes effect
    Unknown,    // it may be committed or not, or a part of it; nobody here will ever know
};
struct Outcome {
    uint64_t ticket = 0;
    OutcomeKind kind = OutcomeKind::Unknown;
    LogIndex index;
    friend bool operator==(const Outcome&, const Outcome&) = default;
};

enum class ChangeStatus : uint8_t {
    Done,           // the new configuration is committed
    NotLeader,      // nothing was done
    Busy,           // nothing was done: a change or transfer is under way, or this leader has not
                    // committed an entry of its own term yet (zoo M01)
    Invalid,        // nothing was done: not a possible set of members
    CatchUpFailed,  // new voters stayed learners: too slow
    Unknown,        // the leadership was lost meanwhile
};
struct ChangeDone {
    uint64_t ticket = 0;
    ChangeStatus status = ChangeStatus::NotLeader;
    friend bool operator==(const ChangeDone&, const ChangeDone&) = default;
};

enum class TransferStatus : uint8_t {
    Done,       // the target was asked to campaign, and this server does not lead any more
    NotLeader,  // nothing was done
    Busy,       // nothing was done: another transfer is under way
    Invalid,    // nothing was done: the target is no voter that may lead, or is this server
    TimedOut,   // this server goes on leading
    Unknown,    // the leadership was lost before the target was asked
};
struct TransferDone {
    uint64_t ticket = 0;
    TransferStatus status = TransferStatus::NotLeader;
    friend bool operator==(const TransferDone&, const TransferDone&) = default;
};

struct ReadDone {
    uint64_t ticket = 0;
    bool ok = false;  // false: not the leader (any more); ask another server
    LogIndex index;   // ok: serve the read once this index is applied
    bool by_lease = false;
    friend bool operator==(const ReadDone&, const ReadDone&) = default;
};

// What happened, as values: the core never logs. An event is a claim; the oracles verify it.
struct BecameFollower {
    Term term;
    ServerId leader;
    friend bool operator==(const BecameFollower&, const BecameFollower&) = default;
};
struct BecamePreCandidate {
    Term term;
    friend bool operator==(const BecamePreCandidate&, const BecamePreCandidate&) = default;
};
struct BecameCandidate {
    Term term;
    friend bool operator==(const BecameCandidate&, const BecameCandidate&) = default;
};
struct BecameLeader {
    Term term;
    friend bool operator==(const BecameLeader&, const BecameLeader&) = default;
};
enum class StepDownReason : uint8_t { HigherTerm, QuorumLost, WriteFailed, DiskStalled, Removed };
struct SteppedDown {
    Term term;  // the term it led
    StepDownReason reason;
    friend bool operator==(const SteppedDown&, const SteppedDown&) = default;
};
struct Committed {
    Term term;
    LogIndex index;
    friend bool operator==(const Committed&, const Committed&) = default;
};
// Input that no correct server sends. It was ignored.
enum class RefuseReason : uint8_t {
    NotMember,          // a vote request from outside the configuration, or from ourselves
    TwoLeaders,         // AppendEntries of our own term while we lead it
    CommittedConflict,  // entries that differ from what is committed
    BadEntries,         // entries of a later term than the message, or falling terms
    BeyondLog,          // an acknowledgement of entries we do not have
    BadTerm,            // term zero, or one so high that no later one could follow
    LeaderRewrites,     // a leader that changes entries it has sent in the same term
    Corrupt,            // a payload that does not fit its digest
    BadSnapshot,        // a snapshot that contradicts what is committed, or pieces that do not fit
    BadConfiguration,   // an entry that should hold a configuration and does not
    WrongKind,          // what is for a witness, at a full member, or the other way round: it was
                        // meant for an earlier server of this name, or this one is set up wrongly
};
struct Refused {
    ServerId from;
    RefuseReason reason;
    friend bool operator==(const Refused&, const Refused&) = default;
};
// Another configuration is in force, because the log got or lost an entry, or by a snapshot.
struct ConfigurationChanged {
    LogIndex index;  // of its entry; zero: the one the cluster was created with
    friend bool operator==(const ConfigurationChanged&, const ConfigurationChanged&) = default;
};
struct SnapshotInstalled {
    LogIndex index;
    friend bool operator==(const SnapshotInstalled&, const SnapshotInstalled&) = default;
};
// The log now begins after `index`.
struct Compacted {
    LogIndex index;
    friend bool operator==(const Compacted&, const Compacted&) = default;
};
using Event =
    std::variant<BecameFollower, BecamePreCandidate, BecameCandidate, BecameLeader, SteppedDown,
                 Committed, Refused, ConfigurationChanged, SnapshotInstalled, Compacted>;

struct Output {
    Write write;              // for the storage; write.id zero: nothing
    std::vector<Send> sends;  // for the network, any time after this
    // Load the machine and the sessions from this snapshot, which is durable, before applying.
    std::optional<SnapshotMeta> restore;
    LogIndex apply_from;         // committed and durable entries to apply, apply_from..apply_upto;
    LogIndex apply_upto;         // empty when apply_upto < apply_from
    bool more_to_apply = false;  // drain again when this is done
    // The log has grown enough since the last snapshot: take one, as of what is applied by now, and
    // step SnapshotTaken when it is written down. Said once.
    bool snapshot_wanted = false;
    std::vector<ProposeDone> proposed;
    std::vector<Outcome> outcomes;
    std::vector<ChangeDone> changes;
    std::vector<TransferDone> transfers;
    std::vector<ReadDone> reads;
    std::vector<Event> events;
    Instant deadline;  // call step(now, Wake{}) at this time, on this server's clock

    void clear() {
        write.clear();
        sends.clear();
        restore.reset();
        apply_from = LogIndex(1);
        apply_upto = LogIndex(0);
        more_to_apply = false;
        snapshot_wanted = false;
        proposed.clear();
        outcomes.clear();
        changes.clear();
        transfers.clear();
        reads.clear();
        events.clear();
    }
};

}  // namespace wavetank
