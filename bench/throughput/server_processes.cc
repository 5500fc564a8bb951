// Folders named by server, processes in the order of their start.
#include "bench/throughput/server_processes.h"

#include <fmt/format.h>

#include <algorithm>

namespace wavetank::bench {

std::filesystem::path ServerProcesses::folder(uint32_t server) const {
    return std::filesystem::path(directory_) / fmt::format("server-{}", server);
}

Result<std::string> ServerProcesses::make_folder(uint32_t server) const {
    std::error_code error;
    std::filesystem::remove_all(folder(server), error);
    if (!error) std::filesystem::create_directories(folder(server), error);
    if (error) {
        return Error{fmt::format("cannot make the folder '{}': {}", folder(server).string(),
                                 error.message())};
    }
    return folder(server).string();
}

std::optional<Error> ServerProcesses::add(uint32_t server, const std::vector<std::string>& words) {
    servers_.push_back(server);
    Result<ChildProcess> process = ChildProcess::start(words, folder(server).string() + ".log");
    if (!process.ok()) return process.error();
    processes_.push_back(std::move(process.value()));
    return std::nullopt;
}

std::string ServerProcesses::end() {
    for (ChildProcess& process : processes_) {
        if (std::string end = process.end(); !end.empty()) return end;
    }
    return "";
}

Usage ServerProcesses::usage() const {
    Usage usage{.server_cpu = Duration{}, .memory_peak_bytes = 0};
    for (const ChildProcess& process : processes_) {
        usage.server_cpu = *usage.server_cpu + process.cpu();
        usage.memory_peak_bytes = std::max(*usage.memory_peak_bytes, process.memory_peak_bytes());
    }
    return usage;
}

void ServerProcesses::stop() {
    processes_.clear();  // kills them: their data is given up anyway
    for (const uint32_t server : servers_) {
        std::error_code ignored;  // what cannot be removed stays in the user's folder, visible
        std::filesystem::remove_all(folder(server), ignored);
        std::filesystem::remove(folder(server).string() + ".log", ignored);
    }
    servers_.clear();
}

}  // namespace wavetank::bench
