// Questions about a running world: the answers that a timeline waits for and expects.
#pragma once

#include "sim/fault/fault.h"
#include "sim/workload/clients.h"
#include "sim/world/world.h"

namespace wavetank {

class Questions {
 public:
    Questions(const World& world, const Clients& clients) : world_(world), clients_(clients) {}

    // The metric now; for `since_mark`, what was added since the mark (or the start).
    uint64_t answer(Metric metric, bool since_mark) const;
    bool holds(const Expect& question) const;
    void mark();

    // Enough voters of the present configuration for a majority (of each half) work, and every two
    // of them reach each other both ways.
    bool majority_healthy() const;
    // There is a leader, no change of the members is half done, and all members run and have
    // committed and applied all that the leader has in its log. Who is no member owes nothing.
    bool all_caught_up() const;
    // The leader's configuration is joint.
    bool change_half_done() const;

 private:
    uint64_t now_of(Metric metric) const;
    uint64_t count_of(Metric metric) const;
    uint64_t of_the_leader(Metric metric) const;
    uint64_t of_running_servers(Metric metric) const;
    uint64_t members_behind() const;
    uint64_t waiting_for_the_operator() const;
    bool connected(uint32_t a, uint32_t b) const;

    const World& world_;
    const Clients& clients_;
    uint64_t marks_[kMetrics] = {};
};

}  // namespace wavetank
