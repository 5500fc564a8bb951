// Nearest rank: the figure is one of the measured ones.
#include "bench/throughput/latencies.h"

#include <algorithm>

namespace wavetank::bench {

void Latencies::summarize(LoadOutcome* outcome) {
    std::sort(nanos_.begin(), nanos_.end());
    const auto at = [&](std::size_t per_mille) {
        if (nanos_.empty()) return Duration{};
        const std::size_t rank = (nanos_.size() * per_mille + 999) / 1'000;
        return Duration{nanos_[std::max<std::size_t>(rank, 1) - 1]};
    };
    outcome->p50 = at(500);
    outcome->p99 = at(990);
    outcome->p999 = at(999);
    outcome->max = at(1'000);
}

}  // namespace wavetank::bench
