// Elections: pre-vote (thesis 9.6), votes (paper 5.2, 5.4.1), leader stickiness (thesis 4.2.3) and
// check-quorum (thesis 6.2). Pre-vote and check-quorum are always on: without the one a server that
// comes back from a partition deposes a healthy leader, without the other a leader that nobody
// answers keeps its clients waiting.
#include <algorithm>

#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/sometimes.h"
#include "core/raft/raft.h"

namespace wavetank {

// A random timeout in [min, max), keyed by who draws for the how-manieth time (DESIGN D7), and the
// handicap of a low priority, which fades while nobody is elected (zoo P10).
void Raft::reset_election_deadline() {
    const uint64_t span = static_cast<uint64_t>(
        (options_.election_timeout_max - options_.election_timeout_min).nanos);
    const uint64_t bits = mix(mix(seed_, options_.id.value()), election_ordinal_++);
    const Duration extra{static_cast<int64_t>(below(bits, span))};
    const int64_t levels = Options::kPriorityMax - options_.priority;
    const Duration handicap{(options_.election_timeout_min * levels).nanos >>
                            std::min(fruitless_timeouts_, 62U)};
    election_deadline_ = now_ + options_.election_timeout_min + extra + handicap;
}

// A leader of our term has spoken.
void Raft::heard_leader() {
    last_leader_contact_ = now_;
    fruitless_timeouts_ = 0;
    reset_election_deadline();
}

// Voters may, but for witnesses, which have nothing to lead with, and priority zero (zoo P11). A
// server that its newest configuration leaves out may too, until that is committed: perhaps nobody
// else has it, and then nobody else can win (thesis 4.2.2; zoo E19).
bool Raft::may_campaign() const {
    if (options_.priority == 0 || options_.witness || !hard_state_.joined) return false;
    if (configuration().is_witness(options_.id)) return false;
    if (is_voter()) return true;
    if (configuration_index() <= commit_index_ || configurations_.all().size() < 2) return false;
    const auto& before = configurations_.all().rbegin()[1].configuration;
    return before.is_voter(options_.id) && !before.is_witness(options_.id);
}

void Raft::election_timeout() {
    ++fruitless_timeouts_;
    start_pre_vote();
}

void Raft::start_pre_vote() {
    CHECK(role_ != Role::Leader);
    CHECK(may_campaign());
    // Every new round asks again, also after a campaign that found no majority: a candidate that
    // skipped the question would raise its term with every timeout (zoo P07). And it stops
    // believing in its old leader, else two of them refuse each other for ever (zoo P04).
    role_ = Role::PreCandidate;
    leader_ = ServerId();
    campaign_by_transfer_ = false;
    give_up_asked(true);
    votes_.assign(configuration().all().size(), quorum::Vote::None);
    reset_election_deadline();
    events_.push_back(BecamePreCandidate{current_term()});
    broadcast_to_voters(PreVote{current_term().next(), log_.last_index(), log_.last_term()});
    count_own_vote();
}

// Requires that a pre-vote was won, or that the leader asked for it (thesis 3.10).
void Raft::start_campaign(bool by_transfer) {
    CHECK(role_ == Role::PreCandidate || by_transfer);
    CHECK(role_ != Role::Leader);
    role_ = Role::Candidate;
    leader_ = ServerId();
    campaign_by_transfer_ = by_transfer;
    give_up_asked(true);
    set_hard_state(current_term().next(), options_.id);
    votes_.assign(configuration().all().size(), quorum::Vote::None);
    reset_election_deadline();
    events_.push_back(BecameCandidate{current_term()});
    // Our term and vote must be durable before anyone hears of them (zoo V02), ourselves included.
    // Writes complete in order, so the entries our RequestVote boasts of are durable by then too.
    oblige({Obligation::Kind::OwnVote, current_term(), writes_.covering(log_.last_index()),
            options_.id, LogIndex(), 0});
}

void Raft::become_leader() {
    CHECK(role_ == Role::Candidate);
    CHECK(voted_for() == options_.id);
    role_ = Role::Leader;
    leader_ = options_.id;
    campaign_by_transfer_ = false;
    fruitless_timeouts_ = 0;
    sessions_ = 0;
    departing_.clear();
    departing_until_ = Instant::never();
    progress_.assign(configuration().all().size(), Progress(options_.window));
    for (Progress& progress : progress_) {
        progress.next_index = log_.last_index().next();
        progress.last_contact = now_;
    }
    heartbeat_deadline_ = now_ + options_.heartbeat_interval;
    quorum_deadline_ = now_ + options_.election_timeout_min;
    heartbeat_due_ = true;
    round_ = 0;
    round_wanted_ = false;
    uncommitted_bytes_ = 0;
    for (LogIndex i = commit_index_.next(); i <= log_.last_index(); i = i.next()) {
        uncommitted_bytes_ += log_.entry_at(i).payload.size();
    }
    disk_moved_at_ = now_;
    events_.push_back(BecameLeader{current_term()});
    begin_deferral();
    // Paper 5.4.2 and 8: an entry of our own term is the only way to commit those of earlier terms,
    // and tells us how far they are committed.
    append_own(EntryKind::Empty, Payload());
}

void Raft::broadcast_to_voters(const Message& message) {
    for (const ServerId peer : configuration().all()) {
        if (peer != options_.id && configuration().is_voter(peer)) send(peer, message);
    }
}

// One that its newest configuration leaves out does not count itself.
void Raft::count_own_vote() {
    if (is_voter()) count_vote(options_.id, quorum::Vote::Granted);
}

// Counts a vote or pre-vote of the current round and acts on the result.
void Raft::count_vote(ServerId from, quorum::Vote vote) {
    const auto slot = configuration().slot_of(from);
    CHECK(slot.has_value());
    CHECK(votes_.size() == configuration().all().size());
    votes_[*slot] = vote;  // a set: a repeated reply changes nothing (zoo E08)
    if (quorum::vote_result(configuration(), votes_) != quorum::VoteResult::Won) return;
    if (role_ == Role::PreCandidate) {
        start_campaign(false);
    } else {
        become_leader();
    }
}

// Paper 5.4.1: the log that ends in the later term wins; within a term, the longer one.
bool Raft::up_to_date(LogIndex last_index, Term last_term) const {
    if (last_term != log_.last_term()) return last_term > log_.last_term();
    return last_index >= log_.last_index();
}

// Thesis 4.2.3: while we hear a leader within the minimum election timeout, we do not help to
// depose it. A leader hears itself as long as it hears a majority. The leader we follow may itself
// ask for votes after stepping down: then it is certainly not alive as a leader (zoo P05).
bool Raft::leader_is_alive(ServerId candidate) const {
    if (!leader_ || leader_ == candidate) return false;
    if (role_ == Role::Leader) return now_ < quorum_deadline_;
    return now_ - last_leader_contact_ < options_.election_timeout_min;
}

void Raft::on_message(ServerId from, const PreVote& request) {
    // Grants and refusals change nothing here: no term, no vote, no deadline, no write.
    PreVoteReply reply{current_term(), request.term, false};
    reply.granted = hard_state_.joined && request.term > current_term() &&
                    up_to_date(request.last_log_index, request.last_log_term) &&
                    !leader_is_alive(from);
    send(from, reply);
}

void Raft::on_message(ServerId from, const PreVoteReply& reply) {
    // A refusal that carries a larger term brings us there; otherwise the longest log at a low term
    // and the highest term with a short log would refuse each other for ever (zoo P01, P02).
    if (adopt_term(reply.term)) {
        SOMETIMES("a refused pre-vote teaches a newer term");
        return;
    }
    const bool this_round =
        role_ == Role::PreCandidate && reply.campaign_term == current_term().next();
    if (!this_round || !configuration().is_voter(from)) return;
    count_vote(from, reply.granted ? quorum::Vote::Granted : quorum::Vote::Refused);
}

void Raft::on_message(ServerId from, const RequestVote& request) {
    if (request.term > current_term()) {
        // Unless the leader itself wants to be replaced (thesis 4.2.3, last paragraph).
        if (!request.transfer && leader_is_alive(from)) {
            SOMETIMES("a vote request is ignored because the leader is alive");
            return;
        }
        adopt_term(request.term);
    }
    const bool free_to_vote = !voted_for() || voted_for() == from;
    // One that has lost its disk could elect somebody by a configuration that is long superseded.
    const bool grant = hard_state_.joined && request.term == current_term() && free_to_vote &&
                       up_to_date(request.last_log_index, request.last_log_term);
    if (!grant) {
        send(from, RequestVoteReply{current_term(), false});
        return;
    }
    CHECK(role_ == Role::Follower || role_ == Role::PreCandidate);
    if (role_ == Role::PreCandidate) become_follower(current_term(), ServerId());
    set_hard_state(current_term(), from);
    reset_election_deadline();  // paper 5.2: granting a vote restarts the clock
    oblige({Obligation::Kind::GrantVote, current_term(), writes_.covering(LogIndex()), from,
            LogIndex(), 0});
}

void Raft::on_message(ServerId from, const RequestVoteReply& reply) {
    if (adopt_term(reply.term)) return;
    // Votes of an earlier term say nothing about this one (zoo E01).
    if (role_ != Role::Candidate || reply.term != current_term()) return;
    if (!configuration().is_voter(from)) return;
    count_vote(from, reply.granted ? quorum::Vote::Granted : quorum::Vote::Refused);
}

// Thesis 6.2: a leader that no majority answers within an election timeout steps down.
void Raft::check_quorum() {
    CHECK(role_ == Role::Leader);
    const auto contact_of = [this](std::size_t slot) {
        return configuration().all()[slot] == options_.id ? now_ : progress_[slot].last_contact;
    };
    const Instant contact = quorum::reached_by_quorum(configuration(), now_, contact_of);
    if (now_ - contact >= options_.election_timeout_min) {
        SOMETIMES("a leader without a quorum steps down");
        step_down(StepDownReason::QuorumLost, current_term());
    } else {
        quorum_deadline_ = contact + options_.election_timeout_min;
    }
}

}  // namespace wavetank
