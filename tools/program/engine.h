// What the command line needs of the simulator: find, read and draw scenarios, explain and print
// them, run them. A narrow seam, so that the commands are tested with an engine that crashes and
// hangs on demand.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "scenarios/generate/matrix.h"
#include "sim/record/run_record.h"
#include "sim/setup.h"
#include "sim/simulation.h"

namespace wavetank {

struct StopAt {
    uint64_t event = UINT64_MAX;     // the run stops after this event
    std::vector<ServerId> describe;  // whose state is wanted then
};

struct StoppedRun {
    RunRecord record;
    std::vector<std::string> states;  // one for each of StopAt::describe, several lines each
};

class Engine {
 public:
    virtual ~Engine() = default;
    // The scenario files that files and folders stand for, sorted within a folder.
    virtual Result<std::vector<std::string>> find(const std::vector<std::string>& paths) const = 0;
    // The error lists every mistake in the text.
    virtual Result<Setup> parse(std::string_view text, const std::string& file) const = 0;
    virtual std::string explain(const Setup& setup) const = 0;
    // In one line.
    virtual std::string summarize(const Setup& setup) const = 0;
    // A scenario file; parsing it gives the same setup.
    virtual std::string print(const Setup& setup) const = 0;
    // What the swarm makes of a seed.
    virtual Setup draw(uint64_t seed) const = 0;
    // The rows of the option matrix, and a table of them.
    virtual std::vector<MatrixRow> matrix(const Setup& scenario) const = 0;
    virtual std::string table(const std::vector<MatrixRow>& rows) const = 0;
    // Same setup and seed, same run.
    virtual StoppedRun run(const Setup& setup, uint64_t seed, const RunOptions& options,
                           const StopAt& stop) const = 0;
};

}  // namespace wavetank
