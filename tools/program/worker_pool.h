// Many runs on several processes, one run at a time in each. The parent has one thread and waits in
// poll(2) for results, deaths, deadlines and signals. A worker that dies or takes too long is
// replaced, and its run becomes a failed record (oracle "crash" or "hang") with the worker's last
// words: it costs that seed only.
//
// Results come in order of completion; who writes reports sorts them. Ctrl-C (SIGINT) and SIGTERM
// stop the pool: its workers are killed by their process ids, what has been done is kept. No worker
// outlives run_in_workers, nor the parent's own death.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/base/time.h"
#include "sim/record/run_record.h"
#include "tools/program/worker_process.h"

namespace wavetank {

struct PoolOptions {
    uint32_t workers = 1;             // at least 1
    Duration timeout = seconds(120);  // of one run, in real time
    Duration tick = milliseconds(200);
};

struct TaskResult {
    RunTask task;
    RunRecord record;  // of a death: verdict, findings and seed only; the caller knows the scenario
    Duration wall;
    std::string output;  // what the worker printed meanwhile, printable; usually nothing
};

// What the pool asks and tells. All but `run` are called in the parent.
struct PoolHooks {
    std::function<std::optional<RunTask>()> next;  // nothing: no more runs
    std::function<RunRecord(const RunTask&)> run;  // in a worker
    std::function<void(TaskResult)> done;
    std::function<void()> tick = [] {};  // about every PoolOptions::tick, and not before
};

// The number of the signal that stopped the pool; 0 if it came to its end. An error if no worker
// could be started. Requires: this process has one thread, and no other children of the pool's ids.
Result<int> run_in_workers(const PoolOptions& options, const PoolHooks& hooks);

}  // namespace wavetank
