// A node's own clock: an offset and a drift against true time, both of which may change; and it may
// stand still for a while. Integers only. Local time is what the server sees; the simulator keeps
// true time.
#pragma once

#include "core/base/time.h"

namespace wavetank {

class NodeClock {
 public:
    NodeClock() = default;
    // local = true + offset at true time zero; from there it runs at 1 + drift_ppm / 10^6.
    // Requires drift_ppm > -1'000'000.
    NodeClock(Duration offset, int64_t drift_ppm);

    Instant local(Instant true_time) const {
        const int64_t passed = (true_time - anchor_true_).nanos;
        if (pace_ppm_ == 0) return anchor_local_ + Duration{passed};
        return anchor_local_ + Duration{ran(passed)};
    }
    // The first true time, not before `now`, at which the local clock shows `local_time` or later;
    // never if it does not get there as it is.
    Instant true_time_of(Instant local_time, Instant now) const {
        if (pace_ppm_ != 0 || local_time == Instant::never()) {
            return true_time_of_drifting(local_time, now);
        }
        const Instant at = anchor_true_ + (local_time - anchor_local_);
        return at < now ? now : at;
    }

    // From `now` on the clock is `by` further (or, if negative, back).
    void step(Instant now, Duration by);
    // Requires drift_ppm > -1'000'000. A frozen clock stays frozen.
    void set_drift(Instant now, int64_t drift_ppm);
    int64_t drift_ppm() const { return drift_ppm_; }

    // Stands still from `now` on; goes on from where it stood.
    void freeze(Instant now);
    void go_on(Instant now);
    bool frozen() const { return pace_ppm_ == kStandsStill; }

 private:
    static constexpr int64_t kStandsStill = -1'000'000;
    // How far the clock runs in `passed` nanoseconds of true time.
    int64_t ran(int64_t passed) const;
    Instant true_time_of_drifting(Instant local_time, Instant now) const;

    Instant anchor_true_;
    Instant anchor_local_;
    int64_t drift_ppm_ = 0;
    int64_t pace_ppm_ = 0;  // at which it runs now: drift_ppm_, or kStandsStill
};

}  // namespace wavetank
