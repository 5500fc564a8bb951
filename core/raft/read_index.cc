// Linearizable reads without a log entry (thesis 6.4, "ReadIndex"). The leader notes its commit
// index when the read arrives, confirms that it still leads by one round of AppendEntries that a
// majority answers, and lets the read be served once that index is applied. All reads that arrive
// before a drain share a round.
#include <algorithm>

#include "core/base/check.h"
#include "core/base/sometimes.h"
#include "core/raft/raft.h"

namespace wavetank {

void Raft::start_read(const Read& read) {
    const std::size_t waiting = pending_reads_.size() + early_reads_.size();
    if (role_ != Role::Leader || waiting >= options_.pending_reads_max) {
        reads_done_.push_back(ReadDone{read.ticket, false, LogIndex()});
        return;
    }
    // Until an entry of our own term is committed we do not know how far earlier terms are
    // (zoo L01). Such reads wait.
    if (log_.term_at(commit_index_) != current_term()) {
        SOMETIMES("a read waits for the first commit of the term");
        early_reads_.push_back(read.ticket);
        return;
    }
    // The next round is the first one whose messages leave after this read arrived.
    pending_reads_.push_back(PendingRead{read.ticket, round_ + 1, commit_index_});
    round_wanted_ = true;
}

void Raft::release_early_reads() {
    CHECK(log_.term_at(commit_index_) == current_term());
    if (early_reads_.empty()) return;
    for (const uint64_t ticket : early_reads_) {
        pending_reads_.push_back(PendingRead{ticket, round_ + 1, commit_index_});
    }
    early_reads_.clear();
    round_wanted_ = true;
}

void Raft::confirm_reads() {
    if (pending_reads_.empty()) return;
    const auto round_of = [this](std::size_t slot) {
        return configuration_.all()[slot] == options_.id ? round_
                                                         : progress_[slot].acknowledged_round;
    };
    const uint64_t confirmed = quorum::reached_by_quorum(configuration_, round_, round_of);
    while (!pending_reads_.empty() && pending_reads_.front().round <= confirmed) {
        const PendingRead& read = pending_reads_.front();
        CHECK(read.index <= commit_index_);
        reads_done_.push_back(ReadDone{read.ticket, true, read.index});
        pending_reads_.pop_front();
    }
}

// We no longer lead: whoever asked must ask again elsewhere.
void Raft::fail_reads() {
    for (const uint64_t ticket : early_reads_) {
        reads_done_.push_back(ReadDone{ticket, false, LogIndex()});
    }
    for (const PendingRead& read : pending_reads_) {
        reads_done_.push_back(ReadDone{read.ticket, false, LogIndex()});
    }
    early_reads_.clear();
    pending_reads_.clear();
}

}  // namespace wavetank
