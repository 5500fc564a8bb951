// `wavetank cluster`: a cluster of processes on this machine, to try things out.
#include <fmt/format.h>

#include <csignal>
#include <filesystem>

#include "core/tcp/address.h"
#include "scenarios/suggest.h"
#include "tools/program/client_operators.h"
#include "tools/program/cluster_call.h"
#include "tools/program/commands.h"

namespace wavetank {
namespace {

constexpr const char* kUsage = R"(usage: wavetank cluster VERB --dir DIR [ID...]

Runs a cluster of `wavetank serve` processes on this machine, in one directory: its file
cluster.textproto, the servers' data, logs and process ids. The servers go on running when this
command ends. Without ID a verb is for all servers.

  start      starts the servers that do not run, and waits until they answer and one leads; makes
             the cluster first if DIR holds none
  stop       ends servers gracefully
  kill       ends them at once (kill -9)
  pause      stops the processes as they are (SIGSTOP); resume lets them go on
  resume
  partition GROUP [GROUP...]
             cuts the links between servers of different groups, such as 1,2 3,4,5. Who is in no
             group keeps all its links: `partition 1,2 4,5` leaves 3 as the bridge. A single group
             is cut off from all others; `leader` stands for whoever leads. Clients still reach
             all. Cuts add up until they are healed
  heal       ends all cuts
  status     processes, roles, logs, HTTP addresses and cuts

  --dir DIR        where the cluster is
  --servers N      start, of a new cluster: how many; default 3
  --port P         start, of a new cluster: of the first server, the others follow; default 7001.
                   Each has an HTTP gateway 100 ports above
  --tls DIR        start, of a new cluster: connections are mutual TLS 1.3, with the certificates in
                   DIR (tools/test-ca): server-1, server-2, ..., and client for these commands;
                   without it everybody on this machine may do everything
  --cuttable       start, of a cluster that does not run: puts a relay between the servers, another
                   process, so that links can be cut
  --join           start: a server that has lost its data waits to be added (wavetank serve --help)
  --one-way        partition: cuts only what the first group sends to the others
  --how HOW        partition: drop (default): bytes vanish and connections stay open; stall: they
                   arrive when the cut is healed; reset: connections end, new ones are refused
  --timeout T      start, stop: how long to wait; default 20s
  --help           this text

examples:
  wavetank cluster start --dir /tmp/five --servers 5 --cuttable
  wavetank client --cluster /tmp/five/cluster.textproto put colour green
  wavetank cluster start --dir /tmp/sealed --tls certificates
  wavetank cluster kill --dir /tmp/five 2
  wavetank cluster partition --dir /tmp/five leader
  wavetank cluster heal --dir /tmp/five
  wavetank cluster stop --dir /tmp/five

exit code: 0 done, 1 not done, 64 wrong usage
)";

constexpr uint32_t kServersMax = 99;

int start(const Program& program, const ClusterCall& call, const LocalCluster& cluster) {
    if (call.cuttable) {
        if (const auto problem = cluster.make_cuttable()) return not_done(program, *problem);
    }
    if (cluster.cuttable()) {
        if (const auto problem = cluster.start_relay()) return not_done(program, *problem);
    }
    std::vector<ServerId> started;
    for (const ServerId id : call.servers) {
        if (cluster.process(id).find()) continue;
        if (const auto problem = cluster.start(id, call.join)) return not_done(program, *problem);
        started.push_back(id);
    }
    for (const ServerId id : started) {
        const auto problem = cluster.await_answer(id, call.timeout);
        if (problem) return not_done(program, *problem);
    }
    const Result<ServerStatus> leader = cluster.await_leader(call.timeout);
    if (!leader.ok()) return not_done(program, leader.error());
    program.out << fmt::format("server {} leads term {}\n", leader.value().server.value(),
                               leader.value().term.value());
    return kExitPassed;
}

int send_signal(const Program& program, const ClusterCall& call, const LocalCluster& cluster,
                int signal) {
    int code = kExitPassed;
    for (const ServerId id : call.servers) {
        if (cluster.process(id).signal(signal)) continue;
        // All of them means: all that run.
        if (call.servers.size() == cluster.servers().size()) continue;
        code = not_done(program, Error{fmt::format("server {} does not run", id.value())});
    }
    return code;
}

int end(const Program& program, const ClusterCall& call, const LocalCluster& cluster, int signal) {
    const int code = send_signal(program, call, cluster, signal);
    for (const ServerId id : call.servers) {
        if (cluster.process(id).await_end(call.timeout)) continue;
        return not_done(program, Error{fmt::format("server {} still runs after {}", id.value(),
                                                   to_string(call.timeout))});
    }
    if (call.servers.size() == cluster.servers().size()) {
        cluster.relay().signal(SIGKILL);  // it keeps nothing
        cluster.relay().await_end(call.timeout);
    }
    return code;
}

std::string state_of(const KeptProcess& kept) {
    const auto process = kept.find();
    return process ? fmt::format("process {}", *process) : "does not run";
}

std::string http_url_of(const DeployedServer& server) {
    return "http://" + to_string(Address{server.host, server.http_port});
}

int status(const Program& program, const ClusterCall&, const LocalCluster& cluster) {
    for (const ServerId id : cluster.servers()) {
        const KeptProcess kept = cluster.process(id);
        const DeployedServer& server = *cluster.deployment().find(id);
        program.out << fmt::format("{:>4}  {}, log {}{}\n", id.value(), state_of(kept), kept.log,
                                   server.http_port == 0 ? "" : ", " + http_url_of(server));
    }
    if (cluster.cuttable()) {
        const KeptProcess kept = cluster.relay();
        program.out << fmt::format("relay {}, log {}\n", state_of(kept), kept.log);
        show_cuts(program, cluster);
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
    {"partition", partition},
    {"heal", heal},
    {"status", status},
    {"relay", run_relay},
};

const Verb* find_verb(const std::string& name) {
    for (const Verb& verb : kVerbs) {
        if (name == verb.name) return &verb;
    }
    return nullptr;
}

int unknown_verb(const Program& program, const std::string& word) {
    std::vector<std::string> names;
    for (const Verb& verb : kVerbs) {
        if (verb.run != run_relay) names.emplace_back(verb.name);  // which nobody types
    }
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
    call.size.tls = given.text("tls");
    if (given.has("timeout")) {
        const auto timeout = parse_duration(given.text("timeout"));
        if (!timeout) return Error{"--timeout must be a time such as 20s"};
        call.timeout = *timeout;
    }
    call.cuttable = given.has("cuttable");
    call.join = given.has("join");
    call.one_way = given.has("one-way");
    if (given.has("how")) {
        const Result<Cut> how = parse_cut(given.text("how"));
        if (!how.ok()) return how.error();
        call.how = how.value();
    }
    call.words.assign(given.words.begin() + 1, given.words.end());
    return call;
}

std::optional<Error> read_servers(const LocalCluster& cluster, ClusterCall* call) {
    for (const std::string& word : call->words) {
        const Result<ServerId> id = read_server(cluster, word);
        if (!id.ok()) return id.error();
        call->servers.push_back(id.value());
    }
    if (call->servers.empty()) call->servers = cluster.servers();
    return std::nullopt;
}

Result<LocalCluster> find_cluster(const Verb& verb, const ClusterCall& call) {
    const bool there = std::filesystem::exists(LocalCluster::file_in(call.directory));
    if (!call.size.tls.empty() && (there || verb.run != start)) {
        return Error{"--tls is for a new cluster; one that is there has it in its file, or not"};
    }
    if (!there && verb.run == start) return LocalCluster::create(call.directory, call.size);
    return LocalCluster::open(call.directory);
}

}  // namespace

int cluster_command(const Program& program, const std::vector<std::string>& arguments) {
    namespace options = boost::program_options;
    options::options_description known;
    known.add_options()("help", "")("cuttable", "")("join", "")("one-way", "");
    for (const char* name : {"dir", "servers", "port", "timeout", "how", "tls"}) {
        known.add_options()(name, options::value<std::string>());
    }
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
    if (verb->run != partition) {
        const auto wrong = read_servers(cluster.value(), &call.value());
        if (wrong) return usage_error(program, "cluster", wrong->message);
    }
    return verb->run(program, call.value(), cluster.value());
}

}  // namespace wavetank
