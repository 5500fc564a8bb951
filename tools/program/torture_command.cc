// `wavetank torture`: a local cluster, load, faults, and a verdict.
#include <fmt/format.h>

#include <csignal>
#include <filesystem>

#include "tools/program/build_info.h"
#include "tools/program/commands.h"
#include "tools/program/torture.h"

namespace wavetank {
namespace {

constexpr const char* kUsage = R"(usage: wavetank torture --dir DIR [OPTIONS]

Puts load on a cluster of processes on this machine while it kills them (kill -9; one, a majority,
all), pauses them and starts them again. Then every key is read, the clients' history is checked for
linearizability (so every acknowledged write must be there), and all servers must have come to the
same state. The cluster is that of `wavetank cluster`; it is made, started and stopped as needed. One that was
made with --tls is tortured in TLS.

  --dir DIR        where the cluster is, or will be
  --seconds N      how long; default 60; or --minutes N
  --seed N         which faults come when; default 1
  --lanes N        operations at a time; default 16
  --servers N      of a new cluster; default 3
  --port P         of a new cluster: of the first server; default 7001
  --help           this text

example:
  wavetank torture --dir /tmp/tortured --minutes 30 --seed 7

exit code: 0 passed, 1 failed, 2 the checker could not decide, 64 wrong usage
)";

struct TortureCall {
    std::string directory;
    TorturePlan plan;
    LocalCluster::Size size;
};

Result<TortureCall> read_call(const Arguments& given) {
    TortureCall call{.directory = given.text("dir")};
    if (call.directory.empty()) return Error{"--dir is missing"};
    uint64_t span = 60;
    uint64_t minutes = 0;
    uint64_t lanes = call.plan.lanes;
    uint64_t servers = call.size.servers;
    uint64_t port = call.size.first_port;
    const struct {
        const char* name;
        uint64_t* value;
        uint64_t max;
    } numbers[] = {{"seconds", &span, 1'000'000},
                   {"minutes", &minutes, 100'000},
                   {"seed", &call.plan.seed, UINT64_MAX},
                   {"lanes", &lanes, 60},
                   {"servers", &servers, 99},
                   {"port", &port, UINT16_MAX - 99}};
    for (const auto& number : numbers) {
        if (!given.has(number.name)) continue;
        const auto read = read_number(fmt::format("--{}", number.name), given.text(number.name),
                                      {.min = 1, .max = number.max});
        if (!read.ok()) return read.error();
        *number.value = read.value();
    }
    call.plan.span = seconds(static_cast<int64_t>(minutes > 0 ? minutes * 60 : span));
    call.plan.lanes = static_cast<uint32_t>(lanes);
    call.size.servers = static_cast<uint32_t>(servers);
    call.size.first_port = static_cast<uint16_t>(port);
    return call;
}

int torture(const Program& program, const TortureCall& call) {
    const bool there = std::filesystem::exists(LocalCluster::file_in(call.directory));
    const Result<LocalCluster> cluster = there ? LocalCluster::open(call.directory)
                                               : LocalCluster::create(call.directory, call.size);
    if (!cluster.ok()) return usage_error(program, "torture", cluster.error().message);
    program.out << fmt::format("seed {}\nbuild {}\n", call.plan.seed, to_string(build_info()))
                << std::flush;
    for (const ServerId id : cluster.value().servers()) {
        if (cluster.value().process_of(id)) continue;
        if (const auto problem = cluster.value().start(id)) {
            return usage_error(program, "torture", problem->message);
        }
    }
    const Result<ServerStatus> leader = cluster.value().await_leader(seconds(30));
    if (!leader.ok()) return usage_error(program, "torture", leader.error().message);
    Torture torture(cluster.value(), call.plan, [&](const std::string& line) {
        program.err << line << "\n" << std::flush;
    });
    const Result<TortureVerdict> verdict = torture.run();
    for (const ServerId id : cluster.value().servers()) cluster.value().signal(id, SIGTERM);
    const TortureCounts& counts = torture.counts();
    program.out << fmt::format("{} operations, {} of unknown outcome; {} kills, {} pauses\n",
                               counts.operations, counts.unknown, counts.kills, counts.pauses);
    if (!verdict.ok()) {
        program.err << "wavetank torture: " << verdict.error().message << "\n";
        return kExitFailed;
    }
    program.out << verdict.value().words << "\nverdict " << name_of(verdict.value().verdict)
                << "\n";
    return exit_code(verdict.value().verdict);
}

}  // namespace

int torture_command(const Program& program, const std::vector<std::string>& arguments) {
    namespace options = boost::program_options;
    options::options_description known;
    known.add_options()("help", "");
    for (const char* name : {"dir", "seconds", "minutes", "seed", "lanes", "servers", "port"}) {
        known.add_options()(name, options::value<std::string>());
    }
    const Result<Arguments> read = read_arguments(known, arguments);
    if (!read.ok()) return usage_error(program, "torture", read.error().message);
    if (read.value().has("help")) {
        program.out << kUsage;
        return kExitPassed;
    }
    if (!read.value().words.empty()) {
        return usage_error(program, "torture",
                           fmt::format("'{}' belongs to no option", read.value().words.front()));
    }
    const Result<TortureCall> call = read_call(read.value());
    if (!call.ok()) return usage_error(program, "torture", call.error().message);
    return torture(program, call.value());
}

}  // namespace wavetank
