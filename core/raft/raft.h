// The Raft consensus core (Ongaro & Ousterhout 2014; Ongaro's thesis 2014) as a value.
//
// A host drives it with two calls:
//
//     Output output;
//     raft.step(now, input);      // something happened
//     raft.drain(output);         // what to do about it
//     storage.write(output.write);           // later: step(now, Written{id})
//     network.send(output.sends);            // at once: they promise only what is durable
//     machine.load(output.restore);          // a snapshot, if there is one
//     machine.apply(output.apply_from..);    // committed and durable here; drain again if there
//                                            // is more_to_apply
//     timer.set(output.deadline);            // then: step(now, Wake{})
//
// There is no I/O, clock, thread, callback, log output or global state inside: the same inputs give
// the same outputs, a copy behaves like the original, and two cores can be compared. Messages that
// promise something durable are *obligations*, kept here until storage has confirmed the write that
// covers them, so a host cannot send them too early.
//
// The chapters: election.cc (paper 5.2, 5.4.1; thesis 9.6 pre-vote, 6.2 check-quorum), follower.cc
// and replication.cc (paper 5.3, 5.4.2: the two ends of AppendEntries), membership.cc (paper
// section 6), snapshot.cc (paper section 7), transfer.cc (thesis 3.10), read_index.cc (thesis 6.4),
// lease.cc (LeaseGuard), proposals.cc, obligations.cc and writes.h (durability), log.h, raft.cc
// (dispatch, terms, drain), and invariants.cc (what must always hold).
#pragma once

#include <optional>
#include <vector>

#include "core/base/check.h"
#include "core/base/ring.h"
#include "core/quorum/configuration.h"
#include "core/quorum/majority.h"
#include "core/quorum/progress.h"
#include "core/raft/configurations.h"
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
    static Raft start(const Options& options, Recovered recovered, uint64_t seed, ClockReading now);

    // Total: any input in any state. Bad input is refused with an event and changes nothing.
    void step(ClockReading now, const Input& input);
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
    // In force: the newest in the log. Empty at a server that waits to be added.
    const Configuration& configuration() const { return configurations_.active(); }
    // Of its entry; zero: the cluster began with it.
    LogIndex configuration_index() const { return configurations_.active_index(); }
    // What it knows of a peer; null if this server does not lead, or does not replicate to it.
    const Progress* progress(ServerId peer) const;
    // The newest snapshot, whether durable yet or not.
    const std::optional<SnapshotMeta>& snapshot() const { return snapshot_; }
    uint64_t uncommitted_bytes() const { return uncommitted_bytes_; }
    bool transferring() const { return transfer_.has_value(); }
    bool write_failed() const { return write_failed_; }

    // Of the whole state. Equal cores have equal digests.
    uint64_t digest() const;
    friend bool operator==(const Raft&, const Raft&) = default;

 private:
    Raft(const Options& options, Recovered recovered, uint64_t seed, ClockReading now);

    // A promise waiting for its write (DESIGN D4).
    struct Obligation {
        enum class Kind : uint8_t {
            OwnVote,     // count our own vote and send RequestVote to the others
            GrantVote,   // tell `to` it has our vote
            AckEntries,  // tell `to` our log equals its log up to `match`
            AckPiece,    // tell `to` that its snapshot is here up to `offset`
        };
        Kind kind;
        Term term;        // dropped if the current term has moved on
        WriteId covered;  // due when this write is done
        ServerId to;
        LogIndex match;      // AckPiece: the snapshot's index
        uint64_t round = 0;  // AckPiece: the offset
        uint64_t session = 0;
        friend bool operator==(const Obligation&, const Obligation&) = default;
    };
    // A read that waits here: ours (`ticket`), or that of a follower that asked (`from`, and its
    // context as the ticket).
    struct WaitingRead {
        uint64_t ticket = 0;
        ServerId from;  // zero: ours
        uint64_t round = 0;
        LogIndex index;
        friend bool operator==(const WaitingRead&, const WaitingRead&) = default;
    };
    // Something a follower has asked its leader for, under a context of its own.
    struct Asked {
        uint64_t ticket = 0;
        uint64_t context = 0;
        Instant give_up;
        uint64_t commands = 0;  // of a proposal
        friend bool operator==(const Asked&, const Asked&) = default;
    };
    struct OpenProposal {
        uint64_t ticket = 0;
        LogIndex index;  // of the first command
        LogIndex last;   // of the last
        Term term;
        bool forwarded = false;  // there may be other copies of it in the log
        friend bool operator==(const OpenProposal&, const OpenProposal&) = default;
    };
    // A membership change that this leader carries out for somebody.
    struct Change {
        uint64_t ticket = 0;
        Configuration::Members target;
        bool catching_up = false;  // new voters are learners so far
        uint32_t round = 0;        // of catching up (thesis 4.2.1)
        LogIndex round_end;
        Instant round_began;
        friend bool operator==(const Change&, const Change&) = default;
    };
    struct Handover {
        uint64_t ticket = 0;
        ServerId target;
        Instant give_up;
        bool asked = false;  // TimeoutNow was sent; again with each heartbeat
        friend bool operator==(const Handover&, const Handover&) = default;
    };

    // raft.cc
    void on(const Recv& recv);
    static bool plausible(const Message& message, Term term);
    void on(const Wake&);
    void wake_leader();
    void on(const Written& written);
    void on(const WriteFailed& failed);
    void set_hard_state(Term term, ServerId voted_for);
    void become_follower(Term term, ServerId leader);
    void leave_leadership();
    void step_down(StepDownReason reason, Term new_term);
    void append_own(EntryKind kind, const Payload& payload);
    void refuse(ServerId from, RefuseReason reason);
    bool adopt_term(Term term);
    Instant next_deadline() const;
    void drain_apply(Output& output);
    // Puts a message of any kind, or a Message, into the outbox.
    template <class What>
    Send& send(ServerId to, What&& message) {
        CHECK(to != options_.id);
        Send& send = outbox_.emplace_back();
        send.to = to;
        send.message = std::forward<What>(message);
        return send;
    }

    // obligations.cc
    void oblige(Obligation obligation);
    void meet_obligations();
    void meet(const Obligation& obligation);

    // proposals.cc
    void on(const Propose& propose);
    ProposeStatus admit(uint64_t bytes) const;
    bool may_forward(const Propose& propose) const;
    void forward(const Propose& propose);
    void on_message(ServerId from, const ForwardProposal& request);
    void on_message(ServerId from, const ForwardProposalReply& reply);
    void open_proposal(const OpenProposal& proposal);
    void settle_proposals();
    std::optional<OutcomeKind> outcome_of(const OpenProposal& proposal) const;
    void give_up_asked(bool everything);
    void give_up_open_proposals();

    // election.cc
    void on_message(ServerId from, const PreVote& request);
    void on_message(ServerId from, const PreVoteReply& reply);
    void on_message(ServerId from, const RequestVote& request);
    void on_message(ServerId from, const RequestVoteReply& reply);
    bool may_campaign() const;
    void election_timeout();
    void start_pre_vote();
    void start_campaign(bool by_transfer);
    void become_leader();
    void count_own_vote();
    void count_vote(ServerId from, quorum::Vote vote);
    void broadcast_to_voters(const Message& message);
    bool up_to_date(LogIndex last_index, Term last_term) const;
    bool leader_is_alive(ServerId candidate) const;
    void heard_leader();
    void reset_election_deadline();
    void check_quorum();

    // follower.cc
    void on_message(ServerId from, const AppendEntries& request);
    bool from_rightful_leader(ServerId from, Term term);
    bool acceptable(ServerId from, const AppendEntries& request);
    bool acceptable_entry(ServerId from, const AppendEntries& request, LogIndex index,
                          const Entry& entry);
    void join(const AppendEntries& request);
    void acknowledge(ServerId leader, LogIndex verified, const AppendEntries& request);
    void reject_entries(ServerId from, const AppendEntries& request);
    void take_entries(const AppendEntries& request);

    // replication.cc
    void on_message(ServerId from, const AppendEntriesReply& reply);
    void on_rejection(Progress& progress, const AppendEntriesReply& reply);
    void moved(const Progress& progress);
    void send_entries_to_all();
    void send_entries_to(ServerId peer, Progress& progress);
    void send_old_entries_to(ServerId peer, Progress& progress);
    void send_again_what_may_be_lost(Progress& progress) const;
    // What it needs next is not in memory any more.
    bool next_is_in_storage_only(const Progress& progress) const {
        return progress.next_index < log_.in_memory_from();
    }
    LogIndex durable_for_witness() const;
    void send_append(ServerId peer, Progress& progress, EntryRange entries);
    void account_sent(Progress& progress, LogIndex last, uint64_t bytes);
    void send_heartbeat(ServerId peer, Progress& progress);
    void maybe_commit();
    void advance_commit(LogIndex index);

    // membership.cc
    void on(const ChangeMembers& change);
    ChangeStatus begin_change(const ChangeMembers& change);
    void propose_configuration(const Configuration& next);
    void configuration_appended(LogIndex index, const Configuration& next);
    void configuration_changed();
    void rebuild_progress(const Configuration& before);
    void configuration_committed();
    void continue_change();
    bool catch_up();
    void end_change(ChangeStatus status);
    void drop_departed();
    bool leader_is_removed() const;
    void leave_cluster();

    // snapshot.cc
    void on(const SnapshotTaken& taken);
    void on_message(ServerId from, const InstallSnapshot& request);
    void on_message(ServerId from, const InstallSnapshotReply& reply);
    bool acceptable(ServerId from, const InstallSnapshot& request);
    bool already_covered(ServerId from, const InstallSnapshot& request);
    void collect(ServerId from, const InstallSnapshot& request);
    void install(ServerId from, const InstallSnapshot& request);
    void send_snapshot_to(ServerId peer, Progress& progress);
    uint32_t snapshot_transfers() const;
    bool want_snapshot();

    // transfer.cc
    void on(const Transfer& transfer);
    TransferStatus begin_transfer(const Transfer& transfer);
    bool may_inherit(ServerId id) const;
    ServerId best_heir() const;
    void continue_transfer();
    void end_transfer(TransferStatus status);
    void on_message(ServerId from, const TimeoutNow& request);

    // read_index.cc
    void on(const Read& read);
    void on_message(ServerId from, const ReadIndex& request);
    void on_message(ServerId from, const ReadIndexReply& reply);
    void start_read(WaitingRead read);
    void finish_read(const WaitingRead& read, bool ok, bool by_lease);
    void release_early_reads();
    void confirm_reads();
    void fail_reads();
    uint64_t new_context();

    // lease.cc
    bool lease_holds() const;
    bool commits_deferred();
    void begin_deferral();
    Instant deferral_deadline() const;
    void renew_lease();
    ClockReading stamp() const;

    // invariants.cc
    void check_invariants() const;
    void check_leader_invariants() const;
    void add_leadership_to(Digest& digest) const;
    void add_waiting_to(Digest& digest) const;
    void add_collected_to(Digest& digest) const;

    bool is_voter() const { return configuration().is_voter(options_.id); }
    Progress* progress_of(ServerId peer);

    Options options_;
    uint64_t seed_ = 0;

    // The time of the current step, on this server's clock. `now_` never falls, whatever the
    // caller's clock does; `clock_` is what it showed.
    Instant now_;
    ClockReading clock_;

    // Term and vote (paper figure 2). The term never falls; within a term the vote only goes from
    // none to one. What is durable of it is the ledger's to know.
    HardState hard_state_;

    // The log as this server sees it; a suffix of it may not be durable yet. The configurations in
    // it; the last one is in force.
    Log log_;
    Configurations configurations_;
    WriteLedger writes_;
    bool write_failed_ = false;  // final: nothing is promised any more

    Role role_ = Role::Follower;
    ServerId leader_;  // of the current term, zero if unknown; ourselves if we lead

    // Highest index known to be committed; never falls. last_applied_ <= min(commit, durable): what
    // the host was told to apply, or is contained in the snapshot it was told to load.
    LogIndex commit_index_;
    LogIndex last_applied_;

    // Followers: up to where the leader of this term has verified our log. It only rises within a
    // term, and nothing up to it changes.
    LogIndex verified_;

    // Followers and candidates: when to ask for an election. Leaders: unused.
    Instant election_deadline_;
    Instant last_leader_contact_;        // of the current leader; meaningful while leader_ is set
    uint64_t election_ordinal_ = 0;      // numbers the random timeouts
    uint32_t fruitless_timeouts_ = 0;    // since a leader was heard: priorities decay with them
    bool campaign_by_transfer_ = false;  // this candidacy, and no later one (zoo T08)

    // Candidates: the votes of this round by slot, our own included.
    std::vector<quorum::Vote> votes_;

    // --- Snapshots ---
    std::optional<SnapshotMeta> snapshot_;          // the newest, whether durable yet or not
    WriteId snapshot_write_;                        // that makes it durable
    bool restore_due_ = false;                      // the host must load it, once it is durable
    std::optional<Recovered::Partial> collecting_;  // pieces of a leader's snapshot
    WriteId piece_write_;                           // that makes the last of them durable
    uint64_t entries_since_snapshot_ = 0;           // applied
    uint64_t bytes_since_snapshot_ = 0;
    bool snapshot_asked_ = false;

    // --- Leaders ---
    // What is known of each member, by slot (our own slot is unused), and after these of the
    // departing servers: no members any more, but still told of it until departing_until_ (zoo
    // M20). Quorums look at members' slots only.
    std::vector<Progress> progress_;
    std::vector<ServerId> departing_;
    Instant departing_until_ = Instant::never();
    uint64_t sessions_ = 0;  // replication sessions given out in this term
    Instant heartbeat_deadline_;
    Instant quorum_deadline_;       // next look at check-quorum and at our own disk
    Instant disk_moved_at_;         // a write was done, or the first of several handed over
    bool heartbeat_due_ = false;    // the next drain sends to everybody
    bool commit_due_ = false;       // so too, because followers wait for the commit index
    bool entries_to_send_ = false;  // the next drain looks whom it can send entries
    // The peer whose window or position an answer has moved since the last drain: then it is the
    // only one that there may be something to send to. Two such peers: entries_to_send_.
    std::optional<std::size_t> moved_slot_;
    uint64_t uncommitted_bytes_ = 0;  // payload bytes in (commit, last]
    std::optional<Change> change_;
    std::optional<Handover> transfer_;
    // Lease: nothing is committed before this time (see lease.cc). `deferred_until_` is in true
    // time if deferred_by_clock_, else on our own clock; never: nothing holds us up.
    std::optional<Instant> deferred_until_;
    bool deferred_by_clock_ = false;

    // Linearizable reads. Rounds number the broadcasts that confirm leadership and are never reused
    // within a term; a reply of another term is ignored, so a round is unique (zoo L03).
    uint64_t round_ = 0;
    bool round_wanted_ = false;
    std::vector<WaitingRead> early_reads_;  // waiting for the first commit of our term
    Ring<WaitingRead> pending_reads_;       // waiting for their round, oldest first

    // --- Whoever proposed or asked here, in any role ---
    uint64_t contexts_ = 0;
    std::vector<Asked> asked_reads_;
    std::vector<Asked> asked_proposals_;
    Ring<OpenProposal> open_proposals_;  // by index, rising

    std::vector<Obligation> obligations_;

    // Collected for the next drain.
    std::vector<Send> outbox_;
    std::vector<ProposeDone> proposed_;
    std::vector<Outcome> outcomes_;
    std::vector<ChangeDone> changes_done_;
    std::vector<TransferDone> transfers_done_;
    std::vector<ReadDone> reads_done_;
    std::vector<Event> events_;
};

}  // namespace wavetank
