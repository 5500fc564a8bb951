// Drawing a change that is possible, and preparing who joins.
#include "sim/fault/churn.h"

#include <algorithm>

#include "core/base/sometimes.h"

namespace wavetank {

Churn::Churn(World& world, Faults& faults, const NemesisSetup& setup)
    : world_(world),
      faults_(faults),
      voters_min_(setup.voters_min),
      witnesses_max_(setup.witnesses_max),
      keep_majority_(setup.keep_majority_running) {}

Churn::Chances Churn::chances(const Configuration& now) const {
    Chances chances;
    const std::vector<bool> members = members_that_count(world_);
    for (uint32_t position = 0; position < world_.servers(); ++position) {
        const ServerId id = world_.node(position).id();
        if (now.is_voter(id)) {
            chances.voters.push_back(position);
            if (!now.is_witness(id)) chances.demotable.push_back(position);
        } else if (now.contains(id)) {
            chances.learners.push_back(position);
        } else if (!members[position]) {
            chances.outsiders.push_back(position);
        }
    }
    chances.kinds = kinds(chances, now);
    return chances;
}

std::vector<Churn::Kind> Churn::kinds(const Chances& chances, const Configuration& now) const {
    const bool outsiders = !chances.outsiders.empty();
    const bool spare_voter = chances.voters.size() > std::max(voters_min_, 1U);
    std::vector<Kind> kinds;
    const auto add_if = [&](bool possible, Kind kind) {
        if (possible) kinds.push_back(kind);
    };
    add_if(outsiders, Kind::AddVoter);
    add_if(outsiders, Kind::AddLearner);
    add_if(outsiders && now.witnesses().size() < witnesses_max_, Kind::AddWitness);
    add_if(spare_voter, Kind::Remove);
    add_if(outsiders, Kind::Replace);
    add_if(spare_voter && !chances.demotable.empty(), Kind::Demote);
    add_if(!chances.learners.empty(), Kind::Promote);
    return kinds;
}

// Requires that some kind is possible.
Churn::Change Churn::draw(const Chances& chances, const Configuration& now) {
    const Kind kind = chances.kinds[below(bits(), chances.kinds.size())];
    const auto id_of = [this](uint32_t position) { return world_.node(position).id(); };
    Configuration::Members members = now.members();
    std::optional<uint32_t> joins;
    if (kind == Kind::AddVoter || kind == Kind::AddLearner || kind == Kind::AddWitness ||
        kind == Kind::Replace) {
        joins = one_of(chances.outsiders);
        (kind == Kind::AddLearner ? members.learners : members.voters).push_back(id_of(*joins));
        if (kind == Kind::AddWitness) members.witnesses.push_back(id_of(*joins));
    }
    if (kind == Kind::Remove || kind == Kind::Replace) {
        const ServerId leaves = id_of(one_of(chances.voters));
        std::erase(members.voters, leaves);
        std::erase(members.witnesses, leaves);
    } else if (kind == Kind::Demote) {
        const ServerId id = id_of(one_of(chances.demotable));
        std::erase(members.voters, id);
        members.learners.push_back(id);
    } else if (kind == Kind::Promote) {
        const ServerId id = id_of(one_of(chances.learners));
        std::erase(members.learners, id);
        members.voters.push_back(id);
    }
    return {Configuration(std::move(members)), joins};
}

bool Churn::strike(const std::vector<bool>& working) {
    const auto leader = current_leader(world_);
    if (!leader) return false;
    const Configuration now = world_.node(*leader).replica().raft().configuration();
    const Chances possible = chances(now);
    if (now.joint() || possible.kinds.empty()) return false;
    const Change change = draw(possible, now);
    const char* why = "";
    if (!change.members.valid(&why)) return false;
    if (keep_majority_ && !majority_among(change.members, working)) return false;
    if (!faults_.health().all_sound() && !faults_.health().bears(change.members)) return false;
    if (change.joins) {
        prepare(*change.joins, change.members.is_witness(world_.node(*change.joins).id()));
    }
    if (!faults_.ask_for(change.members.members())) return false;
    accepted_ = change.members;
    return true;
}

// Who joins runs: as it is, or as a new server. A witness's disk has no payloads, so what was one
// and what shall be one begins anew.
void Churn::prepare(uint32_t position, bool as_witness) {
    const bool anew = (bits() & 1) != 0 || world_.node(position).is_witness() != as_witness ||
                      !faults_.health().sound(position);
    if (anew) {
        if (world_.node(position).storage().hard_state().current_term) {
            SOMETIMES("a server that knew the cluster is added with an empty disk");
        }
        world_.crash(position);
        world_.wipe(position, as_witness);
    } else if (world_.node(position).storage().hard_state().current_term) {
        SOMETIMES("a server that was removed is added with its old disk");
    }
    world_.start(position);
}

}  // namespace wavetank
