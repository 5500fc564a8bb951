// One sitting from its conditions to its result file: what the commands that measure share. States
// machine, disk and build first, then runs the plan, writes each sample down as it is measured, and
// tells on a stream for people how far it has come.
#pragma once

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "bench/throughput/plan.h"
#include "bench/throughput/system.h"
#include "core/base/result.h"
#include "reports/session.h"
#include "reports/throughput.h"

namespace wavetank::bench {

struct SittingSetup {
    Plan plan;
    std::vector<SystemUnderLoad*> systems;  // at least one
    BuildInfo build;
    std::string directory;    // whose disk the servers use, if they are of this machine; must exist
    bool local = true;        // the servers are of this machine
    std::string result_file;  // must not exist
    std::ostream& progress;
    bool progress_is_terminal = false;
};

// Everything that was measured. An error if it could not begin, or not go on; the result file then
// holds what was measured until then.
Result<ThroughputSession> hold_sitting(const SittingSetup& setup);

// An empty folder "<parent>/wavetank-bench-XXXXXX" that is removed with all that is in it.
class ScratchFolder {
 public:
    static Result<ScratchFolder> make(const std::string& parent);
    ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    ScratchFolder& operator=(ScratchFolder&& other) noexcept {
        std::swap(path_, other.path_);
        return *this;
    }
    ~ScratchFolder();
    const std::string& path() const { return path_; }

 private:
    explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

}  // namespace wavetank::bench
