// `wavetank cluster`: a cluster of processes on this machine, to try things out.
#include <fmt/format.h>

#include <csignal>
#include <filesystem>

#include "core/tcp/address.h"
#include "scenarios/suggest.h"
#include "tools/program/client_operators.h"
#include "tools/program/commands.h"
#include "tools/program/local_cluster.h"

namespace wavetank {
namespace {

constexpr const char* kUsage = R"(usage: wavetank cluster VERB --dir DIR [ID...]

Runs a cluster of `wavetank serve` processes on this machine, in one directory: its file
cluster.textproto, the servers' data, logs and process ids. The servers go on running when this
command ends. Without ID a verb is for all servers.

  start    starts the servers that do not run, and waits until there is a leader; makes the cluster
           first if DIR holds none
  stop     ends servers gracefully
  kill     ends them at once (kill -9)
  pause    stops the processes as they are (SIGSTOP); resume lets them go on
  resume
  status   processes, roles, logs and HTTP addresses

  --dir DIR        where the cluster is
  --servers N      start, of a new cluster: how many; default 3
  --port P         start, of a new cluster: of the first server, the others follow; default 7001.
                   Each has an HTTP gateway 100 ports above
  --timeout T      start, stop: how long to wait; default 20s
  --help           this text

examples:
  wavetank cluster start --dir /tmp/three
  wavetank client --cluster /tmp/three/cluster.textproto put colour green
  wavetank cluster kill --dir /tmp/three 2
  wavetank cluster stop --dir /tmp/three

exit code: 0 done, 1 not done, 64 wrong usage
)";

constexpr uint32_t kServersMax = 99;

struct ClusterCall {
    std::string directory;
    std::vector<ServerId> servers;
    LocalCluster::Size size;
    Duration timeout = seconds(20);
};

int not_done(const Program& program, const std::string& why) {
    program.err << "wavetank cluster: " << why << "\n";
    return kExitFailed;
}

int start(const Program& program, const ClusterCall& call, const LocalCluster& cluster) {
    for (const ServerId id : call.servers) {
        if (cluster.process_of(id)) continue;
        if (const auto problem = cluster.start(id)) return not_done(program, problem->message);
    }
    const Result<ServerStatus> leader = cluster.await_leader(call.timeout);
    if (!leader.ok()) return not_done(program, leader.error().message);
    program.out << fmt::format("server {} leads term {}\n", leader.value().server.value(),
                               leader.value().term.value());
    return kExitPassed;
}

int send_signal(const Program& program, const ClusterCall& call, const LocalCluster& cluster,
                int signal) {
    int code = kExitPassed;
    for (const ServerId id : call.servers) {
        if (cluster.signal(id, signal)) continue;
        // All of them means: all that run.
        if (call.servers.size() == cluster.servers().size()) continue;
        code = not_done(program, fmt::format("server {} does not run", id.value()));
    }
    return code;
}

int end(const Program& program, const ClusterCall& call, const LocalCluster& cluster, int signal) {
    const int code = send_signal(program, call, cluster, signal);
    for (const ServerId id : call.servers) {
        if (cluster.await_end(id, call.timeout)) continue;
        return not_done(program, fmt::format("server {} still runs after {}", id.value(),
                                             to_string(call.timeout)));
    }
    return code;
}

std::string http_url_of(const DeployedServer& server) {
    return "http://" + to_string(Address{server.host, server.http_port});
}

int status(const Program& program, const ClusterCall&, const LocalCluster& cluster) {
    for (const ServerId id : cluster.servers()) {
        const auto process = cluster.process_of(id);
        const DeployedServer& server = *cluster.deployment().find(id);
        program.out << fmt::format("{:>4}  {}, log {}{}\n", id.value(),
                                   process ? fmt::format("process {}", *process) : "does not run",
                                   cluster.log_of(id),
                                   server.http_port == 0 ? "" : ", " + http_url_of(server));
    }
    return show_status(program, {.words = {"status"}, .deployment = cluster.deployment()});
}

struct Verb {
    const char* name;
    int (*run)(const Program&, const ClusterCall&, const LocalCluster&);
};
constexpr Verb kVerbs[] = {
    {"start", start},
    {"stop", [](const Program& program, const ClusterCall& call,
                const LocalCluster& cluster) { return end(program, call, cluster, SIGTERM); }},
    {"kill", [](const Program& program, const ClusterCall& call,
                const LocalCluster& cluster) { return end(program, call, cluster, SIGKILL); }},
    {"pause",
     [](const Program& program, const ClusterCall& call, const LocalCluster& cluster) {
         return send_signal(program, call, cluster, SIGSTOP);
     }},
    {"resume",
     [](const Program& program, const ClusterCall& call, const LocalCluster& cluster) {
         return send_signal(program, call, cluster, SIGCONT);
     }},
    {"status", status},
};

const Verb* find_verb(const std::string& name) {
    for (const Verb& verb : kVerbs) {
        if (name == verb.name) return &verb;
    }
    return nullptr;
}

int unknown_verb(const Program& program, const std::string& word) {
    std::vector<std::string> names;
    for (const Verb& verb : kVerbs) names.emplace_back(verb.name);
    const std::string meant = nearest(word, names);
    return usage_error(program, "cluster",
                       meant.empty()
                           ? fmt::format("there is no verb '{}'", word)
                           : fmt::format("there is no verb '{}'; did you mean '{}'?", word, meant));
}

Result<ClusterCall> read_call(const Arguments& given) {
    ClusterCall call{.directory = given.text("dir"), .size = {.http = true}};
    if (call.directory.empty()) return Error{"--dir is missing"};
    if (given.has("servers")) {
        const auto servers =
            read_number("--servers", given.text("servers"), {.min = 1, .max = kServersMax});
        if (!servers.ok()) return servers.error();
        call.size.servers = static_cast<uint32_t>(servers.value());
    }
    if (given.has("port")) {
        const auto port = read_number(
            "--port", given.text("port"),
            {.min = 1, .max = UINT16_MAX - LocalCluster::kHttpPortsAfter - kServersMax});
        if (!port.ok()) return port.error();
        call.size.first_port = static_cast<uint16_t>(port.value());
    }
    if (given.has("timeout")) {
        const auto timeout = parse_duration(given.text("timeout"));
        if (!timeout) return Error{"--timeout must be a time such as 20s"};
        call.timeout = *timeout;
    }
    for (std::size_t i = 1; i < given.words.size(); ++i) {
        const auto id = read_number("a server", given.words[i], {.min = 1, .max = UINT32_MAX});
        if (!id.ok()) return id.error();
        call.servers.push_back(ServerId(static_cast<uint32_t>(id.value())));
    }
    return call;
}

Result<LocalCluster> find_cluster(const Verb& verb, const ClusterCall& call) {
    const bool there = std::filesystem::exists(LocalCluster::file_in(call.directory));
    if (!there && verb.run == start) return LocalCluster::create(call.directory, call.size);
    return LocalCluster::open(call.directory);
}

}  // namespace

int cluster_command(const Program& program, const std::vector<std::string>& arguments) {
    namespace options = boost::program_options;
    options::options_description known;
    known.add_options()("help", "")("dir", options::value<std::string>())(
        "servers", options::value<std::string>())("port", options::value<std::string>())(
        "timeout", options::value<std::string>());
    const Result<Arguments> read = read_arguments(known, arguments);
    if (!read.ok()) return usage_error(program, "cluster", read.error().message);
    if (read.value().has("help")) {
        program.out << kUsage;
        return kExitPassed;
    }
    if (read.value().words.empty()) return usage_error(program, "cluster", "which verb?");
    const Verb* verb = find_verb(read.value().words.front());
    if (verb == nullptr) return unknown_verb(program, read.value().words.front());
    Result<ClusterCall> call = read_call(read.value());
    if (!call.ok()) return usage_error(program, "cluster", call.error().message);
    const Result<LocalCluster> cluster = find_cluster(*verb, call.value());
    if (!cluster.ok()) return usage_error(program, "cluster", cluster.error().message);
    for (const ServerId id : call.value().servers) {
        if (cluster.value().deployment().find(id) != nullptr) continue;
        return usage_error(program, "cluster",
                           fmt::format("the cluster has no server {}", id.value()));
    }
    if (call.value().servers.empty()) call.value().servers = cluster.value().servers();
    return verb->run(program, call.value(), cluster.value());
}

}  // namespace wavetank
