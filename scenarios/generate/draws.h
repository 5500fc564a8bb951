// Keyed draws for a generator of setups. A decision has a name ("cluster.servers"), and its value
// is a hash of seed, name and ordinal; so a generator that learns to decide one more thing leaves
// all that a seed meant before as it was. Integers only, the same everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string_view>
#include <utility>

#include "core/base/check.h"
#include "core/base/time.h"
#include "sim/world/ratio.h"

namespace wavetank {

class Draws {
 public:
    explicit Draws(uint64_t seed);

    // 64 random bits. Two decisions of one name would always agree, so each may be drawn only once;
    // `ordinal` tells those apart that are of the same kind, such as one for each server.
    uint64_t bits(std::string_view decision, uint64_t ordinal = 0);

    struct Range {
        uint64_t min;
        uint64_t max;
    };
    uint64_t between(std::string_view decision, Range range, uint64_t ordinal = 0);
    // So many times out of 100.
    bool happens(std::string_view decision, uint64_t percent, uint64_t ordinal = 0);
    template <class Value, std::size_t N>
    Value one_of(std::string_view decision, const Value (&values)[N], uint64_t ordinal = 0) {
        return values[between(decision, {0, N - 1}, ordinal)];
    }

    // As likely from 1 to 2 as from 100 to 200: where small values are as interesting as large
    // ones. Requires 0 < range.min <= range.max.
    uint64_t scaled(std::string_view decision, Range range, uint64_t ordinal = 0);
    // The same for times, in whole steps of `unit`.
    struct Times {
        Duration unit;
        Range range;
    };
    Duration scaled_time(std::string_view decision, Times times, uint64_t ordinal = 0);
    // A whole number of tenths of a percent, so that a file can say it exactly.
    Ratio ratio(std::string_view decision, Range per_mille, uint64_t ordinal = 0);

 private:
    uint64_t seed_;
    std::set<std::pair<uint64_t, uint64_t>> drawn_;  // (hash of the name, ordinal)
};

}  // namespace wavetank
