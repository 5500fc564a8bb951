// Carries out faults and what an administrator wants: turns targets into servers, partition shapes
// into cut links, wishes into questions to the leader, and remembers what must end later. Timeline
// and nemesis both speak through it. The chapters: faults.cc (targets, crashes, disks, links),
// disk_faults.cc, clocks.cc, administration.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/server/replica.h"
#include "sim/fault/disk_health.h"
#include "sim/fault/fault.h"
#include "sim/fault/replacements.h"
#include "sim/world/agenda.h"
#include "sim/world/members.h"
#include "sim/world/world.h"

namespace wavetank {

class Faults {
 public:
    // `world` and `agenda` outlive this.
    Faults(World& world, Agenda& agenda)
        : world_(world),
          agenda_(agenda),
          health_(world),
          replacements_(world, agenda, health_, *this),
          freezes_(world.servers(), 0) {}

    void carry_out(const Crash& crash);
    void carry_out(const Restart& restart);
    void carry_out(const Pause& pause);
    void carry_out(const Resume& resume);
    void carry_out(const Partition& partition) { start_partition(partition); }
    void carry_out(const ChangeLinks& change);
    void carry_out(const HealNetwork&);
    void carry_out(const ChangeClock& change);
    void carry_out(const ChangeMembership& change);
    void carry_out(const TransferLeadership& transfer);
    void carry_out(const TakeSnapshot& snapshot);
    void carry_out(const WipeDisk& wipe);
    void carry_out(const StallDisk& stall);
    void carry_out(const ReleaseDisk& release);
    // The first error, if a disk has no such place (Rot); the others are changed all the same.
    std::optional<Error> carry_out(const ChangeDisk& change);
    void carry_out(const ReplaceServer& replace);

    const DiskHealth& health() const { return health_; }
    std::optional<Error> change_disk(uint32_t position, const DiskChange& change);
    // Starts it, if it is down or its disk was tampered with; if it then turns out that its disk is
    // not sound, the operator replaces it.
    void try_disk(uint32_t position);
    // The operator is at work.
    bool replacing() const { return replacements_.under_way(); }

    // Asks the leader to make these the members. False if there is nobody to ask, or the answer was
    // an immediate no.
    bool ask_for(const Configuration::Members& members);

    // Cuts links; calling the result restores them, unless everything was healed meanwhile.
    std::function<void()> start_partition(const Partition& partition);
    // The clock stands still; calling the result lets it go on, if nothing else holds it.
    std::function<void()> freeze_clock(uint32_t position);
    // The clock jumps forth and back; calling the result ends that, with the clock back. Requires
    // every > 0.
    struct Jumps {
        Duration by;
        Duration every;
    };
    std::function<void()> strobe_clock(uint32_t position, Jumps jumps);

    // Positions of the servers meant, in rising order unless drawn.
    std::vector<uint32_t> resolve(const Target& target);
    // `count` different ones of `from`, in drawn order.
    std::vector<uint32_t> draw(std::vector<uint32_t> from, std::size_t count);

    // The server will join as a witness or as a full member.
    void set_up(uint32_t position, bool as_witness);

    // The end of all faults: heals the network, makes the weather fair (no loss, repetition,
    // corruption or reordering; clocks run true from here, disks go on), wakes everybody, and
    // restarts the members of the cluster. Who was removed, or never added, stays down if it is.
    // Who has no sound disk is replaced.
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
    std::vector<uint32_t> voters() const;
    std::vector<uint32_t> a_minority(std::optional<uint32_t> leader);
    Configuration::Members members_after(const ChangeMembership& change, const Configuration& now);
    void end_clock_faults();
    void end_disk_faults();
    void jump(std::size_t strobe);
    void end_strobe(std::size_t strobe);
    uint64_t bits(ChanceKind kind) { return world_.chance().draw(kind, 0, ordinal_++); }
    void trace(const char* what, const std::vector<uint32_t>& targets);

    World& world_;
    Agenda& agenda_;
    DiskHealth health_;
    Replacements replacements_;
    uint64_t ordinal_ = 0;
    uint64_t epoch_ = 0;  // of healings: what was cut in an earlier one is no longer cut
    Links cut_;           // one entry a cut, of this epoch

    struct Strobe {
        uint32_t position;
        Jumps jumps;
        bool forth = false;  // the clock is off by jumps.by
        bool over = false;
    };
    std::vector<Strobe> strobes_;    // all there ever were
    std::vector<uint32_t> freezes_;  // by position: how many hold the clock
    uint64_t clock_epoch_ = 0;       // of ends of all faults
    uint64_t next_ticket_ = Replica::kTicketsOfOthers;
    bool disks_changed_ = false;  // ever
};

}  // namespace wavetank
