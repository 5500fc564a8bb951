// Which servers a target means, which links a shape cuts, and that everything ends.
#include "sim/fault/faults.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "sim/fault/test/fault_world.h"

namespace wavetank {
namespace {

std::string cut_by(uint32_t servers, PartitionShape shape, const Target& target = {},
                   uint64_t seed = 1) {
    FaultWorld w(servers, seed);
    w.faults.carry_out(Partition{shape, target, false});
    return w.cuts();
}
std::size_t count_of(const std::string& cuts) {
    return (cuts.size() + 1) / 3;
}

// --- Targets ---

TEST(Targets, RolesAreThoseOfTheMoment) {
    FaultWorld w(5);
    EXPECT_TRUE(w.faults.resolve(those(TargetKind::Leader)).empty());
    EXPECT_EQ(w.faults.resolve(those(TargetKind::Followers)).size(), 5U);
    ASSERT_TRUE(w.elect());
    const uint32_t leader = *current_leader(w.world());
    EXPECT_EQ(w.faults.resolve(those(TargetKind::Leader)), (std::vector{leader}));
    const auto followers = w.faults.resolve(those(TargetKind::Followers));
    EXPECT_EQ(followers.size(), 4U);
    EXPECT_EQ(std::count(followers.begin(), followers.end(), leader), 0);
    w.world().crash(leader);
    EXPECT_TRUE(w.faults.resolve(those(TargetKind::Leader)).empty());
    EXPECT_EQ(w.faults.resolve(those(TargetKind::Followers)).size(), 4U)
        << "the dead follow nobody";
    EXPECT_EQ(w.faults.resolve(those(TargetKind::All)).size(), 5U);
}

TEST(Targets, DrawnOnesAreDifferentServers) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        FaultWorld w(5, seed);
        for (const uint32_t count : {1U, 3U, 5U, 9U}) {
            const auto drawn = w.faults.resolve(those(TargetKind::Random, count));
            EXPECT_EQ(drawn.size(), std::min(count, 5U));
            EXPECT_EQ(std::set<uint32_t>(drawn.begin(), drawn.end()).size(), drawn.size());
        }
        EXPECT_EQ(w.faults.resolve(those(TargetKind::Minority)).size(), 2U);
    }
}

TEST(Targets, MinorityWithLeaderHasTheLeader) {
    for (uint64_t seed = 1; seed <= 10; ++seed) {
        FaultWorld w(7, seed);
        ASSERT_TRUE(w.elect());
        const auto targets = w.faults.resolve(those(TargetKind::MinorityWithLeader));
        EXPECT_EQ(targets.size(), 3U);
        EXPECT_EQ(targets.front(), *current_leader(w.world()));
        EXPECT_EQ(std::set<uint32_t>(targets.begin(), targets.end()).size(), 3U);
        const auto followers = w.faults.resolve(those(TargetKind::RandomFollowers, 6));
        EXPECT_EQ(std::count(followers.begin(), followers.end(), targets.front()), 0);
    }
}

// --- Shapes ---

TEST(Partitions, Isolate) {
    EXPECT_EQ(cut_by(3, PartitionShape::Isolate, only({1})), "12 13 21 31");
    EXPECT_EQ(cut_by(4, PartitionShape::Isolate, only({1, 2})), "12 13 14 21 23 24 31 32 41 42")
        << "the isolated do not see each other either";
}

TEST(Partitions, Split) {
    EXPECT_EQ(cut_by(4, PartitionShape::Split, only({1, 2})), "13 14 23 24 31 32 41 42");
    EXPECT_EQ(cut_by(3, PartitionShape::Split, only({1, 2, 3})), "");
}

TEST(Partitions, MuteAndDeaf) {
    EXPECT_EQ(cut_by(3, PartitionShape::Mute, only({2})), "21 23");
    EXPECT_EQ(cut_by(3, PartitionShape::Deaf, only({2})), "12 32");
}

TEST(Partitions, Halves) {
    std::set<std::string> seen;
    for (uint64_t seed = 1; seed <= 40; ++seed) {
        const std::string cuts = cut_by(5, PartitionShape::Halves, {}, seed);
        EXPECT_EQ(count_of(cuts), 12U) << "two and three";
        seen.insert(cuts);
    }
    EXPECT_GT(seen.size(), 5U) << "of ten there are";
}

TEST(Partitions, BridgeSeesBothHalves) {
    for (uint64_t seed = 1; seed <= 10; ++seed) {
        const std::string cuts = cut_by(5, PartitionShape::Bridge, only({4}), seed);
        EXPECT_EQ(count_of(cuts), 8U) << "two against two";
        EXPECT_EQ(cuts.find('4'), std::string::npos);
    }
    EXPECT_EQ(count_of(cut_by(3, PartitionShape::Bridge)), 2U) << "a bridge is drawn";
}

TEST(Partitions, RingLeavesTwoNeighbours) {
    for (uint64_t seed = 1; seed <= 10; ++seed) {
        FaultWorld w(6, seed);
        w.faults.carry_out(Partition{PartitionShape::Ring, {}, false});
        for (uint32_t a = 0; a < 6; ++a) {
            int neighbours = 0;
            for (uint32_t b = 0; b < 6; ++b) {
                if (a == b) continue;
                EXPECT_EQ(w.world().network().is_cut({a, b}), w.world().network().is_cut({b, a}));
                neighbours += w.world().network().is_cut({a, b}) ? 0 : 1;
            }
            EXPECT_EQ(neighbours, 2);
        }
    }
    EXPECT_EQ(cut_by(3, PartitionShape::Ring), "") << "everybody is a neighbour";
}

TEST(Partitions, RandomCutsAboutHalfOfAllDirections) {
    std::size_t cuts = 0;
    for (uint64_t seed = 1; seed <= 40; ++seed) {
        cuts += count_of(cut_by(5, PartitionShape::Random, {}, seed));
    }
    EXPECT_NEAR(static_cast<int>(cuts), 400, 60);
}

TEST(Partitions, ClientsAreCutOffOnlyWhenAsked) {
    struct Case {
        PartitionShape shape;
        bool to_server;
        bool from_server;
    };
    for (const Case& each :
         {Case{PartitionShape::Isolate, true, true}, Case{PartitionShape::Split, true, true},
          Case{PartitionShape::Mute, false, true}, Case{PartitionShape::Deaf, true, false}}) {
        for (const bool asked : {false, true}) {
            FaultWorld w(3);
            const uint32_t client = w.world().endpoint_of_client(0);
            const auto end = w.faults.start_partition(Partition{each.shape, only({1}), asked});
            EXPECT_EQ(w.world().network().is_cut({client, 0}), asked && each.to_server);
            EXPECT_EQ(w.world().network().is_cut({0, client}), asked && each.from_server);
            EXPECT_FALSE(w.world().network().is_cut({client, 1}));
            end();
            EXPECT_FALSE(w.world().network().is_cut({client, 0}));
            EXPECT_FALSE(w.world().network().is_cut({0, client}));
        }
    }
}

TEST(Partitions, NestAndEndInAnyOrder) {
    FaultWorld w(3);
    const auto end_first = w.faults.start_partition({PartitionShape::Isolate, only({1}), false});
    const auto end_second = w.faults.start_partition({PartitionShape::Isolate, only({2}), false});
    EXPECT_EQ(w.cuts(), "12 13 21 23 31 32");
    end_first();
    EXPECT_EQ(w.cuts(), "12 21 23 32");
    end_second();
    EXPECT_EQ(w.cuts(), "");
}

TEST(Partitions, HealingEndsAllAndLateEndsDoNothing) {
    FaultWorld w(3);
    const auto end = w.faults.start_partition({PartitionShape::Isolate, only({1}), true});
    w.faults.carry_out(Partition{PartitionShape::Mute, only({1}), false});
    w.faults.carry_out(HealNetwork{});
    EXPECT_EQ(w.cuts(), "");
    EXPECT_FALSE(w.world().network().is_cut({w.world().endpoint_of_client(0), 0}));
    w.faults.carry_out(Partition{PartitionShape::Mute, only({1}), false});
    end();
    EXPECT_EQ(w.cuts(), "12 13") << "what was begun after the healing goes on";
}

// --- Links ---

TEST(Links, CutAndRestore) {
    FaultWorld w(3);
    w.faults.carry_out(ChangeLinks{LinkChange::Cut, only({1}), those(TargetKind::All), {}});
    EXPECT_EQ(w.cuts(), "12 13");
    w.faults.carry_out(ChangeLinks{LinkChange::Restore, only({1}), only({2}), {}});
    EXPECT_EQ(w.cuts(), "13");
    w.faults.carry_out(ChangeLinks{LinkChange::Restore, only({1}), only({2}), {}});
    EXPECT_EQ(w.cuts(), "13") << "there is nothing to restore";
}

TEST(Links, ClogAndReleaseAndHealing) {
    FaultWorld w(3);
    const Network& network = w.world().network();
    w.faults.carry_out(ChangeLinks{LinkChange::Clog, only({1}), only({2}), {}});
    EXPECT_TRUE(network.is_clogged({0, 1}));
    EXPECT_FALSE(network.is_clogged({1, 0}));
    w.faults.carry_out(ChangeLinks{LinkChange::Release, only({1}), only({2}), {}});
    EXPECT_FALSE(network.is_clogged({0, 1}));
    w.faults.carry_out(ChangeLinks{LinkChange::Clog, only({1}), only({2}), {}});
    w.faults.carry_out(HealNetwork{});
    EXPECT_FALSE(network.is_clogged({0, 1}));
}

TEST(Links, QualityLastsUntilTheHealing) {
    FaultWorld w(3);
    LinkQuality slow;
    slow.latency = {.kind = LatencyKind::Constant, .base = seconds(3)};
    w.faults.carry_out(ChangeLinks{LinkChange::Quality, only({1}), only({2}), slow});
    const auto latency = [&] {
        const auto bytes = [] { return uint64_t{0}; };
        return w.world().network().transit({0, 1}, w.world().now(), bytes).at[0] - w.world().now();
    };
    EXPECT_EQ(latency(), seconds(3));
    w.faults.carry_out(HealNetwork{});
    w.run_for(seconds(4));
    EXPECT_LE(latency(), milliseconds(1));
}

// --- Nodes ---

TEST(NodeFaults, CrashNowAndRestartLater) {
    FaultWorld w(3);
    w.faults.carry_out(Crash{only({1, 2}), CrashMoment::Now, milliseconds(50)});
    EXPECT_FALSE(w.world().node(0).running());
    EXPECT_FALSE(w.world().node(1).running());
    EXPECT_TRUE(w.world().node(2).running());
    w.run_for(milliseconds(49));
    EXPECT_FALSE(w.world().node(0).running());
    w.run_for(milliseconds(2));
    EXPECT_TRUE(w.world().node(0).running());
    w.faults.carry_out(Crash{only({1}), CrashMoment::Now, std::nullopt});
    w.run_for(seconds(5));
    EXPECT_FALSE(w.world().node(0).running());
    w.faults.carry_out(Restart{those(TargetKind::All)});
    EXPECT_TRUE(w.world().node(0).running());
}

TEST(NodeFaults, CrashAtTheNextEvent) {
    FaultWorld w(3);
    w.faults.carry_out(Crash{only({1}), CrashMoment::AtEvent, std::nullopt});
    EXPECT_TRUE(w.world().node(0).running());
    w.run_for(seconds(1));
    EXPECT_FALSE(w.world().node(0).running());
    EXPECT_EQ(w.world().counts().crashes, 1U);
}

TEST(NodeFaults, PauseAndResume) {
    FaultWorld w(3);
    w.faults.carry_out(Pause{only({1}), milliseconds(30)});
    w.faults.carry_out(Pause{only({2}), std::nullopt});
    EXPECT_TRUE(w.world().node(0).paused());
    w.run_for(milliseconds(31));
    EXPECT_FALSE(w.world().node(0).paused());
    EXPECT_TRUE(w.world().node(1).paused());
    w.faults.carry_out(Resume{only({2})});
    EXPECT_FALSE(w.world().node(1).paused());
}

TEST(NodeFaults, ClocksAreChanged) {
    FaultWorld w(3);
    w.run_for(milliseconds(10));
    w.faults.carry_out(ChangeClock{only({2}), milliseconds(-500), 1000});
    EXPECT_EQ(w.world().node(1).clock().drift_ppm(), 1000);
    EXPECT_EQ(w.world().node(1).clock().local(w.world().now()) - w.world().now(),
              milliseconds(-500));
    w.faults.carry_out(ChangeClock{only({2}), milliseconds(500), std::nullopt});
    EXPECT_EQ(w.world().node(1).clock().drift_ppm(), 1000) << "the drift is left alone";
}

TEST(NodeFaults, DisksHangAndAreReleased) {
    FaultWorld w(3);
    w.faults.carry_out(StallDisk{only({1}), milliseconds(30)});
    w.faults.carry_out(StallDisk{only({2}), std::nullopt});
    w.run_for(milliseconds(29));
    EXPECT_TRUE(w.world().node(0).disk_stalled());
    w.run_for(milliseconds(2));
    EXPECT_FALSE(w.world().node(0).disk_stalled());
    EXPECT_TRUE(w.world().node(1).disk_stalled());
    w.faults.carry_out(ReleaseDisk{those(TargetKind::All)});
    EXPECT_FALSE(w.world().node(1).disk_stalled());
}

// Who was removed owes nothing, and is left as it is.
TEST(NodeFaults, EndAllRestartsMembersOnly) {
    FaultWorld w(SmallWorld::Setup{.servers = 5, .members = 3});
    ASSERT_TRUE(w.elect());
    const uint32_t leader = *current_leader(w.world());
    const uint32_t gone = (leader + 1) % 3;
    ChangeMembership change;
    change.remove = only({gone + 1});
    change.add = only({4});
    w.faults.carry_out(change);
    ASSERT_TRUE(w.run_until_holds([&] { return w.world().counts().changes_done == 1; }));
    w.faults.carry_out(Crash{those(TargetKind::All), CrashMoment::Now, std::nullopt});
    w.world().start(gone);
    w.world().node(gone).doom();
    w.faults.end_all();
    for (const uint32_t position : {leader, (leader + 2) % 3, 3U}) {
        EXPECT_TRUE(w.world().node(position).running()) << position;
    }
    EXPECT_FALSE(w.world().node(4).running()) << "it was never added";
    ASSERT_TRUE(w.elect());
    w.run_for(seconds(5));
    EXPECT_TRUE(w.world().node(gone).running()) << "it was running, and is not doomed any more";
    EXPECT_FALSE(w.world().node(4).running());
}

TEST(Targets, AMinorityIsOneOfTheVoters) {
    FaultWorld w(SmallWorld::Setup{.servers = 7, .members = 3});
    for (int i = 0; i < 20; ++i) {
        const auto targets = w.faults.resolve(those(TargetKind::Minority));
        ASSERT_EQ(targets.size(), 1U);
        EXPECT_LT(targets.front(), 3U);
    }
    ASSERT_TRUE(w.elect());
    EXPECT_EQ(w.faults.resolve(those(TargetKind::MinorityWithLeader)),
              std::vector{*current_leader(w.world())});
}

// The end of all faults: after it nothing stands in the way of liveness.
TEST(NodeFaults, EndAllEndsAll) {
    FaultWorld w(5);
    w.faults.carry_out(Partition{PartitionShape::Random, {}, false});
    w.faults.carry_out(ChangeLinks{LinkChange::Clog, those(TargetKind::All), only({3}), {}});
    w.faults.carry_out(Crash{only({1, 2}), CrashMoment::Now, std::nullopt});
    w.faults.carry_out(Crash{only({4}), CrashMoment::AtEvent, std::nullopt});
    w.faults.carry_out(Pause{only({3}), std::nullopt});
    w.faults.carry_out(StallDisk{only({3, 4}), std::nullopt});
    w.faults.carry_out(ChangeClock{only({5}), seconds(1), 50'000});
    LinkQuality lossy;
    lossy.loss = lossy.duplicate = lossy.corrupt = lossy.reorder = Ratio::of(1, 2);
    w.world().network().set_standing({0, 1}, lossy);
    w.faults.end_all();
    EXPECT_EQ(w.cuts(), "");
    EXPECT_TRUE(w.world().network().standing({0, 1}).loss.never());
    EXPECT_TRUE(w.world().network().standing({0, 1}).corrupt.never());
    for (uint32_t i = 0; i < 5; ++i) {
        EXPECT_TRUE(w.world().node(i).running());
        EXPECT_TRUE(w.world().node(i).working());
        EXPECT_EQ(w.world().node(i).clock().drift_ppm(), 0);
    }
    EXPECT_TRUE(w.elect());
    w.run_for(seconds(5));
    EXPECT_EQ(w.world().counts().crashes, 2U) << "the doomed one was spared";
}

TEST(Partitions, MuteAndDeafServersDoNotHearEachOtherEither) {
    EXPECT_EQ(cut_by(3, PartitionShape::Mute, only({1, 2})), "12 13 21 23");
    EXPECT_EQ(cut_by(3, PartitionShape::Deaf, only({1, 2})), "12 21 31 32");
}

TEST(Partitions, ARestoredLinkIsLeftAloneByTheEnd) {
    FaultWorld w(3);
    const auto end = w.faults.start_partition({PartitionShape::Isolate, only({1}), false});
    w.faults.carry_out(ChangeLinks{LinkChange::Restore, only({1}), only({2}), {}});
    EXPECT_EQ(w.cuts(), "13 21 31");
    end();
    EXPECT_EQ(w.cuts(), "");
}

}  // namespace
}  // namespace wavetank
