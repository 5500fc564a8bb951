// The quantiles of the two standard distributions at 1,025 evenly spaced places, with 32 fraction
// bits: the value at place i is not exceeded with probability i / 1024. Both distributions are
// endless; the table ends where nearly nothing is left, at 4 standard deviations and at 10 means.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wavetank {

// Places are 0 .. kQuantilePlaces, both included.
inline constexpr std::size_t kQuantilePlaces = 1024;
inline constexpr int64_t kNormalEnd = 4;
inline constexpr int64_t kExponentialEnd = 10;

// Of the normal distribution with mean 0 and standard deviation 1: symmetric, rising, from
// -kNormalEnd to kNormalEnd. Requires place <= kQuantilePlaces.
int64_t normal_quantile(std::size_t place);

// Of the exponential distribution with mean 1: rising, from 0 to kExponentialEnd. Requires
// place <= kQuantilePlaces.
int64_t exponential_quantile(std::size_t place);

}  // namespace wavetank
