// Log replication (paper 5.3) and the commit rule (paper 5.4.2), at the leader and at a follower.
#include <gtest/gtest.h>

#include "core/raft/test/one_core.h"

namespace wavetank {
namespace {

// Carries messages between two cores until neither has anything to say.
void talk(OneCore& one, OneCore& two) {
    std::vector<std::pair<OneCore*, Send>> flying;
    const auto collect = [&](OneCore& from) {
        for (const Send& send : from.sends) flying.emplace_back(&from, send);
        from.sends.clear();
    };
    collect(one);
    collect(two);
    for (std::size_t at = 0; at < flying.size() && at < 1000; ++at) {
        const auto [from, send] = flying[at];
        OneCore& to = from == &one ? two : one;
        if (send.to != to.raft.id()) continue;
        to.recv(from->raft.id().value(), send.message);
        collect(to);
    }
    ASSERT_LT(flying.size(), 1000U) << "they never stop";
}

// --- The leader ---

// Paper 5.2: upon election "it then sends heartbeat messages to all of the other servers"; 5.4.2
// and 8: with an entry of its own term.
TEST(Leader, BeginsWithAnEntryOfItsOwnTerm) {
    OneCore core({.term = 1, .log = {1, 1}});
    core.become_leader();
    EXPECT_EQ(core.terms(), (std::vector<uint64_t>{1, 1, 2}));
    EXPECT_EQ(core.raft.log().entry_at(LogIndex(3)).kind, EntryKind::Empty);
    for (const uint32_t peer : {2U, 3U}) {
        ASSERT_EQ(core.sent_to<AppendEntries>(peer).size(), 1U);
        const AppendEntries message = core.sent_to<AppendEntries>(peer)[0];
        EXPECT_EQ(message.term, Term(2));
        EXPECT_EQ(message.prev_log_index, LogIndex(2));
        EXPECT_EQ(message.prev_log_term, Term(1));
        EXPECT_EQ(message.entries.size(), 1U);
    }
}

// Paper 5.2: "Leaders send periodic heartbeats (AppendEntries RPCs that carry no log entries) to
// all followers in order to maintain their authority."
TEST(Leader, SendsHeartbeatsToEverybody) {
    OneCore core({.servers = 5});
    core.become_leader();
    for (uint32_t peer = 2; peer <= 5; ++peer) core.acknowledge_all(peer);
    core.now = core.now + core.raft.options().heartbeat_interval - nanoseconds(1);
    core.step(Wake{});
    EXPECT_TRUE(core.sends.empty()) << "not before its time";
    core.now = core.now + nanoseconds(1);
    core.step(Wake{});
    ASSERT_EQ(core.sent<AppendEntries>().size(), 4U);
    for (const auto& [peer, message] : core.sent<AppendEntries>()) {
        EXPECT_TRUE(message.entries.empty());
        EXPECT_EQ(message.prev_log_index, LogIndex(1));
        EXPECT_EQ(message.leader_commit, LogIndex(1));
    }
}

// Paper 5.3: "The leader appends the command to its log as a new entry, then issues AppendEntries
// RPCs in parallel to each of the other servers to replicate the entry."
TEST(Leader, StartsReplicationAtOnce) {
    OneCore core({});
    core.become_leader();
    for (const uint32_t peer : {2U, 3U}) core.acknowledge_all(peer);
    core.propose({"some data"});
    EXPECT_EQ(core.last(), 2U);
    EXPECT_EQ(core.commit(), 1U);
    for (const uint32_t peer : {2U, 3U}) {
        ASSERT_EQ(core.sent_to<AppendEntries>(peer).size(), 1U);
        const AppendEntries message = core.sent_to<AppendEntries>(peer)[0];
        EXPECT_EQ(message.prev_log_index, LogIndex(1));
        EXPECT_EQ(message.prev_log_term, Term(1));
        EXPECT_EQ(message.leader_commit, LogIndex(1));
        EXPECT_EQ(message.entries[0].payload.bytes(), "some data");
    }
}

// Paper 5.3: "When the entry has been safely replicated, the leader applies the entry to its state
// machine ... includes that index in future AppendEntries RPCs (including heartbeats)".
TEST(Leader, CommitsAppliesAndSpreadsTheIndex) {
    OneCore core({});
    core.become_leader();
    core.acknowledge_all(2);
    core.propose({"x"});
    core.recv(2, acknowledges(1, 2));
    EXPECT_EQ(core.commit(), 2U);
    EXPECT_EQ(core.applied, (std::vector<uint64_t>{2}));
    ASSERT_EQ(core.happened<Committed>().size(), 1U);
    EXPECT_EQ(core.happened<Committed>()[0].index, LogIndex(2));
    core.wake();
    EXPECT_EQ(core.sent_to<AppendEntries>(3).back().leader_commit, LogIndex(2));
}

// Paper 5.3: "A log entry is committed once the leader that created the entry has replicated it on
// a majority of the servers".
TEST(Leader, CommitsWhatAMajorityHolds) {
    struct Case {
        uint32_t servers;
        uint32_t acknowledgements;
        bool committed;
    };
    for (const Case& each :
         {Case{1, 0, true}, Case{2, 0, false}, Case{2, 1, true}, Case{3, 0, false},
          Case{3, 1, true}, Case{3, 2, true}, Case{4, 1, false}, Case{4, 2, true},
          Case{5, 1, false}, Case{5, 2, true}, Case{5, 4, true}, Case{7, 2, false},
          Case{7, 3, true}}) {
        OneCore core({.servers = each.servers});
        core.become_leader();
        for (uint32_t n = 0; n < each.acknowledgements; ++n) core.acknowledge_all(n + 2);
        EXPECT_EQ(core.commit(), each.committed ? 1U : 0U)
            << each.servers << " servers, " << each.acknowledgements << " acknowledgements";
    }
}

// Paper 5.3: "This also commits all preceding entries in the leader's log, including entries
// created by previous leaders."
TEST(Leader, CommitsPrecedingEntries) {
    for (const std::vector<uint64_t>& log :
         {std::vector<uint64_t>{}, {2}, {1, 2}, {1}, {1, 1, 1, 2, 2}}) {
        OneCore core({.term = 2, .log = log});
        core.become_leader();
        core.acknowledge_all(2);
        EXPECT_EQ(core.commit(), log.size() + 1);
        EXPECT_EQ(core.applied.size(), log.size() + 1);
    }
}

// Paper 5.4.2: "Raft never commits log entries from previous terms by counting replicas. Only log
// entries from the leader's current term are committed by counting replicas" (figure 8).
TEST(Leader, NeverCommitsEarlierTermsByCounting) {
    OneCore core({.servers = 5, .term = 3, .log = {1, 2, 2}});
    core.become_leader();  // term 4, entry 4
    for (uint32_t peer = 2; peer <= 5; ++peer) core.recv(peer, acknowledges(4, 3));
    EXPECT_EQ(core.commit(), 0U) << "everybody holds entry 3, and still a later leader may drop it";
    core.recv(2, acknowledges(4, 4));
    EXPECT_EQ(core.commit(), 0U);
    core.recv(3, acknowledges(4, 4));
    EXPECT_EQ(core.commit(), 4U);
}

TEST(Leader, OwnEntriesCountOnlyOnceDurable) {
    OneCore core({});
    core.become_leader();
    core.acknowledge_all(2);
    core.use_slow_disk();
    core.propose({"x"});
    EXPECT_FALSE(core.sends.empty()) << "the followers write at the same time (thesis 10.2.1)";
    core.recv(2, acknowledges(1, 2));
    EXPECT_EQ(core.commit(), 1U) << "one of three holds it durably";
    core.sync();
    EXPECT_EQ(core.commit(), 2U);
}

// Thesis 10.2.1: "The leader may even commit an entry before it has been written to its own disk,
// if a majority of followers have written it to their disks".
TEST(Leader, MayCommitBeforeItsOwnDiskButNotApply) {
    OneCore core({});
    core.become_leader();
    core.acknowledge_all(2);
    core.use_slow_disk();
    core.propose({"x"});
    core.recv(2, acknowledges(1, 2));
    core.recv(3, acknowledges(1, 2));
    EXPECT_EQ(core.commit(), 2U);
    EXPECT_TRUE(core.applied.empty());
    core.sync();
    EXPECT_EQ(core.applied, (std::vector<uint64_t>{2}));
}

TEST(Leader, JointConfigurationCommitsWithBothMajorities) {
    const auto id = [](uint32_t n) { return ServerId(n); };
    const Configuration joint(Configuration::Members{
        .voters = {id(1), id(2), id(3)}, .outgoing = {id(1), id(4), id(5)}, .learners = {id(6)}});
    OneCore core({.term = 1}, joint);
    core.wake();
    for (const uint32_t peer : {2U, 4U}) core.recv(peer, PreVoteReply{Term(1), Term(2), true});
    for (const uint32_t peer : {2U, 4U}) core.recv(peer, RequestVoteReply{Term(2), true});
    ASSERT_EQ(core.raft.role(), Role::Leader);
    EXPECT_EQ(core.sent_to<AppendEntries>(6).size(), 1U) << "learners get entries";
    for (const uint32_t peer : {2U, 3U, 6U}) core.acknowledge_all(peer);
    EXPECT_EQ(core.commit(), 0U);
    core.acknowledge_all(5);
    EXPECT_EQ(core.commit(), 1U);
}

// --- What the leader knows of its followers ---

TEST(Progress, StaleAndRepeatedAcknowledgementsMoveNothing) {
    OneCore core({});
    core.become_leader();
    core.acknowledge_all(2);
    for (int i = 0; i < 3; ++i) core.propose({"x"});
    core.recv(2, acknowledges(1, 4));
    ASSERT_EQ(core.raft.progress(ServerId(2))->match_index, LogIndex(4));
    const Progress before = *core.raft.progress(ServerId(2));
    for (const uint64_t match : {4ULL, 2ULL, 0ULL, 3ULL}) {
        core.recv(2, acknowledges(1, match));
        EXPECT_EQ(*core.raft.progress(ServerId(2)), before);
        EXPECT_EQ(core.commit(), 4U);
        EXPECT_TRUE(core.sends.empty());
    }
}

TEST(Progress, AcknowledgementsOfAnotherTermCountNothing) {
    OneCore core({.term = 4});
    core.become_leader();
    core.recv(2, acknowledges(4, 1));
    EXPECT_EQ(core.commit(), 0U);
    EXPECT_EQ(core.raft.progress(ServerId(2))->match_index, LogIndex(0));
}

TEST(Progress, AcknowledgementBeyondTheLogIsRefused) {
    OneCore core({});
    core.become_leader();
    core.recv(2, acknowledges(1, 2));
    ASSERT_EQ(core.happened<Refused>().size(), 1U);
    EXPECT_EQ(core.happened<Refused>()[0].reason, RefuseReason::BeyondLog);
    EXPECT_EQ(core.commit(), 0U);
}

TEST(Progress, AStaleRejectionMovesNothing) {
    OneCore core({});
    core.become_leader();
    core.propose({"x", "y", "z"});
    core.recv(2, acknowledges(1, 4));
    const Progress before = *core.raft.progress(ServerId(2));
    for (const uint64_t rejected : {0ULL, 3ULL, 4ULL}) {
        core.recv(2, rejects({.term = 1, .rejected = rejected}));
        EXPECT_EQ(*core.raft.progress(ServerId(2)), before);
        EXPECT_TRUE(core.sends.empty());
    }
}

// While probing at the end of the log, a late answer shows that the logs agree further back: from
// there it goes on, without a gap.
TEST(Progress, AnAcknowledgementBelowTheProbeIsWhereItGoesOn) {
    OneCore core({.term = 1, .log = {1, 1, 1, 1, 1, 1}});
    core.become_leader();
    core.recv(2, acknowledges(2, 3));
    EXPECT_EQ(core.raft.progress(ServerId(2))->match_index, LogIndex(3));
    ASSERT_EQ(core.sent_to<AppendEntries>(2).size(), 1U);
    EXPECT_EQ(core.sent_to<AppendEntries>(2)[0].prev_log_index, LogIndex(3));
    EXPECT_EQ(core.sent_to<AppendEntries>(2)[0].entries.size(), 4U);
}

TEST(Progress, AProbeIsRepeatedByTheHeartbeatOnly) {
    OneCore core({});
    core.become_leader();
    core.propose({"x"});
    EXPECT_TRUE(core.sends.empty()) << "one probe is out, to each";
    core.wake();
    ASSERT_EQ(core.sent_to<AppendEntries>(2).size(), 1U);
    EXPECT_TRUE(core.sent_to<AppendEntries>(2)[0].entries.empty());
    core.recv(2, acknowledges(1, 0));
    ASSERT_EQ(core.sent_to<AppendEntries>(2).size(), 1U) << "the heartbeat's answer frees it";
    EXPECT_EQ(core.sent_to<AppendEntries>(2)[0].entries.size(), 2U);
}

// Messages are sent ahead of the answers, up to the window, and go on when it has room.
TEST(Progress, WindowByMessages) {
    OneCore core({.options = {.entries_per_message_max = 1, .window = {3, 1 << 20}}});
    core.become_leader();
    core.acknowledge_all(2);
    core.propose({"a", "b", "c", "d", "e"});
    EXPECT_EQ(core.sent_to<AppendEntries>(2).size(), 3U);
    EXPECT_EQ(core.raft.progress(ServerId(2))->inflight.count(), 3U);
    core.recv(2, acknowledges(1, 2));
    ASSERT_EQ(core.sent_to<AppendEntries>(2).size(), 1U);
    EXPECT_EQ(core.sent_to<AppendEntries>(2)[0].prev_log_index, LogIndex(4));
    core.recv(2, acknowledges(1, 5));
    ASSERT_EQ(core.sent_to<AppendEntries>(2).size(), 1U);
    core.recv(2, acknowledges(1, 6));
    EXPECT_EQ(core.raft.progress(ServerId(2))->inflight.count(), 0U);
}

TEST(Progress, WindowByBytes) {
    OneCore core({.options = {.entries_per_message_max = 1, .window = {100, 10}}});
    core.become_leader();
    core.acknowledge_all(2);
    core.propose({"1234", "5678", "9012", "3456"});
    EXPECT_EQ(core.sent_to<AppendEntries>(2).size(), 3U) << "the third one fills it";
    EXPECT_EQ(core.raft.progress(ServerId(2))->inflight.bytes(), 12U);
    core.recv(2, acknowledges(1, 2));
    EXPECT_EQ(core.sent_to<AppendEntries>(2).size(), 1U);
    core.recv(2, acknowledges(1, 5));
    EXPECT_EQ(core.raft.progress(ServerId(2))->inflight.bytes(), 0U);
}

TEST(Progress, AFullWindowStillGetsHeartbeats) {
    OneCore core({.options = {.entries_per_message_max = 1, .window = {2, 1 << 20}}});
    core.become_leader();
    core.acknowledge_all(2);
    core.propose({"a", "b", "c"});
    core.wake();
    ASSERT_EQ(core.sent_to<AppendEntries>(2).size(), 1U);
    EXPECT_TRUE(core.sent_to<AppendEntries>(2)[0].entries.empty());
    EXPECT_EQ(core.sent_to<AppendEntries>(2)[0].prev_log_index, LogIndex(3));
}

// Lost entries show as a rejected heartbeat, and everything after the match is sent again.
TEST(Progress, LostMessagesAreSentAgain) {
    OneCore core({.options = {.entries_per_message_max = 1}});
    core.become_leader();
    core.acknowledge_all(2);
    core.propose({"a", "b", "c"});
    core.wake();
    core.recv(2, rejects({.term = 1, .rejected = 4, .hint = 1, .hint_term = 1}));
    EXPECT_EQ(core.raft.progress(ServerId(2))->state, ProgressState::Probe);
    ASSERT_EQ(core.sent_to<AppendEntries>(2).size(), 1U);
    EXPECT_EQ(core.sent_to<AppendEntries>(2)[0].prev_log_index, LogIndex(1));
    core.recv(2, acknowledges(1, 2));
    EXPECT_EQ(core.raft.progress(ServerId(2))->state, ProgressState::Replicate);
    EXPECT_EQ(core.sent_to<AppendEntries>(2).size(), 2U);
}

TEST(Progress, AMessageIsBoundedInEntriesAndBytes) {
    OneCore core({.options = {.entries_per_message_max = 3, .bytes_per_message_max = 10}});
    core.become_leader();
    core.acknowledge_all(2);
    core.propose({"a", "b", "c", "d", "123456", "7890123", "a large one: 24 bytes...", "x"});
    std::vector<uint32_t> sizes;
    for (const AppendEntries& m : core.sent_to<AppendEntries>(2)) sizes.push_back(m.entries.size());
    EXPECT_EQ(sizes, (std::vector<uint32_t>{3, 2, 1, 1, 1}));
}

// Paper 5.3: "the leader must find the latest log entry where the two logs agree"; figure 7: the
// follower misses entries, or has extra uncommitted ones, or both.
TEST(Repair, LeaderRepairsEveryLogOfFigure7) {
    const std::vector<uint64_t> leader_log = {1, 1, 1, 4, 4, 5, 5, 6, 6, 6};
    const std::vector<std::vector<uint64_t>> followers = {
        {1, 1, 1, 4, 4, 5, 5, 6, 6},
        {1, 1, 1, 4},
        {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6},
        {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7},
        {1, 1, 1, 4, 4, 4, 4},
        {1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3},
        {},
    };
    for (const std::vector<uint64_t>& log : followers) {
        OneCore leader({.id = 1, .term = 7, .log = leader_log});
        OneCore follower({.id = 2, .term = 7, .log = log});
        leader.wake();
        leader.recv(3, PreVoteReply{Term(7), Term(8), true});
        leader.recv(3, RequestVoteReply{Term(8), true});
        ASSERT_EQ(leader.raft.role(), Role::Leader);
        talk(leader, follower);
        EXPECT_TRUE(leader.raft.log() == follower.raft.log());
        EXPECT_EQ(leader.commit(), 11U);
        leader.wake();
        talk(leader, follower);
        EXPECT_EQ(follower.commit(), 11U);
        EXPECT_TRUE(leader.raft.log() == follower.raft.log());
    }
}

// Paper 5.3: "When rejecting an AppendEntries request, the follower can include the term of the
// conflicting entry": one round trip per term, not per entry.
TEST(Repair, ConflictsAreSkippedATermAtATime) {
    std::vector<uint64_t> ours = {1};
    std::vector<uint64_t> theirs = {1};
    for (uint64_t i = 0; i < 500; ++i) ours.push_back(2 + 2 * (i / 100));
    for (uint64_t i = 0; i < 500; ++i) theirs.push_back(3 + 2 * (i / 100));
    OneCore leader({.id = 1, .term = 20, .log = ours});
    OneCore follower({.id = 2, .term = 20, .log = theirs});
    leader.wake();
    leader.recv(3, PreVoteReply{Term(20), Term(21), true});
    leader.recv(3, RequestVoteReply{Term(21), true});
    uint64_t refusals = 0;
    for (int i = 0; i < 100 && leader.commit() == 0; ++i) {
        const auto messages = leader.sent_to<AppendEntries>(2);
        ASSERT_FALSE(messages.empty());
        for (const AppendEntries& message : messages) {
            follower.recv(1, message);
            for (const AppendEntriesReply& reply : follower.sent_to<AppendEntriesReply>(1)) {
                refusals += reply.success ? 0U : 1U;
                leader.recv(2, reply);
            }
        }
    }
    EXPECT_GT(leader.commit(), 0U);
    EXPECT_LE(refusals, 11U) << "at most one per term of either log";
}

// Random pairs of logs that could come about, repaired over a network that repeats and reorders.
TEST(Repair, RandomLogsThroughARoughNetwork) {
    for (uint64_t seed = 1; seed <= 60; ++seed) {
        const auto grow = [&](std::vector<uint64_t> log, uint64_t parity) {
            for (uint64_t i = 0; i < 30; ++i) {
                const uint64_t least = log.empty() ? 1 : log.back();
                uint64_t term = least + below(mix(seed, parity * 100 + i), 3);
                if (term != least && term % 2 != parity) ++term;
                if (term % 2 == parity || term == least) log.push_back(term);
            }
            return log;
        };
        const std::vector<uint64_t> common(below(mix(seed, 1), 20), 1);
        // Patient: three lost answers in a row must not end the leadership.
        OneCore leader({.id = 1,
                        .term = 100,
                        .log = grow(common, 0),
                        .options = {.election_timeout_min = seconds(100),
                                    .election_timeout_max = seconds(200),
                                    .entries_per_message_max = 4}});
        // What follows the common part must not be of a common term.
        std::vector<uint64_t> theirs = common;
        theirs.push_back(3);
        OneCore follower({.id = 2, .term = 100, .log = grow(theirs, 1)});
        leader.wake();
        leader.recv(3, PreVoteReply{Term(100), Term(101), true});
        leader.recv(3, RequestVoteReply{Term(101), true});
        std::vector<std::pair<bool, Message>> flying;
        const auto collect = [&] {
            for (const auto& m : leader.sent_to<AppendEntries>(2)) flying.emplace_back(true, m);
            for (const auto& m : follower.sent_to<AppendEntriesReply>(1)) {
                flying.emplace_back(false, m);
            }
            leader.sends.clear();
            follower.sends.clear();
        };
        collect();
        for (uint64_t i = 0; i < 3000 && leader.commit() != leader.last(); ++i) {
            if (flying.empty()) {
                leader.wake();
                collect();
                if (leader.raft.role() != Role::Leader) break;
                continue;
            }
            const auto at = flying.begin() +
                            static_cast<std::ptrdiff_t>(below(mix(seed, 1000 + i), flying.size()));
            const auto [to_follower, message] = *at;
            const uint64_t fate = below(mix(seed, 5000 + i), 10);
            if (fate != 0) flying.erase(at);  // else it stays, and comes again
            if (fate == 1) continue;          // lost
            if (to_follower) {
                follower.recv(1, message);
            } else {
                leader.recv(2, message);
            }
            collect();
        }
        EXPECT_EQ(leader.commit(), leader.last()) << "seed " << seed;
        EXPECT_TRUE(leader.raft.log() == follower.raft.log()) << "seed " << seed;
    }
}

// --- The follower ---

// Paper 5.3: "Once a follower learns that a log entry is committed, it applies the entry to its
// local state machine (in log order)."
TEST(Follower, CommitsAndAppliesInOrder) {
    OneCore core({.term = 1});
    core.recv(2, append_entries({.term = 1, .terms = {1, 1, 1}, .commit = 2}));
    EXPECT_EQ(core.applied, (std::vector<uint64_t>{1, 2}));
    core.recv(2, append_entries({.term = 1, .prev = 3, .prev_term = 1, .commit = 3}));
    EXPECT_EQ(core.applied, (std::vector<uint64_t>{3}));
}

// Figure 2: "If leaderCommit > commitIndex, set commitIndex = min(leaderCommit, index of last new
// entry)". The last *new* entry: behind it our log may be stale.
TEST(Follower, CommitsAtMostWhatTheMessageVerified) {
    OneCore core({.term = 2, .log = {1, 1, 1, 1}});
    core.recv(2, append_entries({.term = 2, .prev = 1, .prev_term = 1, .commit = 4}));
    EXPECT_EQ(core.commit(), 1U);
    core.recv(2, append_entries({.term = 2, .prev = 1, .prev_term = 1, .terms = {1}, .commit = 4}));
    EXPECT_EQ(core.commit(), 2U);
    core.recv(2, append_entries({.term = 2, .prev = 1, .prev_term = 1, .commit = 4}));
    EXPECT_EQ(core.commit(), 2U);
    core.recv(2, append_entries({.term = 2, .prev = 2, .prev_term = 1, .terms = {2}, .commit = 9}));
    EXPECT_EQ(core.commit(), 3U);
    EXPECT_EQ(core.terms(), (std::vector<uint64_t>{1, 1, 2}));
}

TEST(Follower, CommitIndexNeverFalls) {
    OneCore core({.term = 1});
    core.recv(2, append_entries({.term = 1, .terms = {1, 1}, .commit = 2}));
    core.recv(2, append_entries({.term = 1, .terms = {1, 1}, .commit = 1}));
    core.recv(2, append_entries({.term = 1, .commit = 0}));
    core.recv(2, append_entries({.term = 1, .prev = 1, .prev_term = 1, .commit = 9}));
    EXPECT_EQ(core.commit(), 2U);
    EXPECT_EQ(core.last(), 2U);
}

// Paper 5.3: "If the follower does not find an entry in its log with the same index and term, then
// it refuses the new entries."
TEST(Follower, ChecksConsistency) {
    struct Case {
        uint64_t prev;
        uint64_t prev_term;
        bool accepted;
        uint64_t hint;
        uint64_t hint_term;
    };
    for (const Case& each : {Case{0, 0, true, 0, 0}, Case{1, 1, true, 0, 0}, Case{2, 2, true, 0, 0},
                             Case{1, 2, false, 1, 1}, Case{2, 1, false, 1, 1},
                             Case{3, 3, false, 2, 2}, Case{3, 1, false, 1, 1}}) {
        OneCore core({.term = 3, .log = {1, 2}});
        core.recv(2, append_entries({.term = 3, .prev = each.prev, .prev_term = each.prev_term}));
        const AppendEntriesReply reply = core.sent_to<AppendEntriesReply>(2).at(0);
        EXPECT_EQ(reply.success, each.accepted);
        if (each.accepted) {
            EXPECT_EQ(reply.match_index, LogIndex(each.prev));
            continue;
        }
        EXPECT_EQ(reply.rejected_index, LogIndex(each.prev));
        EXPECT_EQ(reply.hint_index, LogIndex(each.hint));
        EXPECT_EQ(reply.hint_term, Term(each.hint_term));
        EXPECT_EQ(core.last(), 2U) << "a refusal removes nothing";
    }
}

// Paper 5.3 and figure 2: conflicting entries and all that follow them are deleted, the new ones
// appended.
TEST(Follower, AppendsAndOverwrites) {
    struct Case {
        uint64_t prev;
        uint64_t prev_term;
        std::vector<uint64_t> terms;
        std::vector<uint64_t> log;
    };
    for (const Case& each :
         {Case{2, 2, {3}, {1, 2, 3}}, Case{1, 1, {3, 4}, {1, 3, 4}}, Case{0, 0, {1}, {1, 2}},
          Case{0, 0, {3}, {3}}, Case{0, 0, {1, 2, 4}, {1, 2, 4}}, Case{1, 1, {2}, {1, 2}}}) {
        OneCore core({.term = 4, .log = {1, 2}});
        core.recv(
            2,
            append_entries(
                {.term = 4, .prev = each.prev, .prev_term = each.prev_term, .terms = each.terms}));
        EXPECT_EQ(core.terms(), each.log);
        EXPECT_EQ(terms_of(core.raft.log()).size(), core.disk().entries.size());
        for (uint64_t i = 1; i <= core.last(); ++i) {
            EXPECT_EQ(core.disk().entries[i - 1], core.raft.log().entry_at(LogIndex(i)));
        }
    }
}

// An old message with a beginning of what we have must not remove the rest.
TEST(Follower, ALateMessageTruncatesNothing) {
    OneCore core({.term = 1});
    core.recv(2, append_entries({.term = 1, .terms = {1, 1, 1, 1}}));
    core.recv(2, append_entries({.term = 1, .terms = {1, 1}}));
    core.recv(2, append_entries({.term = 1, .prev = 1, .prev_term = 1}));
    EXPECT_EQ(core.last(), 4U);
    EXPECT_EQ(core.raft.durable_index(), LogIndex(4));
}

TEST(Follower, EveryMessageOfTheLeaderRestartsTheClock) {
    OneCore core({.term = 1});
    for (int i = 0; i < 20; ++i) {
        core.now = core.now + milliseconds(100);
        core.recv(2, append_entries({.term = 1, .prev = 9, .prev_term = 1}));
        ASSERT_GE(core.deadline, core.now + core.raft.options().election_timeout_min);
        core.step(Wake{});
        ASSERT_EQ(core.raft.role(), Role::Follower);
    }
}

// --- What no correct leader sends is refused and changes nothing ---

class Nonsense : public testing::Test {
 protected:
    // Log 1 1 2, of which two entries are committed; follows server 2 in term 3.
    Nonsense() {
        core_.recv(2, append_entries({.term = 3, .prev = 2, .prev_term = 1, .commit = 2}));
    }
    void refuses(uint32_t from, const AppendEntries& message, RefuseReason reason) {
        const uint64_t before = core_.raft.digest();
        core_.recv(from, message);
        ASSERT_EQ(core_.happened<Refused>().size(), 1U);
        EXPECT_EQ(core_.happened<Refused>()[0].reason, reason);
        EXPECT_EQ(core_.happened<Refused>()[0].from, ServerId(from));
        EXPECT_EQ(core_.raft.digest(), before);
        EXPECT_TRUE(core_.sends.empty());
    }
    OneCore core_{{.term = 3, .log = {1, 1, 2}}};
};

TEST_F(Nonsense, TwoLeadersOfATerm) {
    refuses(3, append_entries({.term = 3}), RefuseReason::TwoLeaders);
    OneCore leader({.term = 1});
    leader.become_leader();
    leader.recv(2, append_entries({.term = 2}));
    ASSERT_EQ(leader.happened<Refused>().size(), 1U);
    EXPECT_EQ(leader.happened<Refused>()[0].reason, RefuseReason::TwoLeaders);
    EXPECT_EQ(leader.raft.role(), Role::Leader);
}

TEST_F(Nonsense, EntriesOfATermAfterTheLeaders) {
    refuses(2, append_entries({.term = 3, .prev = 3, .prev_term = 2, .terms = {4}}),
            RefuseReason::BadEntries);
}

TEST_F(Nonsense, FallingTerms) {
    refuses(2, append_entries({.term = 3, .prev = 3, .prev_term = 2, .terms = {3, 2}}),
            RefuseReason::BadEntries);
    refuses(2, append_entries({.term = 3, .prev = 3, .prev_term = 2, .terms = {1}}),
            RefuseReason::BadEntries);
}

TEST_F(Nonsense, EntriesThatDifferFromWhatIsCommitted) {
    refuses(2, append_entries({.term = 3, .prev = 1, .prev_term = 1, .terms = {3}}),
            RefuseReason::CommittedConflict);
    refuses(2, append_entries({.term = 3, .prev = 2, .prev_term = 2, .terms = {3}}),
            RefuseReason::CommittedConflict);
    refuses(3, append_entries({.term = 9, .prev = 0, .prev_term = 0, .terms = {9}}),
            RefuseReason::CommittedConflict);
    EXPECT_EQ(core_.term(), 3U);
}

}  // namespace
}  // namespace wavetank
