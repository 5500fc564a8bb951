// Read index and lease exclusivity.
#include "sim/check/reads.h"

#include "sim/check/test/story.h"

namespace wavetank {
namespace {

// Three servers; server 1 leads term 1 and has committed index 1.
struct Reads : Story {
    explicit Reads(Duration lease = {}) : Story(3) {
        for (const uint32_t id : {1U, 2U, 3U}) {
            options(id).lease_duration = lease;
            crash(id);
            start(id, empty_image(id));
        }
        begin(*this);
    }
    void ask(uint32_t id, uint64_t ticket) { step(id, {}, Read{ticket}); }
    void done(uint32_t id, const ReadDone& what) {
        Output output;
        output.reads.push_back(what);
        answer(id, output);
    }
    // The leader sends, and `peer` answers, a round.
    void round(uint32_t leader, uint32_t peer, uint64_t number) {
        const Server& l = server(leader);
        send(leader, peer, AppendEntries{l.term, LogIndex(1), Term(1), l.commit, number, {}});
        acknowledge(peer, leader, 1, number);
    }
};

TEST(ReadIndex, AConfirmedReadIsAccepted) {
    Reads story;
    story.ask(1, 7);
    story.round(1, 2, 1);
    story.done(1, {7, true, LogIndex(1), false});
    story.expect_clean();
}

TEST(ReadIndex, NotBelowWhatWasChosen) {  // zoo L02: an old leader that does not know it
    Reads story;
    story.elect(2, 2, {3});
    story.replicate(2, 3, 2, 2);
    story.commit(2, 2);
    story.ask(1, 7);
    story.done(1, {7, true, LogIndex(1), false});
    story.expect("read index",
                 "server 1 (leader, term 1) answers read 7 of server 0 (0: its own) with index 1, "
                 "but index 2 was chosen when it was asked for");
}

TEST(ReadIndex, ALaterChoiceDoesNotMatter) {
    Reads story;
    story.ask(1, 7);
    story.round(1, 2, 1);
    story.elect(2, 2, {3});
    story.replicate(2, 3, 2, 2);
    story.commit(2, 2);
    story.done(1, {7, true, LogIndex(1), false});
    story.expect_clean();
}

TEST(ReadIndex, NeedsARoundOfAMajority) {
    Reads story;
    story.ask(1, 7);
    story.done(1, {7, true, LogIndex(1), false});
    story.expect("read index",
                 "a read that came before round 1, but that round was answered only by "
                 "{1} of {1,2,3}");
}

TEST(ReadIndex, NeedsARoundThatBeganAfterIt) {  // zoo L03
    Reads story;
    story.round(1, 2, 4);
    story.ask(1, 7);
    story.done(1, {7, true, LogIndex(1), false});
    story.expect("read index", "a read that came before round 5");
}

TEST(ReadIndex, NeedsACommitOfTheTerm) {  // zoo L01
    Reads story;
    story.elect(2, 2, {3});
    story.ask(2, 7);
    story.round(2, 3, 1);
    story.done(2, {7, true, LogIndex(1), false});
    story.expect("read index", "before it has committed an entry of its term 2");
}

TEST(ReadIndex, IsAnsweredOnce) {
    Reads story;
    story.ask(1, 7);
    story.round(1, 2, 1);
    story.done(1, {7, true, LogIndex(1), false});
    story.expect_clean();
    story.done(1, {7, true, LogIndex(1), false});
    story.expect("read index", "was not asked, or has answered before");
}

TEST(ReadIndex, AFollowerAsksItsLeader) {
    Reads story;
    story.ask(2, 7);
    story.send(2, 1, ReadIndex{Term(1), 99});
    story.step(1, {}, Recv{ServerId(2), ReadIndex{Term(1), 99}});
    story.round(1, 3, 1);
    story.send(1, 2, ReadIndexReply{Term(1), 99, true, LogIndex(1), false});
    story.done(2, {7, true, LogIndex(1), false});
    story.expect_clean();
}

TEST(ReadIndex, ForAFollowerTheSameRulesHold) {
    Output output;
    output.sends.push_back(
        {ServerId(2), ReadIndexReply{Term(1), 99, true, LogIndex(1), false}, 0, 0, false});
    Reads story;
    story.step(1, {}, Recv{ServerId(2), ReadIndex{Term(1), 99}});
    story.answer(1, output);
    story.expect("read index", "that round was answered only by {1} of {1,2,3}");
    Reads second;
    second.step(1, {}, Recv{ServerId(2), ReadIndex{Term(1), 98}});
    second.answer(1, output);
    second.expect("read index", "server 1 answers read 99 of server 2");
}

TEST(ReadIndex, AFollowerDoesNotUseAnOldAnswer) {
    Reads story;
    story.append(1, Story::entry(1, "x"));
    story.replicate(1, 2, 2, 2);
    story.commit(1, 2);
    story.ask(3, 8);
    story.done(3, {8, true, LogIndex(1), false});
    story.expect("read index", "server 3 (follower, term 1) answers read 8");
}

// Server 1 leads term 1, and has committed an entry that it appended now.
void renew_lease(Story& story) {
    Story::Server& s = story.server(1);
    s.clock_error = milliseconds(1);
    Entry entry = Story::entry(1, "x");
    entry.time = story.now() + milliseconds(1);  // the step appends it
    entry.error = s.clock_error;
    story.append(1, entry);
    story.replicate(1, 2, 2, 2);
    story.commit(1, 2);
    story.expect_clean();
}

TEST(LeaseExclusivity, ALeaseReadIsAccepted) {
    Reads story(milliseconds(100));
    renew_lease(story);
    story.ask(1, 7);
    story.done(1, {7, true, LogIndex(2), true});
    story.expect_clean();
    EXPECT_EQ(story.oracles.lease_figures().reads, 1U);
    EXPECT_EQ(story.oracles.lease_figures().margin, std::nullopt);
}

TEST(LeaseExclusivity, NotWithoutALease) {
    Reads story;
    story.ask(1, 7);
    story.done(1, {7, true, LogIndex(1), true});
    story.expect("lease exclusivity", "answers a read from a lease, but has none");
}

TEST(LeaseExclusivity, OnlyWhileTheNewestEntryIsYoung) {  // zoo L04
    Reads story(milliseconds(100));
    renew_lease(story);
    story.ask(1, 7);
    story.pass(milliseconds(120));
    story.round(1, 2, 1);
    story.done(1, {7, true, LogIndex(2), true});
    story.expect("lease exclusivity", "is not certainly younger than 100ms by its clock");
}

TEST(LeaseExclusivity, NotWhenALaterLeaderHasChosen) {  // zoo L05
    Reads story(milliseconds(100));
    story.ask(1, 7);
    story.elect(2, 2, {3});
    story.replicate(2, 3, 2, 2);
    story.commit(2, 2);
    story.done(1, {7, true, LogIndex(1), true});
    story.expect("lease exclusivity",
                 "server 1, leader of term 1, answers a read from its lease with index 1, but 1ms "
                 "ago the leader of term 2 has chosen its first entry");
    EXPECT_EQ(story.words().find("the scenario broke"), std::string::npos);
}

TEST(LeaseExclusivity, AClockBeyondItsBoundIsNamed) {
    Reads story(milliseconds(100));
    story.server(3).clock_error = milliseconds(2);
    story.server(3).clock_off = milliseconds(-5);
    story.step(3);
    story.elect(2, 2, {3});
    story.replicate(2, 3, 2, 2);
    story.commit(2, 2);
    story.ask(1, 7);
    story.done(1, {7, true, LogIndex(1), true});
    story.expect("lease exclusivity",
                 "the clock of server 3 was 5ms behind true time, more than it was said to be");
}

TEST(LeaseExclusivity, AnUnboundedClockThatJumpsIsNamed) {
    Reads story(milliseconds(100));
    story.server(3).clock_off = milliseconds(70);
    story.step(3);
    story.elect(2, 2, {3});
    story.replicate(2, 3, 2, 2);
    story.commit(2, 2);
    story.ask(1, 7);
    story.done(1, {7, true, LogIndex(1), true});
    story.expect("lease exclusivity", "the clock of server 3, which has no bound, had jumped");
}

TEST(LeaseExclusivity, ANewLeaderWaitsForTheLease) {
    Reads story(seconds(2));
    renew_lease(story);
    story.elect(2, 2, {3});  // takes a second
    story.replicate(2, 3, 2, 3);
    story.commit(2, 3);
    story.expect(
        "lease exclusivity",
        "the leader of term 2 chooses its first entry, but server 1, which leads term 1 as "
        "far as it knows, could serve reads from its lease for another 9");
    Reads second(seconds(2));
    renew_lease(second);
    second.elect(2, 2, {3});
    second.replicate(2, 3, 2, 3);
    second.pass(seconds(1));
    second.commit(2, 3);
    second.expect_clean();
}

TEST(LeaseExclusivity, TheSmallestMarginIsAFigure) {
    Reads story(milliseconds(100));
    renew_lease(story);
    story.ask(1, 7);
    story.done(1, {7, true, LogIndex(2), true});
    story.elect(2, 2, {3});
    story.replicate(2, 3, 2, 3);
    story.pass(milliseconds(50));
    story.commit(2, 3);
    const LeaseFigures& figures = story.oracles.lease_figures();
    ASSERT_TRUE(figures.margin && figures.drift_ppm);
    EXPECT_GT(*figures.margin, seconds(1));  // the election took so long
    EXPECT_EQ(*figures.drift_ppm, figures.margin->nanos / 100);
    story.expect_clean();
}

}  // namespace
}  // namespace wavetank
