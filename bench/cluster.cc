// The setup of a measured run.
#include "bench/cluster.h"

namespace wavetank::bench {

Setup setup_of(const Cluster& cluster) {
    Setup setup;
    setup.name = "bench";
    setup.servers = cluster.servers;
    setup.oracles = cluster.oracles;
    setup.duration = cluster.virtual_time;
    setup.liveness.owed = false;  // the run ends with its duration
    setup.events_max = UINT64_MAX;
    setup.options.entries_per_message_max = 1;
    setup.workload.clients = cluster.load ? 8 : 0;
    setup.workload.think = Latency{};
    setup.workload.get = 0;
    setup.workload.put = 1;
    setup.workload.append = 0;
    setup.workload.cas = 0;
    setup.workload.erase = 0;
    return setup;
}

}  // namespace wavetank::bench
