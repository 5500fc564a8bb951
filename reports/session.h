// A session: what one call of `wavetank run` did. Many runs, each a file and a seed; the reports
// are different ways to write a session down. Runs are kept in the order (scenario, file, seed),
// whatever the order in which they ended, so that two sessions over the same seeds can be compared.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "sim/record/run_record.h"

namespace wavetank {

struct BuildInfo {
    std::string version;
    std::string compiler;    // "g++ 12.2.0"
    std::string build_type;  // "Release", with the sanitizers if any
    std::string commit;      // of git, or "unknown"
};
// "wavetank 0.1.0, g++ 12.2.0, Release, commit 2f92b390e656".
std::string to_string(const BuildInfo& build);

struct RunEntry {
    std::string file;  // the scenario's path, as the user gave it; empty if the swarm drew it
    // How a command line names the scenario, quoted for a shell; empty: by its file.
    std::string selection;
    RunRecord record;
    Duration wall;  // how long the run took in real time
};

struct Session {
    std::string program = "wavetank";  // as it was called, for the reproduction commands
    BuildInfo build;
    std::string started;  // UTC, YYYY-MM-DDThh:mm:ss
    std::string host;
    Duration wall;
    Duration timeout;  // of one run, in real time
    bool check_determinism = false;
    uint64_t planned = 0;
    bool interrupted = false;
    std::vector<RunEntry> runs;
    std::set<std::string> sometimes_reached;      // by any run
    std::set<std::string> sometimes_not_reached;  // marks of the program no run reached
};

// Adds a run. The marks it reached move into the session's; only runs that did not pass keep their
// own list, which bounds the memory of a long hunt.
void add_run(Session& session, RunEntry entry);

// Sorts the runs and works out which of the program's marks were not reached. Call it once, when
// the last run has been added.
void complete(Session& session, std::span<const std::string> all_marks);

struct VerdictCounts {
    uint64_t passed = 0;
    uint64_t failed = 0;
    uint64_t unknown = 0;
};
VerdictCounts count_verdicts(std::span<const RunEntry> runs);
void add(VerdictCounts& counts, Verdict verdict);

// A failure outweighs everything, an unknown outweighs a pass.
Verdict verdict_of(const VerdictCounts& counts);

// One digest over scenario, seed and digest of all runs. Requires complete().
uint64_t digest_of(const Session& session);

// "39 passed, 1 failed": only the kinds that occurred, and "0 runs" if none.
std::string to_string(const VerdictCounts& counts);

// A line per run, "scenario seed digest", sorted: for comparing two builds with diff.
std::string digest_list(const Session& session);

}  // namespace wavetank
