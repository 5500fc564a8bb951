// Buckets: the position of the highest bit, and the six bits after it.
#include "bench/load/histogram.h"

#include <algorithm>
#include <bit>

#include "core/base/check.h"

namespace wavetank {
namespace {

constexpr unsigned kBits = 6;
constexpr uint64_t kExact = uint64_t{1} << kBits;  // smaller values have a bucket of their own

}  // namespace

std::size_t LatencyHistogram::bucket_of(uint64_t nanos) {
    if (nanos < kExact) return nanos;
    const auto shift = static_cast<unsigned>(std::bit_width(nanos)) - 1 - kBits;
    return (std::size_t{shift} + 1) * kExact + (nanos >> shift) - kExact;
}

uint64_t LatencyHistogram::end_of(std::size_t bucket) {
    if (bucket < kExact) return bucket;
    const auto shift = static_cast<unsigned>(bucket / kExact - 1);
    return ((bucket % kExact + kExact + 1) << shift) - 1;
}

void LatencyHistogram::record(Duration latency) {
    const auto nanos = static_cast<uint64_t>(std::max<int64_t>(latency.nanos, 0));
    const std::size_t bucket = bucket_of(nanos);
    if (bucket >= buckets_.size()) buckets_.resize(bucket + 1);
    ++buckets_[bucket];
    ++count_;
    sum_nanos_ += nanos;
    max_ = std::max(max_, Duration{static_cast<int64_t>(nanos)});
}

void LatencyHistogram::add(const LatencyHistogram& other) {
    buckets_.resize(std::max(buckets_.size(), other.buckets_.size()));
    for (std::size_t i = 0; i < other.buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
    sum_nanos_ += other.sum_nanos_;
    max_ = std::max(max_, other.max_);
}

Duration LatencyHistogram::mean() const {
    CHECK(count_ > 0);
    return {static_cast<int64_t>(sum_nanos_ / count_)};
}

Duration LatencyHistogram::at_most(uint64_t of_a_million) const {
    __extension__ using Wide = unsigned __int128;
    const auto wanted = static_cast<uint64_t>((Wide{count_} * of_a_million + 999'999) / 1'000'000);
    uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
        seen += buckets_[bucket];
        if (seen > 0 && seen >= wanted) {
            return std::min(max_, Duration{static_cast<int64_t>(end_of(bucket))});
        }
    }
    return max_;
}

}  // namespace wavetank
