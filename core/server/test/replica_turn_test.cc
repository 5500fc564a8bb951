// Many inputs at once (Replica::hold): they share one write and one message to each follower, and
// each request gets its own answer.
#include <gtest/gtest.h>

#include "core/server/test/small_cluster.h"

namespace wavetank {
namespace {

class ReplicaTurnTest : public testing::Test {
 protected:
    void SetUp() override {
        cluster_.lead(1);
        session_ = cluster_.open(1);
        world().writes.clear();
        world().sends.clear();
        world().replies.clear();
    }
    FakeEnvironment& world() { return cluster_.environment(1); }
    void put_three() {
        cluster_.replica(1).hold();
        for (uint64_t i = 1; i <= 3; ++i) {
            cluster_.replica(1).request({.client = ClientId(i),
                                         .request = 100 + i,
                                         .kind = RequestKind::Command,
                                         .session = session_,
                                         .sequence = i,
                                         .unacknowledged = 1,
                                         .body = put("k" + std::to_string(i), "v")});
        }
    }

    SmallCluster cluster_{{}};
    SessionId session_;
};

TEST_F(ReplicaTurnTest, NothingLeavesBeforeTheRelease) {
    const uint64_t steps = world().steps;
    put_three();
    EXPECT_EQ(world().steps, steps);
    EXPECT_TRUE(world().writes.empty());
    EXPECT_TRUE(world().sends.empty());
    cluster_.replica(1).release();
    EXPECT_EQ(world().steps, steps + 1);
}

TEST_F(ReplicaTurnTest, ThreeCommandsShareOneWriteAndOneMessageToEachFollower) {
    put_three();
    cluster_.replica(1).release();
    ASSERT_EQ(world().writes.size(), 1U);
    ASSERT_EQ(world().writes[0].append.size(), 1U);
    EXPECT_EQ(world().writes[0].append[0].size(), 3U);
    ASSERT_EQ(world().sends.size(), 2U);
    for (const Send& send : world().sends) {
        EXPECT_EQ(std::get<AppendEntries>(send.message).entries.size(), 3U);
    }
}

TEST_F(ReplicaTurnTest, EachRequestIsAnswered) {
    put_three();
    cluster_.replica(1).release();
    cluster_.run();
    ASSERT_EQ(world().replies.size(), 3U);
    for (uint64_t i = 1; i <= 3; ++i) {
        EXPECT_EQ(world().replies[i - 1].request, 100 + i);
        EXPECT_EQ(world().replies[i - 1].status, ReplyStatus::Ok);
    }
    EXPECT_EQ(cluster_.read(1, "k3"), "v");
}

TEST_F(ReplicaTurnTest, ATurnInWhichNothingHappensIsNoStep) {
    const uint64_t steps = world().steps;
    cluster_.replica(1).hold();
    cluster_.replica(1).release();
    EXPECT_EQ(world().steps, steps);
}

TEST_F(ReplicaTurnTest, ASnapshotGoesOnAtTheRelease) {
    cluster_.write(1, session_, 1, put("k", "v"));
    ASSERT_TRUE(cluster_.replica(1).take_snapshot());
    cluster_.replica(1).hold();
    cluster_.replica(1).handle(Wake{});
    EXPECT_TRUE(cluster_.replica(1).taking_snapshot());
    cluster_.replica(1).release();
    EXPECT_FALSE(cluster_.replica(1).taking_snapshot());
    EXPECT_TRUE(cluster_.raft(1).snapshot().has_value());
}

}  // namespace
}  // namespace wavetank
