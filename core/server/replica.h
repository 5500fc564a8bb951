// Replica: one server. It drives the Raft core, the state machine and the sessions, and touches the
// world only through its Environment (DESIGN D8). `handle` is the one door for inputs: whatever
// reaches the core passes it, so that a run can be recorded and replayed there.
//
// Writes: a client's command is proposed; when its entry is applied here while we still lead, the
// client gets the reply. Reads: ReadIndex, answered from the machine once the index is applied.
#pragma once

#include <deque>
#include <map>
#include <memory>

#include "core/env/environment.h"
#include "core/machines/machine.h"
#include "core/raft/raft.h"
#include "core/server/sessions.h"

namespace wavetank {

class Replica {
 public:
    struct Setup {
        Options options;
        Recovered recovered;
        uint64_t seed = 0;
    };
    // `environment` must outlive the replica.
    Replica(Environment& environment, Setup setup, std::unique_ptr<Machine> machine);

    // Asks for the first deadline. Call once, before anything else.
    void start();
    void handle(const Input& input);
    void request(const ClientRequest& request);

    const Raft& raft() const { return raft_; }
    // Of the machine and the sessions together.
    uint64_t machine_digest() const;

 private:
    struct WaitingWrite {
        LogIndex index;
        ClientId client;
        uint64_t sequence;
    };
    struct WaitingRead {
        ClientId client;
        uint64_t sequence;
        LogIndex index;  // serve when this is applied
        Payload question;
    };

    void carry_out();
    void take_proposed();
    void take_reads();
    void apply_committed();
    const std::string& apply(const Entry& entry);
    void answer_write(LogIndex index, const std::string& reply);
    void answer_ready_reads();
    void give_up_writes();
    void reply(ClientId client, uint64_t sequence, ReplyStatus status, std::string body = {});

    Environment& environment_;
    Raft raft_;
    Output output_;
    std::unique_ptr<Machine> machine_;
    SessionTable sessions_;

    uint64_t next_ticket_ = 1;
    // The write being proposed: its answer comes with the same step.
    std::optional<WaitingWrite> proposing_;
    std::deque<WaitingWrite> waiting_writes_;        // by index, rising; empty unless we lead
    std::map<uint64_t, WaitingRead> waiting_reads_;  // by ticket: the core has not answered yet
    std::deque<WaitingRead> ready_reads_;            // by index, rising: not applied yet
};

}  // namespace wavetank
