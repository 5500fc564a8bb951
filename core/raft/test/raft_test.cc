// What raft.cc answers for: promises that wait for the disk (obligations), proposals and their
// bound, write failures, and the drain.
#include "core/raft/raft.h"

#include <gtest/gtest.h>

#include "core/raft/test/one_core.h"

namespace wavetank {
namespace {

RequestVote request_vote(uint64_t term, uint64_t last_index = 0, uint64_t last_term = 0) {
    return {Term(term), LogIndex(last_index), Term(last_term)};
}

// --- Obligations (DESIGN D4): paper figure 2, "Updated on stable storage before responding to
// RPCs" ---

TEST(Obligations, VoteIsRequestedOnlyAfterTheOwnVoteIsDurable) {
    OneCore core({.term = 1, .slow_disk = true});
    core.become_candidate();
    ASSERT_EQ(core.raft.role(), Role::Candidate);
    EXPECT_TRUE(core.sends.empty());
    ASSERT_EQ(core.open_writes.size(), 1U);
    EXPECT_EQ(core.open_writes[0].hard_state, (HardState{Term(2), ServerId(1), true}));
    core.sync();
    EXPECT_EQ(core.sent<RequestVote>().size(), 2U);
}

TEST(Obligations, ASingleServerLeadsOnlyAfterItsVoteIsDurable) {
    OneCore core({.servers = 1, .slow_disk = true});
    core.wake();
    EXPECT_EQ(core.raft.role(), Role::Candidate);
    core.sync();
    EXPECT_EQ(core.raft.role(), Role::Leader);
    EXPECT_EQ(core.commit(), 0U) << "its own entry counts once it is durable";
    core.sync();
    EXPECT_EQ(core.commit(), 1U);
}

// What a candidate boasts of must be durable as well: the entries its RequestVote names.
TEST(Obligations, VoteIsRequestedOnlyAfterTheLogIsDurable) {
    OneCore core({.term = 1, .slow_disk = true});
    core.recv(2, append_entries({.term = 1, .terms = {1, 1}}));
    core.wake();
    core.recv(3, PreVoteReply{Term(1), Term(2), true});
    ASSERT_EQ(core.open_writes.size(), 2U);
    core.sync();
    EXPECT_TRUE(core.sent<RequestVote>().empty());
    core.sync();
    ASSERT_EQ(core.sent<RequestVote>().size(), 2U);
    EXPECT_EQ(core.sent<RequestVote>()[0].second, request_vote(2, 2, 1));
}

TEST(Obligations, VoteIsGrantedOnlyAfterItIsDurable) {
    OneCore core({.term = 1, .slow_disk = true});
    core.recv(2, request_vote(2));
    EXPECT_EQ(core.raft.voted_for(), ServerId(2));
    EXPECT_TRUE(core.sends.empty());
    ASSERT_EQ(core.open_writes.size(), 1U);
    EXPECT_EQ(core.open_writes[0].hard_state, (HardState{Term(2), ServerId(2), true}));
    core.sync();
    ASSERT_EQ(core.sent_to<RequestVoteReply>(2).size(), 1U);
    EXPECT_EQ(core.sent_to<RequestVoteReply>(2)[0], (RequestVoteReply{Term(2), true}));
}

TEST(Obligations, ARepeatedRequestDoesNotMakeTheGrantLeaveEarlier) {
    OneCore core({.term = 1, .slow_disk = true});
    core.recv(2, request_vote(2));
    core.recv(2, request_vote(2));
    EXPECT_TRUE(core.sends.empty());
    core.sync();
    EXPECT_GE(core.sent_to<RequestVoteReply>(2).size(), 1U);
}

TEST(Obligations, RefusalsPromiseNothingAndLeaveAtOnce) {
    OneCore core({.term = 1, .log = {1}, .slow_disk = true});
    core.recv(2, request_vote(2, 0, 0));
    ASSERT_EQ(core.sent_to<RequestVoteReply>(2).size(), 1U);
    EXPECT_FALSE(core.sent_to<RequestVoteReply>(2)[0].granted);
    core.recv(3, append_entries({.term = 2, .prev = 5, .prev_term = 2}));
    ASSERT_EQ(core.sent_to<AppendEntriesReply>(3).size(), 1U);
    EXPECT_FALSE(core.sent_to<AppendEntriesReply>(3)[0].success);
}

TEST(Obligations, EntriesAreAcknowledgedOnlyAfterTheyAreDurable) {
    OneCore core({.term = 1, .slow_disk = true});
    core.recv(2, append_entries({.term = 1, .terms = {1, 1, 1}}));
    EXPECT_EQ(core.last(), 3U);
    EXPECT_TRUE(core.sends.empty());
    core.sync();
    ASSERT_EQ(core.sent_to<AppendEntriesReply>(2).size(), 1U);
    EXPECT_EQ(core.sent_to<AppendEntriesReply>(2)[0], acknowledges(1, 3));
}

// The term is part of the promise: an acknowledgement in a term that is forgotten at the next start
// could be followed by a vote for an earlier leader's rival.
TEST(Obligations, EvenAHeartbeatIsAcknowledgedOnlyAfterTheTermIsDurable) {
    OneCore core({.term = 1, .log = {1}, .slow_disk = true});
    core.recv(2, append_entries({.term = 4, .prev = 1, .prev_term = 1}));
    EXPECT_TRUE(core.sends.empty());
    core.sync();
    EXPECT_EQ(core.sent_to<AppendEntriesReply>(2).at(0), acknowledges(4, 1));
    core.recv(2, append_entries({.term = 4, .prev = 1, .prev_term = 1}));
    EXPECT_EQ(core.sent_to<AppendEntriesReply>(2).size(), 1U) << "nothing to wait for any more";
}

// An acknowledgement says exactly what was verified: prev + n, never the last index.
TEST(Obligations, AcknowledgementIsExactlyWhatTheMessageVerified) {
    OneCore core({.term = 2, .log = {1, 1, 1, 1, 1}});
    core.recv(2, append_entries({.term = 2, .prev = 2, .prev_term = 1}));
    EXPECT_EQ(core.sent_to<AppendEntriesReply>(2).at(0), acknowledges(2, 2));
    core.recv(2, append_entries({.term = 2, .prev = 2, .prev_term = 1, .terms = {1}}));
    EXPECT_EQ(core.sent_to<AppendEntriesReply>(2).at(0), acknowledges(2, 3));
    EXPECT_EQ(core.last(), 5U);
}

TEST(Obligations, AcknowledgementsOfOneWriteBecomeOne) {
    OneCore core({.term = 1, .slow_disk = true});
    core.recv(2, append_entries({.term = 1, .terms = {1}}));
    for (uint64_t round = 1; round <= 50; ++round) {
        core.recv(2, append_entries({.term = 1, .prev = 1, .prev_term = 1, .round = round}));
    }
    // Each heartbeat was answered at once, with what was durable: nothing.
    EXPECT_EQ(core.sent_to<AppendEntriesReply>(2).back(), acknowledges(1, 0, 50));
    const std::size_t before = core.sends.size();
    core.sync();
    EXPECT_EQ(core.sends.size(), before + 1);
    EXPECT_EQ(core.sent_to<AppendEntriesReply>(2).back(), acknowledges(1, 1, 50));
}

TEST(Obligations, AcknowledgementIsDroppedWhenTheTermHasMovedOn) {
    OneCore core({.term = 1, .slow_disk = true});
    core.recv(2, append_entries({.term = 1, .terms = {1, 1}}));
    core.recv(3, append_entries({.term = 2, .prev = 9, .prev_term = 2}));
    core.sync();
    EXPECT_TRUE(core.sent_to<AppendEntriesReply>(2).empty());
    core.sync_all();
    EXPECT_TRUE(core.sent_to<AppendEntriesReply>(2).empty());
}

TEST(Obligations, GrantIsDroppedWhenTheTermHasMovedOn) {
    OneCore core({.term = 1, .slow_disk = true});
    core.recv(2, request_vote(2));
    core.recv(3, request_vote(3));
    core.sync_all();
    EXPECT_TRUE(core.sent_to<RequestVoteReply>(2).empty());
    EXPECT_EQ(core.sent_to<RequestVoteReply>(3).at(0), (RequestVoteReply{Term(3), true}));
}

TEST(Obligations, OwnVoteIsDroppedWhenTheCampaignIsOver) {
    OneCore core({.term = 1, .slow_disk = true});
    core.become_candidate();
    core.recv(2, append_entries({.term = 2}));
    core.sync_all();
    EXPECT_TRUE(core.sent<RequestVote>().empty());
    EXPECT_EQ(core.raft.role(), Role::Follower);
}

// A slow disk that says so only after the timeout: the campaign of the earlier round is not taken
// up again.
TEST(Obligations, OwnVoteOfAnAbandonedRoundIsDropped) {
    OneCore core({.term = 1, .slow_disk = true});
    core.become_candidate();
    core.wake();
    ASSERT_EQ(core.raft.role(), Role::PreCandidate);
    core.sync();
    EXPECT_TRUE(core.sent<RequestVote>().empty());
    EXPECT_EQ(core.raft.role(), Role::PreCandidate);
}

// The ABA race (etcd: async_storage_writes_append_aba_race): a late completion of entries that
// were overwritten must not acknowledge those that replaced them.
TEST(Obligations, LateCompletionOfOverwrittenEntriesAcknowledgesNothing) {
    OneCore core({.servers = 7, .term = 1, .slow_disk = true});
    core.recv(2, append_entries({.term = 1, .terms = {1, 1, 1}}));
    core.recv(3, append_entries({.term = 3, .terms = {3, 3, 3}}));
    ASSERT_EQ(core.open_writes.size(), 2U);
    EXPECT_EQ(core.open_writes[1].truncate_from, LogIndex(1));
    core.sync();  // the write of term 1
    EXPECT_TRUE(core.sent<AppendEntriesReply>().empty());
    EXPECT_EQ(core.raft.durable_index(), LogIndex(0));
    core.sync();
    ASSERT_EQ(core.sent<AppendEntriesReply>().size(), 1U);
    EXPECT_EQ(core.sent_to<AppendEntriesReply>(3).at(0), acknowledges(3, 3));
}

TEST(Obligations, WhatWasPromisedSurvivesACrash) {
    OneCore core({.term = 1, .slow_disk = true});
    core.recv(2, append_entries({.term = 1, .terms = {1, 1}}));
    core.sync();
    core.recv(2, append_entries({.term = 1, .prev = 2, .prev_term = 1, .terms = {1}}));
    core.restart();
    EXPECT_EQ(core.terms(), (std::vector<uint64_t>{1, 1}));
    EXPECT_EQ(core.term(), 1U);
}

// --- Applying ---

// Committed is not enough: what is applied here must be durable here, or a restart could undo it.
TEST(Apply, OnlyWhatIsCommittedAndDurable) {
    OneCore core({.term = 1, .slow_disk = true});
    core.recv(2, append_entries({.term = 1, .terms = {1, 1, 1}, .commit = 2}));
    EXPECT_EQ(core.commit(), 2U);
    EXPECT_TRUE(core.applied.empty());
    core.sync();
    EXPECT_EQ(core.applied, (std::vector<uint64_t>{1, 2}));
    core.recv(2, append_entries({.term = 1, .prev = 3, .prev_term = 1, .commit = 3}));
    EXPECT_EQ(core.applied, (std::vector<uint64_t>{3}));
    core.recv(2, append_entries({.term = 1, .prev = 3, .prev_term = 1, .commit = 3}));
    EXPECT_TRUE(core.applied.empty()) << "each entry once, in order";
}

// --- Proposals ---

TEST(Proposals, OnlyALeaderAccepts) {
    OneCore core({.term = 1});
    EXPECT_EQ(core.propose({"x"}).status, ProposeStatus::NotLeader);
    core.become_pre_candidate();
    EXPECT_EQ(core.propose({"x"}).status, ProposeStatus::NotLeader);
    core.recv(2, PreVoteReply{Term(1), Term(2), true});
    EXPECT_EQ(core.propose({"x"}).status, ProposeStatus::NotLeader);
    EXPECT_EQ(core.last(), 0U);
    core.recv(2, RequestVoteReply{Term(2), true});
    const ProposeDone done = core.propose({"x"});
    EXPECT_EQ(done.status, ProposeStatus::Accepted);
    EXPECT_EQ(done.index, LogIndex(2));
    EXPECT_EQ(core.raft.log().term_at(LogIndex(2)), Term(2));
}

TEST(Proposals, AllOrNone) {
    OneCore core({.options = {.uncommitted_bytes_max = 10}});
    core.become_leader();
    EXPECT_EQ(core.propose({"1234", "5678"}).status, ProposeStatus::Accepted);
    EXPECT_EQ(core.propose({"9", "012"}).status, ProposeStatus::Busy);
    EXPECT_EQ(core.last(), 3U);
    const ProposeDone done = core.propose({"9", "0"});
    EXPECT_EQ(done.status, ProposeStatus::Accepted);
    EXPECT_EQ(done.index, LogIndex(4));
    EXPECT_EQ(core.last(), 5U);
}

TEST(Proposals, OneLargerThanTheWholeBoundIsTakenWhenNothingWaits) {
    OneCore core({.options = {.uncommitted_bytes_max = 10}});
    core.become_leader();
    EXPECT_EQ(core.propose({std::string(500, 'x')}).status, ProposeStatus::Accepted);
    EXPECT_EQ(core.propose({"y"}).status, ProposeStatus::Busy);
    core.acknowledge_all(2);
    EXPECT_EQ(core.propose({"y"}).status, ProposeStatus::Accepted);
}

TEST(Proposals, UncommittedBytesGoBackToZero) {
    OneCore core({.options = {.uncommitted_bytes_max = 100}});
    core.become_leader();
    for (int i = 0; i < 100; ++i) {
        ASSERT_EQ(core.propose({std::string(50, 'a'), std::string(50, 'b')}).status,
                  ProposeStatus::Accepted);
        ASSERT_EQ(core.propose({"c"}).status, ProposeStatus::Busy);
        core.acknowledge_all(2);
        ASSERT_EQ(core.commit(), core.last());
    }
}

TEST(Proposals, UncommittedBytesOfEarlierTermsCount) {
    OneCore core({.term = 1, .log = {1, 1, 1}, .options = {.uncommitted_bytes_max = 40}});
    core.become_leader();  // three entries of 14 bytes are not committed
    EXPECT_EQ(core.propose({"x"}).status, ProposeStatus::Busy);
    core.acknowledge_all(2);
    EXPECT_EQ(core.propose({std::string(40, 'x')}).status, ProposeStatus::Accepted);
}

TEST(Proposals, UncommittedBytesAreCountedAnewByTheNextLeadership) {
    OneCore core({.options = {.uncommitted_bytes_max = 40}});
    core.become_leader();
    core.propose({std::string(30, 'x')});
    core.recv(2, append_entries({.term = 5, .terms = {5}}));  // removes it
    core.become_leader();
    EXPECT_EQ(core.propose({std::string(26, 'x')}).status, ProposeStatus::Accepted)
        << "the new leader's first entry has 14 bytes";
    EXPECT_EQ(core.propose({"x"}).status, ProposeStatus::Busy);
}

// --- Failed writes ---

TEST(WriteFailure, IsFinal) {
    OneCore core({.term = 1, .slow_disk = true});
    core.recv(2, append_entries({.term = 1, .terms = {1}}));
    core.step(WriteFailed{core.open_writes[0].id});
    EXPECT_TRUE(core.raft.write_failed());
    EXPECT_EQ(core.deadline, Instant::never());
    core.step(Written{core.open_writes[0].id});
    core.recv(2, append_entries({.term = 1, .prev = 1, .prev_term = 1}));
    core.recv(3, request_vote(7, 9, 6));
    core.recv(3, PreVote{Term(9), LogIndex(9), Term(8)});
    core.now = core.now + seconds(100);
    core.step(Wake{});
    EXPECT_TRUE(core.sends.empty());
    EXPECT_EQ(core.term(), 1U);
    EXPECT_EQ(core.propose({"x"}).status, ProposeStatus::NotLeader);
    core.read(9);
    ASSERT_EQ(core.reads.size(), 1U);
    EXPECT_FALSE(core.reads[0].ok);
}

TEST(WriteFailure, ALeaderThatCannotWriteStepsDown) {
    OneCore core({});
    core.become_leader();
    core.acknowledge_all(2);
    core.use_slow_disk();
    core.read(5);
    core.propose({"x"});
    core.step(WriteFailed{core.open_writes[0].id});
    EXPECT_EQ(core.raft.role(), Role::Follower);
    ASSERT_EQ(core.happened<SteppedDown>().size(), 1U);
    EXPECT_EQ(core.happened<SteppedDown>()[0].reason, StepDownReason::WriteFailed);
    ASSERT_EQ(core.reads.size(), 1U);
    EXPECT_FALSE(core.reads[0].ok);
    EXPECT_TRUE(core.sends.empty());
    core.acknowledge_all(2);
    EXPECT_EQ(core.commit(), 1U);
}

// --- The drain ---

TEST(Drain, SecondDrainHasNothingToSay) {
    OneCore core({});
    core.become_leader();
    core.propose({"x"});
    Output output;
    core.raft.drain(output);
    EXPECT_FALSE(output.write.id);
    EXPECT_TRUE(output.sends.empty());
    EXPECT_TRUE(output.proposed.empty());
    EXPECT_TRUE(output.events.empty());
    EXPECT_GT(output.apply_from, output.apply_upto);
    EXPECT_EQ(output.deadline, core.deadline);
}

TEST(Drain, ALateWriteTakesWhatCameMeanwhile) {
    OneCore core({.options = {.writes_in_flight_max = 1}, .slow_disk = true});
    core.recv(2, append_entries({.term = 1, .terms = {1}}));
    core.recv(2, append_entries({.term = 1, .prev = 1, .prev_term = 1, .terms = {1}}));
    core.recv(2, append_entries({.term = 1, .prev = 2, .prev_term = 1, .terms = {1}}));
    EXPECT_EQ(core.open_writes.size(), 1U);
    core.sync();
    EXPECT_EQ(core.sent_to<AppendEntriesReply>(2).at(0), acknowledges(1, 1));
    ASSERT_EQ(core.open_writes.size(), 1U);
    EXPECT_EQ(core.open_writes[0].append.at(0).size(), 2U);
    core.sync();
    EXPECT_EQ(core.sent_to<AppendEntriesReply>(2).at(1), acknowledges(1, 3));
}

// --- Options ---

TEST(Options, SayWhatIsWrong) {
    const auto why_not = [](auto change) {
        Options options;
        options.id = ServerId(1);
        change(options);
        const char* why = "valid";
        const bool valid = options.valid(&why);
        EXPECT_EQ(valid, std::string(why) == "valid");
        return std::string(why);
    };
    EXPECT_EQ(why_not([](Options&) {}), "valid");
    EXPECT_NE(why_not([](Options& o) { o.id = ServerId(); }), "valid");
    EXPECT_NE(why_not([](Options& o) { o.heartbeat_interval = {}; }), "valid");
    EXPECT_NE(why_not([](Options& o) { o.election_timeout_min = o.heartbeat_interval; }), "valid");
    EXPECT_NE(why_not([](Options& o) { o.election_timeout_max = o.election_timeout_min; }),
              "valid");
    EXPECT_NE(why_not([](Options& o) { o.entries_per_message_max = 0; }), "valid");
    EXPECT_NE(why_not([](Options& o) { o.bytes_per_message_max = 0; }), "valid");
    EXPECT_NE(why_not([](Options& o) { o.window.messages_max = 0; }), "valid");
    EXPECT_NE(why_not([](Options& o) { o.window.bytes_max = 0; }), "valid");
    EXPECT_NE(why_not([](Options& o) { o.writes_in_flight_max = 0; }), "valid");
}

TEST(Messages, DigestCoversEveryField) {
    const AppendEntries base = append_entries({.term = 2, .prev = 1, .prev_term = 1, .terms = {2}});
    std::vector<Message> messages = {base,           AppendEntriesReply{}, PreVote{},
                                     PreVoteReply{}, RequestVote{},        RequestVoteReply{}};
    const auto changed = [&](auto message, auto change) {
        change(message);
        messages.push_back(message);
    };
    changed(base, [](AppendEntries& m) { m.term = Term(3); });
    changed(base, [](AppendEntries& m) { m.prev_log_index = LogIndex(2); });
    changed(base, [](AppendEntries& m) { m.prev_log_term = Term(2); });
    changed(base, [](AppendEntries& m) { m.leader_commit = LogIndex(1); });
    changed(base, [](AppendEntries& m) { m.round = 1; });
    changed(base, [](AppendEntries& m) { m.entries = EntryRange(); });
    changed(base, [](AppendEntries& m) {
        m.entries = EntryRange::of(LogIndex(2), std::vector{command(2, "other")});
    });
    changed(AppendEntriesReply{}, [](AppendEntriesReply& m) { m.term = Term(1); });
    changed(AppendEntriesReply{}, [](AppendEntriesReply& m) { m.success = true; });
    changed(AppendEntriesReply{}, [](AppendEntriesReply& m) { m.match_index = LogIndex(1); });
    changed(AppendEntriesReply{}, [](AppendEntriesReply& m) { m.rejected_index = LogIndex(1); });
    changed(AppendEntriesReply{}, [](AppendEntriesReply& m) { m.hint_index = LogIndex(1); });
    changed(AppendEntriesReply{}, [](AppendEntriesReply& m) { m.hint_term = Term(1); });
    changed(AppendEntriesReply{}, [](AppendEntriesReply& m) { m.round = 1; });
    changed(PreVoteReply{}, [](PreVoteReply& m) { m.granted = true; });
    changed(PreVoteReply{}, [](PreVoteReply& m) { m.campaign_term = Term(1); });
    changed(RequestVoteReply{}, [](RequestVoteReply& m) { m.granted = true; });
    changed(RequestVote{}, [](RequestVote& m) { m.last_log_term = Term(1); });
    for (std::size_t a = 0; a < messages.size(); ++a) {
        for (std::size_t b = 0; b < messages.size(); ++b) {
            EXPECT_EQ(digest_of(messages[a]) == digest_of(messages[b]), a == b) << a << " " << b;
        }
    }
}

}  // namespace
}  // namespace wavetank
