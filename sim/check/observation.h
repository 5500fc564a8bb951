// What the oracles see. The simulator calls an Observer at the moments below, in the order in which
// things happen; oracles never look into a server by themselves, and keep their own account of
// logs, votes and disks, so that a wrong server cannot drag them along.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/quorum/configuration.h"
#include "core/raft/durable.h"
#include "core/raft/input.h"
#include "core/raft/log.h"
#include "core/raft/options.h"
#include "core/raft/output.h"
#include "core/raft/raft.h"

namespace wavetank {

// A server right after one step and drain.
struct Observation {
    ServerId server;
    ClockReading clock;            // what its clock showed in this step
    const Input* input = nullptr;  // what was stepped
    Term current_term;
    ServerId voted_for;
    Role role = Role::Follower;
    LogIndex commit_index;
    LogIndex last_applied;
    const Log* log = nullptr;
    const Configuration* configuration = nullptr;  // in force
    LogIndex snapshot;                             // up to where its newest one goes; zero: none
    uint64_t uncommitted_bytes = 0;                // as a leader counts them
    const Output* output = nullptr;                // what the server says and asks for
};

// An entry that a server has applied.
struct Application {
    LogIndex index;
    const Entry& entry;
    bool executed = false;        // a command that the machine carried out, not a repetition
    uint64_t machine_digest = 0;  // of machine and sessions, after it
};

class Observer {
 public:
    virtual ~Observer() = default;

    // The number and true time of the event that is being handled; called before anything else of
    // it.
    virtual void on_event(uint64_t number, Instant at) = 0;

    // A server starts, for the first time or again, from what it found on its disk.
    virtual void on_start(const Options& options, const Recovered& recovered) = 0;
    // It dies; what was not synced is decided later and seen at its next start.
    virtual void on_crash(ServerId server) = 0;
    // The disk of a server that is down got lost: the next start is from an empty one, as if a new
    // server had come under the same id.
    virtual void on_wiped(ServerId server) = 0;

    // After each step, in this order: the write handed to the disk (if any), the state, then each
    // message in the order of sending and as it leaves, the snapshot loaded, and each entry
    // applied.
    virtual void on_write(ServerId server, const Write& write) = 0;
    virtual void on_step(const Observation& now) = 0;
    virtual void on_send(ServerId from, const Send& send) = 0;
    // The machine and the sessions were loaded from `snapshot`; their digest then.
    virtual void on_restored(ServerId server, const SnapshotMeta& snapshot,
                             uint64_t machine_digest) = 0;
    virtual void on_apply(ServerId server, const Application& application) = 0;

    // A leader has handled an acknowledgement: it now believes that `peer`, a member or one that is
    // departing, holds its log up to `match`. Called before on_step of that step.
    virtual void on_match(ServerId leader, ServerId peer, LogIndex match) = 0;

    // The disk has made all writes up to `upto` durable. Called before the server hears of it.
    virtual void on_durable(ServerId server, WriteId upto) = 0;
};

}  // namespace wavetank
