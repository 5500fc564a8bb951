// Vote truth, election safety, leader completeness.
#include "sim/check/elections.h"

#include "sim/check/test/story.h"

namespace wavetank {
namespace {

TEST(Elections, LegalOnesAreAccepted) {
    Story story(3);
    begin(story);
    story.elect(2, 2, {3});
    story.replicate(2, 3, 2, 2);
    story.commit(2, 2);
    story.replicate(2, 1, 2, 2);  // the deposed leader follows
    story.elect(1, 3, {2, 3});
    story.expect_clean();
}

TEST(Elections, ASoleVoterGoesAllTheWayInOneStep) {
    Story story(1);
    Story::Server& s = story.server(1);
    s.term = Term(1);
    s.vote = s.id;
    s.role = Role::Candidate;
    story.write(1, story.hard_state(1));
    story.step(1, {BecamePreCandidate{Term(0)}, BecameCandidate{Term(1)}});
    story.sync(1);
    story.win(1);
    story.commit(1, 1);
    story.expect_clean();
}

TEST(VoteTruth, AVoteIsKeptWithinItsTerm) {  // zoo E02
    Story story(3);
    story.campaign(1, 1);
    story.grant(2, 1, 1);
    story.expect_clean();
    story.server(2).vote = ServerId();
    story.step(2);
    story.expect("vote truth", "within term 1 from server 1 to server 0");
}

TEST(VoteTruth, AVoteIsKeptAcrossACrash) {  // zoo V01
    Story story(3);
    story.campaign(1, 1);
    story.campaign(3, 1);
    story.server(2).term = Term(1);
    story.server(2).vote = ServerId(1);
    story.step(2);
    story.send(2, 1, RequestVoteReply{Term(1), true});
    story.expect("persist before send", "server 2 sends a granted RequestVoteReply of term 1");
    story.crash(2);
    story.start(2, story.empty_image(2));
    story.grant(2, 3, 1);
    story.expect("vote truth", "server 2 has two votes in term 1: server 1 before, now server 3");
}

TEST(VoteTruth, AVoteThatOnlyLostMemoryKnewNeverHappened) {
    Story story(3);
    story.campaign(1, 1);
    story.campaign(3, 1);
    story.server(2).term = Term(1);
    story.server(2).vote = ServerId(1);
    story.write(2, story.hard_state(2));
    story.step(2);
    story.crash(2);
    story.start(2, story.empty_image(2));
    story.grant(2, 3, 1);
    story.expect_clean();
}

TEST(VoteTruth, AGrantIsForTheVotesOwner) {
    Story story(3);
    story.campaign(1, 1);
    story.campaign(3, 1);
    story.grant(2, 1, 1);
    story.send(2, 3, RequestVoteReply{Term(1), true});
    story.expect("vote truth", "now server 3 in a granted RequestVoteReply");
}

TEST(VoteTruth, OnlyForACandidateThatAsked) {
    Story story(3);
    story.campaign(1, 1);
    story.grant(2, 1, 2);
    story.expect("vote truth", "has never sent a RequestVote of that term");
}

TEST(VoteTruth, OnlyForALogThatIsNotBehind) {  // paper 5.4.1
    Story story(3);
    story.elect(1, 1, {2});
    story.replicate(1, 2, 1, 1);
    story.campaign(3, 2);
    story.grant(2, 3, 2);
    story.expect("vote truth",
                 "ends at index 0 of term 0 and its own, more up to date, at index 1");
}

TEST(VoteTruth, ACandidateVotesForItself) {
    Story story(3);
    story.server(1).term = Term(1);
    story.server(1).role = Role::Candidate;
    story.step(1, {BecamePreCandidate{Term(0)}, BecameCandidate{Term(1)}});
    story.expect("vote truth", "server 1 is candidate of term 1 but its vote is for server 0");
}

TEST(VoteTruth, TheDiskKeepsTheVote) {
    Story story(3);
    story.campaign(1, 1);
    Write w;
    w.hard_state = HardState{Term(1), ServerId()};
    story.write(1, w);
    story.sync(1);
    story.expect("vote truth", "the disk of server 1 replaced its vote in term 1");
}

TEST(ElectionSafety, OneWinnerATerm) {
    Story story(3);
    story.elect(1, 1, {2});
    story.elect(3, 1, {2});
    story.expect("election safety", "term 1 is won by server 3, but server 1 has won it already");
}

TEST(ElectionSafety, AMajorityOfDurableVotes) {  // zoo E08: one vote counted twice
    Story story(5);
    story.elect(1, 1, {2});
    story.expect("election safety",
                 "server 1 leads term 1, but its durable votes are only those of {1,2}");
}

TEST(ElectionSafety, EachHalfOfAJointConfiguration) {
    Findings findings;
    const auto id = [](uint32_t n) { return ServerId(n); };
    const Configuration joint(Configuration::Members{.voters = {id(1), id(2), id(3)},
                                                     .outgoing = {id(1), id(4), id(5)},
                                                     .learners = {},
                                                     .witnesses = {}});
    Shadow shadow({Story::members(5).all(), joint});
    for (uint32_t server = 1; server <= 5; ++server) shadow.server(id(server)).knows_initial = true;
    for (const uint32_t voter : {1U, 2U, 3U}) {
        oracles::note_vote(findings, shadow.server(id(voter)),
                           {Term(1), id(1), oracles::VoteSeen::OnDisk});
    }
    oracles::election_won(shadow, findings, shadow.server(id(1)), Term(1));
    ASSERT_EQ(findings.count(), 1U);
    EXPECT_EQ(findings.kept()[0].message,
              "server 1 leads term 1, but its durable votes are only those of {1,2,3} of "
              "{1,2,3}&&{1,4,5}");
}

TEST(LeaderCompleteness, AWinnerHasWhatIsChosen) {
    Story story(3);
    story.elect(1, 1, {2});
    story.replicate(1, 2, 1, 1);
    story.commit(1, 1);
    story.expect_clean();
    story.campaign(3, 2);
    story.grant(2, 3, 2);
    story.win(3);
    story.expect("leader completeness", "server 3 won term 2 with a log that lacks chosen entries");
}

TEST(LeaderCompleteness, ALateWinnerOfALowerTermOwesNothingOfHigherOnes) {
    Story story(5);
    story.campaign(1, 1);
    story.grant(2, 1, 1);
    story.grant(3, 1, 1);  // the grants are under way
    story.elect(4, 2, {2, 3, 5});
    story.replicate(4, 2, 1, 1);
    story.replicate(4, 3, 1, 1);
    story.commit(4, 1);
    story.win(1);
    story.expect_clean();
}

}  // namespace
}  // namespace wavetank
