// Looking again and again at how far it has come.
#include "sim/fault/replacements.h"

#include <algorithm>

#include "core/base/sometimes.h"
#include "sim/fault/faults.h"
#include "sim/world/members.h"

namespace wavetank {
namespace {

constexpr Duration kPoll = milliseconds(20);

}  // namespace

void Replacements::begin(uint32_t position) {
    const auto same = [&](const Job& job) { return job.position == position; };
    if (std::any_of(jobs_.begin(), jobs_.end(), same)) return;
    Job job{position};
    job.of_sound = health_.sound(position);
    const ServerId id = world_.node(position).id();
    for (const Configuration& members : configurations_that_count(world_)) {
        if (!members.contains(id)) continue;
        job.returns = true;
        job.as = members.is_witness(id) ? MemberKind::Witness
                 : members.is_voter(id) ? MemberKind::Voter
                                        : MemberKind::Learner;
    }
    jobs_.push_back(job);
    poll_soon();
}

void Replacements::look_after_all() {
    looks_after_all_ = true;
    poll_soon();
}

void Replacements::poll_soon() {
    if (polling_) return;
    polling_ = true;
    agenda_.at(world_.now() + kPoll, [this] {
        polling_ = false;
        poll();
    });
}

void Replacements::poll() {
    if (looks_after_all_) start_what_is_down();
    std::erase_if(jobs_, [this](Job& job) { return go_on(job); });
    if (looks_after_all_ || !jobs_.empty()) poll_soon();
}

void Replacements::start_what_is_down() {
    const std::vector<bool> members = members_that_count(world_);
    for (uint32_t position = 0; position < world_.servers(); ++position) {
        if (!members[position] || world_.node(position).running()) continue;
        if (world_.node(position).disk_state() == DiskState::Sound) world_.start(position);
        if (world_.node(position).disk_state() != DiskState::Sound) begin(position);
    }
}

bool Replacements::go_on(Job& job) {
    const bool member = members_that_count(world_)[job.position];
    if (!job.emptied) {
        if (member) {
            ask(job, false);
            return false;
        }
        // Somebody else may have made a new server of it.
        if (job.of_sound || !health_.sound(job.position)) {
            world_.crash(job.position);
            world_.wipe(job.position, job.returns ? job.as == MemberKind::Witness
                                                  : world_.node(job.position).is_witness());
        }
        world_.start(job.position);
        job.emptied = true;
        return false;
    }
    if (job.returns && !member) {
        ask(job, true);
        return false;
    }
    const auto leader = current_leader(world_);
    if (!leader) return false;
    const Configuration& now = world_.node(*leader).replica().raft().configuration();
    if (now.joint() || (job.returns && !now.contains(world_.node(job.position).id()))) return false;
    SOMETIMES("a server whose disk could not be trusted is replaced");
    world_.on_replaced(job.position);
    return true;
}

// Whoever leads may be busy with another change: then it is asked again.
void Replacements::ask(Job& job, bool add) {
    const auto leader = current_leader(world_);
    if (!leader) return;
    const Configuration& now = world_.node(*leader).replica().raft().configuration();
    const ServerId id = world_.node(job.position).id();
    if (now.joint() || now.contains(id) == add) return;
    Configuration::Members members = now.members();
    if (add) {
        (job.as == MemberKind::Learner ? members.learners : members.voters).push_back(id);
        if (job.as == MemberKind::Witness) members.witnesses.push_back(id);
    } else {
        std::erase(members.voters, id);
        std::erase(members.learners, id);
        std::erase(members.witnesses, id);
    }
    const char* why = "";
    if (Configuration(members).valid(&why)) {
        faults_.ask_for(members);
    } else if (add) {
        job.returns = false;  // a witness too many, since others have left
    }
}

}  // namespace wavetank
