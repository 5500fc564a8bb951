// Lease reads in the manner of LeaseGuard (A. Davis et al., 2025: "the log is the lease"). Each
// entry says when its leader appended it, as an interval that contains true time. While the newest
// committed entry of its term is certainly younger than the lease, its leader serves reads without
// asking anybody. For that, a new leader commits nothing before every entry of earlier terms is
// certainly older than the lease: it defers commits, not elections. So nothing is committed that an
// old leader's reads could miss.
//
// A clock whose error is not known serves no lease reads. A new leader with such a clock, or after
// entries by such a clock, waits twice the lease on its own clock, from its election on: enough if
// that clock runs at no more than twice the speed of true time and does not jump.
#include <algorithm>

#include "core/base/check.h"
#include "core/base/sometimes.h"
#include "core/raft/raft.h"

namespace wavetank {

// When an entry that is appended now was created. Times never fall along a log (sessions expire by
// them); a clock that is behind makes the interval wider, so that it still contains true time.
ClockReading Raft::stamp() const {
    const Instant before = log_.last_clock().local;
    if (clock_.local >= before) return clock_;
    if (!clock_.bounded()) return {before, ClockReading::kUnknown};
    return {before, clock_.error + (before - clock_.local)};
}

// True while nobody else can have committed anything. Requires: we lead.
bool Raft::lease_holds() const {
    if (options_.lease_duration.nanos == 0 || !clock_.bounded()) return false;
    if (transfer_) return false;  // the target may be elected any moment (zoo L08)
    const LogIndex newest = commit_index_;
    if (newest != log_.base().index && !log_.in_memory(newest)) return false;
    const LogBase entry = log_.base_at(newest);
    if (entry.term != current_term() || !entry.clock.bounded()) return false;
    return clock_.latest() < entry.clock.earliest() + options_.lease_duration;
}

// The log is the lease: an entry that is appended now and committed soon renews it.
void Raft::renew_lease() {
    const bool idle = commit_index_ == log_.last_index();
    if (options_.lease_duration.nanos == 0 || !clock_.bounded() || !idle || transfer_) return;
    SOMETIMES("a leader renews its lease with an empty entry");
    append_own(EntryKind::Empty, Payload());
}

// Called when we have become leader, before our first entry: the last entry now in the log is the
// newest that can give anybody else a lease.
void Raft::begin_deferral() {
    deferred_until_.reset();
    if (options_.lease_duration.nanos == 0 || !log_.last_index()) return;
    const ClockReading newest = log_.last_clock();
    deferred_by_clock_ = newest.bounded() && clock_.bounded();
    deferred_until_ = deferred_by_clock_ ? newest.latest() + options_.lease_duration
                                         : now_ + options_.lease_duration * 2;
}

// True while an old leader may still hold a lease.
bool Raft::commits_deferred() {
    if (!deferred_until_) return false;
    if (deferred_by_clock_ && !clock_.bounded()) {
        // The bound was lost meanwhile.
        deferred_by_clock_ = false;
        deferred_until_ = now_ + options_.lease_duration * 2;
    }
    const Instant certainly = deferred_by_clock_ ? clock_.earliest() : now_;
    if (certainly <= *deferred_until_) return true;
    deferred_until_.reset();
    return false;
}

// When to look again.
Instant Raft::deferral_deadline() const {
    CHECK(deferred_until_.has_value());
    if (!deferred_by_clock_) return *deferred_until_ + nanoseconds(1);
    if (!clock_.bounded()) return now_;
    const Duration left = *deferred_until_ - clock_.earliest();
    return now_ + std::max(left, Duration{}) + nanoseconds(1);
}

}  // namespace wavetank
