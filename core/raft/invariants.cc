// What must hold after every step, as code in one place. The properties that speak of several
// servers are the simulator's to check.
#include "core/base/check.h"
#include "core/raft/raft.h"

namespace wavetank {

void Raft::check_invariants() const {
    CHECK(last_applied_ <= commit_index_);
    CHECK(commit_index_ <= log_.last_index());
    CHECK(log_.base().index <= commit_index_);
    CHECK(log_.last_term() <= current_term());
    CHECK((leader_ == options_.id) == (role_ == Role::Leader));
    CHECK(configuration_index() <= log_.last_index());
    if (snapshot_) CHECK(log_.base().index <= snapshot_->index());
    if (!snapshot_) CHECK(!log_.base().index);
    if (role_ == Role::Candidate || role_ == Role::Leader) CHECK(voted_for() == options_.id);
    if (role_ == Role::Leader) {
        check_leader_invariants();
        return;
    }
    CHECK(pending_reads_.empty());
    CHECK(early_reads_.empty());
    CHECK(progress_.empty());
    CHECK(!change_);
    CHECK(!transfer_);
}

void Raft::check_leader_invariants() const {
    CHECK(progress_.size() == configuration().all().size() + departing_.size());
    CHECK(!options_.witness);
    CHECK(!configuration().is_witness(options_.id));
    CHECK(options_.priority > 0);
}

}  // namespace wavetank
