// Keeping the shadow's tables: servers by id, and what is chosen. The majorities are counted in the
// header; like everything here they share no code with core/quorum, so that a defect there cannot
// hide itself.
#include "sim/check/shadow.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "core/base/check.h"

namespace wavetank {

Shadow::Shadow(Cluster cluster)
    : tree(cluster.initial), applied(1), beyond_limit_(cluster.beyond_limit) {
    std::sort(cluster.servers.begin(), cluster.servers.end());
    servers_.resize(cluster.servers.size());
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        servers_[i].id = cluster.servers[i];
        servers_[i].sent.resize(servers_.size());
    }
}

ServerShadow* Shadow::find_by_search(ServerId id) {
    const auto found = std::lower_bound(
        servers_.begin(), servers_.end(), id,
        [](const ServerShadow& server, ServerId wanted) { return server.id < wanted; });
    return found != servers_.end() && found->id == id ? &*found : nullptr;
}

bool Shadow::leader_has(Term term, EntryId id) const {
    const Leadership* leadership = leaderships.find(term);
    return leadership != nullptr && tree.contains(leadership->last, id);
}

void Shadow::choose(const ServerShadow& leader, const Choice& choice) {
    if (choice.upto <= chosen.last_index()) return;
    CHECK(leader.log.has(chosen.last_index(), chosen.last()));
    for (LogIndex i = chosen.last_index().next(); i <= choice.upto; i = i.next()) {
        chosen.push(leader.log.at(i));
    }
    Choices& choices = choices_.of(choice.term);
    if (!choices.upto) choices.first_at = now;
    choices.upto = choice.upto;
    chosen_with_ = choice.configuration;
}

LogIndex Shadow::chosen_before(Term term) const {
    LogIndex highest;
    for (const auto& [by, choices] : choices_.items()) {
        if (by < term) highest = std::max(highest, choices.upto);
    }
    return highest;
}

std::string Shadow::broken_contract() const {
    for (const ServerShadow& server : servers_) {
        if (!server.clock.broken) continue;
        if (server.clock.jumped) {
            return fmt::format(
                " (the scenario broke the contract: at {} the clock of server {}, which has no "
                "bound, had jumped forward by {})",
                to_string(server.clock.at), server.id.value(), to_string(server.clock.off));
        }
        return fmt::format(
            " (the scenario broke the contract: at {} the clock of server {} was {} {} true "
            "time, more than it was said to be at most)",
            to_string(server.clock.at), server.id.value(),
            to_string(Duration{std::abs(server.clock.off.nanos)}),
            server.clock.off.nanos < 0 ? "behind" : "ahead of");
    }
    return "";
}

}  // namespace wavetank
