// Role edges, candidacy, leader stickiness.
#include "sim/check/roles.h"

#include "sim/check/test/story.h"

namespace wavetank {
namespace {

// The leader asks `target` to campaign at once, and it does.
void hand_over(Story& story, uint32_t leader, uint32_t target) {
    const Story::Server& l = story.server(leader);
    story.send(leader, target, TimeoutNow{l.term});
    Story::Server& s = story.server(target);
    s.role = Role::Candidate;
    s.term = l.term.next();
    s.vote = s.id;
    story.write(target, story.hard_state(target));
    story.step(target, {BecameCandidate{s.term}}, Recv{l.id, TimeoutNow{l.term}});
    story.sync(target);
}

TEST(RoleEdges, AFollowerCannotLeadAtOnce) {
    Story story(3);
    story.server(1).role = Role::Leader;
    story.server(1).vote = ServerId(1);
    story.server(1).term = Term(1);
    story.step(1, {BecameLeader{Term(1)}});
    story.expect("role edges", "server 1 went from follower to leader");
}

TEST(RoleEdges, EventsMustTellTheWay) {
    Story story(3);
    story.server(1).role = Role::PreCandidate;
    story.step(1);
    story.expect("role edges", "its events lead to follower");
}

TEST(RoleEdges, APreVoteRaisesNoTerm) {
    Story story(3);
    story.server(1).role = Role::PreCandidate;
    story.server(1).term = Term(1);
    story.step(1, {BecamePreCandidate{Term(1)}});
    story.expect("role edges", "must change neither");
}

TEST(RoleEdges, ANewCandidacyNeedsANewTerm) {
    Story story(3);
    story.campaign(1, 1);
    story.step(1, {BecamePreCandidate{Term(1)}, BecameCandidate{Term(1)}});
    story.expect("role edges", "every candidacy needs a new term");
}

TEST(RoleEdges, ALeaderSaysWhyItStepsDown) {
    Story story(3);
    begin(story);
    story.server(1).role = Role::Follower;
    story.step(1, {BecameFollower{Term(1), ServerId()}});
    story.expect("role edges", "server 1 leads term 1 no more and does not say why");
}

TEST(RoleEdges, AndTheReasonIsTrue) {
    const auto step_down = [](StepDownReason reason, uint64_t term, const Input& input) {
        Story story(3);
        begin(story);
        Story::Server& s = story.server(1);
        s.role = Role::Follower;
        s.term = Term(term);
        if (term > 1) s.vote = ServerId();
        story.step(1, {SteppedDown{Term(1), reason}, BecameFollower{Term(term), ServerId()}},
                   input);
        return story.findings.empty();
    };
    EXPECT_TRUE(step_down(StepDownReason::HigherTerm, 2, Wake{}));
    EXPECT_TRUE(step_down(StepDownReason::QuorumLost, 1, Wake{}));
    EXPECT_TRUE(step_down(StepDownReason::WriteFailed, 1, WriteFailed{WriteId(1)}));
    EXPECT_FALSE(step_down(StepDownReason::HigherTerm, 1, Wake{}));
    EXPECT_FALSE(step_down(StepDownReason::QuorumLost, 2, Wake{}));
    EXPECT_FALSE(step_down(StepDownReason::WriteFailed, 1, Wake{}));
    EXPECT_FALSE(step_down(StepDownReason::DiskStalled, 1, Wake{}));
    EXPECT_FALSE(step_down(StepDownReason::Removed, 1, Wake{}));
}

TEST(RoleEdges, ATransferSkipsThePreVote) {
    Story story(3);
    begin(story);
    hand_over(story, 1, 2);
    story.ask_votes(2, true);
    story.grant(1, 2, 2);
    story.win(2);
    story.expect_clean();
}

TEST(RoleEdges, OnlyTheLeaderOfTheTermTransfers) {  // zoo T02
    Story story(3);
    begin(story);
    story.elect(3, 2, {2});
    story.expect_clean();
    Story::Server& s = story.server(2);
    s.role = Role::Candidate;
    s.term = Term(3);
    s.vote = s.id;
    story.step(2, {BecameCandidate{Term(3)}}, Recv{ServerId(1), TimeoutNow{Term(1)}});
    story.expect("role edges", "server 2 went from follower to candidate");
}

TEST(RefusedMessage, OnlyAWrongPeerSendsIt) {
    Story story(3);
    story.step(1, {Refused{ServerId(2), RefuseReason::NotMember}});
    story.step(1, {Refused{ServerId(2), RefuseReason::Corrupt}});
    story.expect_clean();
    story.step(1, {Refused{ServerId(2), RefuseReason::TwoLeaders}});
    story.step(1, {Refused{ServerId(3), RefuseReason::CommittedConflict}});
    story.step(1, {Refused{ServerId(3), RefuseReason::BadSnapshot}});
    story.expect("refused message", "of server 2: AppendEntries of a second leader");
    story.expect("refused message",
                 "of server 3: AppendEntries that differs from what is committed");
    story.expect("refused message", "of server 3: a snapshot that contradicts");
}

TEST(RefusedMessage, StubsMayComeLate) {
    Story story(3);
    Entry stub = Story::entry(1, "x");
    stub.payload = Payload::stub_of(stub.payload);
    AppendEntries message;
    message.entries = EntryRange::of(LogIndex(1), std::vector<Entry>{stub});
    story.step(1, {Refused{ServerId(2), RefuseReason::WrongKind}}, Recv{ServerId(2), message});
    story.expect_clean();
    const Refused refused{ServerId(2), RefuseReason::BadEntries};
    message.entries = EntryRange::of(LogIndex(1), std::vector<Entry>{Story::entry(1, "x")});
    story.step(1, {refused}, Recv{ServerId(2), message});
    story.expect("refused message", "AppendEntries with impossible terms");
}

TEST(Candidacy, NeedsPreVotes) {  // zoo P07
    Story story(3);
    Story::Server& s = story.server(1);
    s.role = Role::Candidate;
    s.term = Term(1);
    s.vote = s.id;
    story.step(1, {BecamePreCandidate{Term(0)}, BecameCandidate{Term(1)}});
    story.expect("candidacy",
                 "server 1 campaigns in term 1, but was granted pre-votes for that only by {1} of "
                 "{1,2,3}");
}

TEST(Candidacy, PreVotesOfStrangersDoNotCount) {
    Story story(5, Story::members(3));
    Story::Server& s = story.server(1);
    s.role = Role::PreCandidate;
    story.step(1, {BecamePreCandidate{Term(0)}});
    for (const uint32_t stranger : {4U, 5U}) {
        story.send(1, stranger, PreVote{Term(1), LogIndex(), Term()});
        story.send(stranger, 1, PreVoteReply{Term(0), Term(1), true});
    }
    story.expect_clean();
    s.role = Role::Candidate;
    s.term = Term(1);
    s.vote = s.id;
    story.step(1, {BecameCandidate{Term(1)}});
    story.expect("candidacy", "only by {1,4,5} of {1,2,3}");
}

TEST(Candidacy, OnlyVotersSeekOffice) {
    Story story(4, Story::members(3));
    story.server(4).role = Role::PreCandidate;
    story.step(4, {BecamePreCandidate{Term(0)}});
    story.expect("candidacy", "server 4 is pre-candidate (term 0), but in {}, in force at index 0");
}

TEST(Candidacy, NoWitnessSeeksOffice) {
    const Configuration initial(Configuration::Members{.voters = Story::ids({1, 2, 3}),
                                                       .outgoing = {},
                                                       .learners = {},
                                                       .witnesses = Story::ids({3})});
    Story story(3, initial);
    story.server(3).role = Role::PreCandidate;
    story.step(3, {BecamePreCandidate{Term(0)}});
    story.expect("candidacy", "server 3 is pre-candidate (term 0), but in {1,2,3} witnesses {3}");
}

TEST(Candidacy, NobodyOfPriorityZeroSeeksOffice) {  // zoo P11
    Story story(3);
    story.options(2).priority = 0;
    story.crash(2);
    story.start(2, story.empty_image(2));
    story.server(2).role = Role::PreCandidate;
    story.step(2, {BecamePreCandidate{Term(0)}});
    story.expect("candidacy", "but its priority is zero");
}

// Server 1 leads, has removed itself, and has not committed that.
void remove_the_leader(Story& story) {
    begin(story);
    const Configuration joint(Configuration::Members{.voters = Story::ids({2, 3}),
                                                     .outgoing = Story::ids({1, 2, 3}),
                                                     .learners = {},
                                                     .witnesses = {}});
    story.append(1, Story::entry(1, joint));
    story.replicate(1, 2, 2, 2);
    story.replicate(1, 3, 2, 2);
    story.commit(1, 2);
    story.append(1, Story::entry(1, Configuration::of_voters(Story::ids({2, 3}))));
    story.expect_clean();
}

TEST(Candidacy, ARemovedServerMayUntilItsRemovalIsCommitted) {  // zoo E19
    Story story(3);
    remove_the_leader(story);
    story.crash(1);
    story.start(1, story.image(1));
    story.elect(1, 2, {2, 3});
    story.expect_clean();
    story.replicate(1, 2, 3, 4);
    story.replicate(1, 3, 3, 4);
    story.commit(1, 4);
    Story::Server& s = story.server(1);
    s.role = Role::Follower;
    story.step(1, {SteppedDown{Term(2), StepDownReason::Removed}, BecameFollower{Term(2), {}}});
    story.expect_clean();
    s.role = Role::PreCandidate;
    story.step(1, {BecamePreCandidate{Term(2)}});
    story.expect("candidacy", "server 1 is pre-candidate (term 2), but in {2,3}, in force");
}

TEST(Candidacy, AndDoesNotCountItself) {
    Story story(3);
    remove_the_leader(story);
    story.crash(1);
    story.start(1, story.image(1));
    story.campaign(1, 2);
    story.grant(2, 1, 2);
    story.win(1);
    story.expect("election safety", "its durable votes are only those of {1,2} of {2,3}");
}

TEST(LeaderStickiness, ARecentLeaderIsNotDeposed) {  // zoo M13
    Story story(4, Story::members(3));
    begin(story);
    story.append(1, Story::entry(1, "x"));
    story.take(1, 2, 2, 2);
    Story::Server& s = story.server(2);
    s.term = Term(5);
    s.vote = ServerId();
    story.step(2, {BecameFollower{Term(5), ServerId()}},
               Recv{ServerId(4), RequestVote{Term(5), LogIndex(9), Term(4)}});
    story.expect("leader stickiness",
                 "server 2 adopts term 5 from a RequestVote of server 4, which is no member, "
                 "although it heard the leader of term 1 1ms ago");
}

TEST(LeaderStickiness, AnOldOneIs) {
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "x"));
    story.take(1, 2, 2, 2);
    story.pass(milliseconds(150));
    Story::Server& s = story.server(2);
    s.term = Term(5);
    s.vote = ServerId();
    story.step(2, {BecameFollower{Term(5), ServerId()}},
               Recv{ServerId(3), RequestVote{Term(5), LogIndex(9), Term(4)}});
    story.expect_clean();
}

TEST(LeaderStickiness, UnlessItWantsToBe) {
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "x"));
    story.replicate(1, 2, 2, 2);
    story.take(1, 3, 2, 2);
    hand_over(story, 1, 2);
    story.ask_votes(2, true);
    Story::Server& s = story.server(3);
    s.term = Term(2);
    s.vote = ServerId(2);
    story.write(3, story.hard_state(3));
    story.step(3, {BecameFollower{Term(2), ServerId()}},
               Recv{ServerId(2), RequestVote{Term(2), LogIndex(2), Term(1), true}});
    story.expect_clean();
}

TEST(LeaderStickiness, NoPreVoteEither) {
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "x"));
    story.replicate(1, 2, 2, 2);
    story.take(1, 3, 2, 2);
    story.send(2, 3, PreVote{Term(2), LogIndex(2), Term(1)});
    story.send(3, 2, PreVoteReply{Term(1), Term(2), true});
    story.expect("message truth", "a pre-vote for term 2, although it has just heard its leader");
}

TEST(LaterTerm, AnAnswerBringsIt) {  // zoo P02
    Story story(3);
    begin(story);
    story.step(2, {}, Recv{ServerId(3), PreVoteReply{Term(1), Term(2), false}});
    story.expect_clean();
    story.step(2, {}, Recv{ServerId(3), PreVoteReply{Term(4), Term(2), false}});
    story.expect("later term", "stays in term 1, although server 3 has answered it from term 4");
}

TEST(LaterTerm, ADiskThatHasFailedEndsAServer) {
    Story story(3);
    begin(story);
    story.step(2, {}, WriteFailed{});
    story.step(2, {}, Recv{ServerId(3), RequestVoteReply{Term(4), false}});
    story.expect_clean();
}

}  // namespace
}  // namespace wavetank
