// Everything about a run but its seed. A scenario file is turned into a Setup; Setup and seed
// decide the run to the last byte.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/raft/options.h"
#include "core/server/session_limits.h"
#include "sim/fault/fault.h"
#include "sim/workload/workload.h"
#include "sim/world/weather.h"

namespace wavetank {

// Overrides for one link, both servers given; zero stands for "every server".
struct LinkSetup {
    ServerId from;
    ServerId to;
    LinkQuality quality;
};
struct DiskSetup {
    ServerId server;
    DiskQuality quality;
};
struct PrioritySetup {
    ServerId server;
    uint32_t priority;
};
struct ClockSetup {
    ServerId server;
    ClockQuality quality;
};

// What is owed once the faults have stopped. All three are counted from the healing.
struct LivenessSetup {
    bool owed = true;
    Duration leader_within = seconds(5);
    Duration commit_within = seconds(10);     // a fresh client operation is answered
    Duration caught_up_within = seconds(20);  // all servers have applied the same
};

struct Setup {
    std::string name;
    std::string story;  // what it shows, in one line
    uint32_t servers = 3;
    // The cluster begins with these; the other servers run and wait to be added. Default: all are
    // voters.
    std::optional<Configuration::Members> members;
    Options options;                        // id is set per server
    std::vector<PrioritySetup> priorities;  // instead of options.priority
    SessionLimits sessions;

    LinkQuality network;         // between servers
    LinkQuality client_network;  // between clients and servers, both ways
    // Messages are encoded and decoded again on every link; else one in 64 is, and compared.
    bool encoded_links = false;
    std::vector<LinkSetup> links;
    DiskQuality disk;
    std::vector<DiskSetup> disks;
    std::vector<ClockSetup> clocks;
    std::vector<InitialState> initial;

    WorkloadSetup workload;
    std::vector<Step> timeline;
    std::optional<NemesisSetup> nemesis;

    // The faults go on for this long, and at least until the timeline is through; then they stop,
    // the network heals, everything restarts, and liveness is owed.
    Duration duration = seconds(10);
    LivenessSetup liveness;

    // Disks may be damaged, lost or rolled back of more servers than the cluster can do without
    // (sim/fault/disk_health.h). Liveness is not owed then: the cluster may stop, and servers may
    // refuse to start. All of safety is: nothing is acknowledged that a majority does not hold, no
    // two machines diverge, and what was acknowledged is neither lost to whoever still answers, nor
    // replaced.
    bool beyond_limit = false;

    // Oracles that watch every event. Off only for measuring what they cost.
    bool oracles = true;
    uint64_t linearizability_expansions_max = 2'000'000;
    uint64_t linearizability_bytes_max = 512 << 20;
    // A run that needs more events than this is a failure: something spins.
    uint64_t events_max = 200'000'000;

    // Names of what an option matrix leaves as it is here (scenarios/generate/matrix.h); nothing to
    // a run.
    std::vector<std::string> matrix_leave_out;
};

}  // namespace wavetank
