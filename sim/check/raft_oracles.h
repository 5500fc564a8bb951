// The safety oracles of Raft, all of them, as one Observer. Each is a pure judge of its own
// (elections.h, logs.h, commits.h, disks.h, sends.h) over a common shadow of the cluster
// (shadow.h); this class keeps the shadow in step with what is observed and calls them at the right
// moments.
//
// The properties are the paper's figure 3 and those that make them true: votes, acknowledgements
// and what disks hold are judged where they happen, not only when two leaders or two machines
// disagree, so a defect shows at the first wrong step and not only in the rare run in which it does
// harm.
#pragma once

#include "core/quorum/configuration.h"
#include "sim/check/findings.h"
#include "sim/check/observation.h"
#include "sim/check/shadow.h"

namespace wavetank {

class RaftOracles final : public Observer {
 public:
    // `findings` must outlive this.
    RaftOracles(const Configuration& configuration, Findings& findings)
        : findings_(findings), shadow_(configuration) {}

    void on_event(uint64_t number, Instant at) override;
    void on_start(ServerId server, const Recovered& recovered) override;
    void on_crash(ServerId server) override;
    void on_write(ServerId server, const Write& write) override;
    void on_step(const Observation& now) override;
    void on_send(ServerId from, const Send& send) override;
    void on_apply(ServerId server, LogIndex index, const Entry& entry,
                  uint64_t machine_digest) override;
    void on_match(ServerId leader, ServerId peer, LogIndex match, const Log& leader_log) override;
    void on_durable(ServerId server, WriteId upto) override;

    // Compares a whole log with the shadow. For a host that still has its servers at the end of a
    // run; while it goes on this happens by itself now and then.
    void compare_log(ServerId server, const Log& log);
    // What is owed at the end: all that is chosen is on the disks of a majority.
    void finish();

 private:
    // Everything of a step but the fields that never move alone. True for nearly all steps.
    static bool same_office(const ServerShadow& before, const Observation& now) {
        return now.current_term == before.term && now.voted_for == before.vote &&
               now.role == before.role && now.events.empty();
    }

    Findings& findings_;
    Shadow shadow_;
};

}  // namespace wavetank
