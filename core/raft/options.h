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

    // Proposals that are accepted or forwarded and whose outcome is open; more are Busy.
    uint32_t open_proposals_max = 65'536;
    // A follower sends proposals on to its leader instead of refusing them.
    bool forward_proposals = false;
    // A follower asks its leader for read indexes instead of refusing reads.
    bool follower_reads = false;

    // Above zero: reads are served from a lease this long, as long as the clock's error is known
    // (LeaseGuard; see lease.cc). The same at all servers, or two of them may serve reads at the
    // same time: a new leader waits as long as *its* lease says.
    Duration lease_duration{};

    // A witness keeps no payloads and has no machine. What a server is, it stays as long as its
    // disk lasts, and its configuration must say the same: the log of a server that was a witness
    // makes no full member. It is an option, because a server that catches up meets old
    // configurations, in which it may have been something else.
    bool witness = false;

    // Who should lead, from 1; a server waits (kPriorityMax - priority) minimum election timeouts
    // longer before it asks for an election. The handicap halves with every timeout that passes
    // without a leader, so that a lower one leads in the end. Zero: never campaigns.
    static constexpr uint32_t kPriorityMax = 4;
    uint32_t priority = kPriorityMax;

    // A snapshot is wanted when so many entries, or bytes of payloads, were applied since the last
    // one; zero: never for this reason. After it, so many entries before it stay in the log, for
    // followers that are a little behind.
    uint64_t snapshot_entries = 0;
    uint64_t snapshot_bytes = 0;
    uint64_t snapshot_trailing_entries = 1024;
    // A snapshot travels in pieces of this size, one at a time to each follower, and to so many
    // followers at once.
    uint32_t snapshot_piece_bytes = 256 << 10;
    uint32_t snapshot_transfers_max = 2;

    // Entries that one Output hands out to be applied.
    uint32_t apply_entries_max = 1024;
    // Applied entries that stay in memory; older ones are fetched from storage when a slow follower
    // needs them. Zero: all of them.
    uint64_t log_memory_entries = 0;

    // A new voter has caught up when one of so many rounds, each what the leader had appended when
    // it began, took less than the minimum election timeout (thesis 4.2.1).
    uint32_t catch_up_rounds_max = 10;

    // True if the numbers make sense together; otherwise `why` says which do not.
    bool valid(const char** why) const;
    friend bool operator==(const Options&, const Options&) = default;
};

}  // namespace wavetank
