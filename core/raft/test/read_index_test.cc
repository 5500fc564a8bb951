// Linearizable reads without a log entry (thesis 6.4): the read index, the round that confirms the
// leadership, and what happens to reads when it is lost.
#include <gtest/gtest.h>

#include "core/raft/test/one_core.h"

namespace wavetank {
namespace {

// Leader of term 1 in three servers, its first entry committed.
OneCore settled_leader(uint32_t servers = 3) {
    OneCore core({.servers = servers});
    core.become_leader();
    for (uint32_t peer = 2; peer <= servers / 2 + 1; ++peer) core.acknowledge_all(peer);
    EXPECT_EQ(core.commit(), 1U);
    return core;
}
uint64_t round_sent(const OneCore& core, uint32_t peer) {
    const auto sent = core.sent_to<AppendEntries>(peer);
    return sent.empty() ? 0 : sent.back().round;
}

TEST(ReadIndex, IsRefusedByAFollower) {
    OneCore core({.term = 1});
    core.read(7);
    ASSERT_EQ(core.reads.size(), 1U);
    EXPECT_EQ(core.reads[0].ticket, 7U);
    EXPECT_FALSE(core.reads[0].ok);
}

// Thesis 6.4, steps 2 and 3: the leader saves its commit index as readIndex and "issues a new round
// of heartbeats and waits for their acknowledgments from a majority of the cluster".
TEST(ReadIndex, IsConfirmedByAMajorityOfARoundSentAfterIt) {
    OneCore core = settled_leader(5);
    core.read(7);
    EXPECT_TRUE(core.reads.empty());
    EXPECT_EQ(core.sent<AppendEntries>().size(), 4U) << "the round leaves at once";
    const uint64_t round = round_sent(core, 2);
    EXPECT_GT(round, 0U);
    core.recv(2, acknowledges(1, 1, round));
    EXPECT_TRUE(core.reads.empty());
    core.recv(3, acknowledges(1, 1, round));
    ASSERT_EQ(core.reads.size(), 1U);
    EXPECT_TRUE(core.reads[0].ok);
    EXPECT_EQ(core.reads[0].index, LogIndex(1));
}

TEST(ReadIndex, AnswersToEarlierRoundsConfirmNothing) {
    OneCore core = settled_leader();
    core.read(7);
    const uint64_t earlier = round_sent(core, 2);
    core.read(8);
    const uint64_t later = round_sent(core, 2);
    ASSERT_EQ(later, earlier + 1);
    core.recv(2, acknowledges(1, 1, earlier));
    ASSERT_EQ(core.reads.size(), 1U);
    EXPECT_EQ(core.reads[0].ticket, 7U);
    core.recv(3, acknowledges(1, 1, earlier));
    EXPECT_TRUE(core.reads.empty());
    core.recv(3, acknowledges(1, 1, later));
    ASSERT_EQ(core.reads.size(), 1U);
    EXPECT_EQ(core.reads[0].ticket, 8U);
}

TEST(ReadIndex, ARepeatedAnswerCountsOnce) {
    OneCore core = settled_leader(5);
    core.read(7);
    const uint64_t round = round_sent(core, 2);
    for (int i = 0; i < 3; ++i) core.recv(2, acknowledges(1, 1, round));
    EXPECT_TRUE(core.reads.empty());
}

TEST(ReadIndex, AnswersOfAnotherTermConfirmNothing) {
    OneCore core = settled_leader();
    core.wake_after(seconds(1));  // it has lost its majority
    core.become_leader();
    core.acknowledge_all(2);
    ASSERT_EQ(core.term(), 2U);
    core.read(7);
    const uint64_t round = round_sent(core, 2);
    core.recv(2, acknowledges(1, 1, round));
    EXPECT_TRUE(core.reads.empty());
    core.recv(2, acknowledges(2, 1, round));
    EXPECT_EQ(core.reads.size(), 1U);
}

TEST(ReadIndex, ARefusalOfTheSameTermConfirmsTheLeadershipToo) {
    OneCore core = settled_leader();
    core.read(7);
    AppendEntriesReply refusal = rejects({.term = 1, .rejected = 1});
    refusal.round = round_sent(core, 3);
    core.recv(3, refusal);
    ASSERT_EQ(core.reads.size(), 1U);
    EXPECT_TRUE(core.reads[0].ok);
}

TEST(ReadIndex, AnswerToARoundNeverSentIsRefused) {
    OneCore core = settled_leader();
    core.read(7);
    core.recv(2, acknowledges(1, 1, 99));
    EXPECT_TRUE(core.reads.empty());
    ASSERT_EQ(core.happened<Refused>().size(), 1U);
    EXPECT_EQ(core.happened<Refused>()[0].reason, RefuseReason::BeyondLog);
}

// All reads between two drains share one round.
TEST(ReadIndex, ManyReadsShareARound) {
    OneCore core = settled_leader();
    for (uint64_t ticket = 1; ticket <= 100; ++ticket) core.raft.step(core.now, Read{ticket});
    core.read(101);
    EXPECT_EQ(core.sent<AppendEntries>().size(), 2U);
    core.recv(2, acknowledges(1, 1, round_sent(core, 2)));
    ASSERT_EQ(core.reads.size(), 101U);
    for (uint64_t i = 0; i < 101; ++i) EXPECT_EQ(core.reads[i].ticket, i + 1) << "in their order";
}

TEST(ReadIndex, IndexIsTheCommitIndexOfItsArrival) {
    OneCore core = settled_leader();
    core.read(7);
    const uint64_t round = round_sent(core, 3);
    core.propose({"x"});
    core.acknowledge_all(2);
    ASSERT_EQ(core.commit(), 2U);
    core.recv(3, acknowledges(1, 1, round));
    ASSERT_EQ(core.reads.size(), 1U);
    EXPECT_EQ(core.reads[0].index, LogIndex(1));
}

// Thesis 6.4, step 1: "If the leader has not yet marked an entry from its current term committed,
// it waits until it has done so."
TEST(ReadIndex, WaitsForTheFirstCommitOfTheTerm) {
    OneCore core({.term = 1, .log = {1, 1}});
    core.become_leader();
    core.read(7);
    EXPECT_TRUE(core.reads.empty());
    EXPECT_TRUE(core.sends.empty());
    core.recv(2, acknowledges(2, 3));
    ASSERT_EQ(core.commit(), 3U);
    EXPECT_TRUE(core.reads.empty()) << "its round begins now";
    const uint64_t round = round_sent(core, 3);
    EXPECT_GT(round, 0U);
    core.recv(3, acknowledges(2, 2, round));
    ASSERT_EQ(core.reads.size(), 1U);
    EXPECT_EQ(core.reads[0].index, LogIndex(3));
}

TEST(ReadIndex, FailsWhenTheLeadershipIsLost) {
    OneCore core({.term = 1, .log = {1}});
    core.become_leader();
    core.read(7);
    core.recv(2, append_entries({.term = 9}));
    ASSERT_EQ(core.reads.size(), 1U);
    EXPECT_FALSE(core.reads[0].ok);

    OneCore settled = settled_leader();
    settled.read(8);
    settled.now = settled.now + seconds(1);
    settled.step(Wake{});
    ASSERT_EQ(settled.raft.role(), Role::Follower);
    ASSERT_EQ(settled.reads.size(), 1U);
    EXPECT_FALSE(settled.reads[0].ok);
}

TEST(ReadIndex, TooManyAreRefused) {
    OneCore core({.options = {.pending_reads_max = 2}});
    core.become_leader();
    for (uint64_t ticket = 1; ticket <= 3; ++ticket) core.read(ticket);
    ASSERT_EQ(core.reads.size(), 1U);
    EXPECT_EQ(core.reads[0].ticket, 3U);
    EXPECT_FALSE(core.reads[0].ok);
    core.acknowledge_all(2);
    core.recv(2, acknowledges(1, 1, round_sent(core, 2)));
    EXPECT_EQ(core.reads.size(), 2U);
    core.read(4);
    EXPECT_TRUE(core.reads.empty()) << "there is room again";
}

TEST(ReadIndex, ASingleServerConfirmsItself) {
    OneCore core({.servers = 1});
    core.wake();
    core.read(7);
    ASSERT_EQ(core.reads.size(), 1U);
    EXPECT_TRUE(core.reads[0].ok);
    EXPECT_EQ(core.reads[0].index, LogIndex(1));
}

// A heartbeat that was lost is repeated, and carries the newest round again.
TEST(ReadIndex, HeartbeatsRepeatTheRound) {
    OneCore core = settled_leader();
    core.read(7);
    const uint64_t round = round_sent(core, 2);
    core.wake();
    EXPECT_EQ(round_sent(core, 2), round);
    core.recv(2, acknowledges(1, 1, round));
    EXPECT_EQ(core.reads.size(), 1U);
}

// The follower's side: the answer repeats the round of what it answers, of its own term only.
TEST(ReadIndex, FollowerEchoesTheRound) {
    OneCore core({.term = 2, .log = {1}});
    core.recv(2, append_entries({.term = 2, .prev = 1, .prev_term = 1, .round = 6}));
    EXPECT_EQ(core.sent_to<AppendEntriesReply>(2).at(0).round, 6U);
    core.recv(2, append_entries({.term = 2, .prev = 8, .prev_term = 2, .round = 7}));
    EXPECT_FALSE(core.sent_to<AppendEntriesReply>(2).at(0).success);
    EXPECT_EQ(core.sent_to<AppendEntriesReply>(2).at(0).round, 7U);
    core.recv(3, append_entries({.term = 1, .round = 8}));
    EXPECT_EQ(core.sent_to<AppendEntriesReply>(3).at(0).round, 0U);
}

}  // namespace
}  // namespace wavetank
