// Which options make sense together.
#include "core/raft/options.h"

namespace wavetank {

bool Options::valid(const char** why) const {
    const auto fail = [&](const char* reason) {
        *why = reason;
        return false;
    };
    if (!id) return fail("a server's id must not be zero");
    if (heartbeat_interval.nanos <= 0) return fail("heartbeat_interval must be positive");
    if (election_timeout_min <= heartbeat_interval) {
        return fail("election_timeout_min must be longer than heartbeat_interval");
    }
    if (election_timeout_max <= election_timeout_min) {
        return fail("election_timeout_max must be longer than election_timeout_min");
    }
    if (entries_per_message_max == 0 || bytes_per_message_max == 0) {
        return fail("a message must be allowed at least one entry and one byte");
    }
    if (window.messages_max == 0 || window.bytes_max == 0) {
        return fail("the window must allow at least one message and one byte");
    }
    if (writes_in_flight_max == 0) return fail("writes_in_flight_max must be at least 1");
    if (lease_duration.nanos < 0) return fail("lease_duration must not be negative");
    if (priority > kPriorityMax) return fail("priority must be at most 4");
    if (snapshot_piece_bytes == 0) return fail("snapshot_piece_bytes must be at least 1");
    if (snapshot_transfers_max == 0) return fail("snapshot_transfers_max must be at least 1");
    if (apply_entries_max == 0) return fail("apply_entries_max must be at least 1");
    if (catch_up_rounds_max == 0) return fail("catch_up_rounds_max must be at least 1");
    return true;
}

}  // namespace wavetank
