// What the swarm draws: everything that can be, in different combinations, and nothing that a
// correct core could not pass.
#include "scenarios/generate/swarm.h"

#include <gtest/gtest.h>

#include <map>

#include "scenarios/generate/clock_error.h"

namespace wavetank {
namespace {

constexpr uint64_t kSeeds = 3000;

// How often something is the case, of kSeeds seeds.
class Shares {
 public:
    void count(const std::string& name, bool holds) { counts_[name] += holds ? 1 : 0; }
    void expect_each_between(uint64_t percent_min, uint64_t percent_max) const {
        for (const auto& [name, count] : counts_) {
            EXPECT_GE(count * 100, percent_min * kSeeds) << name << ": " << count;
            EXPECT_LE(count * 100, percent_max * kSeeds) << name << ": " << count;
        }
    }

 private:
    std::map<std::string, uint64_t> counts_;
};

TEST(Swarm, DependsOnTheSeedAlone) {
    EXPECT_EQ(draw_swarm(5).name, "swarm_5");
    EXPECT_EQ(draw_swarm(5).options, draw_swarm(5).options);
    EXPECT_EQ(draw_swarm(5).network, draw_swarm(5).network);
    EXPECT_NE(draw_swarm(5).options, draw_swarm(6).options);
}

TEST(Swarm, OptionsAndMembersAreValid) {
    for (uint64_t seed = 0; seed < kSeeds; ++seed) {
        const wavetank::Setup setup = draw_swarm(seed);
        Options options = setup.options;
        options.id = ServerId(1);
        const char* why = "";
        EXPECT_TRUE(options.valid(&why)) << seed << why;
        if (setup.members) {
            const Configuration members(*setup.members);
            EXPECT_TRUE(members.valid(&why)) << seed << why;
            EXPECT_LE(members.all().back().value(), setup.servers) << seed;
        }
        for (const Latency& latency : {setup.network.latency, setup.client_network.latency,
                                       setup.disk.write, setup.workload.think}) {
            EXPECT_TRUE(valid(latency, &why)) << seed << why;
        }
        EXPECT_GE(setup.duration, seconds(2)) << seed;
        EXPECT_LE(setup.duration, seconds(10)) << seed;
    }
}

// Leases rest on bounds, which faults must not break.
TEST(Swarm, ClocksKeepTheirBounds) {
    uint64_t leases = 0;
    for (uint64_t seed = 0; seed < kSeeds; ++seed) {
        const wavetank::Setup setup = draw_swarm(seed);
        bool bounded = false;
        for (const ClockSetup& clock : setup.clocks) {
            if (!clock.quality.error_bound) continue;
            bounded = true;
            const auto error = clock_error_max(setup, clock.server);
            ASSERT_TRUE(error.has_value()) << seed;
            EXPECT_LE(*error, *clock.quality.error_bound) << seed;
        }
        if (bounded && setup.options.lease_duration.nanos > 0) ++leases;
        // Who knows no bound waits by its own clock; that must not jump where others have leases.
        if (bounded && setup.nemesis) {
            EXPECT_EQ(setup.nemesis->clock_step + setup.nemesis->clock_strobe, 0u) << seed;
        }
    }
    EXPECT_GT(leases, kSeeds / 5);
}

// Else no server that may lead might have what the others hold.
TEST(Swarm, WhoMayLeadIsAMajority) {
    uint64_t forbidden = 0;
    for (uint64_t seed = 0; seed < kSeeds; ++seed) {
        const wavetank::Setup setup = draw_swarm(seed);
        std::size_t voters = setup.servers;
        std::size_t may_not_lead = 0;
        if (setup.members) {
            voters = setup.members->voters.size();
            may_not_lead = setup.members->witnesses.size();
        }
        std::size_t none = 0;
        for (const PrioritySetup& priority : setup.priorities) none += priority.priority == 0;
        if (none > 0) {
            ++forbidden;
            EXPECT_FALSE(setup.nemesis && setup.nemesis->change_members > 0) << seed;
        }
        EXPECT_LE(may_not_lead + none, (voters - 1) / 2) << seed;
    }
    EXPECT_GT(forbidden, 20u);
}

TEST(Swarm, EveryFaultIsOnInSomeSeedsAndOffInMost) {
    Shares shares;
    uint64_t calm = 0;
    for (uint64_t seed = 0; seed < kSeeds; ++seed) {
        const NemesisSetup nemesis = draw_swarm(seed).nemesis.value_or(NemesisSetup{});
        if (!draw_swarm(seed).nemesis) ++calm;
        shares.count("crash", nemesis.crash > 0);
        shares.count("crash_leader", nemesis.crash_leader > 0);
        shares.count("crash_several", nemesis.crash_several > 0);
        shares.count("crash_loop", nemesis.crash_loop > 0);
        shares.count("pause", nemesis.pause > 0);
        shares.count("partition", nemesis.partition > 0);
        shares.count("isolate_leader", nemesis.isolate_leader > 0);
        shares.count("one_way", nemesis.one_way > 0);
        shares.count("half_dead_link", nemesis.half_dead_link > 0);
        shares.count("clog", nemesis.clog > 0);
        shares.count("slow_link", nemesis.slow_link > 0);
        shares.count("lossy_network", nemesis.lossy_network > 0);
        shares.count("clock_step", nemesis.clock_step > 0);
        shares.count("clock_drift", nemesis.clock_drift > 0);
        shares.count("clock_freeze", nemesis.clock_freeze > 0);
        shares.count("clock_strobe", nemesis.clock_strobe > 0);
        shares.count("stall_disk", nemesis.stall_disk > 0);
        shares.count("change_members", nemesis.change_members > 0);
        shares.count("transfer", nemesis.transfer > 0);
        shares.count("snapshot", nemesis.snapshot > 0);
        shares.count("corrupt_network", nemesis.corrupt_network > 0);
    }
    shares.expect_each_between(4, 40);
    EXPECT_GT(calm, kSeeds / 50);
    EXPECT_LT(calm, kSeeds / 4);
}

// They cost time, and mean nothing to other storages.
TEST(Swarm, FewSeedsHaveSqliteAndOnlyTheyHaveDiskFaults) {
    uint64_t sqlite = 0;
    std::map<std::string, uint64_t> with;
    for (uint64_t seed = 0; seed < kSeeds; ++seed) {
        const wavetank::Setup setup = draw_swarm(seed);
        const NemesisSetup nemesis = setup.nemesis.value_or(NemesisSetup{});
        const bool has_sqlite = setup.disk.storage == StorageKind::Sqlite;
        sqlite += has_sqlite ? 1 : 0;
        with["fail_disk"] += nemesis.fail_disk > 0;
        with["fill_disk"] += nemesis.fill_disk > 0;
        with["slow_disk"] += nemesis.slow_disk > 0;
        with["rot_disk"] += nemesis.rot_disk > 0;
        with["misplace_write"] += nemesis.misplace_write > 0;
        with["roll_back_disk"] += nemesis.roll_back_disk > 0;
        with["clone_disk"] += nemesis.clone_disk > 0;
        with["lose_disk"] += nemesis.lose_disk > 0;
        if (has_sqlite) continue;
        EXPECT_EQ(nemesis.fail_disk + nemesis.fill_disk + nemesis.slow_disk + nemesis.rot_disk +
                      nemesis.misplace_write + nemesis.roll_back_disk + nemesis.clone_disk +
                      nemesis.lose_disk,
                  0u)
            << seed;
        EXPECT_FALSE(setup.beyond_limit) << seed;
    }
    EXPECT_GT(sqlite, kSeeds / 200);
    EXPECT_LT(sqlite, kSeeds / 50);
    for (const auto& [name, count] : with) EXPECT_GT(count, sqlite / 8) << name;
}

TEST(Swarm, EveryFeatureIsOnInSomeSeedsAndOffInOthers) {
    Shares shares;
    for (uint64_t seed = 0; seed < kSeeds; ++seed) {
        const wavetank::Setup setup = draw_swarm(seed);
        const Options& options = setup.options;
        const Configuration members(setup.members.value_or(Configuration::Members()));
        shares.count("spare servers",
                     setup.members.has_value() && members.all().size() < setup.servers);
        shares.count("learners", !members.learners().empty());
        shares.count("witnesses", !members.witnesses().empty());
        shares.count("lease", options.lease_duration.nanos > 0);
        shares.count("forwarding", options.forward_proposals);
        shares.count("follower reads", options.follower_reads);
        shares.count("snapshots", options.snapshot_entries + options.snapshot_bytes > 0);
        shares.count("one write in flight", options.writes_in_flight_max == 1);
        shares.count("four writes in flight", options.writes_in_flight_max == 4);
        shares.count("cold entries", options.log_memory_entries > 0);
        shares.count("window of one", options.window.messages_max == 1);
        shares.count("priorities", !setup.priorities.empty());
        shares.count("sessions expire", setup.sessions.expire_after < seconds(60));
        shares.count("few sessions", setup.sessions.sessions_max < 20);
        shares.count("encoded", setup.encoded_links);
        shares.count("loss", !setup.network.loss.never());
        shares.count("corruption", !setup.network.corrupt.never());
        shares.count("narrow links", setup.network.bytes_per_second > 0);
        shares.count("lanes", setup.workload.lanes > 1);
        shares.count("readers", setup.workload.readers > 0);
        shares.count("small values", setup.workload.values == ValueDomain::Small);
        shares.count("three servers", setup.servers == 3);
        shares.count("some other number of servers", setup.servers != 3 && setup.servers != 5);
    }
    shares.expect_each_between(4, 90);
}

}  // namespace
}  // namespace wavetank
