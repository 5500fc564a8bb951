// Tables of quantiles, computed in integers. All sums are made in 128 bits and cut to the latency's
// `max` at the end, so no valid latency overflows.
#include "sim/world/latency.h"

#include <algorithm>

#include "core/base/check.h"
#include "sim/world/fixed_point.h"
#include "sim/world/quantiles.h"

namespace wavetank {
namespace {

__extension__ using Wide = __int128;

constexpr int kPlaceBits = LatencySampler::kPlaceBits;
static_assert(kQuantilePlaces == std::size_t{1} << kPlaceBits);

int64_t cut(Wide nanos, Duration max) {
    return static_cast<int64_t>(std::clamp(nanos, Wide{0}, Wide{max.nanos}));
}

// The product of a span and a number with 32 fraction bits, rounded down.
Wide times(Duration span, int64_t factor) {
    return (Wide{span.nanos} * factor) >> 32;
}

Wide uniform(const Latency& latency, std::size_t place) {
    return latency.base.nanos +
           ((Wide{latency.spread.nanos} * static_cast<int64_t>(place)) >> kPlaceBits);
}

// log2(spread / base), with 32 fraction bits: one standard deviation of a lognormal.
int64_t log2_deviation(const Latency& latency) {
    return static_cast<int64_t>(log2_of(static_cast<uint64_t>(latency.spread.nanos)) -
                                log2_of(static_cast<uint64_t>(latency.base.nanos)));
}

// base * 2^(deviation * z), where z is the standard normal quantile: exactly base in the middle,
// and spread one standard deviation above it.
Wide log_normal(const Latency& latency, int64_t deviation, std::size_t place) {
    const Wide exponent = (Wide{deviation} * normal_quantile(place)) >> 32;
    const int64_t whole = static_cast<int64_t>(exponent >> 32);  // below 4 * 63 either way
    if (whole > 62) return latency.max.nanos;
    if (whole < -64) return 0;

    const uint64_t mantissa = exp2_of_fraction(static_cast<uint32_t>(exponent));
    return (Wide{latency.base.nanos} * static_cast<int64_t>(mantissa)) >> (62 - whole);
}

// Between the two measured values next to the place.
Wide measured(const std::vector<Duration>& quantiles, std::size_t place) {
    const std::size_t position = place * (quantiles.size() - 1);  // with 10 fraction bits
    const std::size_t index = position >> kPlaceBits;
    if (index + 1 == quantiles.size()) return quantiles.back().nanos;

    const auto between = static_cast<int64_t>(position % kQuantilePlaces);
    const Duration gap = quantiles[index + 1] - quantiles[index];
    return quantiles[index].nanos + ((Wide{gap.nanos} * between) >> kPlaceBits);
}

// The latencies at quantiles 0, 1/1024, .. 1. Requires a kind other than Constant and Bimodal.
std::vector<int64_t> quantile_table(const Latency& latency) {
    const bool is_log_normal = latency.kind == LatencyKind::LogNormal;
    const int64_t deviation = is_log_normal ? log2_deviation(latency) : 0;
    const auto nanos_at = [&](std::size_t place) -> Wide {
        switch (latency.kind) {
            case LatencyKind::Constant:
            case LatencyKind::Bimodal:
                break;
            case LatencyKind::Uniform:
                return uniform(latency, place);
            case LatencyKind::Exponential:
                return latency.base.nanos + times(latency.spread, exponential_quantile(place));
            case LatencyKind::Normal:
                return latency.base.nanos + times(latency.spread, normal_quantile(place));
            case LatencyKind::LogNormal:
                return log_normal(latency, deviation, place);
            case LatencyKind::Table:
                return measured(latency.quantiles, place);
        }
        check_failed("this kind of latency has a table", __FILE__, __LINE__);
    };

    std::vector<int64_t> table;
    table.reserve(kQuantilePlaces + 1);
    for (std::size_t place = 0; place <= kQuantilePlaces; ++place) {
        table.push_back(cut(nanos_at(place), latency.max));
    }
    CHECK(std::is_sorted(table.begin(), table.end()));
    return table;
}

// What does not fit together, or null.
const char* objection(const Latency& latency) {
    const Duration zero;
    if (latency.base < zero || latency.spread < zero || latency.max < zero) {
        return "times must not be negative";
    }
    switch (latency.kind) {
        case LatencyKind::Constant:
        case LatencyKind::Uniform:
        case LatencyKind::Exponential:
        case LatencyKind::Normal:
        case LatencyKind::Bimodal:
            return nullptr;
        case LatencyKind::LogNormal:
            if (latency.base == zero) return "a lognormal needs a median above zero";
            if (latency.spread < latency.base) {
                return "a lognormal's value one deviation up must not be below its median";
            }
            return nullptr;
        case LatencyKind::Table:
            if (latency.quantiles.size() < 2) return "a table needs at least two values";
            if (latency.quantiles.front() < zero) return "times must not be negative";
            if (!std::is_sorted(latency.quantiles.begin(), latency.quantiles.end())) {
                return "the values of a table must not fall";
            }
            return nullptr;
    }
    return "no such kind of latency";
}

}  // namespace

bool valid(const Latency& latency, const char** why) {
    const char* problem = objection(latency);
    if (problem == nullptr) return true;
    *why = problem;
    return false;
}

LatencySampler::LatencySampler(const Latency& latency) {
    CHECK(objection(latency) == nullptr);
    if (latency.kind == LatencyKind::Bimodal) slow_ = latency.slow;
    if (latency.kind == LatencyKind::Constant || latency.kind == LatencyKind::Bimodal) {
        low_ = cut(latency.base.nanos, latency.max);
        high_ = cut(Wide{latency.base.nanos} + latency.spread.nanos, latency.max);
        // What is never drawn is neither the smallest nor the largest.
        if (slow_.never()) high_ = low_;
        if (slow_ == Ratio::always()) low_ = high_;
    } else {
        table_ = quantile_table(latency);
    }
}

}  // namespace wavetank
