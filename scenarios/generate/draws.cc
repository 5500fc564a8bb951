// Every draw is a hash; nothing is carried from one to the next.
#include "scenarios/generate/draws.h"

#include <algorithm>
#include <bit>

#include "core/base/hash.h"

namespace wavetank {
namespace {

constexpr uint64_t kPerMille = 1000;

}  // namespace

Draws::Draws(uint64_t seed) : seed_(mix(seed, hash_bytes("draws"))) {}

uint64_t Draws::bits(std::string_view decision, uint64_t ordinal) {
    const uint64_t name = hash_bytes(decision);
    const bool first_time = drawn_.insert({name, ordinal}).second;
    CHECK(first_time);
    return mix(mix(seed_, name), ordinal);
}

uint64_t Draws::between(std::string_view decision, Range range, uint64_t ordinal) {
    CHECK(range.min <= range.max);
    return range.min + below(bits(decision, ordinal), range.max - range.min + 1);
}

bool Draws::happens(std::string_view decision, uint64_t percent, uint64_t ordinal) {
    return below(bits(decision, ordinal), 100) < percent;
}

uint64_t Draws::scaled(std::string_view decision, Range range, uint64_t ordinal) {
    CHECK(range.min > 0);
    CHECK(range.min <= range.max);
    // First how many doublings of the smallest value, then where between that and the next.
    const uint64_t drawn = bits(decision, ordinal);
    const auto doublings = static_cast<uint64_t>(std::bit_width(range.max / range.min));
    const uint64_t low = range.min << below(drawn, doublings);
    const uint64_t high = std::min(range.max, 2 * low - 1);
    return low + below(mix(drawn, doublings), high - low + 1);
}

Duration Draws::scaled_time(std::string_view decision, Times times, uint64_t ordinal) {
    return times.unit * static_cast<int64_t>(scaled(decision, times.range, ordinal));
}

Ratio Draws::ratio(std::string_view decision, Range per_mille, uint64_t ordinal) {
    CHECK(per_mille.max <= kPerMille);
    return Ratio::of(between(decision, per_mille, ordinal), kPerMille);
}

}  // namespace wavetank
