// What no correct server sends is refused: it changes nothing and stops nobody (thesis 3: servers
// fail by stopping, but a core must not trust its network with its life).
#include <gtest/gtest.h>

#include "core/raft/test/one_core.h"

namespace wavetank {
namespace {

TEST(Refusal, ALeaderThatContradictsItselfDoesNotStopTheServer) {
    OneCore core({.term = 5, .slow_disk = true});
    core.recv(2, append_entries({.term = 5, .terms = {5}}));  // to be acknowledged after write 1
    core.recv(2, append_entries({.term = 5, .terms = {4}}));  // the same index, another entry
    core.sync_all();
    EXPECT_EQ(core.last(), 1U);
    EXPECT_EQ(core.raft.log().last_term(), Term(5));
}

TEST(Refusal, AVerifiedEntryOfAnEarlierTermIsNotRewrittenEither) {
    OneCore core({.term = 5, .slow_disk = true});
    core.recv(2, append_entries({.term = 5, .terms = {3}}));
    core.recv(2, append_entries({.term = 5, .terms = {4}}));
    core.sync_all();
    EXPECT_EQ(core.raft.log().last_term(), Term(3));
}

TEST(Refusal, TheLastTermIsNotEntered) {
    OneCore core({.term = 1});
    core.recv(2, rejects({.term = UINT64_MAX}));
    EXPECT_EQ(core.raft.current_term(), Term(1));
    OneCore alone({.servers = 1, .term = UINT64_MAX});
    alone.wake();  // it cannot campaign, and does not stop
    EXPECT_EQ(alone.raft.role(), Role::Follower);
}

TEST(Refusal, TermZeroOnlyAnswers) {
    OneCore core({});
    core.recv(2, append_entries({.term = 0}));
    EXPECT_FALSE(core.raft.leader());
    core.recv(2, RequestVote{Term(0), LogIndex(0), Term(0)});
    EXPECT_FALSE(core.raft.voted_for());
}

TEST(Refusal, EntriesOfTermZero) {
    OneCore core({.term = 1});
    core.recv(2, append_entries({.term = 1, .terms = {0}}));
    EXPECT_EQ(core.last(), 0U);
}

TEST(Refusal, AWriteThatWasNeverIssuedCannotFail) {
    OneCore core({.term = 1});
    core.step(WriteFailed{WriteId(77)});
    EXPECT_FALSE(core.raft.write_failed());
}

TEST(Bounds, RepeatedMessagesUnderASlowDiskAreOnePromiseEach) {
    OneCore core({.term = 1, .slow_disk = true});
    for (int i = 0; i < 1000; ++i) {
        core.recv(2, append_entries({.term = 1, .terms = {1}}));
        core.recv(2, append_entries({.term = 1, .prev = 1, .prev_term = 1, .terms = {1}}));
    }
    core.sync_all();
    EXPECT_LE(core.sends.size(), 10U);
}

TEST(Value, DigestIsOfWhatWaitsForTheDrainToo) {
    OneCore core({.term = 1});
    Raft one = core.raft;
    Raft other = core.raft;
    EXPECT_TRUE(one == other);
    one.step(core.now, Read{7});
    other.step(core.now, Read{8});
    EXPECT_FALSE(one == other);
    EXPECT_NE(one.digest(), other.digest());
}

}  // namespace
}  // namespace wavetank
