// Who belongs to the cluster: by what leads, by what is committed, and by what a log or a disk
// still holds.
#include "sim/world/members.h"

#include <gtest/gtest.h>

#include "sim/world/test/small_world.h"

namespace wavetank {
namespace {

Configuration of(const std::vector<uint32_t>& voters, const std::vector<uint32_t>& learners = {}) {
    Configuration::Members members;
    for (const uint32_t id : voters) members.voters.push_back(ServerId(id));
    for (const uint32_t id : learners) members.learners.push_back(ServerId(id));
    return Configuration(std::move(members));
}
std::vector<bool> positions(std::size_t servers, const std::vector<uint32_t>& ids) {
    std::vector<bool> positions(servers, false);
    for (const uint32_t id : ids) positions[id - 1] = true;
    return positions;
}

// Five servers, of which the first three are the cluster.
class MembersTest : public testing::Test {
 protected:
    void SetUp() override {
        small_.world.start_all();
        ASSERT_TRUE(small_.run_until_holds([&] { return small_.has_leader(); }));
        small_.run_for(milliseconds(50));
        leader_ = small_.leader();
    }
    World& world() { return small_.world; }
    void ask(const Configuration& members) {
        ASSERT_TRUE(world().ask(leader_, ChangeMembers{1, members.members()}));
    }
    // Nothing leaves the leader, or comes to it, any more.
    void isolate_leader() {
        for (uint32_t other = 0; other < world().servers(); ++other) {
            if (other == leader_) continue;
            world().network().cut({leader_, other});
            world().network().cut({other, leader_});
        }
    }
    // Milliseconds a write takes, so that a crash can come before it is done.
    SmallWorld small_{{.servers = 5,
                       .members = 3,
                       .disk = {.write = {.kind = LatencyKind::Constant, .base = milliseconds(2)},
                                .on_crash = CrashRule::LoseAll}}};
    uint32_t leader_ = 0;
};

TEST_F(MembersTest, ServersOutsideWaitToBeAdded) {
    small_.run_for(seconds(5));
    for (const uint32_t outside : {3U, 4U}) {
        EXPECT_TRUE(small_.raft(outside).configuration().all().empty());
        EXPECT_EQ(small_.raft(outside).current_term(), Term());
        EXPECT_EQ(small_.raft(outside).role(), Role::Follower);
    }
    EXPECT_EQ(world().counts().elections_won, 1U);
}

TEST_F(MembersTest, TheLeaderIsTheRunningOneOfTheHighestTerm) {
    EXPECT_EQ(current_leader(world()), leader_);
    isolate_leader();
    world().pause(leader_);  // and goes on believing that it leads
    ASSERT_TRUE(small_.run_until_holds([&] { return current_leader(world()) != leader_; }));
    EXPECT_EQ(small_.raft(leader_).role(), Role::Leader);
    const uint32_t second = *current_leader(world());
    EXPECT_GT(small_.raft(second).current_term(), small_.raft(leader_).current_term());
    world().crash(second);
    EXPECT_EQ(current_leader(world()), leader_);
    world().crash(leader_);
    EXPECT_EQ(current_leader(world()), std::nullopt);
}

TEST_F(MembersTest, ThePresentConfigurationIsTheLeadersOrTheCommittedOne) {
    EXPECT_EQ(present_configuration(world()), of({1, 2, 3}));
    isolate_leader();
    ask(of({1, 2, 3}, {4}));
    EXPECT_EQ(present_configuration(world()), of({1, 2, 3}, {4})) << "appended, so in force";
    EXPECT_EQ(world().committed_configuration().configuration, of({1, 2, 3}));
    world().crash(leader_);
    EXPECT_EQ(present_configuration(world()), of({1, 2, 3}));
}

TEST_F(MembersTest, WhatIsCommittedIsRemembered) {
    EXPECT_EQ(world().committed_configuration().index, LogIndex());
    const uint64_t version = world().condition_version();
    ask(of({1, 2, 4}));
    ASSERT_TRUE(small_.run_until_holds([&] { return world().counts().changes_done == 1; }));
    EXPECT_EQ(world().committed_configuration().configuration, of({1, 2, 4}));
    EXPECT_EQ(world().committed_configuration().index,
              small_.raft(leader_).configuration_index());  // which may have led itself out
    EXPECT_GT(world().condition_version(), version);
    EXPECT_EQ(world().last_change_done(), (ChangeDone{1, ChangeStatus::Done}));
    for (uint32_t i = 0; i < 5; ++i) world().crash(i);
    EXPECT_EQ(present_configuration(world()), of({1, 2, 4}));
}

TEST_F(MembersTest, WhoeverALaterConfigurationMayNeedCounts) {
    EXPECT_EQ(members_that_count(world()), positions(5, {1, 2, 3}));
    isolate_leader();
    ask(of({1, 2, 3}, {4}));
    EXPECT_EQ(members_that_count(world()), positions(5, {1, 2, 3, 4})) << "in a log";
    small_.run_for(milliseconds(3));
    world().crash(leader_);
    EXPECT_EQ(members_that_count(world()), positions(5, {1, 2, 3, 4})) << "on a disk";
}

TEST_F(MembersTest, WhatACrashHasLostCountsForNothing) {
    isolate_leader();
    ask(of({1, 2, 3}, {4}));
    world().crash(leader_);
    EXPECT_EQ(members_that_count(world()), positions(5, {1, 2, 3}));
}

TEST_F(MembersTest, WhoWasRemovedDoesNotCountThoughItsOwnLogSaysSo) {
    world().crash(2);
    if (leader_ == 2) {
        ASSERT_TRUE(small_.run_until_holds([&] { return small_.has_leader(); }));
        leader_ = small_.leader();
        small_.run_for(milliseconds(50));
    }
    ask(of({1, 2, 4}));
    ASSERT_TRUE(small_.run_until_holds([&] { return world().counts().changes_done == 1; }));
    world().start(2);
    EXPECT_TRUE(small_.raft(2).configuration().contains(ServerId(3))) << "it has not heard of it";
    EXPECT_EQ(members_that_count(world()), positions(5, {1, 2, 4}));
}

TEST(Majority, IsOfEachHalf) {
    EXPECT_TRUE(majority_among(of({1, 2, 3}), positions(5, {1, 3})));
    EXPECT_FALSE(majority_among(of({1, 2, 3}), positions(5, {1, 4, 5})));
    EXPECT_FALSE(majority_among(of({1, 2, 3, 4}), positions(5, {1, 2})));
    EXPECT_FALSE(majority_among(of({1, 2, 3}, {4, 5}), positions(5, {1, 4, 5})));
    Configuration::Members joint;
    joint.voters = {ServerId(1), ServerId(2), ServerId(4)};
    joint.outgoing = {ServerId(1), ServerId(2), ServerId(3)};
    EXPECT_TRUE(majority_among(Configuration(joint), positions(5, {1, 2})));
    EXPECT_FALSE(majority_among(Configuration(joint), positions(5, {1, 4}))) << "1 of the old half";
    EXPECT_TRUE(majority_among(Configuration(joint), positions(5, {1, 3, 4})));
}

}  // namespace
}  // namespace wavetank
