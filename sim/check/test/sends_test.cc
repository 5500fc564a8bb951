// Persist before send, message truth, ack truth.
#include "sim/check/sends.h"

#include "sim/check/test/story.h"

namespace wavetank {
namespace {

TEST(PersistBeforeSend, RequestVoteNeedsADurableVote) {  // zoo V02
    Story story(3);
    Story::Server& s = story.server(1);
    s.role = Role::Candidate;
    s.term = Term(1);
    s.vote = s.id;
    story.write(1, story.hard_state(1));
    story.step(1, {BecamePreCandidate{Term(0)}, BecameCandidate{Term(1)}});
    story.send(1, 2, RequestVote{Term(1), LogIndex(), Term()});
    story.expect("persist before send", "server 1 sends RequestVote of term 1 to server 2");
}

TEST(PersistBeforeSend, RequestVoteNeedsADurableLog) {  // zoo E17
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "a"));
    story.take(1, 2, 2, 2);
    Story::Server& s = story.server(2);
    s.role = Role::Candidate;
    s.term = Term(2);
    s.vote = s.id;
    story.step(2, {BecamePreCandidate{Term(1)}, BecameCandidate{Term(2)}});
    story.send(2, 3, RequestVote{Term(2), LogIndex(2), Term(1)});
    story.expect("persist before send",
                 "asks for votes in term 2 with a log up to index 2 of term 1");
}

TEST(PersistBeforeSend, AGrantNeedsADurableVote) {  // zoo V05
    Story story(3);
    story.campaign(1, 1);
    story.server(2).term = Term(1);
    story.server(2).vote = ServerId(1);
    story.write(2, story.hard_state(2));
    story.step(2);
    story.send(2, 1, RequestVoteReply{Term(1), true});
    story.expect("persist before send", "its disk holds term 0 and vote 0");
}

TEST(PersistBeforeSend, AnAcknowledgementNeedsADurableLog) {  // zoo D01
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "a"));
    story.take(1, 2, 2, 2);
    story.acknowledge(2, 1, 2);
    story.expect("persist before send", "server 2 acknowledges index 2 to server 1 in term 1");
}

TEST(PersistBeforeSend, AnAcknowledgementNeedsADurableTerm) {
    Story story(3);
    begin(story);
    story.elect(2, 2, {1});
    Story::Server& s = story.server(3);
    s.term = Term(2);
    s.vote = ServerId();
    story.step(3);
    story.send(2, 3, AppendEntries{Term(2), LogIndex(1), Term(1), LogIndex(1), 0, {}});
    story.acknowledge(3, 2, 1);
    story.expect("persist before send", "but the term on its disk is 1");
}

TEST(MessageTruth, NoTermAboveTheSenders) {
    Story story(3);
    begin(story);
    story.send(2, 3, RequestVoteReply{Term(9), false});
    story.expect("message truth",
                 "server 2 in term 1 sends RequestVoteReply of term 9 to server 3");
}

TEST(MessageTruth, OnlyTheWinnerSendsAppendEntries) {  // zoo E14
    Story story(3);
    begin(story);
    story.elect(2, 2, {3});
    Story::Server& s = story.server(1);
    s.role = Role::Follower;
    s.term = Term(2);
    s.vote = ServerId();
    story.step(1, {SteppedDown{Term(1), StepDownReason::HigherTerm}, BecameFollower{Term(2), {}}});
    story.send(1, 3, AppendEntries{Term(2), LogIndex(1), Term(1), LogIndex(1), 0, {}});
    story.expect("message truth",
                 "sends AppendEntries of term 2 to server 3, a term won by server 2");
}

TEST(MessageTruth, AppendEntriesCarriesTheLeadersLog) {
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "a"));
    const EntryRange other = EntryRange::of(LogIndex(2), std::vector<Entry>{Story::entry(1, "b")});
    story.send(1, 2, AppendEntries{Term(1), LogIndex(1), Term(1), LogIndex(1), 0, other});
    story.send(1, 2, AppendEntries{Term(1), LogIndex(1), Term(0), LogIndex(1), 0, {}});  // zoo R06
    EXPECT_EQ(story.findings.count(), 2U);
    story.expect("message truth",
                 "sends server 2 1 entries after index 1 of term 1 that are not those");
}

TEST(MessageTruth, NoCommitIndexAboveTheOwn) {
    Story story(3);
    begin(story);
    story.send(1, 2, AppendEntries{Term(1), LogIndex(1), Term(1), LogIndex(2), 0, {}});
    story.expect("message truth", "sends commit index 2 to server 2; its own is 1");
}

TEST(MessageTruth, ACandidateDescribesItsOwnLog) {
    Story story(3);
    begin(story);
    story.send(2, 3, PreVote{Term(2), LogIndex(4), Term(1)});
    story.expect("message truth", "says in PreVote that its log ends at index 4 of term 1");
}

TEST(AckTruth, NotMoreThanTheLeaderHas) {  // zoo R03: the recipe's first lie
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "x"));  // alone
    story.elect(2, 2, {3});
    Story::Server& s = story.server(1);
    s.role = Role::Follower;
    s.term = Term(2);
    s.vote = ServerId();
    story.write(1, story.hard_state(1));
    story.step(1, {SteppedDown{Term(1), StepDownReason::HigherTerm}, BecameFollower{Term(2), {}}});
    story.sync(1);
    story.send(2, 1, AppendEntries{Term(2), LogIndex(1), Term(1), LogIndex(1), 0, {}});
    story.expect_clean();
    story.acknowledge(1, 2, 2);
    story.expect("ack truth", "server 1 acknowledges index 2 of term 1");
}

TEST(AckTruth, NotMoreThanWasSent) {  // zoo R03, where it does no harm yet
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "a"));
    story.replicate(1, 2, 2, 2);
    story.replicate(1, 3, 2, 2);
    story.elect(2, 2, {3});
    story.send(2, 3, AppendEntries{Term(2), LogIndex(1), Term(1), LogIndex(1), 0, {}});
    story.expect_clean();
    story.acknowledge(3, 2, 2);
    story.expect("ack truth", "but was sent entries up to index 1 only");
}

TEST(AckTruth, OnlyToTheLeader) {  // zoo R22
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "a"));
    story.take(1, 2, 2, 2);
    story.sync(2);
    story.acknowledge(2, 3, 2);
    story.expect("ack truth", "to server 3 as the log of the leader of term 1, which is server 1");
}

TEST(AckTruth, ALeaderBelievesWhatWasSaid) {
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "a"));
    story.take(1, 2, 2, 2);
    story.believe(1, 2, 2);
    story.expect("ack truth", "in that term it has acknowledged index 1 at most");
}

TEST(AckTruth, ADelayedAcknowledgementOfALostSuffixIsLegal) {
    Story story(5);
    story.elect(1, 1, {2, 3});
    story.append(1, Story::entry(1, "a"));
    story.take(1, 2, 1, 2);
    story.sync(2);
    story.acknowledge(2, 1, 2);  // under way
    story.elect(3, 2, {4, 5});
    story.replicate(3, 2, 1, 1);  // server 2 loses both entries
    story.believe(1, 2, 2);
    story.expect_clean();
}

TEST(AckTruth, ThePeersDiskIsLookedAt) {
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "a"));
    story.replicate(1, 2, 2, 2);
    story.crash(2);
    Recovered shorter = story.image(2);
    shorter.entries.pop_back();
    story.start(2, shorter);
    story.expect("recovery", "which no crash can have left");
    story.believe(1, 2, 2);
    story.expect("ack truth", "believes that server 2 holds its log up to index 2");
}

TEST(Findings, KeepsTheFirstAndCountsAll) {
    Findings findings;
    findings.now(7, Instant{9});
    for (uint64_t i = 0; i < 20; ++i) findings.report("one", "number {}", i);
    for (uint64_t i = 0; i < 20; ++i) {
        findings.report("oracle " + std::to_string(i), std::string("message"));
    }
    EXPECT_EQ(findings.count(), 40U);
    ASSERT_EQ(findings.kept().size(), Findings::kKeptMax);
    EXPECT_EQ(findings.kept()[2].message, "number 2");
    EXPECT_EQ(findings.kept()[3].oracle, "oracle 0");
    EXPECT_EQ(findings.kept()[0].event, 7U);
    EXPECT_EQ(findings.kept()[0].at, Instant{9});
}

}  // namespace
}  // namespace wavetank
