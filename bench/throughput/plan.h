// What `wavetank bench` measures: tables of cells, how often, how long. Comes from a text file
// (bench.proto documents every field) or from command-line flags, and says which cells there are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"
#include "reports/throughput.h"

namespace wavetank::bench {

struct PlanTable {
    std::string title;
    std::vector<uint64_t> servers = {3};
    std::vector<uint64_t> messages;
    std::vector<uint64_t> payload_bytes;
    std::vector<uint64_t> concurrency;
};

struct Plan {
    uint32_t repeats = 3;
    uint64_t warmup_messages = 1'000;
    Duration time_limit = seconds(60);
    std::vector<PlanTable> tables;
    std::vector<ThroughputReference> references;
    std::vector<ThroughputBar> bars;
};

struct PlanLimits {
    static constexpr uint32_t kRepeats = 100;
    static constexpr uint64_t kServers = 99;
    static constexpr uint64_t kMessages = 1'000'000'000;
    static constexpr uint64_t kPayloadBytes = 1 << 20;
    static constexpr uint64_t kConcurrency = 4'096;
    static constexpr uint64_t kCells = 10'000;
};

// Reads a file's text. The error has a line "file:line:column: error: ..." for each mistake.
Result<Plan> parse_plan(std::string_view text, std::string_view file_name);

// Reads the file itself as well.
Result<Plan> load_plan(const std::string& path);

// All cells, table by table, the last list running fastest.
std::vector<ThroughputCell> cells_of(const Plan& plan);

}  // namespace wavetank::bench
