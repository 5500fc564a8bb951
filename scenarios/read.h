// From the blocks of a scenario file to the parts of a Setup. Each function reads what is given
// over the defaults that stand in its target already, and notes what makes no sense.
#pragma once

#include "core/raft/options.h"
#include "scenarios/block.h"
#include "sim/fault/fault.h"
#include "sim/setup.h"
#include "sim/world/weather.h"

namespace wavetank {

inline constexpr std::size_t kTimelineStepsMax = 100'000;

void read_latency(const Block& block, Latency* latency);
void read_link_quality(const Block& block, LinkQuality* quality);
void read_members(const Block& block, Configuration::Members* members);
void read_options(const Block& block, Options* options);
void read_session_limits(const Block& block, SessionLimits* limits);
// Of blocks of which there is at most one a server: reads `server`; nothing if it is missing or was
// seen before.
std::optional<ServerId> read_own_server(const Block& block, std::set<ServerId>* seen);

// Members, options, priorities and sessions of the whole file.
void read_cluster(const Block& file, Setup* setup);
// Networks, disks, clocks and initial states of the whole file.
void read_weather(const Block& file, Setup* setup);
void read_clients(const Block& block, WorkloadSetup* workload);
void read_nemesis(const Block& block, NemesisSetup* nemesis);
void read_matrix(const Block& block, Setup* setup);

// All steps, repetitions written out. Requires that `setup->network` is read.
void read_timeline(const Block& file, Setup* setup);

// The target in field `field` of `block`; notes if there is none.
Target read_target(const Block& block, const char* field);
Expect read_condition(const Block& block);
// The action a step carries; none for `wait` and for no action. Not for `repeat`.
std::optional<Action> read_action(const Block& step, const LinkQuality& network);

}  // namespace wavetank
