// The swarm: a whole setup drawn from a seed. Who tests everything at once tests little: with all
// faults at full rate nothing ever gets far, and with all options at their defaults most code is
// never reached. So each seed leaves out a good share of the features and faults, and combines the
// rest anew (A. Groce et al., Swarm Testing, 2012).
//
// The setup is one that a correct core must pass: what is owed after the healing can be had in the
// standing weather that was drawn, and leases rest on clocks that keep their bounds.
#pragma once

#include <cstdint>

#include "sim/setup.h"

namespace wavetank {

// Depends on the seed alone. Named "swarm_<seed>"; a scenario file can say all of it.
Setup draw_swarm(uint64_t seed);

}  // namespace wavetank
