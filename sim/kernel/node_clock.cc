// Conversions between a node's time and true time.
#include "sim/kernel/node_clock.h"

#include <algorithm>

#include "core/base/check.h"

namespace wavetank {
namespace {

__extension__ using Wide = __int128;
constexpr int64_t kMillion = 1'000'000;

}  // namespace

NodeClock::NodeClock(Duration offset, int64_t drift_ppm)
    : anchor_local_(Instant{} + offset), drift_ppm_(drift_ppm) {
    CHECK(drift_ppm > -kMillion);
}

int64_t NodeClock::drifted(int64_t passed) const {
    return static_cast<int64_t>(static_cast<Wide>(passed) * drift_ppm_ / kMillion);
}

Instant NodeClock::true_time_of(Instant local_time, Instant now) const {
    if (local_time == Instant::never()) return Instant::never();
    const int64_t wanted = (local_time - anchor_local_).nanos;
    if (drift_ppm_ == 0) return std::max(now, anchor_true_ + Duration{wanted});
    if (wanted <= 0) return now;
    const Wide rate = kMillion + drift_ppm_;
    int64_t passed = static_cast<int64_t>((static_cast<Wide>(wanted) * kMillion + rate - 1) / rate);
    // Rounding of `drifted` can leave it a nanosecond short.
    while (passed + drifted(passed) < wanted) ++passed;
    return std::max(now, anchor_true_ + Duration{passed});
}

void NodeClock::step(Instant now, Duration by) {
    anchor_local_ = local(now) + by;
    anchor_true_ = now;
}

void NodeClock::set_drift(Instant now, int64_t drift_ppm) {
    CHECK(drift_ppm > -kMillion);
    step(now, Duration{});
    drift_ppm_ = drift_ppm;
}

}  // namespace wavetank
