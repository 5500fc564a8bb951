// Conversions between a node's time and true time.
#include "sim/kernel/node_clock.h"

#include <algorithm>
#include <limits>

#include "core/base/check.h"

namespace wavetank {
namespace {

__extension__ using Wide = __int128;
constexpr int64_t kMillion = 1'000'000;

}  // namespace

NodeClock::NodeClock(Duration offset, int64_t drift_ppm)
    : anchor_local_(Instant{} + offset), drift_ppm_(drift_ppm), pace_ppm_(drift_ppm) {
    CHECK(drift_ppm > -kMillion);
}

int64_t NodeClock::ran(int64_t passed) const {
    // Rounded down, also for times before the anchor: then the ceiling below is exact.
    const Wide product = static_cast<Wide>(passed) * (kMillion + pace_ppm_);
    const Wide quotient = product / kMillion;
    return static_cast<int64_t>(product < 0 && quotient * kMillion != product ? quotient - 1
                                                                              : quotient);
}

Instant NodeClock::true_time_of_drifting(Instant local_time, Instant now) const {
    if (local_time == Instant::never()) return Instant::never();
    const Wide wanted = (local_time - anchor_local_).nanos;
    if (wanted <= 0) return now;
    if (frozen()) return Instant::never();
    const Wide rate = kMillion + pace_ppm_;
    const Wide passed = (wanted * kMillion + rate - 1) / rate;
    if (passed > std::numeric_limits<int64_t>::max() - anchor_true_.nanos) return Instant::never();
    return std::max(now, anchor_true_ + Duration{static_cast<int64_t>(passed)});
}

void NodeClock::step(Instant now, Duration by) {
    anchor_local_ = local(now) + by;
    anchor_true_ = now;
}

void NodeClock::set_drift(Instant now, int64_t drift_ppm) {
    CHECK(drift_ppm > -kMillion);
    step(now, Duration{});
    drift_ppm_ = drift_ppm;
    if (!frozen()) pace_ppm_ = drift_ppm;
}

void NodeClock::freeze(Instant now) {
    step(now, Duration{});
    pace_ppm_ = kStandsStill;
}

void NodeClock::go_on(Instant now) {
    step(now, Duration{});
    pace_ppm_ = drift_ppm_;
}

}  // namespace wavetank
