// The simulated cluster that is measured: no faults, memory storage, plain structs on the links,
// the default latencies (0.2 to 0.5 ms on a link, 0.1 to 0.3 ms on a disk), one entry a message.
// Under load eight clients put small values one after the other without a pause; idle there is
// nothing but heartbeats every 50 ms.
#pragma once

#include "sim/setup.h"

namespace wavetank::bench {

struct Cluster {
    uint32_t servers = 5;
    bool load = true;
    bool oracles = false;
    Duration virtual_time = seconds(1);
};
Setup setup_of(const Cluster& cluster);

}  // namespace wavetank::bench
