// The nemesis: every kind begins and ends, several at a time within the bound, all from the seed.
#include "sim/fault/nemesis.h"

#include <gtest/gtest.h>

#include <functional>

#include "sim/fault/test/fault_world.h"

namespace wavetank {
namespace {

NemesisSetup steady(Duration interval, Duration duration) {
    NemesisSetup setup;
    setup.interval = {.kind = LatencyKind::Constant, .base = interval};
    setup.duration = {.kind = LatencyKind::Constant, .base = duration};
    setup.active_max = 1;
    return setup;
}

using Sees = std::function<bool(FaultWorld&)>;

bool any_down(FaultWorld& w) {
    for (uint32_t i = 0; i < w.world().servers(); ++i) {
        if (!w.world().node(i).running()) return true;
    }
    return false;
}
bool any_paused(FaultWorld& w) {
    for (uint32_t i = 0; i < w.world().servers(); ++i) {
        if (w.world().node(i).paused()) return true;
    }
    return false;
}
bool any_cut(FaultWorld& w) {
    return !w.cuts().empty();
}
bool any_clogged(FaultWorld& w) {
    for (uint32_t a = 0; a < w.world().servers(); ++a) {
        for (uint32_t b = 0; b < w.world().servers(); ++b) {
            if (a != b && w.world().network().is_clogged({a, b})) return true;
        }
    }
    return false;
}
bool any_drift(FaultWorld& w) {
    for (uint32_t i = 0; i < w.world().servers(); ++i) {
        if (w.world().node(i).clock().drift_ppm() != 0) return true;
    }
    return false;
}
bool any_clock_off(FaultWorld& w) {
    for (uint32_t i = 0; i < w.world().servers(); ++i) {
        if (w.world().node(i).clock().local(w.world().now()) != w.world().now()) return true;
    }
    return false;
}
bool leader_alone(FaultWorld& w) {
    const auto leader = current_leader(w.world());
    return leader && w.cuts().find(std::to_string(*leader + 1)) != std::string::npos;
}

// How often `sees` became true and false again in ten seconds of this kind.
struct Turns {
    int begun = 0;
    int ended = 0;
};
Turns turns_of(const NemesisSetup& setup, const Sees& sees, uint32_t servers = 5) {
    FaultWorld w(servers);
    EXPECT_TRUE(w.elect());
    Nemesis nemesis(w.world(), w.agenda, w.faults, setup);
    nemesis.start();
    Turns turns;
    bool before = false;
    while (w.world().now() < Instant{} + seconds(10)) {
        w.step();
        const bool now = sees(w);
        turns.begun += now && !before ? 1 : 0;
        turns.ended += before && !now ? 1 : 0;
        before = now;
    }
    return turns;
}
void expect_begins_and_ends(uint32_t NemesisSetup::*kind, const Sees& sees) {
    NemesisSetup setup = steady(milliseconds(200), milliseconds(120));
    setup.*kind = 1;
    const Turns turns = turns_of(setup, sees);
    EXPECT_GE(turns.begun, 10);
    EXPECT_GE(turns.ended, 10);
}

TEST(NemesisKinds, Crash) {
    expect_begins_and_ends(&NemesisSetup::crash, any_down);
}
TEST(NemesisKinds, CrashLeader) {
    NemesisSetup setup = steady(milliseconds(1000), milliseconds(120));
    setup.crash_leader = 1;
    const Turns turns = turns_of(setup, any_down);
    EXPECT_GE(turns.begun, 5);
    EXPECT_GE(turns.ended, 5);
}
TEST(NemesisKinds, CrashSeveral) {
    expect_begins_and_ends(&NemesisSetup::crash_several, any_down);
}
TEST(NemesisKinds, CrashLoop) {
    expect_begins_and_ends(&NemesisSetup::crash_loop, any_down);
}
TEST(NemesisKinds, Pause) {
    expect_begins_and_ends(&NemesisSetup::pause, any_paused);
}
TEST(NemesisKinds, Partition) {
    expect_begins_and_ends(&NemesisSetup::partition, any_cut);
}
TEST(NemesisKinds, IsolateLeader) {
    NemesisSetup setup = steady(milliseconds(1000), milliseconds(120));
    setup.isolate_leader = 1;
    const Turns turns = turns_of(setup, leader_alone);
    EXPECT_GE(turns.begun, 5);
    EXPECT_GE(turns.ended, 5);
}
TEST(NemesisKinds, OneWay) {
    expect_begins_and_ends(&NemesisSetup::one_way, any_cut);
}
TEST(NemesisKinds, HalfDeadLink) {
    expect_begins_and_ends(&NemesisSetup::half_dead_link,
                           [](FaultWorld& w) { return w.cuts().size() == 2; });
}
TEST(NemesisKinds, Clog) {
    expect_begins_and_ends(&NemesisSetup::clog, any_clogged);
}
TEST(NemesisKinds, ClockDrift) {
    expect_begins_and_ends(&NemesisSetup::clock_drift, any_drift);
}

TEST(NemesisKinds, ClockFreeze) {
    expect_begins_and_ends(&NemesisSetup::clock_freeze, [](FaultWorld& w) {
        bool frozen = false;
        for (uint32_t i = 0; i < w.world().servers(); ++i) {
            frozen = frozen || w.world().node(i).clock().frozen();
        }
        return frozen;
    });
}
TEST(NemesisKinds, ClockStrobe) {
    NemesisSetup setup = steady(milliseconds(200), milliseconds(120));
    setup.clock_strobe = 1;
    const Turns turns = turns_of(setup, any_clock_off);
    EXPECT_GE(turns.begun, 50) << "forth and back, again and again";
    EXPECT_GE(turns.ended, 50);
}
TEST(NemesisKinds, StallDisk) {
    expect_begins_and_ends(&NemesisSetup::stall_disk, [](FaultWorld& w) {
        bool stalled = false;
        for (uint32_t i = 0; i < w.world().servers(); ++i) {
            stalled = stalled || w.world().node(i).disk_stalled();
        }
        return stalled;
    });
}

// What is counted of a nemesis of this kind in twenty seconds.
WorldCounts counts_of(uint32_t NemesisSetup::*kind, const SmallWorld::Setup& world) {
    FaultWorld w(world);
    EXPECT_TRUE(w.elect());
    NemesisSetup setup = steady(milliseconds(400), milliseconds(100));
    setup.*kind = 1;
    Nemesis nemesis(w.world(), w.agenda, w.faults, setup);
    nemesis.start();
    while (w.world().now() < Instant{} + seconds(20)) {
        if (const auto leader = current_leader(w.world())) w.small.put(*leader);
        w.run_for(milliseconds(20));
    }
    return w.world().counts();
}

TEST(NemesisKinds, ChangeMembers) {
    const WorldCounts counts =
        counts_of(&NemesisSetup::change_members, {.servers = 6, .members = 3});
    EXPECT_GE(counts.changes_done, 20U);
}
TEST(NemesisKinds, Transfer) {
    const WorldCounts counts = counts_of(&NemesisSetup::transfer, {.servers = 5});
    EXPECT_GE(counts.transfers_done, 20U);
    EXPECT_GE(counts.elections_won, counts.transfers_done);
}
TEST(NemesisKinds, Snapshot) {
    const WorldCounts counts = counts_of(&NemesisSetup::snapshot, {.servers = 3});
    EXPECT_GE(counts.snapshots_taken, 40U);
}
TEST(NemesisKinds, CorruptNetwork) {
    const WorldCounts counts = counts_of(&NemesisSetup::corrupt_network, {.servers = 3});
    EXPECT_GE(counts.corrupted, 5U);
    EXPECT_LT(counts.corrupted, 200U) << "a twentieth, a quarter of the time";
    EXPECT_EQ(counts_of(&NemesisSetup::clog, {.servers = 3}).corrupted, 0U);
}

TEST(NemesisKinds, ClockStep) {
    NemesisSetup setup = steady(milliseconds(200), milliseconds(120));
    setup.clock_step = 1;
    const Turns turns = turns_of(setup, any_clock_off);
    EXPECT_EQ(turns.begun, 1) << "a step stays";
}

// Messages of the test's own show how slow the links are. They disturb the servers' messages, which
// nobody looks at here.
TEST(NemesisKinds, SlowLink) {
    NemesisSetup setup = steady(seconds(1), milliseconds(200));
    setup.slow_link = 1;
    setup.slow.latency = {.kind = LatencyKind::Constant, .base = milliseconds(300)};
    const Turns turns = turns_of(setup, [](FaultWorld& w) {
        const Instant now = w.world().now();
        for (uint32_t a = 0; a < w.world().servers(); ++a) {
            for (uint32_t b = 0; b < w.world().servers(); ++b) {
                if (a == b) continue;
                const auto sent = w.world().network().transit({a, b}, now, [] { return 0U; });
                if (sent.at[0] - now > milliseconds(100)) return true;
            }
        }
        return false;
    });
    EXPECT_GE(turns.begun, 5);
    EXPECT_GE(turns.ended, 5);
}

TEST(NemesisKinds, LossyNetwork) {
    FaultWorld w(3);
    ASSERT_TRUE(w.elect());
    NemesisSetup setup = steady(milliseconds(500), milliseconds(250));
    setup.lossy_network = 1;
    setup.lossy.loss = Ratio::always();
    Nemesis nemesis(w.world(), w.agenda, w.faults, setup);
    const Instant start = w.world().now();
    nemesis.start();
    const auto delivered_until = [&](Duration time) {
        w.run_until(start + time);
        return w.world().counts().deliveries;
    };
    const uint64_t at_begin = delivered_until(milliseconds(510));
    EXPECT_EQ(delivered_until(milliseconds(740)), at_begin) << "nothing arrives";
    EXPECT_GT(delivered_until(milliseconds(1000)), at_begin);
}

TEST(Nemesis, StopsWhenTold) {
    FaultWorld w(5);
    NemesisSetup setup = steady(milliseconds(50), milliseconds(500));
    setup.partition = 1;
    setup.active_max = 3;
    Nemesis nemesis(w.world(), w.agenda, w.faults, setup);
    nemesis.start();
    w.run_for(milliseconds(120));
    EXPECT_NE(w.cuts(), "");
    nemesis.stop();
    w.faults.end_all();
    const uint64_t crashes = w.world().counts().crashes;
    const uint64_t version = w.world().network().version();
    w.run_for(seconds(5));
    EXPECT_EQ(w.cuts(), "");
    EXPECT_EQ(w.world().network().version(), version) << "late ends do nothing";
    EXPECT_EQ(w.world().counts().crashes, crashes);
}

TEST(Nemesis, WeightZeroNeverHappens) {
    FaultWorld w(5);
    Nemesis nemesis(w.world(), w.agenda, w.faults, steady(milliseconds(10), milliseconds(10)));
    nemesis.start();
    const uint64_t version = w.world().condition_version();
    w.run_for(seconds(5));
    EXPECT_EQ(w.world().condition_version(), version);
}

TEST(Nemesis, ActiveMaxBoundsWhatGoesOnAtATime) {
    FaultWorld w(7);
    NemesisSetup setup = steady(milliseconds(10), seconds(100));
    setup.half_dead_link = 1;
    setup.active_max = 3;
    Nemesis nemesis(w.world(), w.agenda, w.faults, setup);
    nemesis.start();
    w.run_for(seconds(5));
    EXPECT_LE(w.cuts().size(), 8U) << "three links, or two of them the same";
    EXPECT_GE(w.cuts().size(), 5U);
}

// Pauses never stop a majority, however many are drawn.
TEST(Nemesis, KeepsAMajorityRunningThroughPauses) {
    for (uint64_t seed = 1; seed <= 10; ++seed) {
        FaultWorld w(5, seed);
        NemesisSetup setup = steady(milliseconds(30), milliseconds(400));
        setup.pause = 1;
        setup.active_max = 10;
        setup.keep_majority_running = true;
        Nemesis nemesis(w.world(), w.agenda, w.faults, setup);
        nemesis.start();
        uint32_t fewest = 5;
        while (w.world().now() < Instant{} + seconds(5)) {
            w.step();
            uint32_t working = 0;
            for (uint32_t i = 0; i < 5; ++i) working += w.world().node(i).paused() ? 0U : 1U;
            fewest = std::min(fewest, working);
        }
        EXPECT_EQ(fewest, 3U) << "seed " << seed;
    }
}

TEST(Nemesis, WithoutTheRuleNobodyIsSafe) {
    FaultWorld w(5);
    NemesisSetup setup = steady(milliseconds(30), milliseconds(400));
    setup.pause = 1;
    setup.active_max = 10;
    Nemesis nemesis(w.world(), w.agenda, w.faults, setup);
    nemesis.start();
    uint32_t most = 0;
    while (w.world().now() < Instant{} + seconds(5)) {
        w.step();
        uint32_t paused = 0;
        for (uint32_t i = 0; i < 5; ++i) paused += w.world().node(i).paused() ? 1U : 0U;
        most = std::max(most, paused);
    }
    EXPECT_GE(most, 4U);
}

TEST(Nemesis, TheSeedDecides) {
    const auto run = [](uint64_t seed) {
        FaultWorld w(5, seed);
        NemesisSetup setup;
        setup.crash = setup.crash_several = setup.pause = setup.partition = setup.clog = 1;
        setup.slow_link = setup.lossy_network = setup.clock_drift = setup.crash_loop = 1;
        setup.clock_freeze = setup.clock_strobe = setup.stall_disk = setup.corrupt_network = 1;
        setup.change_members = setup.transfer = setup.snapshot = 1;
        Nemesis nemesis(w.world(), w.agenda, w.faults, setup);
        nemesis.start();
        w.run_until(Instant{} + seconds(20));
        return w.world().digest();
    };
    EXPECT_EQ(run(1), run(1));
    EXPECT_NE(run(1), run(2));
}

// The same for crashes, which are doomed to come at a later event, and for crash loops.
TEST(Nemesis, KeepsAMajorityRunningThroughCrashes) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        FaultWorld w(seed % 2 == 0 ? 3 : 5, seed);
        NemesisSetup setup = steady(milliseconds(30), milliseconds(400));
        setup.crash = setup.crash_loop = setup.pause = 1;
        setup.active_max = 10;
        setup.keep_majority_running = true;
        Nemesis nemesis(w.world(), w.agenda, w.faults, setup);
        nemesis.start();
        const uint32_t servers = w.world().servers();
        uint32_t fewest = servers;
        while (w.world().now() < Instant{} + seconds(5)) {
            w.step();
            uint32_t working = 0;
            for (uint32_t i = 0; i < servers; ++i) {
                const Node& node = w.world().node(i);
                if (node.running() && !node.paused()) ++working;
            }
            fewest = std::min(fewest, working);
        }
        EXPECT_EQ(fewest, servers / 2 + 1) << "seed " << seed;
    }
}

// However the members change, and whoever stops meanwhile, a majority of them works.
TEST(Nemesis, KeepsAMajorityOfWhoeverTheMembersAre) {
    uint64_t changes = 0;
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        FaultWorld w(SmallWorld::Setup{.servers = 7, .members = 3, .seed = seed});
        NemesisSetup setup = steady(milliseconds(100), milliseconds(300));
        setup.crash = setup.crash_leader = setup.pause = setup.stall_disk = 1;
        setup.change_members = 4;
        setup.active_max = 10;
        setup.witnesses_max = 1;
        setup.keep_majority_running = true;
        Nemesis nemesis(w.world(), w.agenda, w.faults, setup);
        nemesis.start();
        while (w.world().now() < Instant{} + seconds(20)) {
            w.step();
            std::vector<bool> working;
            for (uint32_t i = 0; i < 7; ++i) working.push_back(w.world().node(i).working());
            ASSERT_TRUE(majority_among(present_configuration(w.world()), working))
                << "seed " << seed << " at " << to_string(w.world().now());
            ASSERT_TRUE(majority_among(w.world().committed_configuration().configuration, working))
                << "seed " << seed << " at " << to_string(w.world().now());
        }
        changes += w.world().counts().changes_done;
    }
    EXPECT_GT(changes, 200U);
}

}  // namespace
}  // namespace wavetank
