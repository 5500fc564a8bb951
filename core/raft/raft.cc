// The core's dispatch: inputs in, terms and roles, and the drain.
#include "core/raft/raft.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/sometimes.h"

namespace wavetank {
namespace {

// No server goes there: a term that could not be followed by another would end the cluster.
constexpr Term kLastTerm{UINT64_MAX - 1};

Configurations configurations_of(const Recovered& recovered) {
    if (!recovered.snapshot) return Configurations({LogIndex(), recovered.configuration});
    return Configurations({recovered.snapshot->index(), recovered.snapshot->configuration});
}

LogIndex last_index_of(const Recovered& recovered) {
    return recovered.base.index.plus(recovered.entries.size());
}

}  // namespace

const char* name_of(Role role) {
    switch (role) {
        case Role::Follower:
            return "follower";
        case Role::PreCandidate:
            return "pre-candidate";
        case Role::Candidate:
            return "candidate";
        case Role::Leader:
            return "leader";
    }
    return "?";
}

Raft Raft::start(const Options& options, Recovered recovered, uint64_t seed, ClockReading now) {
    const char* why = "";
    CHECK(options.valid(&why));
    return Raft(options, std::move(recovered), seed, now);
}

Raft::Raft(const Options& options, Recovered recovered, uint64_t seed, ClockReading now)
    : options_(options),
      seed_(seed),
      now_(now.local),
      clock_(now),
      hard_state_(recovered.hard_state),
      log_(recovered.base),
      configurations_(configurations_of(recovered)),
      writes_(last_index_of(recovered)),
      last_leader_contact_(now.local),
      snapshot_(recovered.snapshot),
      restore_due_(recovered.snapshot.has_value()),
      collecting_(recovered.partial) {
    // Whoever the cluster began with has nothing to learn first.
    if (!recovered.configuration.all().empty()) hard_state_.joined = true;
    const LogIndex contained = snapshot_ ? snapshot_->index() : LogIndex();
    CHECK(recovered.base.index <= contained);
    commit_index_ = contained;
    last_applied_ = contained;
    for (const Entry& entry : recovered.entries) {
        log_.append(entry);
        if (entry.kind != EntryKind::Configuration || log_.last_index() <= contained) continue;
        auto configuration = decode_configuration(entry.payload.bytes());
        CHECK(configuration.has_value());
        configurations_.append({log_.last_index(), std::move(*configuration)});
    }
    reset_election_deadline();
}

void Raft::step(ClockReading now, const Input& input) {
    // A clock that jumps back must not move deadlines; time stands still until it has caught up.
    now_ = std::max(now_, now.local);
    clock_ = now;
    if (write_failed_ &&
        (std::holds_alternative<Recv>(input) || std::holds_alternative<Wake>(input) ||
         std::holds_alternative<Written>(input) || std::holds_alternative<SnapshotTaken>(input))) {
        return;  // what somebody waits for is refused, everything else is ignored
    }
    std::visit([this](const auto& what) { on(what); }, input);
    check_invariants();
}

// Requests are served whoever sends them: a new member may ask for our vote before we have heard of
// it, and lead us before we are one ourselves (thesis 4.1). Answers count for members only.
void Raft::on(const Recv& recv) {
    if (recv.from == options_.id || !recv.from) {
        refuse(recv.from, RefuseReason::NotMember);
        return;
    }
    const Term term = std::visit([](const auto& message) { return message.term; }, recv.message);
    if (!plausible(recv.message, term)) {
        refuse(recv.from, RefuseReason::BadTerm);
        return;
    }
    std::visit([&](const auto& message) { on_message(recv.from, message); }, recv.message);
}

// Terms begin at 1, but a server that has not campaigned yet answers from term 0. The very last
// terms are refused: they could not be followed by another.
bool Raft::plausible(const Message& message, Term term) {
    const bool answer = std::holds_alternative<PreVoteReply>(message) ||
                        std::holds_alternative<RequestVoteReply>(message) ||
                        std::holds_alternative<AppendEntriesReply>(message) ||
                        std::holds_alternative<InstallSnapshotReply>(message) ||
                        std::holds_alternative<ReadIndexReply>(message) ||
                        std::holds_alternative<ForwardProposalReply>(message);
    return term < kLastTerm && (term || answer);
}

void Raft::on(const Wake&) {
    give_up_asked(false);
    if (role_ == Role::Leader) {
        wake_leader();
    } else if (now_ >= election_deadline_) {
        if (may_campaign() && current_term() < kLastTerm) {
            election_timeout();
        } else {
            // It is not for us to replace the leader, but nor do we believe in it any longer.
            if (leader_) become_follower(current_term(), ServerId());
            if (!configuration().contains(options_.id)) give_up_open_proposals();
            reset_election_deadline();
        }
    }
}

void Raft::wake_leader() {
    if (now_ >= quorum_deadline_) check_quorum();
    if (role_ != Role::Leader) return;
    if (writes_.any_in_flight() && now_ - disk_moved_at_ >= options_.election_timeout_max) {
        // Nobody else notices: heartbeats need no disk (zoo D10).
        SOMETIMES("a leader whose disk stands still steps down");
        step_down(StepDownReason::DiskStalled, current_term());
        return;
    }
    if (deferred_until_ && !commits_deferred()) maybe_commit();
    if (now_ < heartbeat_deadline_) return;
    heartbeat_deadline_ = now_ + options_.heartbeat_interval;
    heartbeat_due_ = true;
    drop_departed();
    continue_change();
    continue_transfer();
}

void Raft::on(const Written& written) {
    const bool snapshot_was_durable = writes_.done(snapshot_write_);
    if (!writes_.written(written.upto)) return;  // never issued by this incarnation
    disk_moved_at_ = now_;
    meet_obligations();
    // Our own entries count once they are durable.
    if (role_ == Role::Leader) {
        if (durable_index() > commit_index_) maybe_commit();
        // Peers may wait for the snapshot, and witnesses for what is durable now.
        const bool snapshot_done = !snapshot_was_durable && writes_.done(snapshot_write_);
        if (snapshot_done || !configuration().witnesses().empty()) entries_to_send_ = true;
    }
}

void Raft::on(const WriteFailed& failed) {
    if (!writes_.issued(failed.id)) return;  // never issued by this incarnation
    // The log can no longer keep a promise. A leader that cannot write must not lead.
    SOMETIMES("a write fails for good");
    if (role_ == Role::Leader) step_down(StepDownReason::WriteFailed, current_term());
    write_failed_ = true;
    give_up_asked(true);
    give_up_open_proposals();
    obligations_.clear();
    outbox_.clear();
}

void Raft::set_hard_state(Term term, ServerId voted_for) {
    CHECK(term >= current_term());
    // Within a term the vote goes from none to one and stays (paper 5.2: at most one vote a term).
    if (term == current_term()) {
        CHECK(!hard_state_.voted_for || hard_state_.voted_for == voted_for);
    }
    const HardState next{term, voted_for, hard_state_.joined};
    if (next == hard_state_) return;
    if (term > current_term()) verified_ = LogIndex();
    hard_state_ = next;
    writes_.hard_state_changed();
}

// Enters `term` (or stays in it) as a follower. The vote is kept inside the term: a server that
// steps down and forgets its vote can give a second one (zoo E02).
void Raft::become_follower(Term term, ServerId leader) {
    if (term > current_term()) set_hard_state(term, ServerId());
    const bool changed = role_ != Role::Follower || leader_ != leader;
    const bool other_leader = leader_ != leader;
    const bool was_leader = role_ == Role::Leader;
    role_ = Role::Follower;
    leader_ = leader;
    campaign_by_transfer_ = false;
    if (was_leader) leave_leadership();
    // Whom we have asked leads no more, or we cannot know.
    if (other_leader) give_up_asked(true);
    if (changed) events_.push_back(BecameFollower{current_term(), leader});
}

void Raft::leave_leadership() {
    if (transfer_) end_transfer(transfer_->asked ? TransferStatus::Done : TransferStatus::Unknown);
    end_change(ChangeStatus::Unknown);
    fail_reads();
    progress_.clear();
    departing_.clear();
    heartbeat_due_ = false;
    commit_due_ = false;
    entries_to_send_ = false;
    round_wanted_ = false;
    moved_slot_.reset();
    deferred_until_.reset();
    reset_election_deadline();
}

void Raft::step_down(StepDownReason reason, Term new_term) {
    CHECK(role_ == Role::Leader);
    events_.push_back(SteppedDown{current_term(), reason});
    become_follower(new_term, ServerId());
}

// Paper 5.1: a larger term makes any server a follower of that term. True if it did.
bool Raft::adopt_term(Term term) {
    if (term <= current_term()) return false;
    if (role_ == Role::Leader) {
        step_down(StepDownReason::HigherTerm, term);
    } else {
        become_follower(term, ServerId());
    }
    return true;
}

// Appends to the log we lead.
void Raft::append_own(EntryKind kind, const Payload& payload) {
    CHECK(role_ == Role::Leader);
    const ClockReading when = stamp();
    uncommitted_bytes_ += payload.size();
    log_.append(Entry{current_term(), kind, payload, when.local, when.error});
    entries_to_send_ = true;
}

void Raft::refuse(ServerId from, RefuseReason reason) {
    SOMETIMES("a message is refused");
    events_.push_back(Refused{from, reason});
}

const Progress* Raft::progress(ServerId peer) const {
    return const_cast<Raft*>(this)->progress_of(peer);
}

Progress* Raft::progress_of(ServerId peer) {
    if (role_ != Role::Leader) return nullptr;
    if (const auto slot = configuration().slot_of(peer)) return &progress_[*slot];
    const auto departing = std::find(departing_.begin(), departing_.end(), peer);
    if (departing == departing_.end()) return nullptr;
    const auto place = static_cast<std::size_t>(departing - departing_.begin());
    return &progress_[configuration().all().size() + place];
}

// What the host has to apply, a page at a time, and the snapshot it has to load before.
void Raft::drain_apply(Output& output) {
    if (restore_due_ && writes_.done(snapshot_write_)) {
        CHECK(snapshot_.has_value());
        output.restore = snapshot_;
        last_applied_ = snapshot_->index();
        restore_due_ = false;
        entries_since_snapshot_ = 0;
        bytes_since_snapshot_ = 0;
    }
    output.apply_from = last_applied_.next();
    output.apply_upto = last_applied_;
    if (last_applied_ >= commit_index_ || restore_due_) return;
    const LogIndex ready = std::min(commit_index_, durable_index());
    if (ready <= last_applied_) return;
    const LogIndex page_end = last_applied_.plus(options_.apply_entries_max);
    output.more_to_apply = ready > page_end;
    // The page before this one is applied by now and may leave memory; this one may not.
    if (options_.log_memory_entries > 0 && !snapshot_asked_ &&
        last_applied_.value() > options_.log_memory_entries) {
        log_.forget_before(LogIndex(last_applied_.value() - options_.log_memory_entries + 1));
    }
    last_applied_ = std::min(ready, page_end);
    output.apply_upto = last_applied_;
    if (options_.snapshot_entries == 0 && options_.snapshot_bytes == 0) return;
    entries_since_snapshot_ += last_applied_.value() - output.apply_from.value() + 1;
    if (options_.snapshot_bytes > 0) {
        for (LogIndex i = output.apply_from; i <= last_applied_; i = i.next()) {
            bytes_since_snapshot_ += log_.entry_at(i).payload.size();
        }
    }
    output.snapshot_wanted = want_snapshot();
}

Instant Raft::next_deadline() const {
    if (write_failed_) return Instant::never();
    Instant deadline = election_deadline_;
    if (role_ == Role::Leader) {
        deadline = std::min(heartbeat_deadline_, quorum_deadline_);
        if (writes_.any_in_flight()) {
            deadline = std::min(deadline, disk_moved_at_ + options_.election_timeout_max);
        }
        if (deferred_until_) deadline = std::min(deadline, deferral_deadline());
    }
    for (const Asked& asked : asked_reads_) deadline = std::min(deadline, asked.give_up);
    for (const Asked& asked : asked_proposals_) deadline = std::min(deadline, asked.give_up);
    return deadline;
}

void Raft::drain(Output& output) {
    output.clear();
    if (!write_failed_) {
        if (writes_.anything_unissued(log_.last_index())) {
            if (!writes_.any_in_flight()) disk_moved_at_ = now_;
            writes_.issue({hard_state_, log_}, options_.writes_in_flight_max, output.write);
        }
        if (role_ == Role::Leader) {
            if (!pending_reads_.empty()) confirm_reads();
            send_entries_to_all();
            if (leader_is_removed()) leave_cluster();
        }
    }
    drain_apply(output);
    // The output's are empty, and most of ours are too.
    if (!outbox_.empty()) std::swap(output.sends, outbox_);
    if (!proposed_.empty()) std::swap(output.proposed, proposed_);
    if (!outcomes_.empty()) std::swap(output.outcomes, outcomes_);
    if (!changes_done_.empty()) std::swap(output.changes, changes_done_);
    if (!transfers_done_.empty()) std::swap(output.transfers, transfers_done_);
    if (!reads_done_.empty()) std::swap(output.reads, reads_done_);
    if (!events_.empty()) std::swap(output.events, events_);
    output.deadline = next_deadline();
}

}  // namespace wavetank
