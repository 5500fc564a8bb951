// The parts of a swarm's setup, in the order in which they are drawn: the weather first, because
// timeouts must be long enough for it.
#pragma once

#include <string>

#include "scenarios/generate/draws.h"
#include "sim/setup.h"

namespace wavetank {

// A distribution of any kind whose usual values are `usual`.
Latency draw_latency(Draws& draws, const std::string& name, Duration usual);

// Links and disks.
void draw_weather(Draws& draws, Setup* setup);
// How long a round between servers, with what is written in it, takes at most in the standing
// weather, if nothing is lost.
Duration slowest_round(const Setup& setup);

// Servers and members.
void draw_members(Draws& draws, Setup* setup);
// Options but leases, and sessions. Requires the weather.
void draw_options(Draws& draws, Setup* setup);
// Requires the options and how long the run is.
void draw_clients(Draws& draws, Setup* setup);
void draw_nemesis(Draws& draws, Setup* setup);
// Who leads first. Requires members and nemesis.
void draw_priorities(Draws& draws, Setup* setup);
bool has_faults(const NemesisSetup& nemesis);
// Clocks, and whether there is a lease. Requires everything else that makes clocks wrong.
void draw_clocks(Draws& draws, Setup* setup);

}  // namespace wavetank
