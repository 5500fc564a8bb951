// FaultWorld: a small world with an agenda and faults, stepped by the test.
#pragma once

#include <string>
#include <vector>

#include "sim/fault/faults.h"
#include "sim/world/test/small_world.h"

namespace wavetank {

class FaultWorld {
 public:
    explicit FaultWorld(uint32_t servers, uint64_t seed = 1, Observer* observer = nullptr)
        : FaultWorld(SmallWorld::Setup{.servers = servers, .seed = seed}, observer) {}
    explicit FaultWorld(const SmallWorld::Setup& setup, Observer* observer = nullptr)
        : small(setup, observer) {
        small.world.start_all();
    }

    bool step() {
        const World::Stepped stepped = small.world.step();
        if (stepped.control) agenda.run(stepped.subject);
        return stepped.any;
    }
    // Handles events as long as they are not after `when`.
    void run_until(Instant when) {
        bool reached = false;
        agenda.at(when, [&reached] { reached = true; });
        while (!reached && step()) {
        }
    }
    void run_for(Duration span) { run_until(small.world.now() + span); }
    // Until `holds()`, at most for `span`. True if it held.
    template <class Holds>
    bool run_until_holds(Holds holds, Duration span = seconds(20)) {
        const Instant limit = small.world.now() + span;
        while (!holds()) {
            if (small.world.now() >= limit || !step()) return false;
        }
        return true;
    }
    // The members as the leader sees them: "{1,2,3} learners {4}"; "nobody leads".
    std::string members() const {
        const auto leader = current_leader(small.world);
        if (!leader) return "nobody leads";
        return small.world.node(*leader).replica().raft().configuration().to_string();
    }
    // Until these are the members and that is committed.
    bool come_to(const std::string& wanted) {
        return run_until_holds([&] {
            return members() == wanted &&
                   small.world.committed_configuration().configuration.to_string() == wanted;
        });
    }
    bool elect() {
        const Instant limit = small.world.now() + seconds(20);
        while (!current_leader(small.world) && small.world.now() < limit) step();
        run_for(milliseconds(20));
        return current_leader(small.world).has_value();
    }

    // "12 21": the cut links between servers, by their ids, in rising order.
    std::string cuts() const {
        std::string links;
        for (uint32_t from = 0; from < small.world.servers(); ++from) {
            for (uint32_t to = 0; to < small.world.servers(); ++to) {
                if (from == to || !small.world.network().is_cut({from, to})) continue;
                if (!links.empty()) links += " ";
                links += std::to_string(from + 1) + std::to_string(to + 1);
            }
        }
        return links;
    }
    World& world() { return small.world; }

    SmallWorld small;
    Agenda agenda{small.world};
    Faults faults{small.world, agenda};
};

inline Target only(const std::vector<uint32_t>& ids) {
    Target target;
    for (const uint32_t id : ids) target.servers.push_back(ServerId(id));
    return target;
}
inline Target those(TargetKind kind, uint32_t count = 1) {
    return Target{.kind = kind, .servers = {}, .count = count};
}

}  // namespace wavetank
