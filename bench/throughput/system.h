// A system under load: a cluster that can be brought up, loaded and looked at. The seam between the
// harness and what it measures: Wavetank's own servers as processes of this machine, a cluster that
// runs elsewhere, or another system. The harness asks no system what it is.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/base/time.h"
#include "reports/throughput.h"

namespace wavetank::bench {

// A closed loop: `concurrency` messages are under way, and an answer lets the next one go.
struct Load {
    uint64_t messages = 0;  // measured
    uint64_t warmup = 0;    // before these, and not measured
    uint64_t payload_bytes = 0;
    uint32_t concurrency = 1;
    // No measured message is sent after it; the warm-up has as much again.
    Duration time_limit = seconds(60);
};

struct LoadOutcome {
    uint64_t messages = 0;  // acknowledged: durable on a majority and applied
    uint64_t failed = 0;    // refused, or of unknown outcome
    Duration elapsed;       // from the end of the warm-up to the last answer
    Duration p50, p99, p999, max;
};

// Counted since the cluster was brought up. What a system does not tell is left out.
struct Usage {
    std::optional<uint64_t> syncs;
    std::optional<uint64_t> commits;
    std::optional<Duration> server_cpu;
    std::optional<uint64_t> memory_peak_bytes;
};

class SystemUnderLoad {
 public:
    virtual ~SystemUnderLoad() = default;

    // Short, as it stands in tables: "etcd".
    virtual std::string name() const = 0;
    // Version and what was set up otherwise than usual, for the conditions.
    virtual std::string description() const = 0;

    // Brings up this many servers with empty disks, and returns when they have a leader that
    // answers. Nothing, or why that failed. Requires that it is stopped.
    virtual std::optional<Error> start(uint32_t servers) = 0;
    // Sends messages to the leader. Requires that it was started. `begin` is called once, between
    // the warm-up and the measurement; the clock starts after it. The error says why the load ended
    // early; messages of which some failed are no error.
    virtual Result<LoadOutcome> drive(const Load& load, const std::function<void()>& begin) = 0;
    virtual Usage usage() = 0;
    // Ends all servers and removes their data. Does nothing if it is stopped.
    virtual void stop() = 0;
};

}  // namespace wavetank::bench
