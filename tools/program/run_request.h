// What a person asked of `wavetank run`, read and checked before anything starts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"
#include "reports/junit.h"
#include "tools/program/command_line.h"
#include "tools/program/selection.h"

namespace wavetank {

struct RunRequest {
    bool help = false;
    Selection selection;
    SeedRange seeds;
    bool print_scenario = false;
    uint32_t jobs = 1;
    Duration timeout = seconds(120);
    bool stop_on_failure = false;
    bool check_determinism = false;

    // Files to write; empty: not wanted.
    std::string out_directory;
    std::string junit_file;
    JunitFlavor junit_flavor = JunitFlavor::Strict;
    std::string json_file;
    std::string trace_file;
    std::string digests_file;
};

Result<RunRequest> read_run_request(const std::vector<std::string>& arguments);

extern const char* const kRunUsage;

}  // namespace wavetank
