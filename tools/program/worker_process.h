// One worker: a forked copy of this process that makes one run at a time. The parent writes a task
// into the worker's task pipe; the worker answers with a result in its result pipe; whatever the
// worker prints goes into its output pipe and is kept for its obituary. A run that aborts, is
// killed or hangs costs that worker only.
//
// On the pipes, numbers little-endian:
//   task    u32 file, u64 seed
//   result  u32 length, then `length` bytes: RunRecord of reports/run_record.proto
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "sim/record/run_record.h"

namespace wavetank {

// Which run: a number the caller gives each scenario file, and a seed.
struct RunTask {
    uint32_t file = 0;
    uint64_t seed = 0;
    friend bool operator==(const RunTask&, const RunTask&) = default;
};

// The beginning and the end of what a process printed, for its obituary: sanitizers say what
// matters first, assertions say it last.
class LastWords {
 public:
    void append(std::string_view text);
    void clear();
    // Printable; "..." stands for what was left out. Empty if nothing was printed.
    std::string text() const;

 private:
    std::string head_;
    std::string tail_;
    bool cut_ = false;
};

// The parent's side of one worker. Owns the pipes; the process is ended by `end`.
struct WorkerProcess {
    pid_t process = -1;
    int task_pipe = -1;    // written by the parent
    int result_pipe = -1;  // read by the parent, not blocking
    int output_pipe = -1;  // read by the parent, not blocking
};

// Forks a worker that makes runs with `run` until its task pipe is closed. `foreign` are the pipes
// of other workers, which the new one must not keep open. Requires: this process has one thread.
Result<WorkerProcess> start_worker(const std::function<RunRecord(const RunTask&)>& run,
                                   const std::vector<int>& foreign);

// False if the worker is gone.
[[nodiscard]] bool send_task(const WorkerProcess& worker, const RunTask& task);

// Kills the worker if it still lives, waits for it, closes its pipes. Returns its wait status.
int end_worker(WorkerProcess& worker);

// "killed by signal 6 (Aborted)", "exited with status 1".
std::string describe_wait_status(int status);

// What stands in front of a result of `bytes`.
inline constexpr std::size_t kResultHeaderBytes = 4;
inline constexpr std::size_t kResultBytesMax = 64 << 20;

}  // namespace wavetank
