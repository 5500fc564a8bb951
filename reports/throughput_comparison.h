// The first system of a session beside each of the others, cell by cell: ratios, and whether the
// bars that the plan names are reached. Systems measured in one sitting, in turns, saw the same
// machine; so ratios say more than the figures they come from.
#pragma once

#include <optional>
#include <vector>

#include "reports/throughput.h"

namespace wavetank {

struct ThroughputComparison {
    ThroughputCell cell;
    std::string against;
    double own = 0, other = 0;  // messages/s
    double ratio = 0;           // own / other
    Duration own_p99, other_p99;
    std::optional<double> bar;  // the least ratio wanted; the p99 must also be below the other's
    bool met = true;            // without a bar always true
};

// Cells in which either side measured nothing are left out, unless a bar is on them: then the bar
// is missed.
std::vector<ThroughputComparison> comparisons_of(const ThroughputSession& session);

// True if every bar of the session has cells, and is met in all of them.
bool all_bars_met(const ThroughputSession& session);

}  // namespace wavetank
