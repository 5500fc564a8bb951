// From /proc, uname, statfs and a file that is synced some hundred times.
#include "bench/throughput/machine.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

#include "bench/throughput/latencies.h"
#include "reports/throughput_table.h"

namespace wavetank::bench {
namespace {

constexpr int kSyncs = 100;
constexpr std::size_t kBlock = 4'096;

std::string line_of(const char* file, const char* start) {
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);) {
        const std::size_t colon = line.find(':');
        if (!line.starts_with(start) || colon == std::string::npos) continue;
        const std::size_t word = line.find_first_not_of(" \t", colon + 1);
        return word == std::string::npos ? "" : line.substr(word);
    }
    return "unknown";
}

std::string kernel() {
    utsname name{};
    if (uname(&name) != 0) return "unknown";
    return fmt::format("{} {}", name.sysname, name.release);
}

std::string load_average() {
    std::array<double, 1> load{};
    if (getloadavg(load.data(), 1) != 1) return "unknown";
    return fmt::format("{:.2f}", load[0]);
}

std::string file_system(const std::string& directory) {
    struct statfs facts {};
    if (statfs(directory.c_str(), &facts) != 0) return "an unknown file system";
    switch (facts.f_type) {
        case EXT4_SUPER_MAGIC:
            return "ext4";
        case XFS_SUPER_MAGIC:
            return "xfs";
        case BTRFS_SUPER_MAGIC:
            return "btrfs";
        case TMPFS_MAGIC:
            return "tmpfs, which is no disk: nothing here is durable";
        case OVERLAYFS_SUPER_MAGIC:
            return "overlayfs";
        default:
            return fmt::format("file system {:#x}", facts.f_type);
    }
}

// Writes blocks and syncs each: from `offset` on, or all at `offset`.
bool sync_blocks(int file, off_t offset, bool append, LoadOutcome* outcome) {
    const std::array<char, kBlock> block{};
    Latencies latencies;
    for (int i = 0; i < kSyncs; ++i) {
        const off_t at = append ? offset + static_cast<off_t>(kBlock) * i : offset;
        const auto began = std::chrono::steady_clock::now();
        if (pwrite(file, block.data(), block.size(), at) != static_cast<ssize_t>(kBlock)) {
            return false;
        }
        if (fdatasync(file) != 0) return false;
        latencies.add(nanoseconds(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                      std::chrono::steady_clock::now() - began)
                                      .count()));
    }
    latencies.summarize(outcome);
    return true;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> machine_conditions() {
    return {{"processor", fmt::format("{}, {} cores", line_of("/proc/cpuinfo", "model name"),
                                      std::thread::hardware_concurrency())},
            {"memory", line_of("/proc/meminfo", "MemTotal")},
            {"kernel", kernel()},
            {"load before", load_average() + " (average of the last minute)"}};
}

Result<SyncLatency> measure_syncs(const std::string& directory) {
    const std::string path = directory + "/sync-latency";
    const int file = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return Error{fmt::format("cannot write '{}': {}", path, strerror(errno))};
    LoadOutcome append, overwrite;
    const bool good =
        sync_blocks(file, 0, true, &append) && sync_blocks(file, 0, false, &overwrite);
    const int mistake = errno;
    close(file);
    unlink(path.c_str());
    if (!good) return Error{fmt::format("cannot write '{}': {}", path, strerror(mistake))};
    return SyncLatency{.append_p50 = append.p50,
                       .append_p99 = append.p99,
                       .overwrite_p50 = overwrite.p50,
                       .overwrite_p99 = overwrite.p99};
}

Result<std::string> disk_condition(const std::string& directory) {
    const Result<SyncLatency> syncs = measure_syncs(directory);
    if (!syncs.ok()) return syncs.error();
    const SyncLatency& latency = syncs.value();
    return fmt::format("fdatasync after 4 KiB appended {} (p99 {}), in place {} (p99 {}), on {}",
                       span_text(latency.append_p50), span_text(latency.append_p99),
                       span_text(latency.overwrite_p50), span_text(latency.overwrite_p99),
                       file_system(directory));
}

}  // namespace wavetank::bench
