// Real servers and real clients over the loopback: what simulated runs cannot show, because it is
// about sockets, threads and processes that end.
#include <gtest/gtest.h>

#include "core/tcp/client/test/cluster_client.h"

namespace wavetank {
namespace {

using ClusterTest = ClusterClientTest;

TEST_F(ClusterTest, ManyLanesShareASessionAndAConnection) {
    EXPECT_EQ(put_from_lanes(1, 100), 100U);
    expect_all_there(100);
}

TEST_F(ClusterTest, ALaneSleepsUntilItIsWoken) {
    auto loop = client();
    std::string told;
    ClientLoop::Lane* sleeper = nullptr;
    loop->add([&](ClientLoop::Lane& lane) {
        sleeper = &lane;
        lane.sleep(Instant::never());
        told += "woken ";
        lane.sleep(lane.now() + milliseconds(1));
        told += "by its deadline";
    });
    loop->add([&](ClientLoop::Lane&) { sleeper->wake(); });
    loop->run();
    EXPECT_EQ(told, "woken by its deadline");
}

TEST_F(ClusterTest, AWakeBeforeTheSleepIsNotLost) {
    auto loop = client();
    bool woken = false;
    loop->add([&](ClientLoop::Lane& lane) {
        lane.wake();
        lane.sleep(Instant::never());
        woken = true;
    });
    loop->run();
    EXPECT_TRUE(woken);
}

TEST_F(ClusterTest, AStoppedLoopUnwindsItsLanes) {
    auto loop = client();
    bool ended = false;
    auto alive = std::make_shared<int>();
    loop->add([&ended, alive](ClientLoop::Lane& lane) {
        const auto held = alive;
        lane.sleep(Instant::never());
        ended = true;
    });
    loop->add([&](ClientLoop::Lane&) { loop->stop(); });
    loop->run();
    loop.reset();
    EXPECT_FALSE(ended);
    EXPECT_EQ(alive.use_count(), 1);
}

TEST_F(ClusterTest, AFollowerThatWasAwayCatchesUp) {
    const uint32_t leader = cluster_.await_leader();
    const uint32_t follower = leader % 3 + 1;
    EXPECT_TRUE(cluster_.stop(follower).ok());
    EXPECT_EQ(put_from_lanes(1, 20), 20U);
    const std::size_t before = cluster_.lines().size();
    cluster_.restart(follower);
    EXPECT_TRUE(cluster_.lines().await("[" + std::to_string(follower) + "] follows", before));
    // Without the third server it takes the one that was away to acknowledge anything.
    const uint32_t third = 6 - leader - follower;
    EXPECT_TRUE(cluster_.stop(third).ok());
    EXPECT_EQ(put_from_lanes(21, 30), 10U);
    expect_all_there(30);
}

TEST_F(ClusterTest, AStoppedLeaderHandsOver) {
    const uint32_t leader = cluster_.await_leader();
    EXPECT_EQ(put_from_lanes(1, 5), 5U);
    const std::size_t before = cluster_.lines().size();
    EXPECT_TRUE(cluster_.stop(leader).ok());
    EXPECT_TRUE(cluster_.lines().contains("the leadership is handed over", before));
    EXPECT_TRUE(cluster_.lines().contains("no more: there is a later term", before));
    expect_all_there(5);
}

TEST_F(ClusterTest, ABrokenDiskEndsItsServerAndNoOther) {
    const uint32_t leader = cluster_.await_leader();
    EXPECT_EQ(put_from_lanes(1, 5), 5U);
    cluster_.disk(leader).fail();
    EXPECT_EQ(put_from_lanes(6, 10), 5U);
    const Result<bool> ended = cluster_.join(leader);
    ASSERT_FALSE(ended.ok());
    EXPECT_NE(ended.error().message.find("cannot write to its disk and stops"), std::string::npos);
    expect_all_there(10);
}

TEST_F(ClusterTest, AllServersStopAndStartAgain) {
    EXPECT_EQ(put_from_lanes(1, 50), 50U);
    for (const uint32_t id : {1U, 2U, 3U}) EXPECT_TRUE(cluster_.stop(id).ok());
    for (const uint32_t id : {1U, 2U, 3U}) cluster_.restart(id);
    expect_all_there(50);
}

TEST_F(ClusterTest, AnOperatorHandsTheLeadershipOver) {
    const uint32_t leader = cluster_.await_leader();
    const ServerId target(leader % 3 + 1);
    const std::size_t before = cluster_.lines().size();
    const auto reply = administer(RequestKind::Transfer, encode(TransferWish{target}));
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->status, ReplyStatus::Ok) << reply->body;
    EXPECT_TRUE(cluster_.lines().await("[" + std::to_string(target.value()) + "] leads", before));
}

}  // namespace
}  // namespace wavetank
