// The identifiers of the protocol, each its own type. Zero means "none" for all of them: servers,
// terms, log indexes and writes are numbered from one (paper figure 2: "first index is 1").
#pragma once

#include "core/base/strong.h"

namespace wavetank {

// A member of the Raft cluster, unique for the life of the cluster.
using ServerId = Strong<struct ServerIdTag, uint32_t>;

// Where a reply goes: one client, or one of several lanes of a client that share a session.
using ClientId = Strong<struct ClientIdTag, uint64_t>;

// A client session in the replicated state, for exactly-once (thesis 6.3): the index of the entry
// that opened it.
using SessionId = Strong<struct SessionIdTag, uint64_t>;

// A Raft term: logical time that only rises (paper 5.1).
using Term = StrongOrdinal<struct TermTag, uint64_t>;

// A position in the log, from 1.
using LogIndex = StrongOrdinal<struct LogIndexTag, uint64_t>;

// A durable change handed to storage. Increasing; completion is a prefix (DESIGN D3).
using WriteId = StrongOrdinal<struct WriteIdTag, uint64_t>;

}  // namespace wavetank
