// Elections: pre-vote, votes, randomised timeouts, leader stickiness and check-quorum.
#include <gtest/gtest.h>

#include <set>

#include "core/raft/test/one_core.h"

namespace wavetank {
namespace {

RequestVote request_vote(uint64_t term, uint64_t last_index, uint64_t last_term) {
    return {Term(term), LogIndex(last_index), Term(last_term)};
}
PreVote pre_vote(uint64_t term, uint64_t last_index, uint64_t last_term) {
    return {Term(term), LogIndex(last_index), Term(last_term)};
}
PreVoteReply refuses_pre_vote(uint64_t term, uint64_t campaign_term) {
    return {Term(term), Term(campaign_term), false};
}

// --- Paper 5.1 and 5.2: roles and terms ---

TEST(Election, StartsAsFollower) {
    // Paper 5.2: "When servers start up, they begin as followers."
    const OneCore core({.term = 4, .vote = 1, .log = {1, 4}});
    EXPECT_EQ(core.raft.role(), Role::Follower);
    EXPECT_FALSE(core.raft.leader());
    EXPECT_EQ(core.term(), 4U);
    EXPECT_EQ(core.raft.voted_for(), ServerId(1));
    EXPECT_EQ(core.commit(), 0U);
    EXPECT_EQ(core.raft.durable_index(), LogIndex(2));
}

// Paper 5.1: "If one server's current term is smaller than the other's, then it updates its current
// term to the larger value. If a candidate or leader discovers that its term is out of date, it
// immediately reverts to follower state."
TEST(Election, FollowerAdoptsALargerTerm) {
    OneCore core({.term = 1});
    core.recv(2, append_entries({.term = 2}));
    EXPECT_EQ(core.term(), 2U);
    EXPECT_EQ(core.raft.role(), Role::Follower);
    EXPECT_EQ(core.raft.leader(), ServerId(2));
}

TEST(Election, PreCandidateAdoptsALargerTerm) {
    OneCore core({.term = 1});
    core.become_pre_candidate();
    core.recv(2, append_entries({.term = 2}));
    EXPECT_EQ(core.term(), 2U);
    EXPECT_EQ(core.raft.role(), Role::Follower);
}

TEST(Election, CandidateAdoptsALargerTerm) {
    OneCore core({.term = 1});
    core.become_candidate();
    core.recv(2, append_entries({.term = 3}));
    EXPECT_EQ(core.term(), 3U);
    EXPECT_EQ(core.raft.role(), Role::Follower);
    EXPECT_FALSE(core.raft.voted_for());
}

TEST(Election, LeaderAdoptsALargerTermAndSaysThatItSteppedDown) {
    OneCore core({.term = 1});
    core.become_leader();
    core.recv(2, append_entries({.term = 9}));
    EXPECT_EQ(core.term(), 9U);
    EXPECT_EQ(core.raft.role(), Role::Follower);
    ASSERT_EQ(core.happened<SteppedDown>().size(), 1U);
    EXPECT_EQ(core.happened<SteppedDown>()[0].term, Term(2));
    EXPECT_EQ(core.happened<SteppedDown>()[0].reason, StepDownReason::HigherTerm);
}

TEST(Election, EveryReplyTeachesALargerTerm) {
    const std::vector<Message> replies = {PreVoteReply{Term(7), Term(3), false},
                                          RequestVoteReply{Term(7), false}, rejects({.term = 7})};
    for (const Message& reply : replies) {
        OneCore core({.term = 1});
        core.become_leader();
        core.recv(3, reply);
        EXPECT_EQ(core.term(), 7U) << name_of(reply);
        EXPECT_EQ(core.raft.role(), Role::Follower) << name_of(reply);
        EXPECT_FALSE(core.raft.leader()) << name_of(reply);
    }
}

// Paper 5.1: "If a server receives a request with a stale term number, it rejects the request."
TEST(Election, RejectsARequestOfAStaleTerm) {
    OneCore core({.term = 5});
    const Raft before = core.raft;
    core.recv(2, append_entries({.term = 4, .terms = {4}}));
    ASSERT_EQ(core.sent_to<AppendEntriesReply>(2).size(), 1U);
    EXPECT_FALSE(core.sent_to<AppendEntriesReply>(2)[0].success);
    EXPECT_EQ(core.sent_to<AppendEntriesReply>(2)[0].term, Term(5));
    EXPECT_EQ(core.sent_to<AppendEntriesReply>(2)[0].round, 0U) << "it confirms no leadership";
    core.recv(2, request_vote(4, 9, 4));
    ASSERT_EQ(core.sent_to<RequestVoteReply>(2).size(), 1U);
    EXPECT_FALSE(core.sent_to<RequestVoteReply>(2)[0].granted);
    EXPECT_EQ(core.sent_to<RequestVoteReply>(2)[0].term, Term(5));
    EXPECT_EQ(core.raft.digest(), before.digest());
    EXPECT_TRUE(core.open_writes.empty());
}

// --- Paper 5.2: asking for votes ---

// Paper 5.2: "If a follower receives no communication over a period of time called the election
// timeout, then it ... begins an election." Thesis 9.6: by asking first whether it could win.
TEST(Election, FollowerAsksBeforeItCampaigns) {
    OneCore core({.term = 3, .log = {1, 3}});
    core.wake();
    EXPECT_EQ(core.raft.role(), Role::PreCandidate);
    EXPECT_EQ(core.term(), 3U) << "the question raises no term";
    for (const uint32_t peer : {2U, 3U}) {
        ASSERT_EQ(core.sent_to<PreVote>(peer).size(), 1U);
        EXPECT_EQ(core.sent_to<PreVote>(peer)[0], pre_vote(4, 2, 3));
    }
    EXPECT_EQ(core.sends.size(), 2U);
}

// Paper 5.2: "To begin an election, a follower increments its current term and transitions to
// candidate state. It then votes for itself and issues RequestVote RPCs in parallel."
TEST(Election, CandidateRaisesTermVotesForItselfAndAsksEverybody) {
    OneCore core({.servers = 5, .term = 3, .log = {1, 3}});
    core.become_candidate();
    EXPECT_EQ(core.raft.role(), Role::Candidate);
    EXPECT_EQ(core.term(), 4U);
    EXPECT_EQ(core.raft.voted_for(), ServerId(1));
    EXPECT_EQ(core.sent<RequestVote>().size(), 4U);
    // Paper 5.4.1: the request "includes information about the candidate's log".
    for (const auto& [peer, message] : core.sent<RequestVote>()) {
        EXPECT_EQ(message, request_vote(4, 2, 3));
    }
}

// Paper 5.2: a candidate that neither wins nor loses "will time out and start a new election".
TEST(Election, CandidateThatFindsNoMajorityAsksAgain) {
    OneCore core({.term = 1});
    core.become_candidate();
    core.wake();
    EXPECT_EQ(core.raft.role(), Role::PreCandidate);
    EXPECT_EQ(core.term(), 2U);
    core.recv(2, PreVoteReply{Term(1), Term(3), true});
    EXPECT_EQ(core.raft.role(), Role::Candidate);
    EXPECT_EQ(core.term(), 3U);
}

// Paper 5.2: "A candidate wins an election if it receives votes from a majority of the servers in
// the full cluster for the same term."
TEST(Election, VotesOfOneRound) {
    struct Case {
        uint32_t servers;
        uint32_t grants;
        uint32_t refusals;
        Role role;
    };
    const std::vector<Case> cases = {
        {1, 0, 0, Role::Leader},    {3, 1, 0, Role::Leader},    {3, 2, 0, Role::Leader},
        {3, 0, 0, Role::Candidate}, {3, 0, 2, Role::Candidate}, {3, 1, 1, Role::Leader},
        {5, 1, 0, Role::Candidate}, {5, 2, 0, Role::Leader},    {5, 4, 0, Role::Leader},
        {5, 1, 3, Role::Candidate}, {5, 0, 4, Role::Candidate}, {4, 1, 0, Role::Candidate},
        {4, 2, 0, Role::Leader},    {2, 0, 0, Role::Candidate}, {2, 1, 0, Role::Leader},
    };
    for (const Case& each : cases) {
        OneCore core({.servers = each.servers, .term = 1});
        core.become_candidate();
        for (uint32_t n = 0; n < each.grants + each.refusals; ++n) {
            core.recv(n + 2, RequestVoteReply{Term(2), n < each.grants});
        }
        EXPECT_EQ(core.raft.role(), each.role)
            << each.servers << " servers, " << each.grants << " grants";
        EXPECT_EQ(core.term(), 2U);
    }
}

TEST(Election, ARepeatedVoteCountsOnce) {
    OneCore core({.servers = 5, .term = 1});
    core.become_candidate();
    for (int i = 0; i < 4; ++i) core.recv(2, RequestVoteReply{Term(2), true});
    EXPECT_EQ(core.raft.role(), Role::Candidate);
}

TEST(Election, VotesOfAnEarlierTermCountNothing) {
    OneCore core({.term = 1});
    core.become_candidate();
    core.wake();
    core.recv(2, PreVoteReply{Term(1), Term(3), true});
    ASSERT_EQ(core.term(), 3U);
    core.recv(2, RequestVoteReply{Term(2), true});
    core.recv(3, RequestVoteReply{Term(2), true});
    EXPECT_EQ(core.raft.role(), Role::Candidate);
}

TEST(Election, PreVotesOfAnEarlierCampaignCountNothing) {
    OneCore core({.term = 1});
    core.become_candidate();  // in term 2
    core.wake();              // asks for term 3
    core.recv(3, PreVoteReply{Term(1), Term(2), true});
    EXPECT_EQ(core.raft.role(), Role::PreCandidate);
}

TEST(Election, VotesOfLearnersAreNotCounted) {
    const Configuration configuration(
        Configuration::Members{.voters = {ServerId(1), ServerId(2), ServerId(3)},
                               .outgoing = {},
                               .learners = {ServerId(4)}});
    OneCore core({.term = 1}, configuration);
    core.become_pre_candidate();
    EXPECT_EQ(core.sent_to<PreVote>(4).size(), 0U);
    core.recv(4, PreVoteReply{Term(1), Term(2), true});
    EXPECT_EQ(core.raft.role(), Role::PreCandidate);
    core.recv(2, PreVoteReply{Term(1), Term(2), true});
    core.recv(4, RequestVoteReply{Term(2), true});
    EXPECT_EQ(core.raft.role(), Role::Candidate);
}

TEST(Election, LearnerNeverAsksForVotes) {
    const Configuration configuration(Configuration::Members{
        .voters = {ServerId(2), ServerId(3)}, .outgoing = {}, .learners = {ServerId(1)}});
    OneCore core({.term = 1}, configuration);
    for (int i = 0; i < 5; ++i) core.wake();
    EXPECT_EQ(core.raft.role(), Role::Follower);
    EXPECT_TRUE(core.sends.empty());
    EXPECT_GT(core.deadline, core.now);
}

// Paper 6: while a change is under way "elections and entry commitment require separate majorities
// from both the old and new configurations".
TEST(Election, JointConfigurationNeedsBothMajorities) {
    const auto ids = [](const std::vector<uint32_t>& numbers) {
        std::vector<ServerId> list;
        list.reserve(numbers.size());
        for (const uint32_t n : numbers) list.push_back(ServerId(n));
        return list;
    };
    const Configuration joint(Configuration::Members{
        .voters = ids({1, 2, 3}), .outgoing = ids({1, 4, 5}), .learners = {}});
    OneCore core({.term = 1}, joint);
    core.become_pre_candidate();
    for (const uint32_t peer : {2U, 3U}) core.recv(peer, PreVoteReply{Term(1), Term(2), true});
    EXPECT_EQ(core.raft.role(), Role::PreCandidate);
    core.recv(5, PreVoteReply{Term(1), Term(2), true});
    ASSERT_EQ(core.raft.role(), Role::Candidate);
    for (const uint32_t peer : {4U, 5U}) core.recv(peer, RequestVoteReply{Term(2), true});
    EXPECT_EQ(core.raft.role(), Role::Candidate);
    core.recv(3, RequestVoteReply{Term(2), true});
    EXPECT_EQ(core.raft.role(), Role::Leader);
}

// Paper 5.2: "While waiting for votes, a candidate may receive an AppendEntries RPC ... If the
// leader's term is at least as large as the candidate's current term, then the candidate recognizes
// the leader as legitimate and returns to follower state."
TEST(Election, CandidateFallsBackWhenALeaderShowsUp) {
    for (const uint64_t term : {2ULL, 3ULL}) {
        OneCore core({.term = 1});
        core.become_candidate();
        core.recv(2, append_entries({.term = term}));
        EXPECT_EQ(core.raft.role(), Role::Follower);
        EXPECT_EQ(core.term(), term);
        EXPECT_EQ(core.raft.leader(), ServerId(2));
    }
    OneCore core({.term = 1});
    core.become_candidate();
    core.recv(2, append_entries({.term = 1}));
    EXPECT_EQ(core.raft.role(), Role::Candidate) << "the request is of an earlier term";
}

// --- Paper 5.2 and 5.4.1: giving votes ---

// Paper 5.2: "Each server will vote for at most one candidate in a given term, on a
// first-come-first-served basis."
TEST(Election, FollowerVotesOncePerTerm) {
    struct Case {
        uint32_t voted_for;
        uint32_t candidate;
        bool granted;
    };
    for (const Case& each : {Case{0, 2, true}, Case{0, 3, true}, Case{2, 2, true}, Case{3, 3, true},
                             Case{2, 3, false}, Case{3, 2, false}}) {
        OneCore core({.term = 1, .vote = each.voted_for});
        core.recv(each.candidate, request_vote(1, 0, 0));
        ASSERT_EQ(core.sent_to<RequestVoteReply>(each.candidate).size(), 1U);
        EXPECT_EQ(core.sent_to<RequestVoteReply>(each.candidate)[0].granted, each.granted);
        EXPECT_EQ(core.raft.voted_for(), ServerId(each.granted ? each.candidate : each.voted_for));
    }
}

TEST(Election, VoteSurvivesStepDownInsideTheTerm) {
    // A candidate that becomes a follower of its own term has still voted for itself.
    OneCore core({.servers = 5, .term = 1});
    core.become_candidate();
    core.recv(2, append_entries({.term = 2}));
    core.recv(3, request_vote(2, 9, 1));
    EXPECT_FALSE(core.sent_to<RequestVoteReply>(3)[0].granted);
    EXPECT_EQ(core.raft.voted_for(), ServerId(1));
}

TEST(Election, VoteAndTermSurviveARestart) {
    OneCore core({.term = 1});
    core.recv(2, request_vote(5, 0, 0));
    ASSERT_TRUE(core.sent_to<RequestVoteReply>(2)[0].granted);
    core.restart();
    EXPECT_EQ(core.term(), 5U);
    core.recv(3, request_vote(5, 0, 0));
    EXPECT_FALSE(core.sent_to<RequestVoteReply>(3)[0].granted);
}

// Paper 5.4.1: "If the logs have last entries with different terms, then the log with the later
// term is more up-to-date. If the logs end with the same term, then whichever log is longer is more
// up-to-date." A voter denies its vote if its own log is more up-to-date.
TEST(Election, VoterComparesLogs) {
    struct Case {
        std::vector<uint64_t> log;
        uint64_t last_term;
        uint64_t last_index;
        bool granted;
    };
    const std::vector<Case> cases = {
        {{1}, 1, 1, true},     {{1}, 1, 2, true},    {{1, 1}, 1, 1, false}, {{1}, 2, 1, true},
        {{1}, 2, 2, true},     {{1, 1}, 2, 1, true}, {{2}, 1, 1, false},    {{2}, 1, 2, false},
        {{2, 2}, 1, 9, false}, {{}, 0, 0, true},     {{1}, 0, 0, false},
    };
    for (const Case& each : cases) {
        OneCore core({.term = 2, .log = each.log});
        core.recv(2, pre_vote(3, each.last_index, each.last_term));
        EXPECT_EQ(core.sent_to<PreVoteReply>(2)[0].granted, each.granted);
        core.recv(2, request_vote(3, each.last_index, each.last_term));
        EXPECT_EQ(core.sent_to<RequestVoteReply>(2)[0].granted, each.granted);
        EXPECT_EQ(core.term(), 3U) << "a refused request teaches its term all the same";
    }
}

// Paper 5.2: a follower restarts its clock when it grants a vote, and only then.
TEST(Election, GrantingRestartsTheClockAndRefusingDoesNot) {
    OneCore core({.term = 1, .log = {1}});
    const Instant before = core.deadline;
    core.now = before - nanoseconds(1);
    core.recv(2, request_vote(2, 0, 0));
    EXPECT_FALSE(core.sent_to<RequestVoteReply>(2)[0].granted);
    EXPECT_EQ(core.deadline, before);
    core.recv(2, request_vote(2, 1, 1));
    EXPECT_TRUE(core.sent_to<RequestVoteReply>(2)[0].granted);
    EXPECT_GE(core.deadline, core.now + core.raft.options().election_timeout_min);
}

// Thesis 4.1: "servers process incoming RPC requests without consulting their current
// configurations": a candidate that we have not heard of may be a new member.
TEST(Election, StrangersAreServedWhenTheyAsk) {
    OneCore core({.term = 1});
    core.recv(9, request_vote(7, 9, 6));
    EXPECT_TRUE(core.happened<Refused>().empty());
    ASSERT_EQ(core.sent_to<RequestVoteReply>(9).size(), 1U);
    EXPECT_TRUE(core.sent_to<RequestVoteReply>(9)[0].granted);
}

// ... but their votes count for nothing (zoo E11).
TEST(Election, VotesOfStrangersDoNotCount) {
    OneCore core({.servers = 3});
    core.become_candidate();
    for (const uint32_t stranger : {8U, 9U}) {
        core.recv(stranger, RequestVoteReply{core.raft.current_term(), true});
    }
    EXPECT_EQ(core.raft.role(), Role::Candidate);
    core.recv(2, RequestVoteReply{core.raft.current_term(), true});
    EXPECT_EQ(core.raft.role(), Role::Leader);
}

TEST(Election, NobodySpeaksInOurName) {
    OneCore core({.term = 1});
    const Raft before = core.raft;
    core.recv(1, request_vote(7, 9, 6));
    ASSERT_EQ(core.happened<Refused>().size(), 1U);
    EXPECT_EQ(core.happened<Refused>()[0].reason, RefuseReason::NotMember);
    EXPECT_TRUE(core.sends.empty());
    EXPECT_EQ(core.raft.digest(), before.digest());
}

// --- Paper 5.2: randomised timeouts ---

TEST(Election, TimeoutsAreDrawnFromTheWholeInterval) {
    // "election timeouts are chosen randomly from a fixed interval"
    std::set<int64_t> follower_timeouts;
    std::set<int64_t> candidate_timeouts;
    const Options options;
    for (uint64_t seed = 1; seed <= 1000; ++seed) {
        OneCore core({.seed = seed});
        const Duration first = core.deadline - core.now;
        EXPECT_GE(first, options.election_timeout_min);
        EXPECT_LT(first, options.election_timeout_max);
        follower_timeouts.insert(first.nanos / 15'000'000);
        core.become_candidate();
        const Duration second = core.deadline - core.now;
        EXPECT_GE(second, options.election_timeout_min);
        EXPECT_LT(second, options.election_timeout_max);
        candidate_timeouts.insert(second.nanos / 15'000'000);
    }
    EXPECT_EQ(follower_timeouts.size(), 10U) << "each tenth of the interval is drawn";
    EXPECT_EQ(candidate_timeouts.size(), 10U);
}

TEST(Election, TimeoutsOfServersRarelyCollide) {
    // Paper 5.2: "to ensure that split votes are rare": within 5 ms of each other, say.
    uint64_t follower_collisions = 0;
    uint64_t candidate_collisions = 0;
    for (uint64_t seed = 1; seed <= 1000; ++seed) {
        OneCore one({.id = 1, .servers = 5, .seed = seed});
        OneCore two({.id = 2, .servers = 5, .seed = seed});
        const auto close = [&] {
            const int64_t apart = (one.deadline - two.deadline).nanos;
            return apart > -5'000'000 && apart < 5'000'000;
        };
        follower_collisions += close() ? 1U : 0U;
        one.wake();
        two.now = one.now;
        two.wake();
        two.now = one.now = std::max(one.now, two.now);
        one.wake();
        two.wake();
        candidate_collisions += close() ? 1U : 0U;
    }
    EXPECT_LT(follower_collisions, 100U) << "about 66 in a thousand are to be expected";
    EXPECT_LT(candidate_collisions, 100U);
}

TEST(Election, EveryRoundDrawsAnotherTimeout) {
    OneCore core({});
    std::set<int64_t> drawn;
    for (int i = 0; i < 20; ++i) {
        core.wake();
        drawn.insert((core.deadline - core.now).nanos);
    }
    EXPECT_EQ(drawn.size(), 20U);
}

TEST(Election, AWakeBeforeTheDeadlineChangesNothing) {
    OneCore core({.term = 1});
    const Instant deadline = core.deadline;
    const uint64_t before = [&] {
        core.now = deadline - nanoseconds(1);
        core.step(Wake{});
        return core.raft.digest();
    }();
    EXPECT_EQ(core.raft.role(), Role::Follower);
    EXPECT_TRUE(core.sends.empty());
    EXPECT_EQ(core.deadline, deadline);
    core.step(Wake{});
    EXPECT_EQ(core.raft.digest(), before);
    core.now = deadline;
    core.step(Wake{});
    EXPECT_EQ(core.raft.role(), Role::PreCandidate);
}

TEST(Election, AClockThatJumpsBackMovesNoDeadline) {
    OneCore core({.term = 1});
    const Instant deadline = core.deadline;
    core.now = core.now - seconds(10);
    core.recv(2, request_vote(2, 0, 0));
    EXPECT_GE(core.deadline, deadline - core.raft.options().election_timeout_max);
    EXPECT_GT(core.deadline, core.now + seconds(9)) << "time stands still until it has caught up";
}

// --- Thesis 9.6: pre-vote ---

TEST(PreVote, ChangesNothingAtTheVoter) {
    for (const bool up_to_date : {true, false}) {
        OneCore core({.term = 3, .log = {1, 3}});
        const uint64_t before = core.raft.digest();
        core.recv(2, pre_vote(8, up_to_date ? 2 : 1, up_to_date ? 3 : 1));
        ASSERT_EQ(core.sent_to<PreVoteReply>(2).size(), 1U);
        const PreVoteReply reply = core.sent_to<PreVoteReply>(2)[0];
        EXPECT_EQ(reply, (PreVoteReply{Term(3), Term(8), up_to_date}));
        EXPECT_EQ(core.raft.digest(), before);
        EXPECT_TRUE(core.open_writes.empty());
    }
}

TEST(PreVote, MayBeGrantedToSeveral) {
    OneCore core({.servers = 5, .term = 3});
    for (const uint32_t peer : {2U, 3U, 4U}) {
        core.recv(peer, pre_vote(4, 0, 0));
        EXPECT_TRUE(core.sent_to<PreVoteReply>(peer)[0].granted);
    }
}

TEST(PreVote, IsRefusedForATermThatIsNotNew) {
    OneCore core({.term = 3});
    for (const uint64_t term : {2ULL, 3ULL}) {
        core.recv(2, pre_vote(term, 9, 9));
        EXPECT_FALSE(core.sent_to<PreVoteReply>(2)[0].granted);
        EXPECT_EQ(core.sent_to<PreVoteReply>(2)[0].term, Term(3));
    }
}

// The longest log at a low term and the highest term with a short log would otherwise refuse each
// other for ever.
TEST(PreVote, RefusalTeachesTheNewerTerm) {
    OneCore core({.term = 3, .log = {1, 1, 1}});
    core.become_pre_candidate();
    core.recv(2, refuses_pre_vote(8, 4));
    EXPECT_EQ(core.term(), 8U);
    EXPECT_EQ(core.raft.role(), Role::Follower);
    core.wake();
    EXPECT_EQ(core.sent_to<PreVote>(2)[0].term, Term(9));
}

TEST(PreVote, RefusalOfTheSameTermOnlyCounts) {
    OneCore core({.servers = 5, .term = 3});
    core.become_pre_candidate();
    core.recv(2, refuses_pre_vote(3, 4));
    core.recv(3, refuses_pre_vote(3, 4));
    EXPECT_EQ(core.raft.role(), Role::PreCandidate);
    core.recv(4, PreVoteReply{Term(3), Term(4), true});
    core.recv(5, PreVoteReply{Term(3), Term(4), true});
    EXPECT_EQ(core.raft.role(), Role::Candidate);
}

TEST(PreVote, AnIsolatedServerNeverRaisesItsTerm) {
    OneCore core({.term = 3});
    for (int i = 0; i < 50; ++i) core.wake();
    EXPECT_EQ(core.term(), 3U);
    EXPECT_TRUE(core.open_writes.empty());
}

// Two servers that have just lost the same leader must not refuse each other for its sake.
TEST(PreVote, WhoAsksNoLongerBelievesInTheOldLeader) {
    OneCore core({.term = 3});
    core.recv(2, append_entries({.term = 3}));
    ASSERT_EQ(core.raft.leader(), ServerId(2));
    core.wake();
    EXPECT_FALSE(core.raft.leader());
    core.recv(3, pre_vote(4, 0, 0));
    EXPECT_TRUE(core.sent_to<PreVoteReply>(3)[0].granted);
}

TEST(PreVote, PreCandidateMayVoteInItsPresentTerm) {
    OneCore core({.term = 3});
    core.become_pre_candidate();
    core.recv(2, request_vote(3, 0, 0));
    EXPECT_TRUE(core.sent_to<RequestVoteReply>(2)[0].granted);
    EXPECT_EQ(core.raft.role(), Role::Follower);
}

// --- Thesis 4.2.3: stickiness ---

// "if a server receives a RequestVote request within the minimum election timeout of hearing from a
// current leader, it does not update its term or grant its vote"
TEST(Stickiness, VotersIgnoreCandidatesWhileTheyHearALeader) {
    OneCore core({.term = 3});
    core.recv(2, append_entries({.term = 3}));
    core.now = core.now + core.raft.options().election_timeout_min - nanoseconds(1);
    core.recv(3, pre_vote(4, 0, 0));
    EXPECT_FALSE(core.sent_to<PreVoteReply>(3)[0].granted);
    core.recv(3, request_vote(9, 0, 0));
    EXPECT_TRUE(core.sends.empty());
    EXPECT_EQ(core.term(), 3U);
    core.now = core.now + nanoseconds(1);
    core.recv(3, pre_vote(4, 0, 0));
    EXPECT_TRUE(core.sent_to<PreVoteReply>(3)[0].granted);
    core.recv(3, request_vote(9, 0, 0));
    EXPECT_TRUE(core.sent_to<RequestVoteReply>(3)[0].granted);
    EXPECT_EQ(core.term(), 9U);
}

TEST(Stickiness, TheLeaderItselfMayAskAfterSteppingDown) {
    OneCore core({.term = 3});
    core.recv(2, append_entries({.term = 3}));
    core.recv(2, pre_vote(4, 0, 0));
    EXPECT_TRUE(core.sent_to<PreVoteReply>(2)[0].granted);
    core.recv(2, request_vote(4, 0, 0));
    EXPECT_TRUE(core.sent_to<RequestVoteReply>(2)[0].granted);
}

TEST(Stickiness, ALeaderThatHearsAMajorityIsNotDeposed) {
    OneCore core({.servers = 5, .term = 1});
    core.become_leader();
    core.recv(5, pre_vote(9, 9, 9));
    EXPECT_FALSE(core.sent_to<PreVoteReply>(5)[0].granted);
    core.recv(5, request_vote(9, 9, 9));
    EXPECT_EQ(core.raft.role(), Role::Leader);
    EXPECT_EQ(core.term(), 2U);
}

// --- Thesis 6.2: check-quorum ---

// "a leader steps down if an election timeout elapses without a successful round of heartbeats to a
// majority of its cluster"
TEST(CheckQuorum, ALeaderThatNobodyAnswersStepsDown) {
    OneCore core({.term = 1});
    core.become_leader();
    const Instant elected = core.now;
    while (core.raft.role() == Role::Leader) {
        core.wake();
        ASSERT_LE(core.now, elected + core.raft.options().election_timeout_max);
    }
    EXPECT_EQ(core.now, elected + core.raft.options().election_timeout_min);
    EXPECT_EQ(core.term(), 2U) << "it stays in its term";
    EXPECT_EQ(core.raft.voted_for(), ServerId(1));
    ASSERT_EQ(core.happened<SteppedDown>().size(), 1U);
    EXPECT_EQ(core.happened<SteppedDown>()[0].reason, StepDownReason::QuorumLost);
    EXPECT_TRUE(core.sends.empty());
    EXPECT_GT(core.deadline, core.now);
}

TEST(CheckQuorum, AMajorityThatAnswersKeepsTheLeader) {
    OneCore core({.servers = 5, .term = 1});
    core.become_leader();
    for (int i = 0; i < 40; ++i) {
        core.wake();
        core.recv(2, acknowledges(2, 0));
        core.recv(3, rejects({.term = 2, .rejected = 0}));
        ASSERT_EQ(core.raft.role(), Role::Leader) << "a refusal is an answer too";
    }
}

TEST(CheckQuorum, AMinorityThatAnswersDoesNot) {
    OneCore core({.servers = 5, .term = 1});
    core.become_leader();
    for (int i = 0; i < 10 && core.raft.role() == Role::Leader; ++i) {
        core.wake();
        if (core.raft.role() == Role::Leader) core.recv(2, acknowledges(2, 0));
    }
    EXPECT_EQ(core.raft.role(), Role::Follower);
}

TEST(CheckQuorum, ASingleServerLeadsForEver) {
    OneCore core({.servers = 1});
    core.wake();
    ASSERT_EQ(core.raft.role(), Role::Leader);
    for (int i = 0; i < 100; ++i) core.wake();
    EXPECT_EQ(core.raft.role(), Role::Leader);
    EXPECT_EQ(core.term(), 1U);
}

}  // namespace
}  // namespace wavetank
