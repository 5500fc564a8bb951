// What the oracles see. The simulator calls an Observer at the moments below, in the order in which
// things happen; oracles never look into a server by themselves, and keep their own account of
// logs, votes and disks, so that a wrong server cannot drag them along.
#pragma once

#include <cstdint>
#include <span>

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/raft/durable.h"
#include "core/raft/log.h"
#include "core/raft/output.h"
#include "core/raft/raft.h"

namespace wavetank {

// A server right after one step and drain.
struct Observation {
    ServerId server;
    Term current_term;
    ServerId voted_for;
    Role role = Role::Follower;
    LogIndex commit_index;
    LogIndex last_applied;
    const Log* log = nullptr;
    std::span<const Event> events;  // what the server says has happened
};

class Observer {
 public:
    virtual ~Observer() = default;

    // The number and true time of the event that is being handled; called before anything else of
    // it.
    virtual void on_event(uint64_t number, Instant at) = 0;

    // A server starts, for the first time or again, from what it found on its disk.
    virtual void on_start(ServerId server, const Recovered& recovered) = 0;
    // It dies; what was not synced is decided later and seen at its next start.
    virtual void on_crash(ServerId server) = 0;

    // After each step, in this order: the write handed to the disk (if any), the state, then each
    // message in the order of sending, and each entry applied.
    virtual void on_write(ServerId server, const Write& write) = 0;
    virtual void on_step(const Observation& now) = 0;
    virtual void on_send(ServerId from, const Send& send) = 0;
    // `machine_digest` is the digest of the machine after the entry.
    virtual void on_apply(ServerId server, LogIndex index, const Entry& entry,
                          uint64_t machine_digest) = 0;

    // A leader has handled an acknowledgement: it now believes that `peer` holds its log up to
    // `match`. Called before on_step of that step.
    virtual void on_match(ServerId leader, ServerId peer, LogIndex match,
                          const Log& leader_log) = 0;

    // The disk has made all writes up to `upto` durable. Called before the server hears of it.
    virtual void on_durable(ServerId server, WriteId upto) = 0;
};

}  // namespace wavetank
