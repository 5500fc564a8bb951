// What operators say survives the way there and back; what is no such thing is refused.
#include "core/env/administration.h"

#include <gtest/gtest.h>

namespace wavetank {
namespace {

ServerStatus some_status() {
    ServerStatus status;
    status.server = ServerId(2);
    status.role = Role::Leader;
    status.term = Term(7);
    status.leader = ServerId(2);
    status.base = LogIndex(3);
    status.last = LogIndex(20);
    status.durable = LogIndex(19);
    status.commit = LogIndex(18);
    status.applied = LogIndex(17);
    status.snapshot = LogIndex(4);
    status.configured_at = LogIndex(9);
    status.commits = 6;
    status.syncs = 8;
    status.sessions = 5;
    status.digest = 0x1234;
    status.peers = {{ServerId(1), LogIndex(18), ProgressState::Replicate},
                    {ServerId(3), LogIndex(0), ProgressState::Snapshot}};
    status.configuration = Configuration::of_voters({ServerId(1), ServerId(2), ServerId(3)});
    return status;
}

TEST(Administration, WishesComeBackAsTheyWere) {
    MembersWish change{LogIndex(4), {}};
    change.members.voters = {ServerId(1), ServerId(2), ServerId(4)};
    change.members.learners = {ServerId(5)};
    EXPECT_EQ(decode_members_wish(encode(change)), change);
    const TransferWish transfer{ServerId(3)};
    EXPECT_EQ(decode_transfer_wish(encode(transfer)), transfer);
}

TEST(Administration, AStatusComesBackAsItWas) {
    EXPECT_EQ(decode_server_status(encode(some_status())), some_status());
    const ServerStatus waiting{.server = ServerId(4)};
    EXPECT_EQ(decode_server_status(encode(waiting)), waiting);
}

TEST(Administration, WhatIsCutOffIsRefused) {
    const std::string status = encode(some_status());
    for (std::size_t size = 0; size < status.size(); ++size) {
        EXPECT_FALSE(decode_server_status(status.substr(0, size))) << size;
    }
    EXPECT_FALSE(decode_server_status(status + "x"));
    MembersWish change{LogIndex(4), {}};
    change.members.voters = {ServerId(1)};
    const std::string wish = encode(change);
    for (std::size_t size = 0; size < wish.size(); ++size) {
        EXPECT_FALSE(decode_members_wish(wish.substr(0, size))) << size;
    }
    EXPECT_FALSE(decode_transfer_wish("123"));
    EXPECT_FALSE(decode_transfer_wish("12345"));
}

TEST(Administration, ImpossibleValuesAreRefused) {
    std::string status = encode(some_status());
    status[4] = 17;  // the role
    EXPECT_FALSE(decode_server_status(status));
    MembersWish nobody;
    EXPECT_FALSE(decode_members_wish(encode(nobody)));
    MembersWish joint{LogIndex(1), {}};
    joint.members.voters = {ServerId(1)};
    joint.members.outgoing = {ServerId(2)};
    EXPECT_FALSE(decode_members_wish(encode(joint)));
}

}  // namespace
}  // namespace wavetank
