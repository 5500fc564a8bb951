// What `wavetank run` prints for a person: of one run everything, of many runs a line per scenario,
// then each run that did not pass with the command that brings it back.
#pragma once

#include <string>

#include "reports/session.h"

namespace wavetank {

// One run, without its first lines (scenario, seed, build): the figures, the findings, the
// reproduction command if it did not pass; verdict and digest are the last two lines.
std::string run_summary(const Session& session, const RunEntry& entry);

// All runs; verdict and digest are the last two lines. Requires complete(session).
std::string session_summary(const Session& session);

// The findings and the command of one run that did not pass: several lines.
std::string problem_text(const Session& session, const RunEntry& entry);

}  // namespace wavetank
