// What the clusters of all systems have in common when they are processes of this machine: a folder
// for each server, its process, and what the kernel knows of all of them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bench/throughput/child_process.h"
#include "bench/throughput/system.h"

namespace wavetank::bench {

class ServerProcesses {
 public:
    // Folders of servers are made in `directory`, which must exist.
    explicit ServerProcesses(std::string directory) : directory_(std::move(directory)) {}

    // An empty folder for a server's data.
    Result<std::string> make_folder(uint32_t server) const;
    // Its output goes to "<folder>.log".
    std::optional<Error> add(uint32_t server, const std::vector<std::string>& words);
    // Nothing while all run, else how one ended.
    std::string end();
    // Processor time and memory.
    Usage usage() const;
    // Ends all, and removes their folders and logs.
    void stop();

 private:
    std::filesystem::path folder(uint32_t server) const;

    std::string directory_;
    std::vector<ChildProcess> processes_;
    std::vector<uint32_t> servers_;
};

}  // namespace wavetank::bench
