// The Raft consensus core (Ongaro & Ousterhout 2014; Ongaro's thesis 2014) as a value.
//
// A host drives it with two calls:
//
//     Output output;
//     raft.step(now, input);      // something happened
//     raft.drain(output);         // what to do about it
//     storage.write(output.write);           // later: step(now, Written{id})
//     network.send(output.sends);            // at once: they promise only what is durable
//     machine.apply(output.apply_from..);    // committed and durable here
//     timer.set(output.deadline);            // then: step(now, Wake{})
//
// There is no I/O, clock, thread, callback, log output or global state inside: the same inputs give
// the same outputs, a copy behaves like the original, and two cores can be compared. Messages that
// promise something durable are *obligations*, kept here until storage has confirmed the write that
// covers them, so a host cannot send them too early.
//
// The chapters: election.cc (paper 5.2, 5.4.1; thesis 9.6 pre-vote, 6.2 check-quorum),
// replication.cc (paper 5.3, 5.4.2), read_index.cc (thesis 6.4), raft.cc (dispatch, terms,
// proposals, drain), writes.h (durability), log.h, and invariants.cc (what must always hold).
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "core/base/check.h"
#include "core/quorum/configuration.h"
#include "core/quorum/majority.h"
#include "core/quorum/progress.h"
#include "core/raft/durable.h"
#include "core/raft/input.h"
#include "core/raft/log.h"
#include "core/raft/options.h"
#include "core/raft/output.h"
#include "core/raft/writes.h"

namespace wavetank {

enum class Role : uint8_t { Follower, PreCandidate, Candidate, Leader };
const char* name_of(Role role);

class Raft {
 public:
    // A server that starts, for the first time or again, always as a follower. `seed` keys its
    // election timeouts; `now` is its own clock. Requires options.valid().
    static Raft start(const Options& options, Recovered recovered, uint64_t seed, Instant now);

    // Total: any input in any state. Bad input is refused with an event and changes nothing.
    void step(Instant now, const Input& input);
    // Fills `output` with everything to be done since the last drain; what was in it is discarded.
    void drain(Output& output);

    // --- What it is now, for hosts, oracles and tests. ---
    ServerId id() const { return options_.id; }
    const Options& options() const { return options_; }
    Term current_term() const { return hard_state_.current_term; }
    ServerId voted_for() const { return hard_state_.voted_for; }
    Role role() const { return role_; }
    ServerId leader() const { return leader_; }  // as far as this server knows; zero: none
    LogIndex commit_index() const { return commit_index_; }
    LogIndex last_applied() const { return last_applied_; }
    LogIndex durable_index() const { return writes_.durable_index(); }
    const Log& log() const { return log_; }
    const Configuration& configuration() const { return configuration_; }
    // What it knows of a peer. Requires role() == Leader and a member.
    const Progress& progress(ServerId peer) const;
    bool write_failed() const { return write_failed_; }

    // Of the whole state. Equal cores have equal digests.
    uint64_t digest() const;
    friend bool operator==(const Raft&, const Raft&) = default;

 private:
    Raft(const Options& options, Recovered recovered, uint64_t seed, Instant now);

    // A promise waiting for its write (DESIGN D4).
    struct Obligation {
        enum class Kind : uint8_t {
            OwnVote,     // count our own vote and send RequestVote to the others
            GrantVote,   // tell `to` it has our vote
            AckEntries,  // tell `to` our log equals its log up to `match`
        };
        Kind kind;
        Term term;        // dropped if the current term has moved on
        WriteId covered;  // due when this write is done
        ServerId to;
        LogIndex match;
        uint64_t round = 0;
        friend bool operator==(const Obligation&, const Obligation&) = default;
    };
    struct PendingRead {
        uint64_t ticket = 0;
        uint64_t round = 0;
        LogIndex index;
        friend bool operator==(const PendingRead&, const PendingRead&) = default;
    };

    // raft.cc
    void on(const Recv& recv);
    static bool plausible(const Message& message, Term term);
    void on(const Wake&);
    void on(const Propose& propose);
    void on(const Read& read);
    void on(const Written& written);
    void on(const WriteFailed& failed);
    void set_hard_state(Term term, ServerId voted_for);
    void become_follower(Term term, ServerId leader);
    void step_down(StepDownReason reason, Term new_term);
    void append_own(const Entry& entry);
    void oblige(Obligation obligation);
    void meet_obligations();
    void meet(const Obligation& obligation);
    // Puts a message of any kind, or a Message, into the outbox.
    template <class What>
    void send(ServerId to, What&& message) {
        CHECK(to != options_.id);
        Send& send = outbox_.emplace_back();
        send.to = to;
        send.message = std::forward<What>(message);
    }
    void refuse(ServerId from, RefuseReason reason);
    bool adopt_term(Term term);

    // election.cc
    void on_message(ServerId from, const PreVote& request);
    void on_message(ServerId from, const PreVoteReply& reply);
    void on_message(ServerId from, const RequestVote& request);
    void on_message(ServerId from, const RequestVoteReply& reply);
    void start_pre_vote();
    void start_campaign();
    void become_leader();
    void count_vote(ServerId from, quorum::Vote vote);
    void broadcast_to_voters(const Message& message);
    bool up_to_date(LogIndex last_index, Term last_term) const;
    bool leader_is_alive(ServerId candidate) const;
    void reset_election_deadline();
    void check_quorum();

    // replication.cc
    void on_message(ServerId from, const AppendEntries& request);
    void on_message(ServerId from, const AppendEntriesReply& reply);
    bool acceptable(ServerId from, const AppendEntries& request);
    void acknowledge(ServerId leader, LogIndex verified, const AppendEntries& request);
    void reject_entries(ServerId from, const AppendEntries& request);
    void take_entries(const AppendEntries& request);
    void on_rejection(Progress& progress, const AppendEntriesReply& reply);
    void moved(const Progress& progress);
    void send_entries_to_all();
    void send_entries_to(ServerId peer, Progress& progress);
    void send_append(ServerId peer, Progress& progress, EntryRange entries);
    void maybe_commit();
    void advance_commit(LogIndex index);

    // read_index.cc
    void start_read(const Read& read);
    void release_early_reads();
    void confirm_reads();
    void fail_reads();

    // invariants.cc
    void check_invariants() const;
    void add_collected_to(Digest& digest) const;

    bool is_voter() const { return configuration_.is_voter(options_.id); }
    Progress* progress_of(ServerId peer);

    Options options_;
    Configuration configuration_;
    uint64_t seed_ = 0;

    // The time of the current step. Never falls, whatever the caller's clock does.
    Instant now_;

    // Term and vote (paper figure 2). The term never falls; within a term the vote only goes from
    // none to one. What is durable of it is the ledger's to know.
    HardState hard_state_;

    // The log as this server sees it; a suffix of it may not be durable yet.
    Log log_;
    WriteLedger writes_;
    bool write_failed_ = false;  // final: nothing is promised any more

    Role role_ = Role::Follower;
    ServerId leader_;  // of the current term, zero if unknown; ourselves if we lead

    // Highest index known to be committed; never falls. last_applied_ <= min(commit, durable): what
    // the host was told to apply.
    LogIndex commit_index_;
    LogIndex last_applied_;

    // Followers: up to where the leader of this term has verified our log. It only rises within a
    // term, and nothing up to it changes.
    LogIndex verified_;

    // Followers and candidates: when to ask for an election. Leaders: unused.
    Instant election_deadline_;
    Instant last_leader_contact_;    // of the current leader; meaningful while leader_ is set
    uint64_t election_ordinal_ = 0;  // numbers the random timeouts

    // Candidates: the votes of this round by slot, our own included.
    std::vector<quorum::Vote> votes_;

    // Leaders: what is known of each member, by slot (our own slot is unused).
    std::vector<Progress> progress_;
    Instant heartbeat_deadline_;
    Instant quorum_deadline_;       // next look at check-quorum
    bool heartbeat_due_ = false;    // the next drain sends to everybody
    bool entries_to_send_ = false;  // the next drain looks whom it can send entries
    // The peer whose window or position an answer has moved since the last drain: then it is the
    // only one that there may be something to send to. Two such peers: entries_to_send_.
    std::optional<std::size_t> moved_slot_;
    uint64_t uncommitted_bytes_ = 0;  // payload bytes in (commit, last]

    // Leaders: linearizable reads. Rounds number the broadcasts that confirm leadership and are
    // never reused within a term; a reply of another term is ignored, so a round is unique (zoo
    // L03).
    uint64_t round_ = 0;
    bool round_wanted_ = false;
    std::vector<uint64_t> early_reads_;      // waiting for the first commit of our term
    std::deque<PendingRead> pending_reads_;  // waiting for their round, oldest first

    std::vector<Obligation> obligations_;

    // Collected for the next drain.
    std::vector<Send> outbox_;
    std::vector<ProposeDone> proposed_;
    std::vector<ReadDone> reads_done_;
    std::vector<Event> events_;
};

}  // namespace wavetank
