// Write truth and recovery.
#include "sim/check/disks.h"

#include "sim/check/test/story.h"

namespace wavetank {
namespace {

// Server 2 has synced term 1 and index 1, and three writes are on their way: index 2 of term 1;
// then term 2; then index 2 replaced by one of term 2, and index 3.
void three_unsynced_writes(Story& story) {
    begin(story);
    story.append(1, Story::entry(1, "a"));
    story.take(1, 2, 2, 2);
    story.elect(3, 2, {4, 5});
    story.append(3, Story::entry(2, "b"));
    Story::Server& s = story.server(2);
    s.term = Term(2);
    s.vote = ServerId();
    story.write(2, story.hard_state(2));
    story.step(2);
    story.take(3, 2, 2, 3);
    story.expect_clean();
}

std::vector<Entry> log_of(const Story::Server& s, uint64_t upto) {
    std::vector<Entry> entries;
    for (LogIndex i(1); i <= LogIndex(upto); i = i.next()) entries.push_back(s.log.entry_at(i));
    return entries;
}

Recovered found(uint64_t term, uint32_t vote, std::vector<Entry> entries, uint32_t servers = 5) {
    Recovered recovered;
    recovered.configuration = Story::members(servers);
    recovered.hard_state = {Term(term), ServerId(vote), true};
    recovered.entries = std::move(entries);
    return recovered;
}

TEST(Recovery, EveryPrefixOfTheWritesIsLegal) {
    Story first(5);
    three_unsynced_writes(first);
    const std::vector<Entry> old_log = log_of(first.server(1), 2);
    const std::vector<Entry> new_log = log_of(first.server(3), 3);
    const std::vector<Entry> one(new_log.begin(), new_log.begin() + 1);
    const std::vector<Entry> two(new_log.begin(), new_log.begin() + 2);
    const std::vector<Recovered> legal = {
        found(1, 1, one),      // only what was synced
        found(1, 1, old_log),  // the first write
        found(2, 0, old_log),  // the second
        found(2, 0, one),      // the third, torn after its truncation
        found(2, 0, two),      // torn after its first entry
        found(2, 0, new_log),  // all of it
    };
    for (const Recovered& image : legal) {
        Story story(5);
        three_unsynced_writes(story);
        story.crash(2);
        story.start(2, image);
        story.step(2);
        story.expect_clean();
    }
    const std::vector<Recovered> illegal = {
        found(0, 0, {}),       // nothing
        found(1, 1, {}),       // the synced entry lost
        found(1, 0, one),      // the synced vote lost
        found(2, 3, one),      // a vote that was never written
        found(1, 1, two),      // the third write without the second
        found(3, 0, new_log),  // a term that was never written
        found(1, 1, {Story::entry(1, "never written")}),
    };
    for (const Recovered& image : illegal) {
        Story story(5);
        three_unsynced_writes(story);
        story.crash(2);
        story.start(2, image);
        story.expect("recovery", "which no crash can have left");
    }
}

TEST(Recovery, TheDiskIsFollowedAcrossCrashes) {
    Story story(5);
    three_unsynced_writes(story);
    story.crash(2);
    story.start(2, found(2, 0, log_of(story.server(3), 2)));
    story.step(2);
    story.replicate(3, 2, 3, 3);
    story.crash(2);
    story.start(2, found(2, 0, log_of(story.server(3), 3)));
    story.step(2);
    story.oracles.finish();
    story.expect_clean();
}

TEST(Recovery, WhatServersHoldAtFirstIsBelieved) {
    Findings findings;
    RaftOracles oracles({Story::members(3).all(), Story::members(3)}, findings);
    for (uint32_t id = 1; id <= 3; ++id) {
        Options options;
        options.id = ServerId(id);
        oracles.on_start(options, found(4, 0, {Story::entry(2, "a"), Story::entry(4, "b")}, 3));
    }
    EXPECT_TRUE(findings.empty());
}

TEST(WriteTruth, ContinuesTheLog) {
    Story story(3);
    begin(story);
    story.server(1).log.append(Story::entry(1, "a"));
    story.server(1).log.append(Story::entry(1, "b"));
    story.write(1, story.entries(1, 3));
    story.expect("write truth",
                 "entries from index 3, but the log on its disk will end at index 1");
}

TEST(WriteTruth, IsWhatMemoryHolds) {  // zoo R16, O08
    Story story(3);
    begin(story);
    Write w;
    w.append.push_back(EntryRange::of(LogIndex(2), std::vector<Entry>{Story::entry(1, "other")}));
    story.write(1, w);
    story.server(1).log.append(Story::entry(1, "a"));
    story.step(1);
    story.expect("write truth", "but its memory has index 2 of term 1");
}

TEST(WriteTruth, IdsRise) {
    Story story(3);
    begin(story);
    story.server(1).writes = 0;
    story.write(1, story.hard_state(1));
    story.expect("write truth", "server 1 issued write 1 after write");
}

TEST(WriteTruth, TheDurableTermNeverFalls) {
    Story story(3);
    begin(story);
    Write w;
    w.hard_state = HardState{Term(0), ServerId()};
    story.write(1, w);
    story.sync(1);
    story.expect("monotonic", "the term on the disk of server 1 fell from 1 to 0");
}

TEST(WriteTruth, NothingIsLeftBehindOnDisk) {
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "lost a"));
    story.append(1, Story::entry(1, "lost b"));
    story.elect(2, 2, {3});
    story.adopt(1, 2);
    story.expect_clean();
    // Both go in memory, and only the second one on disk.
    Story::Server& s = story.server(1);
    const AppendEntries message{Term(2), LogIndex(1),
                                Term(1), LogIndex(1),
                                0,       story.server(2).log.range(LogIndex(2), {1, UINT64_MAX})};
    story.send(2, 1, message);
    s.log.truncate_from(LogIndex(2));
    s.log.append(story.server(2).log.entry_at(LogIndex(2)));
    Write w;
    w.truncate_from = LogIndex(3);
    story.write(1, w);
    story.step(1, {}, Recv{ServerId(2), message});
    story.expect("write truth", "after which its log on disk ends with index 2 of term 1");
}

TEST(WriteTruth, TruncationStaysBehindTheSnapshot) {
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "a"));
    story.replicate(1, 2, 2, 2);
    story.commit(1, 2);
    story.apply(1, 1, 7);
    story.apply(1, 2, 8);
    story.snapshot(1, 2, 2);
    story.expect_clean();
    Write w;
    w.truncate_from = LogIndex(2);
    story.write(1, w);
    story.expect("write truth", "removes index 2; its log on disk begins after 2");
}

// Server 3 holds what is chosen, together with server 1.
void wipe_third(Story& story) {
    story.append(1, Story::entry(1, "a"));
    story.replicate(1, 3, 2, 2);
    story.commit(1, 2);
    story.expect_clean();
    story.crash(3);
    story.oracles.on_wiped(ServerId(3));
}

TEST(Wiped, AMemberMayNotForget) {
    Story story(3);
    begin(story);
    wipe_third(story);
    story.expect("durable quorum", "the disk of server 3 lost index 2 of term 1 (content ");
    story.expect("durable quorum", "it is left only on the disks of {1} of {1,2,3}");
}

// Beyond the limit the world may take from a member what it has promised.
TEST(Wiped, BeyondTheLimitAMemberIsNotToBlame) {
    Story story(5, Story::members(5), true);
    begin(story);
    story.append(1, Story::entry(1, "a"));
    story.replicate(1, 3, 2, 2);
    for (const uint32_t id : {4U, 5U}) story.replicate(1, id, 1, 2);
    story.commit(1, 2);
    for (const uint32_t id : {3U, 4U, 5U}) {
        story.crash(id);
        story.oracles.on_wiped(ServerId(id));
    }
    story.oracles.finish();
    story.expect_clean();
}

TEST(Wiped, AServerComesBackAsANewOne) {
    const Configuration initial = Configuration::of_voters(Story::ids({1, 2}));
    Story story(3, initial);
    story.elect(1, 1, {2});
    story.replicate(1, 2, 1, 1);
    story.commit(1, 1);
    story.take(1, 3, 1, 1);
    story.sync(3);
    story.acknowledge(3, 1, 1);
    story.crash(3);
    story.oracles.on_wiped(ServerId(3));
    story.start(3, Recovered());
    story.step(3);
    story.take(1, 3, 1, 1);
    story.expect_clean();
}

TEST(Wiped, ANewDiskHasNoVoteBeforeItHasCaughtUp) {
    const auto vote = [](bool caught_up) {
        Story story(5, Story::members(5));
        story.elect(1, 1, {2, 3});
        for (const uint32_t id : {2U, 3U, 4U}) story.replicate(1, id, 1, 1);
        story.commit(1, 1);
        story.crash(4);
        story.oracles.on_wiped(ServerId(4));
        story.start(4, Recovered());
        story.step(4);
        if (caught_up) {
            story.take(1, 4, 1, 1);
            story.sync(4);
        } else {
            story.adopt(4, 1);
        }
        story.campaign(2, 2);
        story.expect_clean();
        story.grant(4, 2, 2);
        return story.words();
    };
    EXPECT_EQ(vote(true), "");
    EXPECT_EQ(vote(false),
              "vote truth: server 4 votes for server 2 in term 2, but its disk was wiped, and it "
              "has not yet all that was chosen by then, up to index 1\n");
}

TEST(Wiped, WhatItAcknowledgedBeforeCountsForNothing) {  // zoo R14
    Story story(4, Story::members(3));
    begin(story);
    const auto learner = [](uint32_t id) {
        return Configuration(Configuration::Members{.voters = Story::ids({1, 2, 3}),
                                                    .outgoing = {},
                                                    .learners = Story::ids({id}),
                                                    .witnesses = {}});
    };
    story.append(1, Story::entry(1, learner(4)));
    story.replicate(1, 2, 2, 2);
    story.commit(1, 2);
    story.take(1, 4, 1, 2);
    story.sync(4);
    story.acknowledge(4, 1, 2);  // under way
    story.append(1, Story::entry(1, Story::members(3)));
    story.replicate(1, 2, 3, 3);
    story.commit(1, 3);
    story.crash(4);
    story.oracles.on_wiped(ServerId(4));
    story.believe(1, 4, 2);  // it is no member, so nothing is built on it
    story.append(1, Story::entry(1, learner(4)));
    story.start(4, Recovered());
    story.step(4);
    story.expect_clean();
    story.believe(1, 4, 2);
    story.expect("ack truth",
                 "server 1 (leader, term 1) believes that server 4 holds its log up to index 2; in "
                 "that term it has acknowledged index 0 at most");
}

}  // namespace
}  // namespace wavetank
