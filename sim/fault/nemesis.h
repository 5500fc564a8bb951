// The nemesis: random faults, drawn from the seed by weight, several at a time, each for a while.
// The chapters: nemesis.cc, nemesis_disks.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/fault/churn.h"
#include "sim/fault/faults.h"

namespace wavetank {

class Nemesis {
 public:
    Nemesis(World& world, Agenda& agenda, Faults& faults, const NemesisSetup& setup);

    void start();
    // No further faults; those under way are left to Faults::end_all.
    void stop() { stopped_ = true; }

 private:
    enum class Kind : uint8_t {
        Crash,
        CrashLeader,
        CrashSeveral,
        CrashLoop,
        Pause,
        Partition,
        IsolateLeader,
        OneWay,
        HalfDeadLink,
        Clog,
        SlowLink,
        LossyNetwork,
        ClockStep,
        ClockDrift,
        ClockFreeze,
        ClockStrobe,
        StallDisk,
        ChangeMembers,
        Transfer,
        Snapshot,
        CorruptNetwork,
        FailDisk,
        FillDisk,
        SlowDisk,
        RotDisk,
        MisplaceWrite,
        RollBackDisk,
        CloneDisk,
        LoseDisk,
        kCount,
    };
    void plan_next();
    void strike();
    // Begins a fault; the result ends it. Nothing if it could not begin.
    std::function<void()> begin(Kind kind);
    std::function<void()> begin_crash(const std::vector<uint32_t>& targets);
    std::function<void()> begin_crash_loop(uint32_t target);
    std::function<void()> begin_pause(uint32_t target);
    std::function<void()> begin_partition();
    std::function<void()> begin_half_dead_link();
    std::function<void()> begin_clog();
    std::function<void()> begin_quality(bool everywhere);
    std::function<void()> begin_corruption();
    std::function<void()> begin_clock(bool step);
    std::function<void()> begin_strobe();
    std::function<void()> begin_stall(uint32_t target);
    std::function<void()> begin_transfer();
    std::function<void()> begin_disk_fault(Kind kind);
    std::function<void()> begin_failing_disk(uint32_t target, const DiskChange& change);
    std::function<void()> begin_damage(uint32_t target, const DiskChange& change);
    std::function<void()> begin_roll_back(uint32_t target);
    SimDisk::Errors some_errors();
    bool may_damage(uint32_t target) const;
    std::function<void()> change_links(
        const std::vector<Network::Direction>& links,
        const std::function<LinkQuality(const LinkQuality&)>& change);
    std::vector<Network::Direction> all_links() const;
    std::vector<bool> working() const;
    bool may_stop(const std::vector<uint32_t>& targets) const;
    Duration either_way(Duration most);
    uint32_t any_server() { return static_cast<uint32_t>(below(detail(), world_.servers())); }
    Network::Direction any_link();
    uint64_t detail() {
        return world_.chance().draw(ChanceKind::NemesisDetail, 0, detail_ordinal_++);
    }

    World& world_;
    Agenda& agenda_;
    Faults& faults_;
    NemesisSetup setup_;
    Churn churn_;
    LatencySampler interval_;
    LatencySampler duration_;
    uint32_t active_ = 0;
    std::vector<uint32_t> stopping_;  // by server: how many faults stop it, now or soon
    bool stopped_ = false;
    uint64_t strike_ordinal_ = 0;
    uint64_t detail_ordinal_ = 0;
};

}  // namespace wavetank
