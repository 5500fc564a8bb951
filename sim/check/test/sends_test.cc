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

TEST(PersistBeforeSend, ToHaveJoinedIsOnTheDisk) {
    Story story(3);
    begin(story);
    AppendEntriesReply reply;
    reply.term = Term(1);
    reply.success = true;
    reply.match_index = LogIndex(1);
    reply.joined = true;
    story.send(2, 1, reply);
    story.expect_clean();
    story.server(2).joined = false;
    story.write(2, story.hard_state(2));
    story.sync(2);
    story.send(2, 1, reply);
    story.expect("persist before send", "server 2 tells server 1 in term 1 that it has joined");
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

TEST(MessageTruth, APreVoteIsEarned) {
    Story story(3);
    begin(story);
    story.pass(seconds(1));
    story.send(2, 3, PreVoteReply{Term(1), Term(2), true});
    story.expect("message truth", "a pre-vote for term 2, although it has never asked for one");

    Story second(3);
    second.elect(1, 1, {2});
    second.replicate(1, 2, 1, 1);
    second.pass(seconds(1));
    second.adopt(3, 1);
    second.send(3, 2, PreVote{Term(2), LogIndex(0), Term(0)});
    second.send(2, 3, PreVoteReply{Term(1), Term(2), true});
    second.expect("message truth", "although its own log is more up to date");
    second.adopt(2, 2);
    second.send(2, 3, PreVoteReply{Term(2), Term(2), true});
    second.expect("message truth", "although that is no later term");
}

TEST(MessageTruth, OnlyALeaderAsksForACampaignThatDeposes) {  // zoo T08
    Story story(3);
    begin(story);
    story.campaign(2, 2);
    story.expect_clean();
    story.ask_votes(2, true);
    story.expect("message truth",
                 "server 2 says in RequestVote of term 2 that a leader has asked it to campaign");
}

TEST(MessageTruth, WhoIsAskedToCampaignHasEverything) {  // zoo T01
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "a"));
    story.take(1, 2, 2, 2);
    story.send(1, 2, TimeoutNow{Term(1)});
    story.expect("message truth", "asks server 2 to campaign, whose disk holds index 1 of term 1");
    Story second(4, Story::members(3));
    begin(second);
    second.take(1, 4, 1, 1);
    second.sync(4);
    second.send(1, 4, TimeoutNow{Term(1)});
    second.expect("message truth", "asks server 4 to campaign, which may not lead in {1,2,3}");
    second.send(2, 3, TimeoutNow{Term(1)});
    second.expect("message truth",
                  "sends TimeoutNow of term 1 to server 3, a term won by server 1");
}

TEST(MessageTruth, WhatWasTakenOverIsInTheLog) {
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "a"));
    story.send(1, 3, ForwardProposalReply{Term(1), 5, true, LogIndex(2)});
    story.expect_clean();
    story.send(1, 3, ForwardProposalReply{Term(1), 6, true, LogIndex(3)});
    story.expect("message truth",
                 "has appended a proposal at index 3 in term 1; its log has nothing there");
}

TEST(MessageTruth, SnapshotsComeFromTheLeader) {
    Story story(3);
    begin(story);
    story.apply(1, 1, 7);
    story.snapshot(1, 1, 1);
    story.expect_clean();
    story.send(2, 3, InstallSnapshot{Term(1), *story.server(1).snapshot, 0, Payload(), 0});
    story.expect("message truth", "sends InstallSnapshot of term 1 to server 3, a term won by");
    story.send(1, 3,
               InstallSnapshot{Term(1), *story.server(1).snapshot, 3, Payload::copy_of("xyz"), 0});
    story.expect("message truth", "sends server 3 3 bytes from offset 3 of a snapshot of 5");
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

TEST(LogSearch, ALeaderTriesAnotherPlace) {  // zoo R11
    Story story(3);
    begin(story);
    AppendEntriesReply refusal;
    refusal.term = Term(1);
    const auto refuse = [&](int times) {
        for (int i = 0; i < times; ++i) story.send(2, 1, refusal);
    };
    refusal.rejected_index = LogIndex(7);
    refuse(1999);
    refusal.rejected_index = LogIndex(6);
    refuse(1999);
    story.expect_clean();
    refuse(1);
    story.expect("log search",
                 "server 2 has refused AppendEntries of server 1 2000 times in a row in term 1, "
                 "always after index 6");
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
