// Tables of quantiles, computed in integers.
#include "sim/world/latency.h"

#include "core/base/check.h"

namespace wavetank {

bool valid(const Latency& latency, const char** why) {
    if (latency.base.nanos < 0 || latency.spread.nanos < 0 || latency.max.nanos < 0) {
        *why = "times must not be negative";
        return false;
    }
    return true;
}

LatencySampler::LatencySampler(const Latency& latency) : base_(latency.base) {
    CHECK(latency.kind == LatencyKind::Constant);
}

Duration LatencySampler::sample(uint64_t) const { return base_; }

}  // namespace wavetank
