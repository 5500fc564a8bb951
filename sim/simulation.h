// One run: a setup and a seed in, a run record out. The run is a sequence of events in the total
// order (virtual time, sequence number); running it twice gives the same events, digests and
// verdict.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/record/history.h"
#include "sim/record/run_record.h"
#include "sim/record/trace.h"
#include "sim/setup.h"

namespace wavetank {

struct RunOptions {
    // Gets every event, in words. Slow; the digest is the same with and without.
    TraceSink* trace = nullptr;
    // If set, the digest after every event is appended: two runs can be compared event by event.
    std::vector<uint64_t>* event_digests = nullptr;
};

class Simulation {
 public:
    Simulation(const Setup& setup, uint64_t seed, const RunOptions& options = {});
    ~Simulation();
    Simulation(const Simulation&) = delete;
    Simulation& operator=(const Simulation&) = delete;

    // Handles one event. False when the run is over.
    bool step();
    // Handles events until the run is over or `number` events have been handled.
    void run_until(uint64_t number);
    // The number of events handled so far.
    uint64_t events() const;
    // Judges the run. Requires that it is over, unless only a part is of interest: then what is
    // owed at the end (liveness, linearizability) is not judged.
    RunRecord finish();

    // The state of a server in words, several lines: role, term, log, progress, disk.
    std::string describe(ServerId server) const;
    const History& history() const;

 private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

// The whole run.
RunRecord run_simulation(const Setup& setup, uint64_t seed, const RunOptions& options = {});

}  // namespace wavetank
