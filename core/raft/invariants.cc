// What must hold after every step, as code in one place, and the digest of the whole state. The
// properties that speak of several servers are the simulator's to check.
#include "core/base/check.h"
#include "core/raft/raft.h"

namespace wavetank {

void Raft::check_invariants() const {
    CHECK(last_applied_ <= commit_index_);
    CHECK(commit_index_ <= log_.last_index());
    CHECK(log_.last_term() <= current_term());
    CHECK((leader_ == options_.id) == (role_ == Role::Leader));
    if (role_ == Role::Candidate || role_ == Role::Leader) CHECK(voted_for() == options_.id);
    if (role_ != Role::Leader) {
        CHECK(pending_reads_.empty());
        CHECK(early_reads_.empty());
    }
}

namespace {

void add_to(Digest& digest, const Progress& progress) {
    digest.add(progress.match_index.value()).add(progress.next_index.value());
    digest.add(uint64_t(progress.state)).add(progress.probe_sent ? 1 : 0);
    digest.add(progress.inflight.count()).add(progress.inflight.bytes());
    digest.add(static_cast<uint64_t>(progress.last_contact.nanos));
    digest.add(progress.acknowledged_round);
}

void add_to(Digest& digest, const Configuration& configuration) {
    for (const auto* ids :
         {&configuration.voters(), &configuration.outgoing(), &configuration.learners()}) {
        digest.add(ids->size());
        for (const ServerId id : *ids) digest.add(id.value());
    }
}

}  // namespace

// Of every field; lists with their lengths, so that two lists cannot look like two others.
uint64_t Raft::digest() const {
    Digest digest;
    add_to(digest, configuration_);
    digest.add(current_term().value()).add(voted_for().value()).add(uint64_t(role_));
    digest.add(leader_.value()).add(log_.last_index().value());
    digest.add(log_.last_chain()).add(commit_index_.value());
    digest.add(last_applied_.value()).add(verified_.value()).add(seed_);
    digest.add(static_cast<uint64_t>(now_.nanos));
    digest.add(static_cast<uint64_t>(election_deadline_.nanos)).add(election_ordinal_);
    digest.add(static_cast<uint64_t>(last_leader_contact_.nanos)).add(write_failed_ ? 1 : 0);
    digest.add(static_cast<uint64_t>(heartbeat_deadline_.nanos));
    digest.add(static_cast<uint64_t>(quorum_deadline_.nanos));
    digest.add(round_).add(uncommitted_bytes_).add(moved_slot_ ? *moved_slot_ + 1 : 0);
    digest.add((heartbeat_due_ ? 1U : 0U) | (entries_to_send_ ? 2U : 0U) |
               (round_wanted_ ? 4U : 0U));
    writes_.add_to(digest);
    digest.add(votes_.size());
    for (const quorum::Vote vote : votes_) digest.add(uint64_t(vote));
    digest.add(progress_.size());
    for (const Progress& progress : progress_) add_to(digest, progress);
    digest.add(pending_reads_.size());
    for (const PendingRead& read : pending_reads_) {
        digest.add(read.ticket).add(read.round).add(read.index.value());
    }
    digest.add(early_reads_.size());
    for (const uint64_t ticket : early_reads_) digest.add(ticket);
    digest.add(obligations_.size());
    for (const Obligation& obligation : obligations_) {
        digest.add(uint64_t(obligation.kind)).add(obligation.term.value());
        digest.add(obligation.covered.value()).add(obligation.to.value());
        digest.add(obligation.match.value()).add(obligation.round);
    }
    add_collected_to(digest);
    return digest.value();
}

// What waits for the next drain.
void Raft::add_collected_to(Digest& digest) const {
    digest.add(outbox_.size());
    for (const Send& send : outbox_) digest.add(send.to.value()).add(digest_of(send.message));
    digest.add(proposed_.size());
    for (const ProposeDone& done : proposed_) {
        digest.add(done.ticket).add(uint64_t(done.status)).add(done.index.value());
    }
    digest.add(reads_done_.size());
    for (const ReadDone& done : reads_done_) {
        digest.add(done.ticket).add(done.ok ? 1 : 0).add(done.index.value());
    }
    digest.add(events_.size());
    for (const Event& event : events_) digest.add(event.index());
}

}  // namespace wavetank
