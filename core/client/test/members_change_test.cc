// Wishes for other members: what stays, what is refused before anybody is asked.
#include "core/client/members_change.h"

#include <gtest/gtest.h>

namespace wavetank {
namespace {

ServerStatus leader_of(Configuration::Members members) {
    ServerStatus status;
    status.configured_at = LogIndex(17);
    status.configuration = Configuration(std::move(members));
    return status;
}

TEST(MembersChange, AWishStartsWithWhatTheLeaderSaid) {
    const auto leader = leader_of({.voters = {ServerId(1), ServerId(2)},
                                   .learners = {ServerId(3)},
                                   .witnesses = {ServerId(2)}});
    const auto wish = wish_to_add(leader, ServerId(4), MemberRole::Witness);
    ASSERT_TRUE(wish.ok());
    EXPECT_EQ(wish.value().expected, LogIndex(17));
    EXPECT_EQ(Configuration(wish.value().members),
              Configuration({.voters = {ServerId(1), ServerId(2), ServerId(4)},
                             .learners = {ServerId(3)},
                             .witnesses = {ServerId(2), ServerId(4)}}));
}

TEST(MembersChange, WhoIsAddedAgainChangesItsRole) {
    const auto leader = leader_of({.voters = {ServerId(1), ServerId(2)},
                                   .learners = {ServerId(3)},
                                   .witnesses = {ServerId(2)}});
    const auto promoted = wish_to_add(leader, ServerId(3), MemberRole::Voter);
    ASSERT_TRUE(promoted.ok());
    EXPECT_TRUE(promoted.value().members.learners.empty());
    const auto demoted = wish_to_add(leader, ServerId(2), MemberRole::Learner);
    ASSERT_TRUE(demoted.ok());
    EXPECT_EQ(Configuration(demoted.value().members),
              Configuration({.voters = {ServerId(1)}, .learners = {ServerId(2), ServerId(3)}}));
}

TEST(MembersChange, WhoIsRemovedIsInNoList) {
    const auto leader =
        leader_of({.voters = {ServerId(1), ServerId(2), ServerId(3)}, .witnesses = {ServerId(2)}});
    const auto wish = wish_to_remove(leader, ServerId(2));
    ASSERT_TRUE(wish.ok());
    EXPECT_EQ(Configuration(wish.value().members),
              Configuration::of_voters({ServerId(1), ServerId(3)}));
}

TEST(MembersChange, OneChangeAtATime) {
    const auto leader = leader_of({.voters = {ServerId(1)}, .outgoing = {ServerId(2)}});
    EXPECT_FALSE(wish_to_add(leader, ServerId(3), MemberRole::Voter).ok());
    EXPECT_FALSE(wish_to_remove(leader, ServerId(1)).ok());
}

TEST(MembersChange, RolesHaveNames) {
    for (const MemberRole role : {MemberRole::Voter, MemberRole::Learner, MemberRole::Witness}) {
        EXPECT_EQ(member_role_of(name_of(role)), role);
    }
    EXPECT_FALSE(member_role_of("king"));
    const Configuration members({.voters = {ServerId(1), ServerId(2)},
                                 .learners = {ServerId(3)},
                                 .witnesses = {ServerId(2)}});
    EXPECT_EQ(member_role_of(members, ServerId(1)), MemberRole::Voter);
    EXPECT_EQ(member_role_of(members, ServerId(2)), MemberRole::Witness);
    EXPECT_EQ(member_role_of(members, ServerId(3)), MemberRole::Learner);
}

}  // namespace
}  // namespace wavetank
