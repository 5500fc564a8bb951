// The machine that measurements were taken on, as far as it explains them: processor, memory,
// kernel, and above all how long the disk takes to make something durable. That is measured, not
// looked up: it decides the throughput of one message at a time.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"

namespace wavetank::bench {

// Name and text: processor with its cores, memory, kernel, load of the last minute.
std::vector<std::pair<std::string, std::string>> machine_conditions();

struct SyncLatency {
    Duration append_p50, append_p99;        // 4 KiB behind the end of a file, then fdatasync
    Duration overwrite_p50, overwrite_p99;  // 4 KiB in place, then fdatasync
};
// Takes 100 of each in a file in `directory`, which it removes: some tens of milliseconds.
Result<SyncLatency> measure_syncs(const std::string& directory);
// "fdatasync after 4 KiB appended 120 us (p99 300 us), in place 73 us (p99 200 us), on ext4".
Result<std::string> disk_condition(const std::string& directory);

}  // namespace wavetank::bench
