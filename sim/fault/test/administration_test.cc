// What an administrator asks for reaches the leader, and only who may forget is made to.
#include <gtest/gtest.h>

#include "sim/fault/faults.h"
#include "sim/fault/test/fault_world.h"

namespace wavetank {
namespace {

// Five servers, of which the first three are the cluster.
class AdministrationTest : public testing::Test {
 protected:
    void SetUp() override { ASSERT_TRUE(w_.elect()); }
    uint32_t leader() { return *current_leader(w_.world()); }
    uint32_t leader_id() { return leader() + 1; }
    // Ids of the first three that do not lead.
    std::vector<uint32_t> followers() {
        std::vector<uint32_t> ids;
        for (uint32_t id = 1; id <= 3; ++id) {
            if (id != leader_id()) ids.push_back(id);
        }
        return ids;
    }
    void add(uint32_t id, MemberKind kind) {
        ChangeMembership change;
        change.add = only({id});
        change.add_as = kind;
        w_.faults.carry_out(change);
    }
    void remove(uint32_t id) {
        ChangeMembership change;
        change.remove = only({id});
        w_.faults.carry_out(change);
    }
    FaultWorld w_{SmallWorld::Setup{.servers = 5, .members = 3}};
};

TEST_F(AdministrationTest, ServersAreAddedInEveryKind) {
    add(4, MemberKind::Voter);
    ASSERT_TRUE(w_.come_to("{1,2,3,4}")) << w_.members();
    EXPECT_EQ(w_.world().counts().changes_done, 1U);
    add(5, MemberKind::Learner);
    ASSERT_TRUE(w_.come_to("{1,2,3,4} learners {5}")) << w_.members();
    add(5, MemberKind::Voter);
    ASSERT_TRUE(w_.come_to("{1,2,3,4,5}")) << w_.members();
    EXPECT_EQ(w_.world().counts().changes_done, 3U);
}

TEST_F(AdministrationTest, AWitnessIsAVoterWithoutPayloads) {
    add(4, MemberKind::Witness);
    ASSERT_TRUE(w_.come_to("{1,2,3,4} witnesses {4}")) << w_.members();
    remove(4);
    ASSERT_TRUE(w_.come_to("{1,2,3}")) << w_.members();
}

TEST_F(AdministrationTest, WhoIsAMemberIsNotAddedAgain) {
    add(followers()[0], MemberKind::Learner);
    w_.run_for(seconds(1));
    EXPECT_EQ(w_.members(), "{1,2,3}");
    EXPECT_EQ(w_.world().counts().changes_done, 1U) << "nothing to do is done";
}

TEST_F(AdministrationTest, TheLeaderItselfCanBeRemoved) {
    const uint32_t first = leader_id();
    remove(first);
    ASSERT_TRUE(
        w_.run_until_holds([&] { return w_.members() != "nobody leads" && leader_id() != first; }));
    w_.run_for(seconds(1));
    EXPECT_EQ(present_configuration(w_.world()).voters().size(), 2U);
    EXPECT_FALSE(present_configuration(w_.world()).contains(ServerId(first)));
}

TEST_F(AdministrationTest, AddedAndRemovedInOneChange) {
    const uint32_t gone = followers()[0];
    ChangeMembership change;
    change.add = only({4, 5});
    change.remove = only({gone});
    w_.faults.carry_out(change);
    ASSERT_TRUE(w_.run_until_holds([&] { return w_.world().counts().changes_done == 1; }));
    EXPECT_EQ(present_configuration(w_.world()).voters().size(), 4U);
    EXPECT_FALSE(present_configuration(w_.world()).contains(ServerId(gone)));
}

TEST_F(AdministrationTest, TheMembersCanBeSetAsAWhole) {
    Configuration::Members members;
    members.voters = {ServerId(leader_id()), ServerId(4), ServerId(5)};
    members.learners = {ServerId(followers()[0])};
    w_.faults.carry_out(ChangeMembership{.set = members});
    ASSERT_TRUE(w_.come_to(Configuration(members).to_string())) << w_.members();
}

TEST_F(AdministrationTest, AskForSaysWhetherSomethingHasBegun) {
    Configuration::Members four;
    for (uint32_t id = 1; id <= 4; ++id) four.voters.push_back(ServerId(id));
    Configuration::Members none;
    EXPECT_FALSE(w_.faults.ask_for(none)) << "not possible";
    EXPECT_TRUE(w_.faults.ask_for(four));
    EXPECT_FALSE(w_.faults.ask_for(four)) << "busy with it";
    ASSERT_TRUE(w_.come_to("{1,2,3,4}"));
    EXPECT_TRUE(w_.faults.ask_for(four)) << "done already";
    w_.world().crash(leader());
    EXPECT_FALSE(w_.faults.ask_for(four)) << "nobody leads";
}

TEST_F(AdministrationTest, NobodyIsAskedWhereNobodyLeads) {
    for (uint32_t id = 0; id < 3; ++id) w_.world().crash(id);
    add(4, MemberKind::Voter);
    w_.faults.carry_out(TransferLeadership{only({1})});
    for (uint32_t id = 0; id < 3; ++id) w_.world().start(id);
    ASSERT_TRUE(w_.elect());
    w_.run_for(seconds(1));
    EXPECT_EQ(w_.members(), "{1,2,3}");
    EXPECT_EQ(w_.world().counts().transfers_done, 0U);
}

TEST_F(AdministrationTest, TheLeadershipIsHandedOver) {
    const uint32_t heir = followers()[1];
    w_.faults.carry_out(TransferLeadership{only({heir})});
    ASSERT_TRUE(w_.run_until_holds([&] { return current_leader(w_.world()) == heir - 1; },
                                   milliseconds(100)));
    w_.run_for(milliseconds(200));
    w_.faults.carry_out(TransferLeadership{});
    ASSERT_TRUE(w_.run_until_holds(
        [&] { return w_.elect() && current_leader(w_.world()) != heir - 1; }, seconds(1)));
    EXPECT_EQ(w_.world().counts().transfers_done, 2U);
}

TEST_F(AdministrationTest, SnapshotsAreTakenWhereAskedFor) {
    w_.run_for(milliseconds(100));  // until all know what is committed
    w_.faults.carry_out(TakeSnapshot{only({1, 3, 4})});
    w_.run_for(milliseconds(100));
    EXPECT_EQ(w_.world().counts().snapshots_taken, 2U) << "4 has nothing to write down";
    EXPECT_TRUE(w_.world().node(0).storage().snapshot().has_value());
    EXPECT_FALSE(w_.world().node(1).storage().snapshot().has_value());
    EXPECT_TRUE(w_.world().node(2).storage().snapshot().has_value());
}

TEST_F(AdministrationTest, OnlyWhoIsDownAndNoMemberForgets) {
    const uint32_t gone = followers()[0];
    const auto log_of = [&](uint32_t id) { return w_.world().node(id - 1).storage().last_index(); };
    const auto wipe = [&] { w_.faults.carry_out(WipeDisk{only({gone})}); };
    w_.world().crash(gone - 1);
    wipe();
    EXPECT_GT(log_of(gone), LogIndex()) << "a member";
    w_.world().start(gone - 1);
    remove(gone);
    ASSERT_TRUE(w_.run_until_holds([&] { return w_.world().counts().changes_done == 1; }));
    wipe();
    EXPECT_GT(log_of(gone), LogIndex()) << "it runs";
    w_.world().crash(gone - 1);
    wipe();
    EXPECT_EQ(log_of(gone), LogIndex());
    w_.world().start(gone - 1);
    w_.run_for(seconds(3));
    EXPECT_EQ(log_of(gone), LogIndex()) << "it waits";
    add(gone, MemberKind::Voter);
    ASSERT_TRUE(w_.come_to("{1,2,3}")) << w_.members();
    EXPECT_GT(log_of(gone), LogIndex());
}

// The leader has appended that it goes, but nobody else has: it may yet stay.
TEST_F(AdministrationTest, WhoIsRemovedInAnUncommittedChangeDoesNotForget) {
    const uint32_t gone = followers()[0];
    const auto heal =
        w_.faults.start_partition({PartitionShape::Isolate, only({leader_id()}), false});
    remove(gone);
    EXPECT_TRUE(present_configuration(w_.world()).joint());
    w_.world().crash(gone - 1);
    w_.faults.carry_out(WipeDisk{only({gone})});
    EXPECT_GT(w_.world().node(gone - 1).storage().last_index(), LogIndex());
    heal();
}

TEST_F(AdministrationTest, MembersForgetWhenToldTo) {
    const uint32_t gone = followers()[0];
    const auto wipe = [&] { w_.faults.carry_out(WipeDisk{only({gone}), true}); };
    const auto log_of_gone = [&] { return w_.world().node(gone - 1).storage().last_index(); };
    wipe();
    EXPECT_GT(log_of_gone(), LogIndex()) << "it runs";
    w_.world().crash(gone - 1);
    wipe();
    EXPECT_EQ(log_of_gone(), LogIndex());
}

}  // namespace
}  // namespace wavetank
