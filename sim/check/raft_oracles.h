// The safety oracles of Raft, all of them, as one Observer. Each is a judge of its own (roles.h,
// elections.h, logs.h, membership.h, snapshots.h, commits.h, disks.h, sends.h, reads.h, outcomes.h,
// exactly_once.h, bounds.h) over a common shadow of the cluster (shadow.h); this class keeps the
// shadow in step with what is observed and calls them at the right moments.
//
// The properties are the paper's figure 3 and those that make them true: votes, acknowledgements
// and what disks hold are judged where they happen, not only when two leaders or two machines
// disagree, so a defect shows at the first wrong step and not only in the rare run in which it does
// harm.
#pragma once

#include "sim/check/bounds.h"
#include "sim/check/exactly_once.h"
#include "sim/check/findings.h"
#include "sim/check/observation.h"
#include "sim/check/outcomes.h"
#include "sim/check/reads.h"
#include "sim/check/shadow.h"

namespace wavetank {

class RaftOracles final : public Observer {
 public:
    // `findings` must outlive this.
    RaftOracles(Cluster cluster, Findings& findings);

    void on_event(uint64_t number, Instant at) override;
    void on_start(const Options& options, const Recovered& recovered) override;
    void on_crash(ServerId server) override;
    void on_wiped(ServerId server) override;
    void on_write(ServerId server, const Write& write) override;
    void on_step(const Observation& now) override;
    void on_send(ServerId from, const Send& send) override;
    void on_restored(ServerId server, const SnapshotMeta& snapshot,
                     uint64_t machine_digest) override;
    void on_apply(ServerId server, const Application& application) override;
    void on_match(ServerId leader, ServerId peer, LogIndex match) override;
    void on_durable(ServerId server, WriteId upto) override;

    // Compares a whole log with the shadow. For a host that still has its servers at the end of a
    // run; while it goes on this happens by itself now and then.
    void compare_log(ServerId server, const Log& log);
    // What is owed at the end: all that is chosen is on the disks of a majority.
    void finish();

    // Where commands were carried out.
    const ExactlyOnce& executed() const { return exactly_once_; }
    const LeaseFigures& lease_figures() const { return reads_.figures(); }
    std::string broken_contract() const { return shadow_.broken_contract(); }

 private:
    // Everything of a step but the fields that never move alone. True for nearly all steps.
    static bool same_office(const ServerShadow& before, const Observation& now) {
        return now.current_term == before.term && now.voted_for == before.vote &&
               now.role == before.role && now.output->events.empty();
    }
    void read_clock(ServerShadow& server, const Observation& now);
    void follow(ServerShadow& server, const Observation& now);

    Findings& findings_;
    Shadow shadow_;
    ReadOracle reads_;
    OutcomeOracle outcomes_;
    BoundOracle bounds_;
    ExactlyOnce exactly_once_;
};

}  // namespace wavetank
