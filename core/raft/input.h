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

// Append these commands, all or none. The answer is one ProposeDone with the same ticket.
struct Propose {
    uint64_t ticket = 0;
    std::span<const Payload> commands;
};

// A linearizable read wants to know the index it must wait for (ReadIndex, thesis 6.4). Answered by
// one ReadDone with the same ticket. Tickets are chosen by the caller and never reused.
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

using Input = std::variant<Recv, Wake, Propose, Read, Written, WriteFailed>;

}  // namespace wavetank
