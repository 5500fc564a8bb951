// The relay of a local cluster: its addresses, its process, its orders.
#include <fmt/format.h>

#include <filesystem>
#include <thread>

#include "reports/text.h"
#include "tools/program/local_cluster.h"
#include "tools/relay/control.h"

namespace wavetank {
namespace {

constexpr Duration kRelayPatience = seconds(10);
// Their numbers are parts of an address.
constexpr std::size_t kServersMax = 255;

// All of 127.0.0.0/8 is this machine: an address for each pair of servers costs nothing, and there
// is no port to be chosen. By places in the file, because ids may be large.
std::string relay_host(std::size_t from, std::size_t to) {
    return fmt::format("127.1.{}.{}", from + 1, to + 1);
}

Deployment seen_by(std::size_t from, Deployment deployment) {
    for (std::size_t to = 0; to < deployment.servers.size(); ++to) {
        if (to != from) deployment.servers[to].host = relay_host(from, to);
    }
    return deployment;
}

}  // namespace

bool LocalCluster::cuttable() const {
    return std::filesystem::exists(place(deployment_.servers.front().id, ".textproto"));
}

std::optional<Error> LocalCluster::make_cuttable() const {
    if (cuttable()) return std::nullopt;
    if (deployment_.options != Deployment::defaults() || deployment_.servers.size() > kServersMax) {
        return Error{
            fmt::format("{} has options of its own, or more than {} servers; links can be "
                        "cut only where it has not",
                        file_in(directory_), kServersMax)};
    }
    for (const DeployedServer& server : deployment_.servers) {
        if (!process(server.id).find()) continue;
        return Error{
            fmt::format("server {} runs with links that cannot be cut; stop the cluster "
                        "first",
                        server.id.value())};
    }
    // The first one last: it says that all are there.
    for (std::size_t i = deployment_.servers.size(); i-- > 0;) {
        const ServerId id = deployment_.servers[i].id;
        const auto problem =
            write_file(place(id, ".textproto"), print_deployment(seen_by(i, deployment_)));
        if (problem) return Error{*problem};
    }
    return std::nullopt;
}

KeptProcess LocalCluster::relay() const {
    return {.pid_file = directory_ + "/relay.pid",
            .log = directory_ + "/relay.log",
            .mark = directory_};
}

std::optional<Error> LocalCluster::start_relay() const {
    const KeptProcess kept = relay();
    if (!kept.find()) {
        auto problem = kept.start({std::filesystem::read_symlink("/proc/self/exe").string(),
                                   "cluster", "relay", "--dir", directory_});
        if (problem) return problem;
    }
    for (const Deadline deadline(kRelayPatience); !deadline.passed();) {
        if (tell_relay(kOrderShow, {}).ok()) return std::nullopt;
        if (!kept.find()) {
            return Error{
                fmt::format("the relay does not run; the end of its log:\n{}", kept.last_words())};
        }
        std::this_thread::sleep_for(kLook);
    }
    return tell_relay(kOrderShow, {}).error();
}

Result<Relay::Setup> LocalCluster::relay_setup() const {
    Relay::Setup setup{.control = directory_ + "/relay.sock"};
    for (const DeployedServer& from : deployment_.servers) {
        const Result<Deployment> seen = load_deployment(place(from.id, ".textproto"));
        if (!seen.ok()) return seen.error();
        for (const DeployedServer& to : deployment_.servers) {
            if (to.id == from.id) continue;
            const DeployedServer* at = seen.value().find(to.id);
            if (at == nullptr) {
                return Error{fmt::format("{} has no server {}", place(from.id, ".textproto"),
                                         to.id.value())};
            }
            setup.routes.push_back({.link = {from.id, to.id},
                                    .listen = {at->host, at->port},
                                    .target = {to.host, to.port}});
        }
    }
    return setup;
}

Result<Cuts> LocalCluster::tell_relay(const std::string& order, const Cuts& cuts) const {
    return wavetank::tell_relay(directory_ + "/relay.sock", order, cuts);
}

}  // namespace wavetank
