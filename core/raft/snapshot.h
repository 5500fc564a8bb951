// What a snapshot is to the protocol (paper section 7): where it stands in the log, who the members
// were there, and how to recognise its bytes. The bytes themselves (the machine and the client
// sessions, as the host wrote them) stay in storage; the core only says which pieces go where.
#pragma once

#include <cstdint>

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/quorum/configuration.h"

namespace wavetank {

// The last entry that was removed from the beginning of a log, and what must be remembered of it:
// its term for the consistency check, the digest of the log up to it, its time for the entry after
// it. The log of a new server begins after index 0.
struct LogBase {
    LogIndex index;
    Term term;
    uint64_t chain = 0;  // see chain_entry
    ClockReading clock;  // of that entry
    friend bool operator==(const LogBase&, const LogBase&) = default;
};

struct SnapshotMeta {
    LogBase last;                 // the last entry whose effects it contains
    Configuration configuration;  // in force at that entry, hence committed (zoo S07)
    uint64_t bytes = 0;           // size of the data; zero for a witness, which keeps no data
    uint64_t digest = 0;          // hash_bytes of the data; zero if there is none

    LogIndex index() const { return last.index; }
    friend bool operator==(const SnapshotMeta&, const SnapshotMeta&) = default;
};

}  // namespace wavetank
