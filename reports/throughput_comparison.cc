// Each row of another system looks for the first system's row of the same cell.
#include "reports/throughput_comparison.h"

#include <algorithm>

namespace wavetank {
namespace {

const ThroughputBar* bar_on(const ThroughputSession& session, const ThroughputRow& other) {
    for (const ThroughputBar& bar : session.bars) {
        if (bar.against == other.system && bar.concurrency == other.cell.concurrency) return &bar;
    }
    return nullptr;
}

ThroughputComparison compare(const ThroughputRow& own, const ThroughputRow& other,
                             const ThroughputBar* bar) {
    ThroughputComparison out{.cell = own.cell,
                             .against = other.system,
                             .own = own.messages_per_second,
                             .other = other.messages_per_second,
                             .own_p99 = own.p99,
                             .other_p99 = other.p99};
    const bool measured = own.measured > 0 && other.measured > 0;
    if (measured && out.other > 0) out.ratio = out.own / out.other;
    if (bar != nullptr) {
        out.bar = static_cast<double>(bar->percent_min) / 100;
        out.met = measured && out.ratio >= *out.bar && out.own_p99 < out.other_p99;
    }
    return out;
}

}  // namespace

std::vector<ThroughputComparison> comparisons_of(const ThroughputSession& session) {
    const std::vector<std::string> systems = systems_of(session);
    const std::vector<ThroughputRow> rows = rows_of(session);
    std::vector<ThroughputComparison> comparisons;
    for (const ThroughputRow& other : rows) {
        if (other.system == systems.front()) continue;
        const auto own = std::find_if(rows.begin(), rows.end(), [&](const ThroughputRow& row) {
            return row.system == systems.front() && row.cell == other.cell;
        });
        if (own == rows.end()) continue;
        const ThroughputBar* bar = bar_on(session, other);
        if (bar == nullptr && (own->measured == 0 || other.measured == 0)) continue;
        comparisons.push_back(compare(*own, other, bar));
    }
    return comparisons;
}

bool all_bars_met(const ThroughputSession& session) {
    const std::vector<ThroughputComparison> comparisons = comparisons_of(session);
    for (const ThroughputBar& bar : session.bars) {
        const bool has_cells =
            std::any_of(comparisons.begin(), comparisons.end(), [&](const auto& comparison) {
                return comparison.against == bar.against &&
                       comparison.cell.concurrency == bar.concurrency;
            });
        if (!has_cells) return false;
    }
    return std::all_of(comparisons.begin(), comparisons.end(),
                       [](const auto& comparison) { return comparison.met; });
}

}  // namespace wavetank
