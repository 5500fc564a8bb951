// What a Raft core wants done. The caller owns the Output and keeps it between steps, so that its
// vectors keep their memory. Messages in it are always safe to send at once: whatever they promise
// is already durable (DESIGN D4).
#pragma once

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
    friend bool operator==(const Send&, const Send&) = default;
};

enum class ProposeStatus : uint8_t {
    Accepted,   // appended by this leader; whether it commits is not known yet
    NotLeader,  // definitely not appended
    Busy,       // definitely not appended: too much is uncommitted already
};
struct ProposeDone {
    uint64_t ticket = 0;
    ProposeStatus status = ProposeStatus::NotLeader;
    LogIndex index;  // Accepted: of the first command
    friend bool operator==(const ProposeDone&, const ProposeDone&) = default;
};

struct ReadDone {
    uint64_t ticket = 0;
    bool ok = false;  // false: not the leader (any more); ask another server
    LogIndex index;   // ok: serve the read once this index is applied
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
enum class StepDownReason : uint8_t { HigherTerm, QuorumLost, WriteFailed };
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
};
struct Refused {
    ServerId from;
    RefuseReason reason;
    friend bool operator==(const Refused&, const Refused&) = default;
};
using Event = std::variant<BecameFollower, BecamePreCandidate, BecameCandidate, BecameLeader,
                           SteppedDown, Committed, Refused>;

struct Output {
    Write write;              // for the storage; write.id zero: nothing
    std::vector<Send> sends;  // for the network, any time after this
    LogIndex apply_from;      // committed and durable entries to apply, apply_from..apply_upto;
    LogIndex apply_upto;      // empty when apply_upto < apply_from
    std::vector<ProposeDone> proposed;
    std::vector<ReadDone> reads;
    std::vector<Event> events;
    Instant deadline;  // call step(now, Wake{}) at this time, on this server's clock

    void clear() {
        write.clear();
        sends.clear();
        apply_from = LogIndex(1);
        apply_upto = LogIndex(0);
        proposed.clear();
        reads.clear();
        events.clear();
    }
};

}  // namespace wavetank
