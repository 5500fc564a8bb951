// Log replication (paper 5.3) and the commit rule (paper 5.4.2). Leaders send ahead of the
// acknowledgements, within a window; followers acknowledge exactly what a message verified;
// conflicts are skipped a term at a time.
#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/base/sometimes.h"
#include "core/raft/raft.h"

namespace wavetank {

// --- The follower's side ---

void Raft::on_message(ServerId from, const AppendEntries& request) {
    if (request.term < current_term()) {
        // The sender was deposed; our term tells it so.
        reject_entries(from, request);
        return;
    }
    if (request.term == current_term() && role_ == Role::Leader) {
        refuse(from, RefuseReason::TwoLeaders);
        return;
    }
    if (!acceptable(from, request)) return;

    adopt_term(request.term);
    if (role_ != Role::Follower || leader_ != from) become_follower(current_term(), from);
    last_leader_contact_ = now_;
    reset_election_deadline();

    if (!log_.matches(request.prev_log_index, request.prev_log_term)) {
        reject_entries(from, request);
        return;
    }
    take_entries(request);

    // What this message has verified, and nothing beyond: our log may have a stale tail behind it
    // (zoo R03, C03).
    const LogIndex verified = request.prev_log_index.plus(request.entries.size());
    verified_ = std::max(verified_, verified);
    if (std::min(request.leader_commit, verified) > commit_index_) {
        advance_commit(std::min(request.leader_commit, verified));
    }
    acknowledge(from, verified, request);
}

// Promises `verified` once it is durable. A heartbeat is answered at once, with what is durable of
// it: a slow disk must not make a live follower look dead (thesis 6.2).
void Raft::acknowledge(ServerId leader, LogIndex verified, const AppendEntries& request) {
    const WriteId covered = writes_.covering(verified);
    if (request.entries.empty() && !writes_.done(covered) &&
        writes_.done(writes_.covering(LogIndex()))) {
        SOMETIMES("a heartbeat is answered while entries are being written");
        meet({Obligation::Kind::AckEntries, current_term(), covered, leader,
              std::min(verified, durable_index()), request.round});
    }
    oblige(
        {Obligation::Kind::AckEntries, current_term(), covered, leader, verified, request.round});
}

// True if a correct leader can have sent this. Anything else is refused and changes nothing.
bool Raft::acceptable(ServerId from, const AppendEntries& request) {
    if (leader_ && leader_ != from && request.term == current_term()) {
        refuse(from, RefuseReason::TwoLeaders);
        return false;
    }
    Term before = request.prev_log_term;
    for (uint32_t i = 0; i < request.entries.size(); ++i) {
        const Term term = request.entries[i].term;
        if (!term || term < before || term > request.term) {
            refuse(from, RefuseReason::BadEntries);
            return false;
        }
        before = term;
        const LogIndex index = request.prev_log_index.plus(i + 1);
        if (index <= commit_index_ && log_.term_at(index) != term) {
            refuse(from, RefuseReason::CommittedConflict);
            return false;
        }
        // A leader never changes what it has sent in its term (paper 5.3, leader append-only).
        const bool sent_before = request.term == current_term() && index <= verified_;
        if (sent_before && log_.term_at(index) != term) {
            refuse(from, RefuseReason::LeaderRewrites);
            return false;
        }
    }
    if (request.prev_log_index <= commit_index_ &&
        log_.term_at(request.prev_log_index) != request.prev_log_term) {
        refuse(from, RefuseReason::CommittedConflict);
        return false;
    }
    return true;
}

void Raft::reject_entries(ServerId from, const AppendEntries& request) {
    AppendEntriesReply reply;
    reply.term = current_term();
    reply.rejected_index = request.prev_log_index;
    const LogIndex common_max = std::min(request.prev_log_index, log_.last_index());
    reply.hint_index = log_.last_index_with_term_at_most(common_max, request.prev_log_term);
    reply.hint_term = log_.term_at(reply.hint_index);
    // Even a refusal confirms the sender's leadership, if it is of our term.
    if (request.term == current_term()) reply.round = request.round;
    send(from, reply);
}

// Paper 5.3: if an existing entry conflicts with a new one (same index, different terms), delete it
// and all that follow it; append what is missing. Without a conflict nothing is deleted, even if
// our log is longer: the message may be old (zoo R01).
void Raft::take_entries(const AppendEntries& request) {
    for (uint32_t i = 0; i < request.entries.size(); ++i) {
        const LogIndex index = request.prev_log_index.plus(i + 1);
        const Entry& entry = request.entries[i];
        if (index <= log_.last_index()) {
            if (log_.term_at(index) == entry.term) continue;
            SOMETIMES("a follower removes a conflicting suffix");
            CHECK(index > commit_index_);
            log_.truncate_from(index);
            writes_.truncated(index);
        }
        log_.append(entry);
    }
}

// --- The leader's side ---

void Raft::on_message(ServerId from, const AppendEntriesReply& reply) {
    if (adopt_term(reply.term)) return;
    if (role_ != Role::Leader || reply.term != current_term()) return;
    Progress& progress = *progress_of(from);
    if (reply.match_index > log_.last_index() || reply.rejected_index > log_.last_index() ||
        reply.round > round_) {
        refuse(from, RefuseReason::BeyondLog);
        return;
    }
    progress.last_contact = now_;
    if (reply.round > progress.acknowledged_round) {
        progress.acknowledged_round = reply.round;
        confirm_reads();
    }
    if (!reply.success) {
        on_rejection(progress, reply);
        return;
    }
    const bool at_probe = reply.match_index == progress.next_index.previous();
    const bool news = progress.acknowledge(reply.match_index);
    if (progress.state == ProgressState::Probe && (news || at_probe)) {
        // The logs agree up to match: from here on send ahead.
        progress.state = ProgressState::Replicate;
        progress.next_index = progress.match_index.next();
        progress.inflight.clear();
    }
    moved(progress);
    if (news && reply.match_index > commit_index_) maybe_commit();
}

// The follower's log does not have our entry at `rejected_index`. Go back to where the logs may
// agree.
void Raft::on_rejection(Progress& progress, const AppendEntriesReply& reply) {
    // An answer to an older message; what we know by now is newer (zoo R13).
    if (reply.rejected_index <= progress.match_index) return;
    if (progress.state == ProgressState::Probe &&
        reply.rejected_index != progress.next_index.previous()) {
        return;
    }
    // Paper 5.3: skip all entries of a conflicting term at once. The follower told us its last
    // entry with a term not above ours; we look for our last one with a term not above that.
    const LogIndex common_max = std::min(reply.hint_index, reply.rejected_index.previous());
    const LogIndex agree = log_.last_index_with_term_at_most(common_max, reply.hint_term);
    SOMETIMES("a leader backs up after a rejection");
    progress.probe_from(std::max(agree, progress.match_index).next());
    moved(progress);
}

void Raft::moved(const Progress& progress) {
    const auto slot = static_cast<std::size_t>(&progress - progress_.data());
    if (moved_slot_ && *moved_slot_ != slot) entries_to_send_ = true;
    moved_slot_ = slot;
}

// Builds messages late, in drain, so that everything that arrived meanwhile travels in one.
void Raft::send_entries_to_all() {
    const auto& members = configuration_.all();
    const std::optional<std::size_t> moved_slot = std::exchange(moved_slot_, std::nullopt);
    const bool to_everybody = heartbeat_due_ || round_wanted_;
    if (!to_everybody && !entries_to_send_) {
        if (moved_slot) send_entries_to(members[*moved_slot], progress_[*moved_slot]);
        return;
    }
    if (round_wanted_) ++round_;
    heartbeat_due_ = false;
    entries_to_send_ = false;
    round_wanted_ = false;
    for (std::size_t slot = 0; slot < members.size(); ++slot) {
        if (members[slot] == options_.id) continue;
        const std::size_t sent_before = outbox_.size();
        send_entries_to(members[slot], progress_[slot]);
        if (to_everybody && outbox_.size() == sent_before) {
            send_append(members[slot], progress_[slot], EntryRange());
        }
    }
    if (to_everybody) confirm_reads();  // a sole voter needs no answer
}

void Raft::send_entries_to(ServerId peer, Progress& progress) {
    const Log::Limit limit{options_.entries_per_message_max, options_.bytes_per_message_max};
    while (progress.next_index <= log_.last_index() && progress.may_send_entries()) {
        EntryRange entries = log_.range(progress.next_index, limit);
        const LogIndex last = entries.last_index();
        const uint64_t bytes = entries.payload_bytes();
        send_append(peer, progress, std::move(entries));
        if (progress.state == ProgressState::Probe) {
            progress.probe_sent = true;
        } else {
            progress.inflight.add(last, bytes);
            progress.next_index = last.next();
        }
    }
}

void Raft::send_append(ServerId peer, Progress& progress, EntryRange entries) {
    CHECK(progress.match_index < progress.next_index);
    const LogIndex prev = progress.next_index.previous();
    send(peer, AppendEntries{current_term(), prev, log_.term_at(prev), commit_index_, round_,
                             std::move(entries)});
}

// Commits what a majority holds (paper 5.3, 5.4.2). Requires: we lead.
void Raft::maybe_commit() {
    CHECK(role_ == Role::Leader);
    const LogIndex own_durable = durable_index();
    const auto match_of = [&](std::size_t slot) {
        // Our own entries count once they are durable, not before (zoo R19).
        return configuration_.all()[slot] == options_.id ? own_durable
                                                         : progress_[slot].match_index;
    };
    // Most acknowledgements commit nothing: count before sorting.
    const auto has_more = [&](std::size_t slot) { return match_of(slot) > commit_index_; };
    if (!quorum::quorum_holds(configuration_, has_more)) return;
    const LogIndex held_by_majority =
        quorum::reached_by_quorum(configuration_, log_.last_index(), match_of);
    if (held_by_majority <= commit_index_) return;

    // Paper 5.4.2: counting replicas never commits an entry of an earlier term, because a later
    // leader may still overwrite it. It is committed together with the first entry of our own term.
    if (log_.term_at(held_by_majority) != current_term()) {
        SOMETIMES("a majority holds an entry of an earlier term");
        return;
    }
    for (LogIndex i = commit_index_.next(); i <= held_by_majority; i = i.next()) {
        uncommitted_bytes_ -= log_.entry_at(i).payload.size();
    }
    advance_commit(held_by_majority);
    release_early_reads();
}

void Raft::advance_commit(LogIndex index) {
    CHECK(index > commit_index_);
    CHECK(index <= log_.last_index());
    commit_index_ = index;
    events_.push_back(Committed{current_term(), index});
}

}  // namespace wavetank
