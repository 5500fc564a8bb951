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

    // A majority of the servers runs and every two of it reach each other both ways.
    bool majority_healthy() const;
    // All servers run and have committed and applied the same.
    bool all_caught_up() const;

 private:
    uint64_t now_of(Metric metric) const;
    bool connected(uint32_t a, uint32_t b) const;

    const World& world_;
    const Clients& clients_;
    uint64_t marks_[static_cast<std::size_t>(Metric::OperationsOpen) + 1] = {};
};

}  // namespace wavetank
