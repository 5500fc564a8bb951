// Looking at every server.
#include "sim/world/members.h"

#include <algorithm>

#include "sim/world/world.h"

namespace wavetank {

std::optional<uint32_t> current_leader(const World& world) {
    std::optional<uint32_t> leader;
    for (uint32_t i = 0; i < world.servers(); ++i) {
        const Node& node = world.node(i);
        if (!node.running() || node.replica().raft().role() != Role::Leader) continue;
        const Term term = node.replica().raft().current_term();
        if (!leader || world.node(*leader).replica().raft().current_term() < term) leader = i;
    }
    return leader;
}

const Configuration& present_configuration(const World& world) {
    const auto leader = current_leader(world);
    if (leader) return world.node(*leader).replica().raft().configuration();
    return world.committed_configuration().configuration;
}

std::vector<Configuration> configurations_that_count(const World& world) {
    const Configurations::Placed& committed = world.committed_configuration();
    std::vector<Configuration> count = {committed.configuration};
    for (uint32_t i = 0; i < world.servers(); ++i) {
        const Node& node = world.node(i);
        const Configurations::Placed disk = node.storage().configuration();
        const bool readable = node.running() || node.disk_state() == DiskState::Sound;
        if (readable && disk.index > committed.index) count.push_back(disk.configuration);
        if (!node.running()) continue;
        const Raft& raft = node.replica().raft();
        if (raft.configuration_index() > committed.index) count.push_back(raft.configuration());
    }
    return count;
}

std::vector<bool> members_that_count(const World& world) {
    std::vector<bool> count(world.servers(), false);
    for (const Configuration& configuration : configurations_that_count(world)) {
        for (const ServerId id : configuration.all()) count[id.value() - 1] = true;
    }
    return count;
}

bool majority_among(const Configuration& configuration, const std::vector<bool>& working) {
    const auto majority_of = [&](const std::vector<ServerId>& half) {
        const auto count = std::count_if(half.begin(), half.end(),
                                         [&](ServerId id) { return working[id.value() - 1]; });
        return half.empty() || static_cast<std::size_t>(count) > half.size() / 2;
    };
    return majority_of(configuration.voters()) && majority_of(configuration.outgoing());
}

}  // namespace wavetank
