// Replacements: what an operator does about servers whose disk is damaged, lost, or older than it
// was. The server is removed from the configuration; when that is committed, its disk is emptied
// and it starts, as a new server without a vote; then it is added again as what it was. In between
// it gets everything from the others. It takes a leader, and so a majority of sound disks.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/fault/disk_health.h"
#include "sim/fault/fault.h"
#include "sim/world/agenda.h"
#include "sim/world/world.h"

namespace wavetank {

class Faults;

class Replacements {
 public:
    // All outlive this.
    Replacements(World& world, Agenda& agenda, const DiskHealth& health, Faults& faults)
        : world_(world), agenda_(agenda), health_(health), faults_(faults) {}

    // Nothing if it is being replaced already.
    void begin(uint32_t position);
    // From now on somebody looks after the servers: members that are down are started, and replaced
    // if their disk is why they are.
    void look_after_all();
    bool under_way() const { return !jobs_.empty(); }

 private:
    struct Job {
        uint32_t position = 0;
        bool returns = false;  // it is to be a member again
        MemberKind as = MemberKind::Voter;
        bool of_sound = false;  // its disk was when it was asked for
        bool emptied = false;
    };
    void poll();
    void poll_soon();
    void start_what_is_down();
    // True if the job is done.
    bool go_on(Job& job);
    void ask(Job& job, bool add);

    World& world_;
    Agenda& agenda_;
    const DiskHealth& health_;
    Faults& faults_;
    std::vector<Job> jobs_;
    bool looks_after_all_ = false;
    bool polling_ = false;
};

}  // namespace wavetank
