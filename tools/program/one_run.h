// One run as a worker makes it: with a trace, with the digest after every event, or twice, to see
// whether it is the same twice.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.h"
#include "tools/program/engine.h"

namespace wavetank {

struct OneRun {
    const Engine& engine;
    const Setup& setup;
    uint64_t seed = 0;
};

struct OneRunOptions {
    std::string trace_file;          // empty: no trace
    std::string event_digests_file;  // written if the run does not pass; empty: never
    bool check_determinism = false;  // run twice
};

// A report that cannot be written is told on standard error; the run counts nevertheless.
RunRecord make_run(const OneRun& run, const OneRunOptions& options);

// The events with this number in words, a line each; "no such event" if the run ends before.
std::string event_in_words(const OneRun& run, uint64_t event);

}  // namespace wavetank
