// `wavetank torture`: a local cluster, load, faults, and a verdict.
#include <fmt/format.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <set>

#include "tools/program/build_info.h"
#include "tools/program/commands.h"
#include "tools/program/server_networks.h"
#include "tools/program/torture.h"
#include "tools/relay/control.h"

namespace wavetank {
namespace {

constexpr Duration kPatience = seconds(30);

constexpr const char* kUsage = R"(usage: wavetank torture --dir DIR [OPTIONS]

Puts load on a cluster of processes on this machine while it kills them (kill -9; one, a majority,
all), pauses them, starts them again, and cuts the links between them (a minority, the leader, one
way, all but a bridge, some links; by loss, delay or reset). Then every key is read, the clients'
history is checked for linearizability (so every acknowledged write must be there), and all servers
must have come to the same state. A server that ends by itself is a failure. The cluster is that of
`wavetank cluster start --cuttable`; it is made, started and stopped as needed. One that was
made with --tls is tortured in TLS.

  --dir DIR        where the cluster is, or will be
  --seconds N      how long; default 60; or --minutes N
  --seed N         which faults come when; default 1
  --lanes N        operations at a time; default 16
  --namespaces     servers in network namespaces, with addresses of their own and real links, which
                   are set down; needs root and a new DIR, and leaves nothing of it in the system
  --servers N      of a new cluster; default 5
  --port P         of a new cluster: of the first server; default 7001
  --help           this text

example:
  wavetank torture --dir /tmp/tortured --minutes 30 --seed 7

Ctrl-C or SIGTERM ends it without a verdict, and the servers and the relay that it started; again:
at once, and they go on.

exit code: 0 passed, 1 failed, 2 the checker could not decide, 64 wrong usage, 130 Ctrl-C
)";

// Of SIGINT and SIGTERM the first one; zero: none. A second one has its usual effect.
volatile std::sig_atomic_t caught_signal = 0;
void catch_signal(int number) {
    caught_signal = number;
}

class SignalGuard {
 public:
    SignalGuard() {
        caught_signal = 0;
        struct sigaction action = {};
        action.sa_handler = catch_signal;
        action.sa_flags = static_cast<int>(SA_RESTART | SA_RESETHAND);
        ::sigaction(SIGINT, &action, &interrupt_before_);
        ::sigaction(SIGTERM, &action, &terminate_before_);
    }
    SignalGuard(const SignalGuard&) = delete;
    SignalGuard& operator=(const SignalGuard&) = delete;
    ~SignalGuard() {
        ::sigaction(SIGINT, &interrupt_before_, nullptr);
        ::sigaction(SIGTERM, &terminate_before_, nullptr);
    }

 private:
    struct sigaction interrupt_before_ = {};
    struct sigaction terminate_before_ = {};
};

struct TortureCall {
    std::string directory;
    TorturePlan plan;
    LocalCluster::Size size{.servers = 5};
    bool namespaces = false;
};

Result<TortureCall> read_call(const Arguments& given) {
    TortureCall call{.directory = given.text("dir")};
    if (call.directory.empty()) return Error{"--dir is missing"};
    if (given.has("seconds") && given.has("minutes")) {
        return Error{"give --seconds or --minutes, not both"};
    }
    uint64_t span = 60;
    uint64_t minutes = 0;
    uint64_t lanes = call.plan.lanes;
    uint64_t servers = call.size.servers;
    uint64_t port = call.size.first_port;
    const struct {
        const char* name;
        uint64_t* value;
        uint64_t min;
        uint64_t max;
    } numbers[] = {{"seconds", &span, 1, 1'000'000},
                   {"minutes", &minutes, 1, 100'000},
                   {"seed", &call.plan.torment.seed, 1, UINT64_MAX},
                   {"lanes", &lanes, 1, 60},
                   {"servers", &servers, 3, 99},
                   {"port", &port, 1, UINT16_MAX - 99}};
    for (const auto& number : numbers) {
        if (!given.has(number.name)) continue;
        const auto read = read_number(fmt::format("--{}", number.name), given.text(number.name),
                                      {.min = number.min, .max = number.max});
        if (!read.ok()) return read.error();
        *number.value = read.value();
    }
    call.namespaces = given.has("namespaces");
    if (call.namespaces && servers > ServerNetworks::kServersMax) {
        return Error{
            fmt::format("--namespaces is for {} servers at most", ServerNetworks::kServersMax)};
    }
    call.plan.span = seconds(static_cast<int64_t>(minutes > 0 ? minutes * 60 : span));
    call.plan.lanes = static_cast<uint32_t>(lanes);
    call.size.servers = static_cast<uint32_t>(servers);
    call.size.first_port = static_cast<uint16_t>(port);
    return call;
}

// A cluster with something that cuts its links.
struct Stage {
    LocalCluster cluster;
    std::unique_ptr<LinkCutter> cutter;
    bool relay = true;  // which is a process of the cluster
    // Processes that were there before.
    std::set<pid_t> others;
};

void note_others(Stage& stage) {
    for (const ServerId id : stage.cluster.servers()) {
        if (const auto process = stage.cluster.process(id).find()) stage.others.insert(*process);
    }
    if (const auto process = stage.cluster.relay().find()) stage.others.insert(*process);
}

Result<Stage> set_stage_with_relay(const TortureCall& call) {
    const bool there = std::filesystem::exists(LocalCluster::file_in(call.directory));
    Result<LocalCluster> cluster = there ? LocalCluster::open(call.directory)
                                         : LocalCluster::create(call.directory, call.size);
    if (!cluster.ok()) return cluster.error();
    Stage stage{.cluster = std::move(cluster.value()), .cutter = nullptr};
    if (stage.cluster.servers().size() < 3) {
        return Error{"the cluster has less than three servers: no majority survives a fault"};
    }
    if (auto problem = stage.cluster.make_cuttable()) return *problem;
    note_others(stage);
    if (auto problem = stage.cluster.start_relay()) return *problem;
    // What an interrupted run has left cut or paused.
    const Result<Cuts> whole = stage.cluster.tell_relay(kOrderHeal, {});
    if (!whole.ok()) return whole.error();
    for (const ServerId id : stage.cluster.servers()) stage.cluster.process(id).signal(SIGCONT);
    return stage;
}

Result<Stage> set_stage_in_namespaces(const TortureCall& call) {
    auto made = ServerNetworks::make(call.size.servers);
    if (!made.ok()) return made.error();
    ServerNetworks* networks = made.value().get();
    const Result<Deployment> plain = LocalCluster::new_deployment(call.size);
    if (!plain.ok()) return plain.error();
    std::vector<Deployment> seen;
    for (uint32_t server = 1; server <= call.size.servers; ++server) {
        seen.push_back(networks->seen_by(server, plain.value()));
    }
    Result<LocalCluster> cluster =
        LocalCluster::create(call.directory, networks->for_clients(plain.value()), seen);
    if (!cluster.ok()) return cluster.error();
    cluster.value().surround_with(
        [networks](ServerId server, const auto& what) { return networks->inside(server, what); });
    return Stage{
        .cluster = std::move(cluster.value()), .cutter = std::move(made.value()), .relay = false};
}

std::optional<Error> start_all(const LocalCluster& cluster) {
    for (const ServerId id : cluster.servers()) {
        if (cluster.process(id).find()) continue;
        if (auto problem = cluster.start(id)) return problem;
    }
    for (const ServerId id : cluster.servers()) {
        if (auto problem = cluster.await_answer(id, kPatience)) return problem;
    }
    const Result<ServerStatus> leader = cluster.await_leader(kPatience);
    if (!leader.ok()) return leader.error();
    return std::nullopt;
}

void take_down(const Stage& stage) {
    for (const ServerId id : stage.cluster.servers()) stage.cluster.process(id).signal(SIGTERM);
    for (const ServerId id : stage.cluster.servers()) {
        stage.cluster.process(id).await_end(kPatience);
    }
    if (stage.relay) stage.cluster.relay().signal(SIGKILL);
}

// After a Ctrl-C: only what is ours.
void take_down_ours(const Stage& stage) {
    std::vector<KeptProcess> ours;
    for (const ServerId id : stage.cluster.servers()) {
        ours.push_back(stage.cluster.process(id));
        // Whoever's it is, it may stand still because of us.
        ours.back().signal(SIGCONT);
    }
    if (stage.relay) ours.push_back(stage.cluster.relay());
    std::erase_if(ours, [&](const KeptProcess& process) {
        const std::optional<pid_t> found = process.find();
        return !found || stage.others.contains(*found);
    });
    for (const KeptProcess& process : ours) process.signal(SIGTERM);
    for (const KeptProcess& process : ours) process.await_end(kPatience);
}

int report(const Program& program, const Torture& torture, const Result<TortureVerdict>& verdict) {
    const TortureCounts& counts = torture.counts();
    program.out << fmt::format("{} operations on {} keys, {} of unknown outcome\n{}\n",
                               counts.operations, counts.keys, counts.unknown,
                               to_string(torture.torment_counts()));
    if (!verdict.ok()) {
        program.err << "wavetank torture: " << verdict.error().message << "\n";
        return kExitFailed;
    }
    program.out << verdict.value().words << "\nverdict " << name_of(verdict.value().verdict)
                << "\n";
    return exit_code(verdict.value().verdict);
}

int torture(const Program& program, const TortureCall& call) {
    const SignalGuard guard;
    Result<Stage> stage =
        call.namespaces ? set_stage_in_namespaces(call) : set_stage_with_relay(call);
    if (!stage.ok()) return usage_error(program, "torture", stage.error().message);
    const LocalCluster& cluster = stage.value().cluster;
    if (!stage.value().cutter) stage.value().cutter = std::make_unique<RelayCutter>(cluster);
    program.out << fmt::format("seed {}\nbuild {}\n{} servers for {} in {}\n",
                               call.plan.torment.seed, to_string(build_info()),
                               cluster.servers().size(), to_string(call.plan.span), call.directory)
                << std::flush;
    const auto interrupted = [&] {
        take_down_ours(stage.value());
        return kExitSignal + static_cast<int>(caught_signal);
    };
    if (const auto problem = start_all(cluster)) {
        if (caught_signal != 0) return interrupted();
        take_down(stage.value());
        return usage_error(program, "torture", problem->message);
    }
    TorturePlan plan = call.plan;
    plan.interrupted = [] { return caught_signal != 0; };
    Torture torture(cluster, *stage.value().cutter, plan, [&](const std::string& line) {
        program.err << line << "\n" << std::flush;
    });
    const Result<TortureVerdict> verdict = torture.run();
    if (caught_signal != 0) return interrupted();
    take_down(stage.value());
    return report(program, torture, verdict);
}

}  // namespace

int torture_command(const Program& program, const std::vector<std::string>& arguments) {
    namespace options = boost::program_options;
    options::options_description known;
    known.add_options()("help", "")("namespaces", "");
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
