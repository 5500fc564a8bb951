// Keeping the first few.
#include "sim/check/findings.h"

namespace wavetank {

void Findings::add(std::string oracle, std::string message, Verdict verdict) {
    ++count_;
    if (verdict == Verdict::Fail) failed_ = true;
    if (kept_.size() < kKept) {
        kept_.push_back({std::move(oracle), verdict, std::move(message), at_, event_});
    }
}

Verdict Findings::verdict() const {
    if (failed_) return Verdict::Fail;
    return count_ > 0 ? Verdict::Unknown : Verdict::Pass;
}

}  // namespace wavetank
