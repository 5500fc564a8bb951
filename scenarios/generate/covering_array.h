// A pairwise covering array: few rows in which every value of every factor meets every value of
// every other one. Most failures that hang on options hang on one or two of them, and two dozen
// rows find those where all combinations would be thousands.
//
// Made greedily, always in the same way: a row begins with the first pair that is missing, then
// each other factor takes the value that adds the most missing pairs.
#pragma once

#include <cstdint>
#include <vector>

namespace wavetank {

// A value for each factor.
using CoveringRow = std::vector<uint32_t>;

// `values[f]` is the number of values of factor f, at least 1. With one factor each value has a
// row; with none there is one empty row.
std::vector<CoveringRow> covering_array(const std::vector<uint32_t>& values);

}  // namespace wavetank
