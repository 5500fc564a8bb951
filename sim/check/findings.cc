// Keeping the first findings. Nothing is dropped silently: what is not kept is counted, and the
// first one of a run is always there, because it is the cause or the closest to it; those that
// follow are mostly its consequences.
#include "sim/check/findings.h"

#include <algorithm>

namespace wavetank {

bool Findings::keeps(std::string_view oracle) const {
    if (kept_.size() >= kKeptMax) return false;
    const auto of_oracle = std::count_if(kept_.begin(), kept_.end(),
                                         [&](const Finding& f) { return f.oracle == oracle; });
    return static_cast<std::size_t>(of_oracle) < kKeptPerOracleMax;
}

void Findings::report(std::string_view oracle, std::string message) {
    if (keeps(oracle)) {
        kept_.push_back(
            Finding{std::string(oracle), Verdict::Fail, std::move(message), at_, event_});
    }
    ++count_;
}

void Findings::unknown(std::string_view oracle, std::string message) {
    if (keeps(oracle)) {
        kept_.push_back(
            Finding{std::string(oracle), Verdict::Unknown, std::move(message), at_, event_});
    }
    ++unknown_count_;
}

Verdict Findings::verdict() const {
    if (count_ > 0) return Verdict::Fail;
    return unknown_count_ > 0 ? Verdict::Unknown : Verdict::Pass;
}

}  // namespace wavetank
