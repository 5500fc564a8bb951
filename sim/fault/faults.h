// Carries out faults: turns targets into servers, partition shapes into cut links, and remembers
// what must end later. Timeline and nemesis both speak through it.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/fault/fault.h"
#include "sim/world/agenda.h"
#include "sim/world/world.h"

namespace wavetank {

// The running leader of the highest term; nobody if there is none. Position, from 0.
std::optional<uint32_t> current_leader(const World& world);

class Faults {
 public:
    // `world` and `agenda` outlive this.
    Faults(World& world, Agenda& agenda) : world_(world), agenda_(agenda) {}

    void carry_out(const Crash& crash);
    void carry_out(const Restart& restart);
    void carry_out(const Pause& pause);
    void carry_out(const Resume& resume);
    void carry_out(const Partition& partition) { start_partition(partition); }
    void carry_out(const ChangeLinks& change);
    void carry_out(const HealNetwork&);
    void carry_out(const ChangeClock& change);

    // Cuts links; calling the result restores them, unless everything was healed meanwhile.
    std::function<void()> start_partition(const Partition& partition);

    // Positions of the servers meant, in rising order unless drawn.
    std::vector<uint32_t> resolve(const Target& target);
    // `count` different ones of `from`, in drawn order.
    std::vector<uint32_t> draw(std::vector<uint32_t> from, std::size_t count);

    // The end of all faults: heals the network, makes the weather fair (no loss, repetition or
    // reordering; clocks run true from here), wakes and restarts everybody.
    void end_all();

 private:
    using Links = std::vector<Network::Direction>;
    Links links_cut_by(const Partition& partition);
    void add_both(Links& links, uint32_t a, uint32_t b) const;
    void add_clients(Links& links, uint32_t server, bool to_server, bool from_server) const;
    Links bridge(const std::vector<uint32_t>& targets);
    Links ring();
    Links random_links();
    std::vector<uint32_t> all() const;
    std::vector<uint32_t> followers() const;
    uint64_t bits(ChanceKind kind) { return world_.chance().draw(kind, 0, ordinal_++); }
    void trace(const char* what, const std::vector<uint32_t>& targets);

    World& world_;
    Agenda& agenda_;
    uint64_t ordinal_ = 0;
    uint64_t epoch_ = 0;  // of healings: what was cut in an earlier one is no longer cut
    Links cut_;           // one entry a cut, of this epoch
};

}  // namespace wavetank
