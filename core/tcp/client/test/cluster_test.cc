// Real servers and real clients over the loopback: what simulated runs cannot show, because it is
// about sockets, threads and processes that end.
#include <gtest/gtest.h>

#include "core/client/session.h"
#include "core/env/administration.h"
#include "core/tcp/client/client_loop.h"
#include "core/tcp/test/loopback_cluster.h"

namespace wavetank {
namespace {

class ClusterTest : public testing::Test {
 protected:
    std::unique_ptr<ClientLoop> client() {
        return ClientLoop::make({.cluster = LoopbackCluster::kCluster,
                                 .servers = cluster_.addresses(),
                                 .log = [](const std::string&) {}});
    }
    static ClientSession session(ClientLoop& loop, ClientLoop::Lane& lane, SharedSession& shared) {
        return ClientSession(lane, shared,
                             {.client = lane.id(),
                              .servers = loop.servers_from(0),
                              .request_timeout = seconds(1),
                              .operation_timeout = seconds(30)});
    }
    static bool put(ClientSession& session, const std::string& key, const std::string& value) {
        const KvCommand command{.function = KvFunction::Put, .key = key, .value = value};
        return session.call(false, encode(command)).has_value();
    }
    static std::string get(ClientSession& session, const std::string& key) {
        const auto reply =
            session.call(true, encode(KvCommand{.function = KvFunction::Get, .key = key}));
        const auto result = reply ? decode_kv_result(*reply) : std::nullopt;
        return result && result->ok ? result->value : "nothing";
    }
    // Puts keys `first` to `last`, each from a lane of its own; how many were acknowledged.
    uint32_t put_from_lanes(uint32_t first, uint32_t last) {
        auto loop = client();
        SharedSession shared;
        uint32_t acknowledged = 0;
        for (uint32_t i = first; i <= last; ++i) {
            loop->add([&, i](ClientLoop::Lane& lane) {
                ClientSession mine = session(*loop, lane, shared);
                acknowledged += put(mine, "k" + std::to_string(i), std::to_string(i)) ? 1U : 0U;
            });
        }
        loop->run();
        return acknowledged;
    }
    void expect_all_there(uint32_t last) {
        auto loop = client();
        SharedSession shared;
        loop->add([&](ClientLoop::Lane& lane) {
            ClientSession mine = session(*loop, lane, shared);
            for (uint32_t i = 1; i <= last; ++i) {
                EXPECT_EQ(get(mine, "k" + std::to_string(i)), std::to_string(i));
            }
        });
        loop->run();
    }
    std::optional<ClientReply> administer(RequestKind kind, const std::string& body) {
        auto loop = client();
        SharedSession shared;
        std::optional<ClientReply> reply;
        loop->add([&](ClientLoop::Lane& lane) {
            reply = session(*loop, lane, shared).administer(kind, body);
        });
        loop->run();
        return reply;
    }

    LoopbackCluster cluster_{3};
};

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
