// The receiving end of AppendEntries (paper 5.3): a follower takes what fits, acknowledges exactly
// what a message verified, and refuses what no correct leader sends.
#include <algorithm>

#include "core/base/check.h"
#include "core/base/sometimes.h"
#include "core/raft/raft.h"

namespace wavetank {

void Raft::on_message(ServerId from, const AppendEntries& request) {
    if (request.term < current_term()) {
        // The sender was deposed; our term tells it so.
        reject_entries(from, request);
        return;
    }
    if (!from_rightful_leader(from, request.term) || !acceptable(from, request)) return;

    adopt_term(request.term);
    if (role_ != Role::Follower || leader_ != from) become_follower(current_term(), from);
    heard_leader();

    if (!log_.matches(request.prev_log_index, request.prev_log_term)) {
        reject_entries(from, request);
        return;
    }
    take_entries(request);

    // What this message has verified, and nothing beyond: our log may have a stale tail behind it
    // (zoo R03, C03).
    const LogIndex verified = request.prev_log_index.plus(request.entries.size());
    verified_ = std::max(verified_, verified);
    if (!hard_state_.joined) join(request);
    if (std::min(request.leader_commit, verified) > commit_index_) {
        advance_commit(std::min(request.leader_commit, verified));
    }
    acknowledge(from, verified, request);
}

// A server that began with an empty disk gets its vote when it has all that is committed. A leader
// knows how far that is when it has committed an entry of its own term (paper 8).
void Raft::join(const AppendEntries& request) {
    const LogIndex commit = request.leader_commit;
    if (commit > verified_ || commit < log_.base().index) return;
    if (log_.term_at(commit) != request.term) return;
    SOMETIMES("a server with an empty disk has caught up and gets its vote");
    hard_state_.joined = true;
    writes_.hard_state_changed();
}

// Promises `verified` once it is durable. A heartbeat is answered at once, with what is durable of
// it: a slow disk must not make a live follower look dead (thesis 6.2).
void Raft::acknowledge(ServerId leader, LogIndex verified, const AppendEntries& request) {
    const WriteId covered = writes_.covering(verified);
    if (request.entries.empty() && !writes_.done(covered) &&
        writes_.done(writes_.covering(LogIndex()))) {
        SOMETIMES("a heartbeat is answered while entries are being written");
        meet({Obligation::Kind::AckEntries, current_term(), covered, leader,
              std::min(verified, durable_index()), request.round, request.session});
    }
    oblige({Obligation::Kind::AckEntries, current_term(), covered, leader, verified, request.round,
            request.session});
}

// False, with an event, if our own term has another leader: two of them is a broken invariant, and
// not ours. Requires term >= current_term().
bool Raft::from_rightful_leader(ServerId from, Term term) {
    if (term > current_term() || !leader_ || leader_ == from) return true;
    refuse(from, RefuseReason::TwoLeaders);
    return false;
}

// True if a correct leader can have sent this. Anything else is refused and changes nothing.
bool Raft::acceptable(ServerId from, const AppendEntries& request) {
    const LogIndex prev = request.prev_log_index;
    const bool known = prev >= log_.base().index && prev <= commit_index_;
    if (known && log_.term_at(prev) != request.prev_log_term) {
        refuse(from, RefuseReason::CommittedConflict);
        return false;
    }
    if (!request.entries.empty() && request.entries.first_index() != prev.next()) {
        refuse(from, RefuseReason::BadEntries);
        return false;
    }
    Term before = request.prev_log_term;
    for (uint32_t i = 0; i < request.entries.size(); ++i) {
        const Entry& entry = request.entries[i];
        if (!entry.term || entry.term < before || entry.term > request.term) {
            refuse(from, RefuseReason::BadEntries);
            return false;
        }
        before = entry.term;
        if (!acceptable_entry(from, request, prev.plus(i + 1), entry)) return false;
    }
    return true;
}

bool Raft::acceptable_entry(ServerId from, const AppendEntries& request, LogIndex index,
                            const Entry& entry) {
    const auto refused = [&](RefuseReason reason) {
        refuse(from, reason);
        return false;
    };
    if (!entry.payload.verify()) return refused(RefuseReason::Corrupt);
    // Only a witness gets commands without their bytes.
    if (entry.payload.is_stub() && !options_.witness) return refused(RefuseReason::WrongKind);
    if (entry.kind == EntryKind::Configuration && !decode_configuration(entry.payload.bytes())) {
        return refused(RefuseReason::BadConfiguration);
    }
    if (index < log_.base().index || index > log_.last_index()) return true;
    const bool same = log_.term_at(index) == entry.term;
    if (index <= commit_index_ && !same) return refused(RefuseReason::CommittedConflict);
    // A leader never changes what it has sent in its term (paper 5.3, leader append-only).
    const bool sent_before = request.term == current_term() && index <= verified_;
    if (sent_before && !same) return refused(RefuseReason::LeaderRewrites);
    return true;
}

void Raft::reject_entries(ServerId from, const AppendEntries& request) {
    AppendEntriesReply reply;
    reply.term = current_term();
    reply.session = request.session;
    reply.rejected_index = request.prev_log_index;
    const LogIndex common_max =
        std::max(std::min(request.prev_log_index, log_.last_index()), log_.base().index);
    reply.hint_index = log_.last_index_with_term_at_most(common_max, request.prev_log_term);
    reply.hint_term = log_.term_at(reply.hint_index);
    // Even a refusal confirms the sender's leadership, if it is of our term.
    if (request.term == current_term()) reply.round = request.round;
    send(from, reply);
}

// Paper 5.3: if an existing entry conflicts with a new one (same index, different terms), delete it
// and all that follow it; append what is missing. Without a conflict nothing is deleted, even if
// our log is longer: the message may be old (zoo R01). What is compacted is there (zoo R04).
void Raft::take_entries(const AppendEntries& request) {
    for (uint32_t i = 0; i < request.entries.size(); ++i) {
        const LogIndex index = request.prev_log_index.plus(i + 1);
        const Entry& entry = request.entries[i];
        if (index <= log_.base().index) continue;
        if (index <= log_.last_index()) {
            if (log_.term_at(index) == entry.term) continue;
            SOMETIMES("a follower removes a conflicting suffix");
            CHECK(index > commit_index_);
            log_.truncate_from(index);
            writes_.truncated(index);
            if (configurations_.truncate_from(index)) configuration_changed();
        }
        if (options_.witness && entry.kind == EntryKind::Command) {
            Entry stub = entry;
            stub.payload = Payload::stub_of(entry.payload);
            log_.append(stub);
        } else {
            log_.append(entry);
        }
        if (entry.kind == EntryKind::Configuration) {
            configuration_appended(index, *decode_configuration(entry.payload.bytes()));
        }
    }
}

}  // namespace wavetank
