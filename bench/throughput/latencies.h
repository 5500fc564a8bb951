// The latencies of one load, every one kept: percentiles are exact, and a million of them is 8 MB.
#pragma once

#include <vector>

#include "bench/throughput/system.h"
#include "core/base/time.h"

namespace wavetank::bench {

class Latencies {
 public:
    void add(Duration latency) { nanos_.push_back(latency.nanos); }
    std::size_t count() const { return nanos_.size(); }

    // Sets p50, p99, p999 and max of `outcome`: the smallest latency that at least this share of
    // the messages does not exceed. Sets zeros if there is none.
    void summarize(LoadOutcome* outcome);

 private:
    std::vector<int64_t> nanos_;
};

}  // namespace wavetank::bench
