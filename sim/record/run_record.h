// What a run leaves: the verdict, what the oracles found, the digest and the figures.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"

namespace wavetank {

enum class Verdict : uint8_t { Pass, Fail, Unknown };
const char* name_of(Verdict verdict);  // "pass", "fail", "unknown"

// One thing an oracle has to say. `Unknown` findings are honest limits (a budget ran out).
struct Finding {
    std::string oracle;  // "election safety", "linearizability", ...
    Verdict verdict = Verdict::Fail;
    std::string message;  // what, where, with which values
    Instant at;           // true time
    uint64_t event = 0;   // number of the event in the run, for `replay --until`
};

struct RunRecord {
    std::string scenario;
    uint64_t seed = 0;
    Verdict verdict = Verdict::Pass;
    std::vector<Finding> findings;  // the first one comes first; at most a few are kept

    uint64_t digest = 0;  // of every event of the run
    uint64_t events = 0;
    Instant ended;  // true time since the start

    uint64_t messages_sent = 0;  // between servers
    uint64_t deliveries = 0;     // messages that arrived, clients' included
    uint64_t operations_ok = 0;
    uint64_t operations_fail = 0;
    uint64_t operations_info = 0;
    uint64_t elections_won = 0;
    uint64_t crashes = 0;
    uint64_t highest_term = 0;
    uint64_t highest_commit = 0;
    uint64_t changes_done = 0;         // of the members, that were asked for
    uint64_t transfers_done = 0;       // of the leadership, that were asked for
    uint64_t snapshots_taken = 0;      // by a server of its own state
    uint64_t snapshots_installed = 0;  // that a leader had sent
    uint64_t lease_reads = 0;          // that needed no round
    // The smallest time between the last lease read of a leader and the first entry that a later
    // leader has chosen, and by how many parts per million the clocks would have had to drift apart
    // during one lease for it to be gone. None: that never happened.
    std::optional<Duration> lease_margin;
    std::optional<int64_t> lease_drift_ppm;
    // While a majority was running and connected, the longest time in which clients waited and none
    // of them was answered ok.
    Duration longest_unavailability;

    std::vector<std::string> sometimes_reached;  // marks of SOMETIMES, sorted
};

}  // namespace wavetank
