// The kinds of random faults by name, for all who walk over them: reading, printing, explaining.
#pragma once

#include <array>

#include "sim/fault/fault.h"

namespace wavetank {

struct NemesisKind {
    const char* name;  // the field in the file and in the struct
    uint32_t NemesisSetup::*weight;
    const char* words;  // for people
};

inline constexpr std::array<NemesisKind, 14> kNemesisKinds = {{
    {"crash", &NemesisSetup::crash, "a server crashes, at any event"},
    {"crash_leader", &NemesisSetup::crash_leader, "the leader crashes"},
    {"crash_several", &NemesisSetup::crash_several, "several servers crash together"},
    {"crash_loop", &NemesisSetup::crash_loop, "a server crashes and restarts in quick succession"},
    {"pause", &NemesisSetup::pause, "a server stands still"},
    {"partition", &NemesisSetup::partition, "a partition of a random shape"},
    {"isolate_leader", &NemesisSetup::isolate_leader, "the leader is isolated"},
    {"one_way", &NemesisSetup::one_way, "a server is mute or deaf"},
    {"half_dead_link", &NemesisSetup::half_dead_link,
     "one direction of a link of the leader is cut"},
    {"clog", &NemesisSetup::clog, "one direction of a link is clogged"},
    {"slow_link", &NemesisSetup::slow_link, "one direction of a link is slow"},
    {"lossy_network", &NemesisSetup::lossy_network, "all links lose, duplicate and reorder"},
    {"clock_step", &NemesisSetup::clock_step, "a clock jumps"},
    {"clock_drift", &NemesisSetup::clock_drift, "a clock drifts"},
}};

}  // namespace wavetank
