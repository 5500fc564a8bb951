// Availability: the longest time in which clients waited, none of them was answered, and yet a
// majority of the servers was running and connected. Raft owes progress in such times, after an
// election at most; the figure says how long it took at worst. It is a measurement, not a verdict.
#pragma once

#include <algorithm>

#include "core/base/time.h"

namespace wavetank {

class Availability {
 public:
    // The majority is healthy from `now` on, or is not.
    void on_health(bool healthy, Instant now) {
        if (healthy == healthy_) return;
        close(now);
        healthy_ = healthy;
        waiting_since_ = now;
    }
    void on_invoke(Instant now) {
        if (open_++ == 0) waiting_since_ = now;
    }
    void on_complete(bool ok, Instant now) {
        if (ok) close(now);
        --open_;
    }
    // Up to the end of the run.
    Duration longest(Instant now) {
        close(now);
        return longest_;
    }

 private:
    void close(Instant now) {
        if (healthy_ && open_ > 0) longest_ = std::max(longest_, now - waiting_since_);
        waiting_since_ = now;
    }

    bool healthy_ = true;
    uint64_t open_ = 0;
    Instant waiting_since_;
    Duration longest_;
};

}  // namespace wavetank
