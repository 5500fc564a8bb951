// The bounds of client sessions. Part of the replicated state machine's rules: all servers of a
// cluster must have the same, or their machines differ.
#pragma once

#include <cstdint>

#include "core/base/time.h"

namespace wavetank {

struct SessionLimits {
    // Opening one more closes the one that was not used for the longest time.
    uint32_t sessions_max = 4096;
    // Replies kept for a client that has not acknowledged them: a command is refused if its number
    // is so much higher than the lowest one that is not acknowledged.
    uint32_t replies_max = 256;
    // A session that is not used for so long by the replicated time (Entry::time) is closed.
    Duration expire_after = seconds(3600);
    friend bool operator==(const SessionLimits&, const SessionLimits&) = default;
};

}  // namespace wavetank
