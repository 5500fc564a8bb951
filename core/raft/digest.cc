// The digest of the whole state: every field; lists with their lengths, so that two lists cannot
// look like two others. The log's part of it is kept as the log grows, so the cost does not depend
// on how long it is.
#include "core/base/hash.h"
#include "core/raft/raft.h"

namespace wavetank {
namespace {

uint64_t word(Instant instant) {
    return static_cast<uint64_t>(instant.nanos);
}

uint64_t word(bool flag) {
    return flag ? 1 : 0;
}

void add_to(Digest& digest, const Progress& progress) {
    digest.add(progress.match_index.value()).add(progress.next_index.value());
    digest.add(uint64_t(progress.state)).add(word(progress.probe_sent));
    digest.add(progress.inflight.count()).add(progress.inflight.bytes());
    digest.add(progress.snapshot_index.value()).add(progress.snapshot_offset);
    digest.add(word(progress.piece_sent)).add(progress.session).add(word(progress.joined));
    digest.add(word(progress.last_contact)).add(progress.acknowledged_round);
}

void add_to(Digest& digest, const SnapshotMeta& meta) {
    digest.add(meta.index().value()).add(meta.last.term.value()).add(meta.last.chain);
    digest.add_bytes(encode(meta.configuration)).add(meta.bytes).add(meta.digest);
}

}  // namespace

uint64_t Raft::digest() const {
    Digest digest;
    digest.add(seed_).add(word(now_)).add(word(clock_.local));
    digest.add(static_cast<uint64_t>(clock_.error.nanos));
    digest.add(current_term().value()).add(voted_for().value()).add(uint64_t(role_));
    digest.add(leader_.value()).add(commit_index_.value()).add(last_applied_.value());
    digest.add(verified_.value()).add(word(write_failed_)).add(word(hard_state_.joined));
    digest.add(log_.last_index().value()).add(log_.last_chain());
    digest.add(log_.base().index.value()).add(log_.in_memory_from().value());
    digest.add(configurations_.all().size());
    for (const Configurations::Placed& placed : configurations_.all()) {
        digest.add(placed.index.value()).add_bytes(encode(placed.configuration));
    }
    writes_.add_to(digest);
    digest.add(word(election_deadline_)).add(election_ordinal_).add(word(last_leader_contact_));
    digest.add(fruitless_timeouts_).add(word(campaign_by_transfer_));
    digest.add(votes_.size());
    for (const quorum::Vote vote : votes_) digest.add(uint64_t(vote));
    digest.add(word(snapshot_.has_value()));
    if (snapshot_) add_to(digest, *snapshot_);
    digest.add(snapshot_write_.value()).add(piece_write_.value()).add(word(restore_due_));
    digest.add(collecting_ ? collecting_->bytes + 1 : 0);
    if (collecting_) add_to(digest, collecting_->meta);
    digest.add(entries_since_snapshot_).add(bytes_since_snapshot_).add(word(snapshot_asked_));
    add_leadership_to(digest);
    add_waiting_to(digest);
    add_collected_to(digest);
    return digest.value();
}

// What only leaders have.
void Raft::add_leadership_to(Digest& digest) const {
    digest.add(progress_.size());
    for (const Progress& progress : progress_) add_to(digest, progress);
    digest.add(departing_.size());
    for (const ServerId id : departing_) digest.add(id.value());
    digest.add(word(departing_until_)).add(sessions_);
    digest.add(word(heartbeat_deadline_)).add(word(quorum_deadline_)).add(word(disk_moved_at_));
    digest.add(round_).add(uncommitted_bytes_).add(moved_slot_ ? *moved_slot_ + 1 : 0);
    digest.add((heartbeat_due_ ? 1U : 0U) | (entries_to_send_ ? 2U : 0U) |
               (round_wanted_ ? 4U : 0U) | (deferred_by_clock_ ? 8U : 0U) |
               (commit_due_ ? 16U : 0U));
    digest.add(deferred_until_ ? word(*deferred_until_) + 1 : 0);
    digest.add(change_ ? change_->ticket + 1 : 0);
    if (change_) {
        digest.add_bytes(encode(Configuration(change_->target))).add(word(change_->catching_up));
        digest.add(change_->round).add(change_->round_end.value()).add(word(change_->round_began));
    }
    digest.add(transfer_ ? transfer_->ticket + 1 : 0);
    if (transfer_) {
        digest.add(transfer_->target.value()).add(word(transfer_->give_up));
        digest.add(word(transfer_->asked));
    }
}

// Reads, proposals and promises under way.
void Raft::add_waiting_to(Digest& digest) const {
    const auto add_reads = [&](const auto& reads) {
        digest.add(reads.size());
        for (std::size_t i = 0; i < reads.size(); ++i) {
            const WaitingRead& read = reads[i];
            digest.add(read.ticket).add(read.from.value()).add(read.round).add(read.index.value());
        }
    };
    add_reads(pending_reads_);
    add_reads(early_reads_);
    digest.add(contexts_);
    for (const auto* list : {&asked_reads_, &asked_proposals_}) {
        digest.add(list->size());
        for (const Asked& asked : *list) {
            digest.add(asked.ticket).add(asked.context).add(word(asked.give_up));
            digest.add(asked.commands);
        }
    }
    digest.add(open_proposals_.size());
    for (std::size_t i = 0; i < open_proposals_.size(); ++i) {
        const OpenProposal& proposal = open_proposals_[i];
        digest.add(proposal.ticket).add(proposal.index.value()).add(proposal.last.value());
        digest.add(proposal.term.value()).add(word(proposal.forwarded));
    }
    digest.add(obligations_.size());
    for (const Obligation& obligation : obligations_) {
        digest.add(uint64_t(obligation.kind)).add(obligation.term.value());
        digest.add(obligation.covered.value()).add(obligation.to.value());
        digest.add(obligation.match.value()).add(obligation.round).add(obligation.session);
    }
}

// What waits for the next drain.
void Raft::add_collected_to(Digest& digest) const {
    digest.add(outbox_.size());
    for (const Send& send : outbox_) {
        digest.add(send.to.value()).add(digest_of(send.message)).add(send.entries_to_fetch);
        digest.add(send.bytes_to_fetch).add(word(send.stubs_only));
    }
    digest.add(proposed_.size());
    for (const ProposeDone& done : proposed_) {
        digest.add(done.ticket).add(uint64_t(done.status)).add(done.index.value());
    }
    digest.add(outcomes_.size());
    for (const Outcome& outcome : outcomes_) {
        digest.add(outcome.ticket).add(uint64_t(outcome.kind)).add(outcome.index.value());
    }
    digest.add(changes_done_.size());
    for (const ChangeDone& done : changes_done_) digest.add(done.ticket).add(uint64_t(done.status));
    digest.add(transfers_done_.size());
    for (const TransferDone& done : transfers_done_) {
        digest.add(done.ticket).add(uint64_t(done.status));
    }
    digest.add(reads_done_.size());
    for (const ReadDone& done : reads_done_) {
        digest.add(done.ticket).add(word(done.ok)).add(done.index.value());
        digest.add(word(done.by_lease));
    }
    digest.add(events_.size());
    for (const Event& event : events_) digest.add(event.index());
}

}  // namespace wavetank
