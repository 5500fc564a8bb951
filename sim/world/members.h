// Who belongs to the cluster, as the simulator knows it: it sees every server's log and disk, and
// remembers what was committed. Servers only know their own logs.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/quorum/configuration.h"

namespace wavetank {

class World;

// The running leader of the highest term; nobody if there is none. Position, from 0.
std::optional<uint32_t> current_leader(const World& world);

// That of the current leader, or without one the newest known to be committed.
const Configuration& present_configuration(const World& world);

// The newest configuration known to be committed, and every later one in a log, running or on a
// disk that a server may still start from. Whoever leads some day, one of these decides.
std::vector<Configuration> configurations_that_count(const World& world);

// By position: true for the members of these. All others have been removed for good, or were never
// added. Nobody else may forget anything, either.
std::vector<bool> members_that_count(const World& world);

// True if those of `working` (by position) are a majority of each half of `configuration`, which
// must not be empty.
bool majority_among(const Configuration& configuration, const std::vector<bool>& working);

}  // namespace wavetank
