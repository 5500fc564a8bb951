// Linearizable reads without a log entry of their own (thesis 6.4, "ReadIndex"). The leader notes
// its commit index when the read arrives, confirms that it still leads by one round of
// AppendEntries that a majority answers, and lets the read be served once that index is applied.
// All reads that arrive before a drain share a round; with a lease (see lease.cc) none is needed. A
// follower asks its leader, and serves the read itself when it has applied as much.
#include <algorithm>

#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/sometimes.h"
#include "core/raft/raft.h"

namespace wavetank {

// Never used again by anybody: an answer to an old question must not answer a new one (zoo L03).
uint64_t Raft::new_context() {
    return mix(mix(seed_, options_.id.value()), ++contexts_);
}

void Raft::on(const Read& read) {
    const bool may_ask = options_.follower_reads && !write_failed_ && leader_ &&
                         leader_ != options_.id && asked_reads_.size() < options_.pending_reads_max;
    if (role_ == Role::Leader || !may_ask) {
        start_read({read.ticket, ServerId(), 0, LogIndex()});
        return;
    }
    SOMETIMES("a follower asks its leader for a read index");
    const uint64_t context = new_context();
    asked_reads_.push_back({read.ticket, context, now_ + options_.election_timeout_min});
    send(leader_, ReadIndex{current_term(), context});
}

void Raft::on_message(ServerId from, const ReadIndex& request) {
    const WaitingRead read{request.context, from, 0, LogIndex()};
    if (request.term != current_term()) {
        finish_read(read, false, false);
    } else {
        start_read(read);
    }
}

// The index is good whatever has become of the term meanwhile: its leader led after we had asked.
// It says nothing about our own log; our commit index must not follow it (zoo L13).
void Raft::on_message(ServerId, const ReadIndexReply& reply) {
    const auto asked =
        std::find_if(asked_reads_.begin(), asked_reads_.end(),
                     [&](const Asked& open) { return open.context == reply.context; });
    if (asked == asked_reads_.end()) return;  // given up, or a repetition
    reads_done_.push_back(ReadDone{asked->ticket, reply.ok, reply.index, reply.by_lease});
    asked_reads_.erase(asked);
}

void Raft::start_read(WaitingRead read) {
    const std::size_t waiting = pending_reads_.size() + early_reads_.size();
    if (role_ != Role::Leader || waiting >= options_.pending_reads_max) {
        finish_read(read, false, false);
        return;
    }
    // Until an entry of our own term is committed we do not know how far earlier terms are
    // (zoo L01). Such reads wait.
    if (log_.term_at(commit_index_) != current_term()) {
        SOMETIMES("a read waits for the first commit of the term");
        early_reads_.push_back(read);
        return;
    }
    read.index = commit_index_;
    if (lease_holds()) {
        SOMETIMES("a read is served from a lease");
        finish_read(read, true, true);
        return;
    }
    renew_lease();
    // The next round is the first one whose messages leave after this read arrived.
    read.round = round_ + 1;
    pending_reads_.push_back(read);
    round_wanted_ = true;
}

void Raft::finish_read(const WaitingRead& read, bool ok, bool by_lease) {
    const LogIndex index = ok ? read.index : LogIndex();
    if (!read.from) {
        reads_done_.push_back(ReadDone{read.ticket, ok, index, by_lease});
    } else {
        send(read.from, ReadIndexReply{current_term(), read.ticket, ok, index, by_lease});
    }
}

void Raft::release_early_reads() {
    CHECK(log_.term_at(commit_index_) == current_term());
    if (early_reads_.empty()) return;
    for (WaitingRead read : early_reads_) {
        read.index = commit_index_;
        read.round = round_ + 1;
        pending_reads_.push_back(read);
    }
    early_reads_.clear();
    round_wanted_ = true;
}

void Raft::confirm_reads() {
    if (pending_reads_.empty()) return;
    const auto round_of = [this](std::size_t slot) {
        return configuration().all()[slot] == options_.id ? round_
                                                          : progress_[slot].acknowledged_round;
    };
    const uint64_t confirmed = quorum::reached_by_quorum(configuration(), round_, round_of);
    while (!pending_reads_.empty() && pending_reads_.front().round <= confirmed) {
        const WaitingRead& read = pending_reads_.front();
        CHECK(read.index <= commit_index_);
        finish_read(read, true, false);
        pending_reads_.pop_front();
    }
}

// We no longer lead: whoever asked must ask again elsewhere.
void Raft::fail_reads() {
    for (const WaitingRead& read : early_reads_) finish_read(read, false, false);
    for (std::size_t i = 0; i < pending_reads_.size(); ++i) {
        finish_read(pending_reads_[i], false, false);
    }
    early_reads_.clear();
    pending_reads_.clear();
}

}  // namespace wavetank
