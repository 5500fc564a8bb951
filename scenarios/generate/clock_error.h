// How wrong the clocks of a run can get. Leases rest on what servers are told of their clocks'
// error (ClockQuality::error_bound): who draws or varies setups must not tell them less than this,
// and who writes a file wants to know.
#pragma once

#include <optional>

#include "core/base/time.h"
#include "sim/setup.h"

namespace wavetank {

// No run of this setup takes longer, whatever happens in it.
Duration longest_run(const Setup& setup);

// The clock of the server is never further from true time than this. Nothing if a fault makes its
// error as large as chance wants: steps, freezes and strobes, and whatever a timeline does to it.
std::optional<Duration> clock_error_max(const Setup& setup, ServerId server);

}  // namespace wavetank
