// `wavetank cluster partition`, `heal`, and the relay that obeys them.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "tools/program/cluster_call.h"
#include "tools/relay/control.h"

namespace wavetank {
namespace {

using Groups = std::vector<std::vector<ServerId>>;

Result<ServerId> member_of_group(const ClusterCall& call, const LocalCluster& cluster,
                                 const std::string& word) {
    if (word != "leader") return read_server(cluster, word);
    const Result<ServerStatus> leader = cluster.await_leader(call.timeout);
    if (!leader.ok()) return leader.error();
    return leader.value().server;
}

Result<Groups> read_groups(const ClusterCall& call, const LocalCluster& cluster) {
    if (call.words.empty()) return Error{"which servers? For example: partition 1,2 3,4,5"};
    Groups groups;
    std::set<ServerId> seen;
    for (const std::string& word : call.words) {
        groups.emplace_back();
        std::istringstream names(word);
        for (std::string name; std::getline(names, name, ',');) {
            const Result<ServerId> id = member_of_group(call, cluster, name);
            if (!id.ok()) return id.error();
            if (!seen.insert(id.value()).second) {
                return Error{fmt::format("server {} is named twice", id.value().value())};
            }
            groups.back().push_back(id.value());
        }
    }
    if (groups.size() > 1) return groups;
    groups.emplace_back();
    for (const ServerId id : cluster.servers()) {
        if (!seen.contains(id)) groups.back().push_back(id);
    }
    if (groups.back().empty()) return Error{"nobody is left whom they could be cut off from"};
    return groups;
}

void show(const Program& program, const Cuts& cuts) {
    if (cuts.empty()) program.out << "no link is cut\n";
    std::map<std::pair<ServerId, Cut>, std::string> unreached;
    for (const auto& [link, cut] : cuts) {
        std::string& names = unreached[{link.from, cut}];
        names += fmt::format("{}{}", names.empty() ? "" : ",", link.to.value());
    }
    for (const auto& [from, names] : unreached) {
        program.out << fmt::format("cut: {} to {} ({})\n", from.first.value(), names,
                                   name_of(from.second));
    }
}

std::optional<Error> check_cuttable(const LocalCluster& cluster) {
    if (cluster.cuttable()) return std::nullopt;
    return Error{"the links of this cluster cannot be cut: stop it, and start it with --cuttable"};
}

int order(const Program& program, const LocalCluster& cluster, const std::string& order,
          const Cuts& cuts) {
    const Result<Cuts> now = cluster.tell_relay(order, cuts);
    if (!now.ok()) return not_done(program, now.error());
    show(program, now.value());
    return kExitPassed;
}

}  // namespace

int not_done(const Program& program, const Error& why) {
    program.err << "wavetank cluster: " << why.message << "\n";
    return kExitFailed;
}

Result<ServerId> read_server(const LocalCluster& cluster, const std::string& word) {
    const auto number = read_number("a server", word, {.min = 1, .max = UINT32_MAX});
    if (!number.ok()) return number.error();
    const ServerId id(static_cast<uint32_t>(number.value()));
    if (cluster.deployment().find(id) != nullptr) return id;
    return Error{fmt::format("the cluster has no server {}", word)};
}

int partition(const Program& program, const ClusterCall& call, const LocalCluster& cluster) {
    if (const auto problem = check_cuttable(cluster)) return not_done(program, *problem);
    const Result<Groups> groups = read_groups(call, cluster);
    if (!groups.ok()) return usage_error(program, "cluster", groups.error().message);
    Cuts cuts;
    for (const Link& link :
         call.one_way ? links_out_of_first(groups.value()) : links_between(groups.value())) {
        cuts[link] = call.how;
    }
    return order(program, cluster, kOrderCut, cuts);
}

int heal(const Program& program, const ClusterCall& call, const LocalCluster& cluster) {
    if (const auto problem = check_cuttable(cluster)) return not_done(program, *problem);
    if (!call.words.empty()) {
        return usage_error(program, "cluster", "heal ends all cuts; name no servers");
    }
    return order(program, cluster, kOrderHeal, {});
}

void show_cuts(const Program& program, const LocalCluster& cluster) {
    const Result<Cuts> cuts = cluster.tell_relay(kOrderShow, {});
    if (cuts.ok()) show(program, cuts.value());
}

int run_relay(const Program& program, const ClusterCall&, const LocalCluster& cluster) {
    const Result<Relay::Setup> setup = cluster.relay_setup();
    if (!setup.ok()) return not_done(program, setup.error());
    const Result<std::unique_ptr<Relay>> relay = Relay::make(setup.value());
    if (!relay.ok()) return not_done(program, relay.error());
    relay.value()->run();
    return kExitPassed;
}

}  // namespace wavetank
