// The limit of what disks may suffer, and the operator who brings servers back.
#include "sim/fault/disk_health.h"

#include <gtest/gtest.h>

#include "sim/fault/test/fault_world.h"

namespace wavetank {
namespace {

SmallWorld::Setup with_sqlite(uint32_t servers) {
    SmallWorld::Setup setup{.servers = servers};
    setup.disk.storage = StorageKind::Sqlite;
    return setup;
}
ChangeDisk change(DiskChangeKind kind, const std::vector<uint32_t>& ids) {
    return ChangeDisk{{.kind = kind, .bits = 300}, only(ids), {}, std::nullopt};
}

class DiskHealthTest : public testing::Test {
 protected:
    void SetUp() override { EXPECT_TRUE(w_.elect()); }
    const DiskHealth& health() { return w_.faults.health(); }

    FaultWorld w_{with_sqlite(5)};
};

TEST_F(DiskHealthTest, AMajorityOfSoundDisksIsTheLimit) {
    EXPECT_TRUE(health().untouched());
    EXPECT_TRUE(health().may_lose(0));
    w_.faults.carry_out(change(DiskChangeKind::Lose, {1}));
    EXPECT_FALSE(health().untouched());
    EXPECT_FALSE(health().sound(0));
    EXPECT_TRUE(health().within_limit());
    EXPECT_TRUE(health().may_lose(0)) << "it is lost already";
    EXPECT_TRUE(health().may_lose(1));
    w_.faults.carry_out(change(DiskChangeKind::Rot, {2}));
    EXPECT_TRUE(w_.world().node(1).running()) << "it has not shown yet";
    EXPECT_FALSE(health().sound(1));
    EXPECT_TRUE(health().within_limit());
    EXPECT_FALSE(health().may_lose(2));
    EXPECT_FALSE(health().may_lose(4));
    w_.faults.carry_out(change(DiskChangeKind::RollBack, {3}));
    EXPECT_FALSE(health().within_limit());
}

TEST_F(DiskHealthTest, FailingIsNoDamage) {
    for (const DiskChangeKind kind :
         {DiskChangeKind::Fail, DiskChangeKind::Fill, DiskChangeKind::Slow, DiskChangeKind::Save,
          DiskChangeKind::Mend}) {
        w_.faults.carry_out(change(kind, {1, 2, 3, 4, 5}));
        EXPECT_TRUE(health().all_sound());
    }
    EXPECT_TRUE(health().untouched());
}

// Who starts from a disk has verified all of it.
TEST_F(DiskHealthTest, AStartShowsWhetherADiskIsSound) {
    w_.faults.carry_out(
        ChangeDisk{{.kind = DiskChangeKind::Misplace}, only({1}), {}, std::nullopt});
    EXPECT_FALSE(health().sound(0));
    w_.world().crash(0);  // the write that it would have hit never came
    EXPECT_FALSE(health().sound(0));
    w_.world().start(0);
    EXPECT_TRUE(w_.world().node(0).running());
    EXPECT_TRUE(health().sound(0));
}

TEST_F(DiskHealthTest, ADamagedServerStaysDownUntilItIsReplaced) {
    w_.faults.carry_out(change(DiskChangeKind::Rot, {1}));
    w_.faults.try_disk(0);
    EXPECT_FALSE(w_.world().node(0).running());
    EXPECT_EQ(w_.world().node(0).disk_state(), DiskState::Refused);
    EXPECT_EQ(w_.world().counts().disks_refused, 1u);
    EXPECT_TRUE(w_.faults.replacing());
    EXPECT_TRUE(w_.run_until_holds([&] { return !w_.faults.replacing(); }));
    EXPECT_EQ(w_.world().counts().servers_replaced, 1u);
    EXPECT_EQ(w_.members(), "{1,2,3,4,5}");
    EXPECT_TRUE(w_.world().node(0).running());
    EXPECT_TRUE(health().all_sound());
    EXPECT_TRUE(health().may_lose(1));
}

TEST_F(DiskHealthTest, OldAndLostDisksAreNeverStartedFrom) {
    w_.run_for(seconds(1));
    w_.faults.carry_out(change(DiskChangeKind::RollBack, {1}));
    w_.faults.carry_out(change(DiskChangeKind::Lose, {2}));
    w_.faults.carry_out(Restart{those(TargetKind::All)});
    EXPECT_EQ(w_.world().node(0).disk_state(), DiskState::Outdated);
    EXPECT_EQ(w_.world().node(1).disk_state(), DiskState::Lost);
    EXPECT_FALSE(w_.world().node(0).running());
    EXPECT_FALSE(w_.world().node(1).running());
    w_.faults.end_all();
    EXPECT_TRUE(w_.run_until_holds([&] { return w_.world().counts().servers_replaced == 2; }));
    EXPECT_EQ(w_.members(), "{1,2,3,4,5}");
}

TEST_F(DiskHealthTest, ACopyOfAnotherDiskIsRefused) {
    ChangeDisk clone = change(DiskChangeKind::Clone, {2});
    clone.from = only({1});
    w_.faults.carry_out(clone);
    w_.world().start(1);
    EXPECT_EQ(w_.world().node(1).disk_state(), DiskState::Refused);
    clone.target = only({1});
    w_.faults.carry_out(clone);
    EXPECT_TRUE(w_.world().node(0).running()) << "a copy of itself is nothing";
}

// A server stops when its disk fails, and goes on from it when it is mended.
TEST_F(DiskHealthTest, AFailingDiskStopsItsServer) {
    const uint32_t leader = *current_leader(w_.world());
    ChangeDisk fail = change(DiskChangeKind::Fail, {leader + 1});
    fail.change.errors.sync = true;
    fail.mend_after = seconds(3);
    w_.faults.carry_out(fail);
    w_.small.put(leader);
    EXPECT_TRUE(w_.run_until_holds([&] { return !w_.world().node(leader).running(); }));
    EXPECT_EQ(w_.world().counts().disk_stops, 1u);
    EXPECT_EQ(w_.world().node(leader).disk_state(), DiskState::Sound);
    w_.run_for(seconds(4));
    w_.world().start(leader);
    EXPECT_TRUE(w_.world().node(leader).running());
}

TEST(DiskHealth, WitnessesAloneDoNotCount) {
    FaultWorld w(with_sqlite(3));
    EXPECT_TRUE(w.elect());
    Configuration::Members members;
    members.voters = {ServerId(1), ServerId(2), ServerId(3)};
    EXPECT_TRUE(w.faults.health().bears(Configuration(members)));
    members.witnesses = {ServerId(3)};
    EXPECT_TRUE(w.faults.health().bears(Configuration(members)));
    w.faults.carry_out(change(DiskChangeKind::Lose, {1}));
    EXPECT_FALSE(w.faults.health().bears(Configuration(members)));
    members.witnesses.clear();
    EXPECT_TRUE(w.faults.health().bears(Configuration(members)));
}

TEST(DiskHealth, WithoutSqliteADiskIsLostAtMost) {
    FaultWorld w(3);
    EXPECT_TRUE(w.elect());
    for (const DiskChangeKind kind : {DiskChangeKind::Fail, DiskChangeKind::Rot,
                                      DiskChangeKind::Misplace, DiskChangeKind::RollBack}) {
        w.faults.carry_out(change(kind, {1, 2, 3}));
    }
    EXPECT_TRUE(w.faults.health().untouched());
    w.faults.carry_out(change(DiskChangeKind::Lose, {1}));
    w.faults.carry_out(ReplaceServer{only({1})});
    EXPECT_TRUE(w.run_until_holds([&] { return w.world().counts().servers_replaced == 1; }));
    EXPECT_EQ(w.members(), "{1,2,3}");
}

}  // namespace
}  // namespace wavetank
