// Monotonic, durable quorum, state machine safety.
#include "sim/check/commits.h"

#include "sim/check/test/story.h"

namespace wavetank {
namespace {

TEST(Commits, ALegalSequenceIsAccepted) {
    Story story(3);
    begin(story);
    for (const uint32_t id : {1U, 2U, 3U}) story.apply(id, 1, 77);
    story.append(1, Story::entry(1, "a"));
    story.replicate(1, 2, 2, 2);
    story.commit(1, 2);
    story.apply(1, 2, 78);
    story.crash(1);
    story.start(1, story.image(1));
    story.elect(2, 2, {3});
    story.replicate(2, 3, 2, 3);
    story.commit(2, 3);
    story.apply(2, 2, 78);
    story.oracles.finish();
    story.expect_clean();
}

TEST(Monotonic, CommitIndexNeverFalls) {  // zoo C05
    Story story(3);
    begin(story);
    story.server(2).commit = LogIndex(0);
    story.step(2);
    story.expect("monotonic", "the commit index of server 2 (term 1) fell from 1 to 0");
}

TEST(Monotonic, TermNeverFalls) {
    Story story(3);
    begin(story);
    story.server(2).term = Term(0);
    story.step(2);
    story.expect("monotonic", "the term of server 2 fell from 1 to 0");
}

TEST(Monotonic, AppliedStaysBelowCommitAndNeverFalls) {
    Story story(3);
    begin(story);
    story.server(2).applied = LogIndex(1);
    story.step(2);
    story.expect_clean();
    story.server(2).applied = LogIndex(0);
    story.step(2);
    story.expect("monotonic", "last applied of server 2 (term 1) fell from 1 to 0");
    story.server(2).applied = LogIndex(2);
    story.step(2);
    story.expect("monotonic", "has last applied 2 above its commit index 1");
}

TEST(Monotonic, CommitStaysWithinTheLog) {
    Story story(3);
    begin(story);
    story.server(2).commit = LogIndex(5);
    story.step(2);
    story.expect("monotonic", "has commit index 5, but its log ends at 1");
}

TEST(DurableQuorum, AMajorityOfDisks) {  // zoo R19: the leader counts itself before its disk has it
    Story story(3);
    begin(story);
    story.server(1).log.append(Story::entry(1, "a"));
    story.write(1, story.entries(1, 2));
    story.step(1);
    story.replicate(1, 2, 2, 2);
    story.expect_clean();
    story.commit(1, 2);
    story.expect("durable quorum",
                 "moved its commit index from 1 to 2, but only the disks of {2} of {1,2,3}");
}

TEST(DurableQuorum, OnlyEntriesOfTheOwnTerm) {  // zoo C01, paper figure 8
    Story story(5);
    story.elect(1, 2, {2, 3});
    story.replicate(1, 2, 1, 1);
    story.server(1).role = Role::Follower;
    story.step(1, {SteppedDown{Term(2), StepDownReason::QuorumLost}, BecameFollower{Term(2), {}}});
    story.elect(5, 3, {3, 4});
    story.elect(1, 4, {2, 3});
    story.replicate(1, 3, 1, 1);
    story.expect_clean();
    story.commit(1, 1);
    story.expect("durable quorum", "from 0 to 1, an entry of term 2: only entries of its own term");
}

TEST(DurableQuorum, WhatIsChosenIsChosenForEver) {
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "a"));
    story.replicate(1, 2, 2, 2);
    story.commit(1, 2);
    // Server 3 has not the entry, wins all the same, and commits another one with server 2.
    story.elect(3, 2, {2});
    story.take(3, 2, 2, 2);
    story.sync(2);
    story.expect("durable quorum", "the disk of server 2 lost index 2 of term 1");
    story.acknowledge(2, 3, 2);
    story.commit(3, 2);
    story.expect("durable quorum", "server 3, leader of term 2, commits a log that contradicts");
}

TEST(DurableQuorum, ALateCommitAgainstALaterWinner) {
    Story story(3);
    story.elect(1, 1, {2});
    story.replicate(1, 2, 1, 1);
    story.campaign(3, 2);
    story.grant(2, 3, 2);  // wrong already: server 3 lacks the entry
    story.win(3);
    story.commit(1, 1);
    story.expect("leader completeness", "the leader of term 1 commits index 1 of term 1");
}

TEST(DurableQuorum, AFollowerCommitsOnlyWhatIsChosen) {
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "a"));
    story.replicate(1, 2, 2, 2);
    story.commit(2, 2);
    story.expect("durable quorum",
                 "server 2 (follower, term 1) moved its commit index from 1 to 2");
}

TEST(DurableQuorum, AFollowerCommitsOnlyWhatWasVerified) {  // zoo C03
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "a"));
    story.replicate(1, 2, 2, 2);
    story.replicate(1, 3, 2, 2);
    story.commit(1, 2);
    story.elect(2, 2, {3});
    Story::Server& l = story.server(2);
    story.commit(2, 2);  // for the test only: a leader of term 2 that knows what is committed
    const AppendEntries heartbeat{l.term, LogIndex(1), Term(1), l.commit, 0, {}};
    story.send(2, 3, heartbeat);
    story.commit(3, 2, Recv{l.id, heartbeat});
    story.expect("durable quorum", "the leader of that term has verified its log up to 1 only");
}

TEST(DurableQuorum, WhatWasSentAndNotReceivedVerifiesNothing) {  // zoo L13
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "a"));
    story.replicate(1, 2, 2, 2);
    story.replicate(1, 3, 2, 2);
    story.commit(1, 2);
    story.elect(2, 2, {3});
    Story::Server& l = story.server(2);
    story.send(2, 3, AppendEntries{l.term, LogIndex(2), Term(1), l.commit, 0, {}});
    story.expect_clean();
    story.commit(3, 2);
    story.expect("durable quorum", "the leader of that term has verified its log up to 0 only");
}

TEST(StateMachineSafety, TheSameEntryAndDigestEverywhere) {
    Story story(3);
    begin(story);
    story.apply(1, 1, 77);
    story.apply(2, 1, 78);
    story.expect("state machine safety", "servers 1 and 2 applied the same entry");
}

TEST(StateMachineSafety, CarriedOutEverywhereOrNowhere) {
    Story story(3);
    begin(story);
    story.apply(1, 1, 77);
    story.apply(2, 1, 77, true);
    story.expect("state machine safety",
                 "servers 1 and 2 applied the same entry, index 1 of term 1");
    story.expect("state machine safety", "and only server 2 carried out a command");
}

TEST(StateMachineSafety, InOrderAndWithoutGaps) {
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "a"));
    story.replicate(1, 2, 2, 2);
    story.commit(1, 2);
    story.apply(1, 2, 77);
    story.expect("state machine safety", "server 1 applied index 2 after index 0");
}

TEST(StateMachineSafety, OnlyWhatIsCommitted) {
    Story story(3);
    begin(story);
    story.apply(1, 1, 77);
    story.append(1, Story::entry(1, "a"));
    story.oracles.on_apply(ServerId(1),
                           {LogIndex(2), story.server(1).log.entry_at(LogIndex(2)), false, 78});
    story.expect("state machine safety", "server 1 applied index 2, but its commit index is 1");
    story.expect("state machine safety", "which is not chosen");
}

TEST(StateMachineSafety, OnlyWhatIsOnTheOwnDisk) {
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "a"));
    story.replicate(1, 2, 2, 2);
    story.commit(1, 2);
    story.take(1, 3, 2, 2);
    story.learn(1, 3, 2);
    story.apply(3, 1, 77);
    story.expect_clean();
    story.apply(3, 2, 78);
    story.expect("state machine safety", "server 3 applied index 2 of term 1 (content ");
    story.expect("state machine safety", "before it was on its own disk, which ends with index 1");
}

TEST(StateMachineSafety, WhatTheLogHolds) {
    Story story(3);
    begin(story);
    story.server(1).applied = LogIndex(1);
    story.step(1);
    const Entry other = Story::entry(1, "other");
    story.oracles.on_apply(ServerId(1), {LogIndex(1), other, false, 77});
    story.expect("state machine safety", "but its log has index 1 of term 1");
}

}  // namespace
}  // namespace wavetank
