// The sending end of AppendEntries (paper 5.3) and the commit rule (paper 5.4.2). Leaders send
// ahead of the acknowledgements, within a window; conflicts are skipped a term at a time; what is
// no longer in the log is replaced by the snapshot (see snapshot.cc).
#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/base/sometimes.h"
#include "core/raft/raft.h"

namespace wavetank {

void Raft::on_message(ServerId from, const AppendEntriesReply& reply) {
    if (adopt_term(reply.term)) return;
    if (role_ != Role::Leader || reply.term != current_term()) return;
    Progress* const known = progress_of(from);
    // Not a member (any more), or what it was before it became one again (zoo R14).
    if (known == nullptr || reply.session != known->session) {
        SOMETIMES("an answer of a removed server, or of its former life, is ignored");
        return;
    }
    Progress& progress = *known;
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
    // That the logs agree there is news, unless an entry from storage is on its way: then it is an
    // old answer, and to meet each repetition with a message would multiply them without end.
    const bool at_probe = progress.state == ProgressState::Probe &&
                          reply.match_index == progress.next_index.previous() &&
                          !(progress.probe_sent && next_is_in_storage_only(progress));
    const bool joins = reply.joined && !progress.joined;
    progress.joined = progress.joined || reply.joined;
    const bool news = progress.acknowledge(reply.match_index);
    // It may have got beyond our snapshot without it (zoo S19).
    const bool beyond_snapshot = progress.state == ProgressState::Snapshot && news &&
                                 progress.match_index >= log_.base().index;
    if (at_probe || beyond_snapshot || (news && progress.state == ProgressState::Probe)) {
        // The logs agree up to match: from here on send ahead.
        progress.state = ProgressState::Replicate;
        progress.next_index = progress.match_index.next();
        progress.inflight.clear();
    }
    moved(progress);
    if (news && reply.match_index > commit_index_) maybe_commit();
    if (news && !configuration().witnesses().empty()) entries_to_send_ = true;
    if ((news || joins) && change_) continue_change();
    if (news && transfer_) continue_transfer();
}

// The follower's log does not have our entry at `rejected_index`. Go back to where the logs may
// agree.
void Raft::on_rejection(Progress& progress, const AppendEntriesReply& reply) {
    // An answer to an older message; what we know by now is newer (zoo R13).
    if (reply.rejected_index <= progress.match_index) return;
    if (progress.state == ProgressState::Snapshot) return;
    if (progress.state == ProgressState::Probe &&
        reply.rejected_index != progress.next_index.previous()) {
        return;
    }
    // Paper 5.3: skip all entries of a conflicting term at once. The follower told us its last
    // entry with a term not above ours; we look for our last one with a term not above that.
    const LogIndex common_max = std::min(reply.hint_index, reply.rejected_index.previous());
    // Below our base there is nothing to look at: the snapshot will have to do.
    const LogIndex agree = common_max <= log_.base().index
                               ? common_max
                               : log_.last_index_with_term_at_most(common_max, reply.hint_term);
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
    const auto& members = configuration().all();
    const std::optional<std::size_t> moved_slot = std::exchange(moved_slot_, std::nullopt);
    const auto peer_at = [&](std::size_t place) {
        return place < members.size() ? members[place] : departing_[place - members.size()];
    };
    const bool to_everybody = heartbeat_due_ || commit_due_ || round_wanted_;
    if (!to_everybody && !entries_to_send_) {
        if (moved_slot) send_entries_to(peer_at(*moved_slot), progress_[*moved_slot]);
        return;
    }
    if (round_wanted_) ++round_;
    const bool heartbeat = std::exchange(heartbeat_due_, false);
    commit_due_ = false;
    entries_to_send_ = false;
    round_wanted_ = false;
    for (std::size_t place = 0; place < progress_.size(); ++place) {
        const ServerId peer = peer_at(place);
        if (peer == options_.id) continue;
        const std::size_t sent_before = outbox_.size();
        if (heartbeat) send_again_what_may_be_lost(progress_[place]);
        send_entries_to(peer, progress_[place]);
        const bool appended = outbox_.size() > sent_before &&
                              std::holds_alternative<AppendEntries>(outbox_.back().message);
        if (to_everybody && !appended) send_heartbeat(peer, progress_[place]);
    }
    if (to_everybody) confirm_reads();  // a sole voter needs no answer
}

// What goes one message at a time, and whose answer alone is news.
void Raft::send_again_what_may_be_lost(Progress& progress) const {
    progress.piece_sent = false;
    if (next_is_in_storage_only(progress)) progress.probe_sent = false;
}

void Raft::send_entries_to(ServerId peer, Progress& progress) {
    if (progress.next_index <= log_.base().index || progress.state == ProgressState::Snapshot) {
        send_snapshot_to(peer, progress);
        return;
    }
    Log::Limit limit{options_.entries_per_message_max, options_.bytes_per_message_max};
    const bool witness = configuration().is_witness(peer);
    const LogIndex last_to_send = witness ? durable_for_witness() : log_.last_index();
    while (progress.next_index <= last_to_send && progress.may_send_entries()) {
        if (next_is_in_storage_only(progress)) {
            send_old_entries_to(peer, progress);
            return;
        }
        const uint64_t left = last_to_send.value() - progress.next_index.value() + 1;
        limit.entries_max = static_cast<uint32_t>(std::min<uint64_t>(limit.entries_max, left));
        EntryRange entries = log_.range(progress.next_index, limit);
        const LogIndex last = entries.last_index();
        const uint64_t bytes = entries.payload_bytes();
        if (witness) entries = entries.stubs();
        send_append(peer, progress, std::move(entries));
        account_sent(progress, last, bytes);
    }
}

// What a witness may get: with a log that is longer than those of all voters that have the payloads
// it would elect none of them, so nothing goes there before one of their disks has it. A leader on
// its way out is none of them.
LogIndex Raft::durable_for_witness() const {
    const auto& voters = configuration().voters();
    if (std::binary_search(voters.begin(), voters.end(), options_.id)) return durable_index();
    LogIndex most;
    for (const ServerId id : voters) {
        if (!configuration().is_witness(id)) most = std::max(most, progress(id)->match_index);
    }
    return most;
}

// Entries that are only in storage any more: the host puts them into the message, as many of them
// as it may carry. How many that are is told by the answer, so they go one message at a time.
void Raft::send_old_entries_to(ServerId peer, Progress& progress) {
    SOMETIMES("entries for a slow follower are fetched from storage");
    const LogIndex next = progress.next_index;
    const uint64_t in_storage = log_.in_memory_from().value() - next.value();
    const uint64_t in_chunk = LogChunk::kEntries - (next.value() - 1) % LogChunk::kEntries;
    const auto count = static_cast<uint32_t>(
        std::min({in_storage, in_chunk, uint64_t{options_.entries_per_message_max}}));
    // What is under way already would have moved on from where it is now.
    if (progress.inflight.count() > 0) return;
    progress.probe_from(next);
    send_append(peer, progress, EntryRange());
    progress.probe_sent = true;
    outbox_.back().entries_to_fetch = count;
    outbox_.back().stubs_only = configuration().is_witness(peer);
}

void Raft::account_sent(Progress& progress, LogIndex last, uint64_t bytes) {
    if (progress.state == ProgressState::Probe) {
        progress.probe_sent = true;
    } else {
        progress.inflight.add(last, bytes);
        progress.next_index = last.next();
    }
}

void Raft::send_append(ServerId peer, Progress& progress, EntryRange entries) {
    CHECK(progress.match_index < progress.next_index);
    const LogIndex prev = progress.next_index.previous();
    send(peer, AppendEntries{current_term(), prev, log_.term_at(prev), commit_index_, round_,
                             std::move(entries), progress.session});
}

// Without entries. A peer that waits for a snapshot gets one that asks nothing of its log: index 0
// matches everywhere, and verifies nothing.
void Raft::send_heartbeat(ServerId peer, Progress& progress) {
    if (progress.next_index > log_.base().index && progress.state != ProgressState::Snapshot) {
        send_append(peer, progress, EntryRange());
        return;
    }
    send(peer, AppendEntries{current_term(), LogIndex(), Term(), commit_index_, round_,
                             EntryRange(), progress.session});
}

// Commits what a majority holds (paper 5.3, 5.4.2). Requires: we lead.
void Raft::maybe_commit() {
    CHECK(role_ == Role::Leader);
    const LogIndex own_durable = durable_index();
    const auto match_of = [&](std::size_t slot) {
        // Our own entries count once they are durable, not before (zoo R19).
        return configuration().all()[slot] == options_.id ? own_durable
                                                          : progress_[slot].match_index;
    };
    // Most acknowledgements commit nothing: count before sorting.
    const auto has_more = [&](std::size_t slot) { return match_of(slot) > commit_index_; };
    if (!quorum::quorum_holds(configuration(), has_more)) return;
    const LogIndex held_by_majority =
        quorum::reached_by_quorum(configuration(), log_.last_index(), match_of);
    if (held_by_majority <= commit_index_) return;

    // Paper 5.4.2: counting replicas never commits an entry of an earlier term, because a later
    // leader may still overwrite it. It is committed together with the first entry of our own term.
    if (log_.term_at(held_by_majority) != current_term()) {
        SOMETIMES("a majority holds an entry of an earlier term");
        return;
    }
    if (commits_deferred()) {
        SOMETIMES("a new leader waits for the old one's lease before it commits");
        return;
    }
    for (LogIndex i = commit_index_.next(); i <= held_by_majority; i = i.next()) {
        uncommitted_bytes_ -= log_.entry_at(i).payload.size();
    }
    const LogIndex before = commit_index_;
    advance_commit(held_by_majority);
    // Followers answer clients themselves when they know of the commit: not with the next
    // heartbeat.
    commit_due_ = options_.forward_proposals || options_.follower_reads;
    release_early_reads();
    if (configuration_index() > before || configuration().joint()) configuration_committed();
}

void Raft::advance_commit(LogIndex index) {
    CHECK(index > commit_index_);
    CHECK(index <= log_.last_index());
    commit_index_ = index;
    events_.push_back(Committed{current_term(), index});
    if (!open_proposals_.empty()) settle_proposals();
}

}  // namespace wavetank
