// Everything that can happen to a Raft core.
#pragma once

#include <span>
#include <variant>

#include "core/base/ids.h"
#include "core/base/payload.h"
#include "core/raft/messages.h"

namespace wavetank {

// A message arrived. `from` is what the transport has authenticated, not what the message claims.
struct Recv {
    ServerId from;
    Message message;
};

// The deadline of the last Output was reached (or at any other time: it does no harm).
struct Wake {};

// Append these commands, all or none. The answer is one ProposeDone with the same ticket, and if
// that is Accepted or Forwarded, later one Outcome. Tickets are chosen by the caller and never
// reused.
struct Propose {
    uint64_t ticket = 0;
    std::span<const Payload> commands;
};

// Make the cluster consist of these members: voters, learners and witnesses, any change in one step
// (paper section 6, joint consensus). `outgoing` must be empty. New voters first catch up as
// learners. Answered by one ChangeDone with the same ticket.
struct ChangeMembers {
    uint64_t ticket = 0;
    Configuration::Members members;
};

// Hand the leadership to `target`, or to whoever is best if zero (thesis 3.10). Answered by one
// TransferDone with the same ticket.
struct Transfer {
    uint64_t ticket = 0;
    ServerId target;
};

// The host has written down its machine and sessions as they were when `index` was applied last,
// because an Output asked for it or for reasons of its own. An older one than we have is dropped.
struct SnapshotTaken {
    LogIndex index;
    Payload data;  // empty at a witness, and only there
};

// A linearizable read wants to know the index it must wait for: from a lease, or by confirming the
// leadership (ReadIndex, thesis 6.4). Answered by one ReadDone with the same ticket. Tickets are
// chosen by the caller and never reused. A follower asks its leader, if Options::follower_reads.
struct Read {
    uint64_t ticket = 0;
};

// Storage has made every write up to `upto` durable.
struct Written {
    WriteId upto;
};

// Storage could not make write `id` durable. Final: this log never acknowledges anything again.
struct WriteFailed {
    WriteId id;
};

using Input = std::variant<Recv, Wake, Propose, Read, Written, WriteFailed, ChangeMembers, Transfer,
                           SnapshotTaken>;

}  // namespace wavetank
