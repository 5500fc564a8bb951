// The judge of a run: passes what happens on to the oracles, each with what it needs.
#pragma once

#include "core/server/sessions.h"
#include "sim/check/acknowledged_writes.h"
#include "sim/check/availability.h"
#include "sim/check/findings.h"
#include "sim/check/observation.h"
#include "sim/check/raft_oracles.h"
#include "sim/workload/clients.h"
#include "sim/world/world.h"

namespace wavetank {

class Judge final : public Observer, public ClientObserver {
 public:
    // All outlive the judge.
    Judge(const Configuration& configuration, Findings& findings, AcknowledgedWrites& writes,
          Availability& availability)
        : oracles_(configuration, findings),
          acknowledged_writes_(writes),
          availability_(availability) {}
    // The world whose clock times the clients' operations.
    void attach(const World& world) { world_ = &world; }
    // What is judged once, at the end.
    void finish() { oracles_.finish(); }
    void compare_log(ServerId server, const Log& log) { oracles_.compare_log(server, log); }

    // Observer
    void on_event(uint64_t number, Instant at) override {
        oracles_.on_event(number, at);  // which tells the findings
    }
    void on_start(ServerId server, const Recovered& recovered) override {
        oracles_.on_start(server, recovered);
    }
    void on_crash(ServerId server) override { oracles_.on_crash(server); }
    void on_write(ServerId server, const Write& write) override {
        oracles_.on_write(server, write);
    }
    void on_step(const Observation& now) override { oracles_.on_step(now); }
    void on_send(ServerId from, const Send& send) override { oracles_.on_send(from, send); }
    void on_apply(ServerId server, LogIndex index, const Entry& entry,
                  uint64_t machine_digest) override {
        oracles_.on_apply(server, index, entry, machine_digest);
        if (index <= acknowledged_writes_.newest() || entry.kind != EntryKind::Command) return;
        if (const auto command = decode_session_command(entry.payload.bytes())) {
            acknowledged_writes_.on_apply(index, command->client, command->sequence);
        }
    }
    void on_match(ServerId leader, ServerId peer, LogIndex match, const Log& log) override {
        oracles_.on_match(leader, peer, match, log);
    }
    void on_durable(ServerId server, WriteId upto) override { oracles_.on_durable(server, upto); }

    // ClientObserver
    void on_invoke(const Operation&) override { availability_.on_invoke(world_->now()); }
    void on_complete(const Operation& operation) override {
        const bool ok = operation.outcome == OperationOutcome::Ok;
        availability_.on_complete(ok, world_->now());
        if (ok) acknowledged_writes_.on_acknowledged(operation);
    }

 private:
    RaftOracles oracles_;
    AcknowledgedWrites& acknowledged_writes_;
    Availability& availability_;
    const World* world_ = nullptr;
};

}  // namespace wavetank
