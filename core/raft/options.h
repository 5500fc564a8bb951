// The knobs of one server. All servers of a cluster should agree on the times.
#pragma once

#include <cstdint>

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/quorum/progress.h"

namespace wavetank {

struct Options {
    ServerId id;

    // A follower that hears nothing for a random time in [min, max) asks for an election (paper
    // 5.2). Within the minimum after hearing a leader it refuses others (thesis 4.2.3), and a
    // leader that hears no majority for that long steps down (thesis 6.2).
    Duration election_timeout_min = milliseconds(150);
    Duration election_timeout_max = milliseconds(300);
    Duration heartbeat_interval = milliseconds(50);

    // One AppendEntries carries at most this much. A single larger entry still travels, alone. Also
    // bounded by a chunk of the log (LogChunk::kEntries).
    uint32_t entries_per_message_max = 256;
    uint64_t bytes_per_message_max = 1 << 20;

    // Unanswered AppendEntries with entries to one follower.
    InflightWindow::Limits window{.messages_max = 128, .bytes_max = 8 << 20};

    // Writes handed to storage and not yet done. More changes wait and join into the next write.
    uint32_t writes_in_flight_max = 4;

    // A leader refuses proposals (`Busy`) beyond this much that is not committed.
    uint64_t uncommitted_bytes_max = 64 << 20;

    // Reads waiting for their round; more are refused.
    uint32_t pending_reads_max = 4096;

    // True if the numbers make sense together; otherwise `why` says which do not.
    bool valid(const char** why) const;
    friend bool operator==(const Options&, const Options&) = default;
};

}  // namespace wavetank
