// LatencyHistogram: how often which latency was seen, in buckets whose width is at most 1/64 of
// their value. Recording costs a few nanoseconds, memory does not grow, and histograms of several
// runs can be added.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/time.h"

namespace wavetank {

class LatencyHistogram {
 public:
    void record(Duration latency);
    void add(const LatencyHistogram& other);

    uint64_t count() const { return count_; }
    // Requires count() > 0.
    Duration mean() const;
    Duration max() const { return max_; }
    // What so many of a million are not above, rounded up to the end of its bucket: 990'000 is the
    // 99th percentile. Zero if nothing was recorded.
    Duration at_most(uint64_t of_a_million) const;

 private:
    static std::size_t bucket_of(uint64_t nanos);
    static uint64_t end_of(std::size_t bucket);

    std::vector<uint64_t> buckets_;
    uint64_t count_ = 0;
    uint64_t sum_nanos_ = 0;
    Duration max_;
};

}  // namespace wavetank
