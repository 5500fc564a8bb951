// Snapshot truth, compaction, snapshot equals prefix, and the disk that holds them.
#include "sim/check/snapshots.h"

#include "sim/check/test/story.h"

namespace wavetank {
namespace {

// Server 1 leads term 1 and has committed and applied indexes 1 to 4; server 2 has them too, server
// 3 only the first one.
struct Snapshots : Story {
    Snapshots() : Story(3) {
        begin(*this);
        for (const char* command : {"a", "b", "c"}) append(1, entry(1, command));
        replicate(1, 2, 2, 4);
        commit(1, 4);
        for (uint64_t index = 1; index <= 4; ++index) apply(1, index, 100 + index);
        expect_clean();
    }
};

TEST(Snapshots, TakenSentAndInstalled) {
    Snapshots story;
    story.snapshot(1, 3, 2);
    story.install(1, 3);
    story.restore(3, 103);
    story.replicate(1, 3, 4, 4);
    story.learn(1, 3, 4);
    story.apply(3, 4, 104);
    story.crash(3);
    story.start(3, story.image(3));
    story.restore(3, 103);
    story.learn(1, 3, 4);
    story.apply(3, 4, 104);
    // The next leader goes on from the snapshot.
    story.elect(3, 2, {2});
    story.replicate(3, 2, 5, 5);
    story.commit(3, 5);
    story.oracles.compare_log(ServerId(3), story.server(3).log);
    story.oracles.finish();
    story.expect_clean();
}

TEST(SnapshotTruth, NotBeyondWhatIsApplied) {
    Snapshots story;
    story.server(2).commit = LogIndex(4);
    story.learn(1, 2, 4);
    story.snapshot(2, 3, 0);
    story.expect("snapshot truth",
                 "server 2 took a snapshot up to index 3, but has applied up to 0");
}

TEST(SnapshotTruth, StandsForWhatIsChosen) {  // zoo V08, S22
    Snapshots story;
    const auto said = [&] { return story.meta(1, 3, "state"); };
    SnapshotMeta wrong = said();
    wrong.last.term = Term(0);
    story.snapshot(1, wrong, 0, "state");
    story.expect("snapshot truth", "server 1 writes a snapshot up to index 3 of term 0");

    Snapshots second;
    wrong = said();
    wrong.last.clock.local = Instant{5};  // zoo X02: sessions would expire at another time
    second.snapshot(1, wrong, 0, "state");
    second.expect("snapshot truth", "time 0.000000); chosen there: index 3 of term 1");
}

TEST(SnapshotTruth, HasTheConfigurationInForceThere) {  // zoo S07
    Snapshots story;
    const Configuration learner(Configuration::Members{.voters = Story::ids({1, 2, 3}),
                                                       .outgoing = {},
                                                       .learners = Story::ids({4}),
                                                       .witnesses = {}});
    story.append(1, Story::entry(1, learner));  // not committed
    SnapshotMeta wrong = story.meta(1, 3, "state");
    wrong.configuration = learner;
    story.snapshot(1, wrong, 0, "state");
    story.expect("snapshot truth",
                 "a snapshot up to index 3 with configuration {1,2,3} learners {4}; in force there "
                 "is {1,2,3}");
}

TEST(SnapshotTruth, HasTheDataItSays) {  // zoo S20
    Snapshots story;
    story.snapshot(1, story.meta(1, 3, "state"), 0, "stat");
    story.expect("snapshot truth", "but its data are 4 bytes with digest");
}

TEST(SnapshotTruth, IsNotReplacedByAnOlderOne) {  // zoo S10
    Snapshots story;
    story.snapshot(1, 3, 0);
    story.expect_clean();
    story.snapshot(1, 2, 0);
    story.expect("snapshot truth", "server 1 replaces its snapshot up to index 3 by one up to 2");
    story.expect("monotonic", "the newest snapshot of server 1 went up to 3, now up to 2");
}

TEST(SnapshotTruth, AllItsPiecesAreThere) {  // zoo D11, S14
    Snapshots story;
    story.snapshot(1, 3, 2, "state");
    story.collect(1, 3, "stat");
    story.install_collected(1, 3);
    story.sync(3);
    story.expect("snapshot truth",
                 "takes the pieces it has collected for the snapshot up to index 3 of 5 bytes, but "
                 "they are 4 bytes of the one up to 3");
}

TEST(SnapshotTruth, PiecesFollowOneAnother) {
    Snapshots story;
    story.snapshot(1, 3, 2, "state");
    Write w;
    w.piece = SnapshotPiece{*story.server(1).snapshot, 2, Payload::copy_of("ate")};
    story.write(3, w);
    story.sync(3);
    story.expect("snapshot truth",
                 "writes a piece of the snapshot up to index 3 at offset 2, but its disk has 0");
}

TEST(SnapshotTruth, WhatIsSentIsDurable) {
    Snapshots story;
    InstallSnapshot message{Term(1), story.meta(1, 3, "state"), 0, Payload::copy_of("state"), 0};
    story.send(1, 3, message);
    story.expect("persist before send", "sends server 3 a snapshot up to index 3 of term 1");
}

TEST(SnapshotTruth, PiecesAreAcknowledgedWhenTheyAreDurable) {
    Snapshots story;
    story.snapshot(1, 3, 2, "state");
    story.collect(1, 3, "stat");
    story.send(3, 1, InstallSnapshotReply{Term(1), LogIndex(3), 4, 0});
    story.expect("persist before send", "server 3 says that 4 bytes of the snapshot up to index 3");
    Snapshots second;
    second.snapshot(1, 3, 2, "state");
    second.collect(1, 3, "stat");
    second.sync(3);
    second.send(3, 1, InstallSnapshotReply{Term(1), LogIndex(3), 4, 0});
    second.expect_clean();
}

TEST(Compaction, OnlyWhatTheSnapshotCovers) {
    Snapshots story;
    story.snapshot(1, 2, 0);
    story.expect_clean();
    Story::Server& s = story.server(1);
    s.log.compact_to(LogIndex(3));
    Write w;
    w.compaction = Compaction{s.log.base(), false};
    story.write(1, w);
    story.step(1, {Compacted{LogIndex(3)}});
    story.expect("compaction",
                 "removes its log up to index 3 in write 7, but its newest snapshot goes up to 2");
    story.expect("compaction",
                 "server 1 (term 1) has removed its log up to index 3; its newest snapshot goes up "
                 "to 2");
}

TEST(Compaction, RemembersTheEntryBefore) {  // zoo R06, E07
    Snapshots story;
    story.snapshot(1, 3, 2);
    story.expect_clean();
    Story::Server& s = story.server(1);
    LogBase wrong = s.log.base();
    wrong.clock = ClockReading(Instant{7});
    Log forged(wrong);
    for (uint64_t i = 3; i <= 4; ++i) forged.append(s.log.entry_at(LogIndex(i)));
    s.log = forged;
    Story::Server& other = story.server(2);
    other.commit = LogIndex(4);
    other.applied = LogIndex(4);
    story.step(2, {Committed{Term(1), LogIndex(4)}});
    other.log.compact_to(LogIndex(3));
    LogBase of_other = other.log.base();
    of_other.clock = ClockReading(Instant{7});
    Log forged_other(of_other);
    forged_other.append(story.server(1).log.entry_at(LogIndex(4)));
    other.log = forged_other;
    other.snapshot = story.server(1).snapshot;
    story.step(2);
    story.expect("compaction", "server 2 remembers of what it removed from its log index 3");
}

TEST(Compaction, TheBeginningDoesNotComeBack) {
    Snapshots story;
    Log whole = story.server(1).log;
    story.snapshot(1, 3, 2);
    story.server(1).log = whole;
    story.step(1);
    story.expect("compaction", "the log of server 1 began after index 2, and now after 0");
}

TEST(Compaction, AWrongLogIsNotTakenForAPrefix) {
    Snapshots story;
    story.snapshot(1, 3, 2);
    Story::Server& s = story.server(3);
    s.snapshot = story.server(1).snapshot;
    LogBase wrong = s.snapshot->last;
    wrong.chain += 1;
    s.log = Log(wrong);
    s.commit = LogIndex(3);
    story.step(3, {SnapshotInstalled{LogIndex(3)}, Committed{Term(1), LogIndex(3)}});
    story.expect("snapshot truth", "the log of server 3 (term 1) begins after index 3 of term 1");
}

TEST(Install, NotOverWhatIsCommitted) {  // zoo S01
    Snapshots story;
    story.learn(1, 2, 4);
    story.expect_clean();
    story.snapshot(1, 3, 2);
    story.collect(1, 2);
    story.install_collected(1, 2);
    story.expect("monotonic", "the commit index of server 2 (term 1) fell from 4 to 3");
    story.expect("monotonic", "installs a snapshot up to index 3, but its commit index was 4");
}

TEST(Install, KeepsAMatchingSuffix) {
    Snapshots story;
    story.snapshot(1, 3, 2);
    story.collect(1, 2);
    story.sync(2);
    story.expect_clean();
    Story::Server& s = story.server(2);
    s.snapshot = story.server(1).snapshot;
    s.log = Log(s.snapshot->last);  // index 4 is gone, which the leader counts
    s.commit = LogIndex(3);
    Write w;
    w.snapshot = SnapshotWrite{*s.snapshot, true, Payload()};
    w.compaction = Compaction{s.snapshot->last, true};
    story.write(2, w);
    story.step(2, {SnapshotInstalled{LogIndex(3)}, Committed{Term(1), LogIndex(3)}});
    story.expect("truncation",
                 "server 2 replaces its whole log by a snapshot up to index 3, although the log on "
                 "its disk has the same entry there and goes on up to 4");
    story.expect("truncation", "server 2 (term 1) cut its log from index 4 back to 3");
}

// Server 3 has three entries of its own term 2 after index 1; server 1 has chosen others there.
struct Conflict : Story {
    Conflict() : Story(3) {
        begin(*this);
        elect(3, 2, {2});
        for (const char* command : {"x", "y", "z"}) append(3, entry(2, command));
        elect(1, 3, {2});
        append(1, entry(3, "a"));
        replicate(1, 2, 2, 3);
        commit(1, 3);
        for (uint64_t index = 1; index <= 3; ++index) apply(1, index, 100 + index);
        snapshot(1, 3, 3);
        expect_clean();
        collect(1, 3);
        expect_clean();
    }
};

TEST(Install, RemovesAConflictingSuffix) {
    Conflict story;
    story.install_collected(1, 3);
    story.sync(3);
    story.acknowledge(3, 1, 3);
    story.crash(3);
    story.start(3, story.image(3));
    story.step(3);
    story.expect_clean();
}

TEST(Install, AlsoOnDisk) {  // zoo S04
    Conflict story;
    Story::Server& s = story.server(3);
    s.snapshot = story.server(1).snapshot;
    s.log = Log(s.snapshot->last);
    s.commit = LogIndex(3);
    Write w;
    w.snapshot = SnapshotWrite{*s.snapshot, true, Payload()};
    w.compaction = Compaction{s.snapshot->last, false};
    story.write(3, w);
    story.step(3, {SnapshotInstalled{LogIndex(3)}, Committed{Term(3), LogIndex(3)}});
    story.expect("compaction",
                 "server 3 keeps what its log on disk has after index 3, but there it has another "
                 "entry than index 3 of term 3");
    story.expect("write truth", "after which its log on disk ends with index 5 of term 2");
}

TEST(SnapshotEqualsPrefix, ByTheDigestOfTheMachine) {  // zoo X01
    Snapshots story;
    story.snapshot(1, 3, 2);
    story.install(1, 3);
    story.restore(3, 999);
    story.expect("snapshot equals prefix",
                 "server 3 loaded the snapshot up to index 3, and its machine has digest 999; that "
                 "of server 1 had 103");
}

TEST(SnapshotEqualsPrefix, LoadsWhatIsDurable) {
    Snapshots story;
    story.snapshot(1, 3, 2);
    story.collect(1, 3);
    story.install_collected(1, 3);  // not synced
    story.restore(3, 103);
    story.expect(
        "snapshot truth",
        "server 3 loads its machine from a snapshot up to index 3, but on its disk is none");
}

TEST(SnapshotEqualsPrefix, AppliedDoesNotGoBack) {  // zoo S11
    Snapshots story;
    story.learn(1, 2, 4);
    for (uint64_t index = 1; index <= 4; ++index) story.apply(2, index, 100 + index);
    story.snapshot(1, 3, 2);
    story.oracles.on_restored(ServerId(2), *story.server(1).snapshot, 103);
    story.expect("monotonic", "server 2 loads a snapshot up to index 3, but has applied up to 4");
}

// Server 3 has synced index 1, and on its way are a piece of a snapshot, the snapshot with the
// compaction, and index 4 after it.
void unsynced_install(Story& story) {
    story.snapshot(1, 3, 2);
    story.collect(1, 3);
    story.install_collected(1, 3);
    story.take(1, 3, 4, 4);
    story.expect_clean();
}

TEST(Recovery, EveryStepOfAnInstallIsLegalAndNothingElse) {
    Snapshots reference;
    unsynced_install(reference);
    const SnapshotMeta meta = *reference.server(3).snapshot;
    const Recovered all = reference.image(3);
    Recovered nothing;
    nothing.configuration = Story::members(3);
    nothing.hard_state = all.hard_state;
    nothing.entries = {Entry{Term(1), EntryKind::Empty, Payload()}};
    Recovered piece = nothing;
    piece.partial = Recovered::Partial{meta, 5};
    Recovered installed = all;
    installed.entries.clear();

    Recovered no_compaction = nothing;  // zoo S05
    no_compaction.snapshot = meta;
    Recovered no_snapshot = installed;
    no_snapshot.snapshot.reset();
    Recovered half_a_piece = piece;
    half_a_piece.partial->bytes = 3;
    Recovered unknown_base = installed;
    unknown_base.base.chain += 1;

    const auto accepts = [](const Recovered& image) {
        Snapshots story;
        unsynced_install(story);
        story.crash(3);
        story.oracles.on_start(story.options(3), image);
        return story.findings.empty();
    };
    EXPECT_TRUE(accepts(nothing));
    EXPECT_TRUE(accepts(piece));
    EXPECT_TRUE(accepts(installed));
    EXPECT_TRUE(accepts(all));
    EXPECT_FALSE(accepts(no_compaction));
    EXPECT_FALSE(accepts(no_snapshot));
    EXPECT_FALSE(accepts(half_a_piece));
    EXPECT_FALSE(accepts(unknown_base));
}

TEST(Recovery, TheFirstConfigurationStays) {
    Snapshots story;
    story.crash(3);
    Recovered image = story.image(3);
    image.configuration = Configuration();
    story.start(3, image);
    story.expect("recovery", "server 3 starts with {} as the configuration that the cluster was");
}

}  // namespace
}  // namespace wavetank
