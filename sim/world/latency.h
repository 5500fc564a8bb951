// Latency: how long a message or a disk write takes, as a distribution. For drawing, every kind is
// turned into a table of 1,025 quantiles, computed in integers only, so that one draw costs a
// look-up and gives the same nanoseconds on every compiler and machine. The tails of the endless
// distributions end at 4 standard deviations and at 10 means (quantiles.h).
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/time.h"
#include "sim/world/ratio.h"

namespace wavetank {

enum class LatencyKind : uint8_t {
    Constant,     // base
    Uniform,      // base .. base + spread
    Exponential,  // base + an exponential of mean `spread`
    Normal,       // mean base, standard deviation spread; not below zero
    LogNormal,    // median base > 0; `spread` >= base is the value one standard deviation up (84th
                  // percentile)
    Bimodal,      // base, or base + spread with probability `slow`
    Table,        // measured: `quantiles`, evenly spaced from the smallest to the largest value
};

struct Latency {
    LatencyKind kind = LatencyKind::Constant;
    Duration base;
    Duration spread;
    Ratio slow;                       // Bimodal
    std::vector<Duration> quantiles;  // Table: at least two, not falling
    Duration max = {INT64_MAX};       // nothing takes longer: cuts the tail
    friend bool operator==(const Latency&, const Latency&) = default;
};

// True if the numbers make sense together; otherwise `why` says which do not.
bool valid(const Latency& latency, const char** why);

class LatencySampler {
 public:
    // 64 random bits: the upper ones choose a place of the table, the others where between it and
    // the next.
    static constexpr int kPlaceBits = 10;
    static constexpr int kBetweenBits = 64 - kPlaceBits;

    LatencySampler() : LatencySampler(Latency{}) {}
    // Requires valid(latency).
    explicit LatencySampler(const Latency& latency);

    // The latency for 64 random bits: their value as a quantile, interpolated between table places.
    // Never falls when `bits` rises. Bimodal is not interpolated: the share of slow draws is exact.
    Duration sample(uint64_t bits) const {
        // Inverted, so that it is the upper bits that are slow.
        if (table_.empty()) return {slow_.happens(~bits) ? high_ : low_};

        __extension__ using Wide = __int128;
        const std::size_t place = bits >> kBetweenBits;
        const auto between = static_cast<int64_t>(bits & ((uint64_t{1} << kBetweenBits) - 1));
        const int64_t gap = table_[place + 1] - table_[place];
        return {table_[place] + static_cast<int64_t>((Wide{gap} * between) >> kBetweenBits)};
    }

    // What no draw goes below or above.
    Duration smallest() const { return {table_.empty() ? low_ : table_.front()}; }
    Duration largest() const { return {table_.empty() ? high_ : table_.back()}; }

 private:
    // Constant and Bimodal have no table: `high_` is drawn with probability `slow_`, else `low_`.
    int64_t low_ = 0;
    int64_t high_ = 0;
    Ratio slow_;
    std::vector<int64_t> table_;  // nanoseconds at quantile i / 1024, not falling
};

}  // namespace wavetank
