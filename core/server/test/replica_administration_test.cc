// What operators ask of a small cluster, and what they are told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/env/administration.h"
#include "core/server/test/small_cluster.h"

namespace wavetank {
namespace {

using testing::HasSubstr;

class ReplicaAdministrationTest : public testing::Test {
 protected:
    void SetUp() override { cluster_.lead(1); }

    ClientReply ask(uint32_t server, RequestKind kind, const std::string& body) {
        auto replies = cluster_.ask(
            server, {.client = ClientId(9), .kind = kind, .body = Payload::copy_of(body)});
        cluster_.run_for(seconds(1));
        for (ClientReply& late : std::exchange(cluster_.environment(server).replies, {})) {
            replies.push_back(std::move(late));
        }
        EXPECT_EQ(replies.size(), 1U);
        return replies.empty() ? ClientReply{} : replies[0];
    }
    ServerStatus status(uint32_t server) {
        const auto read = decode_server_status(ask(server, RequestKind::Status, "").body);
        EXPECT_TRUE(read.has_value());
        return read.value_or(ServerStatus{});
    }
    static std::string wish(LogIndex expected, const std::vector<uint32_t>& voters) {
        MembersWish wish{expected, {}};
        for (const uint32_t id : voters) wish.members.voters.push_back(ServerId(id));
        return encode(wish);
    }

    SmallCluster cluster_{{}};
};

TEST_F(ReplicaAdministrationTest, EveryServerTellsHowItIs) {
    const ServerStatus leader = status(1);
    EXPECT_EQ(leader.server, ServerId(1));
    EXPECT_EQ(leader.role, Role::Leader);
    EXPECT_EQ(leader.leader, ServerId(1));
    EXPECT_EQ(leader.commit, leader.last);
    EXPECT_EQ(leader.applied, leader.commit);
    ASSERT_EQ(leader.peers.size(), 2U);
    EXPECT_EQ(leader.peers[0].match, leader.last);
    EXPECT_EQ(leader.configuration.to_string(), "{1,2,3}");

    const ServerStatus follower = status(2);
    EXPECT_EQ(follower.role, Role::Follower);
    EXPECT_EQ(follower.leader, ServerId(1));
    EXPECT_EQ(follower.digest, leader.digest);
    EXPECT_TRUE(follower.peers.empty());
}

TEST_F(ReplicaAdministrationTest, MembersChangeAndTheOperatorHearsOfItsEnd) {
    EXPECT_EQ(ask(1, RequestKind::ChangeMembers, wish(LogIndex(0), {1, 2})).status,
              ReplyStatus::Ok);
    EXPECT_EQ(status(1).configuration.to_string(), "{1,2}");
}

TEST_F(ReplicaAdministrationTest, WhoLookedAtOlderMembersIsRefused) {
    ASSERT_EQ(ask(1, RequestKind::ChangeMembers, wish(LogIndex(0), {1, 2})).status,
              ReplyStatus::Ok);
    const ClientReply late = ask(1, RequestKind::ChangeMembers, wish(LogIndex(0), {1, 3}));
    EXPECT_EQ(late.status, ReplyStatus::Refused);
    EXPECT_THAT(late.body, HasSubstr("have changed since"));
    EXPECT_EQ(status(1).configuration.to_string(), "{1,2}");
}

TEST_F(ReplicaAdministrationTest, OnlyALeaderChangesMembersOrHandsOver) {
    const ClientReply change = ask(2, RequestKind::ChangeMembers, wish(LogIndex(0), {1, 2}));
    EXPECT_EQ(change.status, ReplyStatus::NotLeader);
    EXPECT_EQ(change.leader, ServerId(1));
    const ClientReply transfer = ask(2, RequestKind::Transfer, encode(TransferWish{ServerId(3)}));
    EXPECT_EQ(transfer.status, ReplyStatus::NotLeader);
}

TEST_F(ReplicaAdministrationTest, TheLeadershipIsHandedOver) {
    const ClientReply reply = ask(1, RequestKind::Transfer, encode(TransferWish{ServerId(3)}));
    EXPECT_EQ(reply.status, ReplyStatus::Ok);
    EXPECT_EQ(cluster_.raft(3).role(), Role::Leader);
}

TEST_F(ReplicaAdministrationTest, WhatIsNotPossibleIsRefusedInWords) {
    const ClientReply to_itself = ask(1, RequestKind::Transfer, encode(TransferWish{ServerId(1)}));
    EXPECT_EQ(to_itself.status, ReplyStatus::Refused);
    EXPECT_THAT(to_itself.body, HasSubstr("is the leader already"));
    EXPECT_EQ(ask(1, RequestKind::Transfer, "?").status, ReplyStatus::Refused);
    const ClientReply nobody = ask(1, RequestKind::ChangeMembers, wish(LogIndex(0), {}));
    EXPECT_EQ(nobody.status, ReplyStatus::Refused);
    EXPECT_THAT(nobody.body, HasSubstr("not possible"));
}

}  // namespace
}  // namespace wavetank
