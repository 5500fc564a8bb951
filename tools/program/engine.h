// What the command line needs of the simulator: find and read scenarios, explain them, run them. A
// narrow seam, so that the commands are tested with an engine that crashes and hangs on demand.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
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
    // Same setup and seed, same run.
    virtual StoppedRun run(const Setup& setup, uint64_t seed, const RunOptions& options,
                           const StopAt& stop) const = 0;
};

}  // namespace wavetank
