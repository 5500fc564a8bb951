// Replica: one server. It drives the Raft core, the state machine and the sessions, and touches the
// world only through its Environment (DESIGN D8). `handle` is the one door for inputs: whatever
// reaches the core passes it, so that a run can be recorded and replayed there.
//
// Writes: a client's command is proposed, here or through the leader; when the core says that it is
// committed and the entry is applied *here*, the client gets the reply. The core also says when a
// write can have no effect any more, or when nobody will know; nothing else is ever claimed, least
// of all because a leadership was lost. Reads: answered from the machine once the index that the
// core names is applied.
//
// A snapshot is taken as of one entry while later ones are applied: the state is marked, and
// written down in slices, one with each later input. A witness has no state, and its snapshots are
// empty.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/env/administration.h"
#include "core/env/environment.h"
#include "core/machines/machine.h"
#include "core/raft/raft.h"
#include "core/server/replicated_state.h"
#include "core/server/session_limits.h"
#include "core/server/waiting.h"

namespace wavetank {

class Replica {
 public:
    struct Setup {
        Options options;
        Recovered recovered;
        uint64_t seed = 0;
        SessionLimits sessions;  // the same at all servers
        // A snapshot is written down, and read back, in slices of about this size.
        std::size_t snapshot_slice_bytes = 64 << 10;
    };
    // `environment` must outlive the replica.
    Replica(Environment& environment, Setup setup, std::unique_ptr<Machine> machine);

    // Loads the snapshot it was recovered with, and asks for the first deadline. Call once, before
    // anything else.
    void start();
    // Whoever else than this replica proposes, reads, changes members or transfers the leadership
    // does it with tickets of kTicketsOfOthers or more, and hears of the outcome from the core's
    // output, as the tracer sees it.
    static constexpr uint64_t kTicketsOfOthers = uint64_t{1} << 63;
    void handle(const Input& input);
    void request(const ClientRequest& request);
    // The snapshot that was to be loaded could not be read. Nothing is done or answered any more;
    // the host, whose disk it is, stops the server.
    bool stuck() const { return stuck_; }
    // For a host that gets many inputs and requests at once: those between `hold` and `release` are
    // stepped one by one, but what they lead to happens together at the release, so that they share
    // one write, and one message to each follower. The tracer sees it as one step, by Wake. Hold
    // requires that nothing is held, release that something is.
    void hold();
    void release();
    // Takes a snapshot of what is applied by now, because an operator wants it. False if one is
    // being taken, or nothing was applied since the last one, or there is no state to write down.
    bool take_snapshot();

    ServerStatus status() const;
    const Raft& raft() const { return raft_; }
    const SessionTable& sessions() const { return state_.sessions(); }
    // Of the machine and the sessions together. Means nothing at a witness.
    uint64_t machine_digest() const { return state_.digest(); }
    // False at a witness.
    bool has_state() const { return !is_witness(); }
    bool taking_snapshot() const { return snapshot_.has_value(); }
    // How often our disk has told that it has made writes durable.
    uint64_t commits() const { return commits_; }

 private:
    struct WaitingWrite {
        ClientId client;
        uint64_t request = 0;
        SessionCommandKind kind = SessionCommandKind::Command;
        SessionId session;
        uint64_t sequence = 0;
    };
    struct WaitingRead {
        ClientId client;
        uint64_t request = 0;
        Payload question;
    };
    struct WaitingWish {
        ClientId client;
        uint64_t request = 0;
    };
    struct Snapshot {
        LogIndex index;
        std::string data;  // so far
    };

    void step(const Input& input);
    void settle(const Input& input);
    void drain(const Input& input);
    bool is_witness() const { return raft_.options().witness; }
    void send(Send& send);
    bool fetch_entries(Send& send);
    bool fetch_piece(Send& send);
    void restore(const SnapshotMeta& meta);
    std::optional<std::string> read_snapshot(const SnapshotMeta& meta);
    void apply_committed();

    // replica_clients.cc
    void read(const ClientRequest& request);
    void write(const ClientRequest& request);
    void propose(const ClientRequest& request, SessionCommandKind kind);
    void take_proposed();
    void take_outcomes();
    void take_reads();
    void answer_due_writes(bool just_applied);
    void answer_due_reads();
    void answer(const WaitingWrite& write, LogIndex index, bool just_applied);
    void answer_command(const WaitingWrite& write, bool just_applied);
    // To a request, or what is kept of one.
    template <class Request>
    void reply(const Request& to, ReplyStatus status, std::string body = {},
               SessionId opened = {}) {
        environment_.reply(
            ClientReply{to.client, to.request, status, raft_.leader(), opened, std::move(body)});
    }

    // replica_administration.cc
    void change_members(const ClientRequest& request);
    void transfer(const ClientRequest& request);
    void take_wishes();

    // replica_snapshots.cc
    void begin_snapshot();
    void continue_snapshot();
    void give_up_snapshot();

    Environment& environment_;
    const std::size_t snapshot_slice_bytes_;
    Raft raft_;
    Output output_;
    ReplicatedState state_;
    LogIndex applied_;           // what the state contains; at a witness, what it has passed over
    bool snapshot_due_ = false;  // to be begun at the end of this step
    std::optional<Snapshot> snapshot_;  // being taken

    uint64_t commits_ = 0;
    uint64_t next_ticket_ = 1;
    uint64_t proposing_ = 0;  // our proposals whose ProposeDone the next drain must give
    Waiting<WaitingWrite> writes_;
    Waiting<WaitingRead> reads_;
    Waiting<WaitingWish> wishes_;  // operators'; the core bounds them: one of each kind at a time

    // Between hold and release: something was stepped, and is not drained.
    bool held_ = false;
    bool undrained_ = false;
    bool stuck_ = false;
};

}  // namespace wavetank
