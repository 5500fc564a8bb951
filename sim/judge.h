// The judge of a run: passes what happens on to the oracles, each with what it needs.
#pragma once

#include <string>
#include <utility>

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
    Judge(Cluster cluster, Findings& findings, Availability& availability)
        : oracles_(std::move(cluster), findings),
          acknowledged_writes_(oracles_.executed(), findings),
          availability_(availability) {}
    // The world whose clock times the clients' operations.
    void attach(const World& world) { world_ = &world; }
    // What is judged once, at the end.
    void finish() { oracles_.finish(); }
    // The log of a server that still runs at the end, and up to where it has applied it.
    void finish_log(ServerId server, const Log& log, LogIndex applied) {
        oracles_.compare_log(server, log);
        acknowledged_writes_.check_log(server, log, applied);
    }
    const LeaseFigures& lease_figures() const { return oracles_.lease_figures(); }
    // What the scenario did that no server can cope with; nothing if it did not.
    std::string broken_contract() const { return oracles_.broken_contract(); }

    // Observer
    void on_event(uint64_t number, Instant at) override {
        oracles_.on_event(number, at);  // which tells the findings
    }
    void on_start(const Options& options, const Recovered& recovered) override {
        oracles_.on_start(options, recovered);
    }
    void on_crash(ServerId server) override { oracles_.on_crash(server); }
    void on_wiped(ServerId server) override { oracles_.on_wiped(server); }
    void on_write(ServerId server, const Write& write) override {
        oracles_.on_write(server, write);
    }
    void on_step(const Observation& now) override { oracles_.on_step(now); }
    void on_send(ServerId from, const Send& send) override { oracles_.on_send(from, send); }
    void on_restored(ServerId server, const SnapshotMeta& snapshot,
                     uint64_t machine_digest) override {
        oracles_.on_restored(server, snapshot, machine_digest);
    }
    void on_apply(ServerId server, const Application& application) override {
        oracles_.on_apply(server, application);
    }
    void on_match(ServerId leader, ServerId peer, LogIndex match) override {
        oracles_.on_match(leader, peer, match);
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
    AcknowledgedWrites acknowledged_writes_;
    Availability& availability_;
    const World* world_ = nullptr;
};

}  // namespace wavetank
