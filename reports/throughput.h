// Throughput tables: what `wavetank bench` measured, as values. A cell is what was asked of a
// system (how many messages, how large, how many at once, of how many servers); a sample is one
// measurement of a cell; a row sums up the repeats of a cell. A session is one sitting: its
// conditions and all its samples, in the order in which they were taken. Renderers stand beside
// this file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/time.h"

namespace wavetank {

struct ThroughputCell {
    std::string table;  // the title of the table it belongs to; may be empty
    uint32_t servers = 3;
    uint64_t messages = 0;
    uint64_t payload_bytes = 0;
    uint32_t concurrency = 1;  // messages under way at once, closed loop
    friend auto operator<=>(const ThroughputCell&, const ThroughputCell&) = default;
};

struct ThroughputSample {
    std::string system;
    ThroughputCell cell;
    uint32_t repeat = 1;    // counted from 1
    uint64_t messages = 0;  // acknowledged; fewer than asked for if the time limit came first
    uint64_t failed = 0;    // refused, or of unknown outcome
    Duration elapsed;       // from the first message sent to the last answer
    // Of the acknowledged messages, from sending to the answer.
    Duration p50, p99, p999, max;
    // During the measured messages only, the warm-up left out. Not every system tells everything.
    std::optional<uint64_t> syncs;              // fsync and fdatasync calls of all servers
    std::optional<uint64_t> commits;            // durable batches of the leader
    std::optional<Duration> server_cpu;         // of all servers together
    std::optional<uint64_t> memory_peak_bytes;  // resident, of the largest server
    Duration client_cpu;                        // of the load generator
    std::string problem;                        // why nothing was measured; empty if all went well
    friend bool operator==(const ThroughputSample&, const ThroughputSample&) = default;
};

// A figure from elsewhere that stands beside the cells with these messages and this payload.
struct ThroughputReference {
    std::string table;
    std::string system;
    uint64_t messages = 0;
    uint64_t payload_bytes = 0;
    std::string figure;  // "7.6", "crash near message 475"
    friend bool operator==(const ThroughputReference&, const ThroughputReference&) = default;
};

// What is wanted of the first system beside another one: at least `percent_min` hundredths of its
// messages/s in every cell of this concurrency, and a p99 below.
struct ThroughputBar {
    std::string against;
    uint32_t concurrency = 1;
    uint64_t percent_min = 100;
    friend bool operator==(const ThroughputBar&, const ThroughputBar&) = default;
};

struct ThroughputSession {
    std::string started;  // UTC, YYYY-MM-DDThh:mm:ssZ
    // Name and text: build, machine, disk, warm-up, versions.
    std::vector<std::pair<std::string, std::string>> conditions;
    std::vector<ThroughputReference> references;
    std::vector<ThroughputBar> bars;
    std::vector<ThroughputSample> samples;
    friend bool operator==(const ThroughputSession&, const ThroughputSession&) = default;
};

// All repeats of a cell by one system. Each figure is the median over the repeats that measured
// something; of an even number of them, the lower of the two in the middle.
struct ThroughputRow {
    std::string system;
    ThroughputCell cell;
    uint32_t measured = 0;  // repeats without a problem; with none, the figures below mean nothing
    double messages_per_second = 0;
    double slowest = 0, fastest = 0;  // messages/s of the worst and best repeat
    double megabytes_per_second = 0;  // 10^6 bytes of payload
    Duration p50, p99, p999, max;
    std::optional<double> syncs_per_message;
    std::optional<double> messages_per_commit;
    std::optional<Duration> cpu_per_message;  // of all servers
    std::optional<uint64_t> memory_peak_bytes;
    std::string remark;  // what a reader must know: problems, failures, a time limit reached
};

double messages_per_second(const ThroughputSample& sample);

// In the order in which the cells were first measured; the systems of a cell follow each other.
std::vector<ThroughputRow> rows_of(const ThroughputSession& session);

// The systems in the order of their first samples.
std::vector<std::string> systems_of(const ThroughputSession& session);
// The titles of the tables in the order of their first samples.
std::vector<std::string> tables_of(const ThroughputSession& session);

}  // namespace wavetank
