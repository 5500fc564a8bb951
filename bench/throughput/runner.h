// The sitting: walks through a plan and measures every cell of it with every system. The systems
// take turns at each cell, so that all of them see the same moods of the machine; the repeats of a
// cell lie far apart for the same reason. Each measurement begins with new servers on empty disks.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "bench/throughput/plan.h"
#include "bench/throughput/system.h"
#include "reports/throughput.h"

namespace wavetank::bench {

// What comes next, and how far we are.
struct BenchStep {
    ThroughputCell cell;
    std::string system;
    uint32_t repeat = 1;
    uint64_t done = 0;   // measurements behind us
    uint64_t total = 0;  // of the whole plan
    Duration elapsed;
    // What is left will take about this long: each measurement as long as that of the same cell in
    // an earlier repeat, or else as long as the average so far. Nothing before the first one.
    std::optional<Duration> remaining;
};

struct BenchCallbacks {
    std::function<void(const BenchStep&)> before;
    // Nothing, or why the sitting cannot go on: the results cannot be written down.
    std::function<std::optional<Error>(const ThroughputSample&)> after;
};

// Measures everything. A system that fails at a cell gets a sample that says so, and the sitting
// goes on. Returns the error of a callback, if any. Requires at least one system.
std::optional<Error> run_plan(const Plan& plan, const std::vector<SystemUnderLoad*>& systems,
                              const BenchCallbacks& callbacks);

}  // namespace wavetank::bench
