// What an administrator asks of the cluster: other members, another leader, snapshots. It is asked
// of the leader of the moment; whether it is done is the cluster's business.
#include <algorithm>

#include "sim/fault/faults.h"

namespace wavetank {
namespace {

void take_out(std::vector<ServerId>& ids, ServerId id) {
    std::erase(ids, id);
}

void take_out(Configuration::Members& members, ServerId id) {
    for (auto* ids : {&members.voters, &members.learners, &members.witnesses}) take_out(*ids, id);
}

}  // namespace

Configuration::Members Faults::members_after(const ChangeMembership& change,
                                             const Configuration& now) {
    if (change.set) return *change.set;
    Configuration::Members members = now.members();
    members.outgoing.clear();
    std::erase_if(members.witnesses, [&](ServerId id) {
        const auto is = [&](const auto& ids) {
            return std::find(ids.begin(), ids.end(), id) != ids.end();
        };
        return !is(members.voters) && !is(members.learners);
    });
    for (const uint32_t position : resolve(change.add)) {
        const ServerId id = world_.node(position).id();
        const auto& learners = now.learners();
        const bool learner = std::find(learners.begin(), learners.end(), id) != learners.end();
        if (now.contains(id) && !(learner && change.add_as == MemberKind::Voter)) continue;
        take_out(members.learners, id);
        (change.add_as == MemberKind::Learner ? members.learners : members.voters).push_back(id);
        if (change.add_as == MemberKind::Witness) members.witnesses.push_back(id);
    }
    for (const uint32_t position : resolve(change.remove)) {
        take_out(members, world_.node(position).id());
    }
    return members;
}

void Faults::carry_out(const ChangeMembership& change) {
    const auto leader = current_leader(world_);
    if (!leader) {
        trace("nobody leads who could change the members", {});
        return;
    }
    const Configuration now = world_.node(*leader).replica().raft().configuration();
    const Configuration::Members next = members_after(change, now);
    for (const auto* ids : {&next.voters, &next.learners}) {
        for (const ServerId id : *ids) {
            const auto& witnesses = next.witnesses;
            const bool as_witness =
                std::find(witnesses.begin(), witnesses.end(), id) != witnesses.end();
            if (!now.contains(id)) set_up(id.value() - 1, as_witness);
        }
    }
    ask_for(next);
}

// Whoever joins as something else than it was begins anew: a witness's disk has no payloads. So
// does whoever has no sound disk.
void Faults::set_up(uint32_t position, bool as_witness) {
    if (position >= world_.servers()) return;
    if (world_.node(position).is_witness() == as_witness && health_.sound(position)) return;
    if (world_.node(position).running()) world_.crash(position);
    world_.wipe(position, as_witness);
    world_.start(position);
}

bool Faults::ask_for(const Configuration::Members& members) {
    const auto leader = current_leader(world_);
    if (!leader) return false;
    trace("a change of members is asked of", {*leader});
    const uint64_t ticket = next_ticket_++;
    if (!world_.ask(*leader, ChangeMembers{ticket, members})) return false;
    const ChangeDone& last = world_.last_change_done();
    const bool accepted = last.ticket != ticket || last.status == ChangeStatus::Done;
    if (accepted) health_.asked_for(*leader, Configuration(members));
    return accepted;
}

void Faults::carry_out(const TransferLeadership& transfer) {
    const auto leader = current_leader(world_);
    if (!leader) {
        trace("nobody leads who could hand it over", {});
        return;
    }
    trace("a transfer is asked of", {*leader});
    const auto targets = resolve(transfer.to);
    const ServerId to = targets.empty() ? ServerId() : world_.node(targets.front()).id();
    world_.ask(*leader, Transfer{next_ticket_++, to});
}

void Faults::carry_out(const TakeSnapshot& snapshot) {
    const auto targets = resolve(snapshot.target);
    trace("snapshots are asked of", targets);
    for (const uint32_t position : targets) world_.take_snapshot(position);
}

}  // namespace wavetank
