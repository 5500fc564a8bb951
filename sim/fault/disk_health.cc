// Counting sound disks, in every configuration that may decide.
#include "sim/fault/disk_health.h"

#include <algorithm>

#include "sim/world/members.h"

namespace wavetank {

bool DiskHealth::sound(uint32_t position) const {
    const Node& node = world_.node(position);
    if (node.disk_state() != DiskState::Sound) return false;
    return tampered_[position] != node.starts();
}

bool DiskHealth::all_sound() const {
    for (uint32_t i = 0; i < world_.servers(); ++i) {
        if (!sound(i)) return false;
    }
    return true;
}

bool DiskHealth::untouched() const {
    return std::none_of(tampered_.begin(), tampered_.end(),
                        [](const auto& at) { return at.has_value(); });
}

bool DiskHealth::bears(const Configuration& members, std::optional<uint32_t> without) const {
    std::vector<bool> relied_on(world_.servers(), false);
    for (uint32_t i = 0; i < world_.servers(); ++i) {
        const Node& node = world_.node(i);
        relied_on[i] =
            i != without && sound(i) && node.may_lead() && !members.is_witness(node.id());
    }
    return majority_among(members, relied_on);
}

bool DiskHealth::still_leads(const Asked& asked) const {
    const Node& node = world_.node(asked.leader);
    if (!node.running()) return false;
    const Raft& raft = node.replica().raft();
    return raft.role() == Role::Leader && raft.current_term() == asked.term;
}

void DiskHealth::asked_for(uint32_t leader, const Configuration& members) {
    std::erase_if(asked_, [this](const Asked& asked) { return !still_leads(asked); });
    const Node& node = world_.node(leader);
    if (node.running()) asked_.push_back({leader, node.replica().raft().current_term(), members});
}

bool DiskHealth::may_lose(uint32_t position) const {
    return within_limit_without(position) &&
           std::all_of(asked_.begin(), asked_.end(), [&](const Asked& asked) {
               return !still_leads(asked) || bears(asked.members, position);
           });
}

bool DiskHealth::within_limit_without(std::optional<uint32_t> without) const {
    const std::vector<Configuration> count = configurations_that_count(world_);
    return std::all_of(count.begin(), count.end(),
                       [&](const Configuration& members) { return bears(members, without); });
}

}  // namespace wavetank
