// The core's dispatch: inputs in, terms and roles, proposals, obligations, and the drain.
#include "core/raft/raft.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/sometimes.h"

namespace wavetank {
namespace {

// No server goes there: a term that could not be followed by another would end the cluster.
constexpr Term kLastTerm{UINT64_MAX - 1};

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

bool Options::valid(const char** why) const {
    const auto fail = [&](const char* reason) {
        *why = reason;
        return false;
    };
    if (!id) return fail("a server's id must not be zero");
    if (heartbeat_interval.nanos <= 0) return fail("heartbeat_interval must be positive");
    if (election_timeout_min <= heartbeat_interval) {
        return fail("election_timeout_min must be longer than heartbeat_interval");
    }
    if (election_timeout_max <= election_timeout_min) {
        return fail("election_timeout_max must be longer than election_timeout_min");
    }
    if (entries_per_message_max == 0 || bytes_per_message_max == 0) {
        return fail("a message must be allowed at least one entry and one byte");
    }
    if (window.messages_max == 0 || window.bytes_max == 0) {
        return fail("the window must allow at least one message and one byte");
    }
    if (writes_in_flight_max == 0) return fail("writes_in_flight_max must be at least 1");
    return true;
}

Raft Raft::start(const Options& options, Recovered recovered, uint64_t seed, Instant now) {
    const char* why = "";
    CHECK(options.valid(&why));
    return Raft(options, std::move(recovered), seed, now);
}

Raft::Raft(const Options& options, Recovered recovered, uint64_t seed, Instant now)
    : options_(options),
      configuration_(std::move(recovered.configuration)),
      seed_(seed),
      now_(now),
      hard_state_(recovered.hard_state),
      writes_(LogIndex(recovered.entries.size())),
      last_leader_contact_(now) {
    for (const Entry& entry : recovered.entries) log_.append(entry);
    reset_election_deadline();
}

void Raft::step(Instant now, const Input& input) {
    // A clock that jumps back must not move deadlines; time stands still until it has caught up.
    now_ = std::max(now_, now);
    if (write_failed_ && !std::holds_alternative<Propose>(input) &&
        !std::holds_alternative<Read>(input)) {
        return;  // proposals and reads are refused, everything else is ignored
    }
    std::visit([this](const auto& what) { on(what); }, input);
    check_invariants();
}

void Raft::on(const Recv& recv) {
    if (recv.from == options_.id || !configuration_.contains(recv.from)) {
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
                        std::holds_alternative<AppendEntriesReply>(message);
    return term < kLastTerm && (term || answer);
}

void Raft::on(const Wake&) {
    if (role_ == Role::Leader) {
        if (now_ >= quorum_deadline_) check_quorum();
        if (role_ == Role::Leader && now_ >= heartbeat_deadline_) {
            heartbeat_deadline_ = now_ + options_.heartbeat_interval;
            heartbeat_due_ = true;
        }
    } else if (now_ >= election_deadline_) {
        if (is_voter() && current_term() < kLastTerm) {
            start_pre_vote();
        } else {
            reset_election_deadline();
        }
    }
}

void Raft::on(const Propose& propose) {
    uint64_t bytes = 0;
    for (const Payload& command : propose.commands) bytes += command.size();
    ProposeDone done{propose.ticket, ProposeStatus::NotLeader, LogIndex()};
    if (role_ == Role::Leader) {
        // One proposal larger than the whole bound is accepted when nothing else is waiting.
        const bool busy =
            uncommitted_bytes_ > 0 && uncommitted_bytes_ + bytes > options_.uncommitted_bytes_max;
        if (busy) SOMETIMES("a leader refuses a proposal because too much is uncommitted");
        done.status = busy ? ProposeStatus::Busy : ProposeStatus::Accepted;
    }
    if (done.status == ProposeStatus::Accepted) {
        done.index = log_.last_index().next();
        for (const Payload& command : propose.commands) {
            append_own(Entry{current_term(), EntryKind::Command, command});
        }
    }
    proposed_.push_back(done);
}

void Raft::on(const Read& read) {
    start_read(read);
}

void Raft::on(const Written& written) {
    if (!writes_.written(written.upto)) return;  // never issued by this incarnation
    meet_obligations();
    // Our own entries count once they are durable.
    if (role_ == Role::Leader && durable_index() > commit_index_) maybe_commit();
}

void Raft::on(const WriteFailed& failed) {
    if (!writes_.issued(failed.id)) return;  // never issued by this incarnation
    // The log can no longer keep a promise. A leader that cannot write must not lead.
    SOMETIMES("a write fails for good");
    if (role_ == Role::Leader) step_down(StepDownReason::WriteFailed, current_term());
    write_failed_ = true;
    obligations_.clear();
    outbox_.clear();
}

void Raft::set_hard_state(Term term, ServerId voted_for) {
    CHECK(term >= current_term());
    // Within a term the vote goes from none to one and stays (paper 5.2: at most one vote a term).
    if (term == current_term()) {
        CHECK(!hard_state_.voted_for || hard_state_.voted_for == voted_for);
    }
    const HardState next{term, voted_for};
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
    const bool was_leader = role_ == Role::Leader;
    role_ = Role::Follower;
    leader_ = leader;
    if (was_leader) {
        fail_reads();
        progress_.clear();
        heartbeat_due_ = false;
        entries_to_send_ = false;
        moved_slot_.reset();
        reset_election_deadline();
    }
    if (changed) events_.push_back(BecameFollower{current_term(), leader});
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
void Raft::append_own(const Entry& entry) {
    CHECK(role_ == Role::Leader);
    uncommitted_bytes_ += entry.payload.size();
    log_.append(entry);
    entries_to_send_ = true;
}

void Raft::oblige(Obligation obligation) {
    if (writes_.done(obligation.covered)) {
        meet(obligation);
        return;
    }
    // The same promise again, waiting for the same write, is one promise; of acknowledgements the
    // furthest. So there are at most a few for each write in flight, whatever the network repeats.
    const auto same = [&](const Obligation& other) {
        return other.kind == obligation.kind && other.term == obligation.term &&
               other.to == obligation.to && other.covered == obligation.covered;
    };
    const auto known = std::find_if(obligations_.rbegin(), obligations_.rend(), same);
    if (known == obligations_.rend()) {
        obligations_.push_back(obligation);
        return;
    }
    known->match = std::max(known->match, obligation.match);
    known->round = std::max(known->round, obligation.round);
}

void Raft::meet_obligations() {
    if (obligations_.empty()) return;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < obligations_.size(); ++i) {
        const Obligation obligation = obligations_[i];
        if (obligation.term != current_term()) continue;  // nobody waits for it any more
        if (writes_.done(obligation.covered)) {
            meet(obligation);
        } else {
            obligations_[kept++] = obligation;
        }
    }
    obligations_.resize(kept);
}

// Says what was promised, now that it is durable. Nothing else may say it.
void Raft::meet(const Obligation& obligation) {
    CHECK(obligation.term == current_term());
    switch (obligation.kind) {
        case Obligation::Kind::OwnVote:
            if (role_ != Role::Candidate) return;
            // The others hear of us only now: a slow disk must not eat the time for their answers.
            reset_election_deadline();
            broadcast_to_voters(RequestVote{current_term(), log_.last_index(), log_.last_term()});
            count_vote(options_.id, quorum::Vote::Granted);
            return;
        case Obligation::Kind::GrantVote:
            CHECK(voted_for() == obligation.to);
            send(obligation.to, RequestVoteReply{current_term(), true});
            return;
        case Obligation::Kind::AckEntries:
            CHECK(obligation.match <= durable_index());
            AppendEntriesReply reply;
            reply.term = current_term();
            reply.success = true;
            reply.match_index = obligation.match;
            reply.round = obligation.round;
            send(obligation.to, reply);
            return;
    }
}

void Raft::refuse(ServerId from, RefuseReason reason) {
    SOMETIMES("a message is refused");
    events_.push_back(Refused{from, reason});
}

const Progress& Raft::progress(ServerId peer) const {
    CHECK(role_ == Role::Leader);
    const auto slot = configuration_.slot_of(peer);
    CHECK(slot.has_value());
    return progress_[*slot];
}

Progress* Raft::progress_of(ServerId peer) {
    const auto slot = configuration_.slot_of(peer);
    return slot ? &progress_[*slot] : nullptr;
}

void Raft::drain(Output& output) {
    output.clear();
    if (!write_failed_) {
        if (writes_.anything_unissued(log_.last_index())) {
            writes_.issue({hard_state_, log_}, options_.writes_in_flight_max, output.write);
        }
        if (role_ == Role::Leader) {
            if (!pending_reads_.empty()) confirm_reads();
            send_entries_to_all();
        }
    }
    // The output's are empty, and most of ours are too.
    if (!outbox_.empty()) std::swap(output.sends, outbox_);
    if (!proposed_.empty()) std::swap(output.proposed, proposed_);
    if (!reads_done_.empty()) std::swap(output.reads, reads_done_);
    if (!events_.empty()) std::swap(output.events, events_);

    output.apply_from = last_applied_.next();
    if (last_applied_ < commit_index_) {
        last_applied_ = std::max(last_applied_, std::min(commit_index_, durable_index()));
    }
    output.apply_upto = last_applied_;

    if (write_failed_) {
        output.deadline = Instant::never();
    } else if (role_ == Role::Leader) {
        output.deadline = std::min(heartbeat_deadline_, quorum_deadline_);
    } else {
        output.deadline = election_deadline_;
    }
}

}  // namespace wavetank
