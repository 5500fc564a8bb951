// The commands that bring a run back: what a person copies out of a report into a shell.
#pragma once

#include <string>

#include "reports/session.h"

namespace wavetank {

// One line that runs the same scenario and seed again with the same verdict:
// "wavetank run scenarios/x.textproto --seed 7".
std::string reproduction_command(const Session& session, const RunEntry& entry);

// Several commented lines: reproduction, replay up to the first finding, the story before it, the
// state of the servers there.
std::string reproduction_guide(const Session& session, const RunEntry& entry);

// Did the process die or hang? Then there is no digest, and a replay would die or hang as well.
bool died(const RunRecord& record);

// The findings a worker's death leaves.
inline constexpr const char* kCrashOracle = "crash";
inline constexpr const char* kHangOracle = "hang";
// The finding of a run that was not the same twice.
inline constexpr const char* kDeterminismOracle = "determinism";

}  // namespace wavetank
