// Log matching, leader append-only, no phantom, truncation.
#include "sim/check/logs.h"

#include "sim/check/test/story.h"

namespace wavetank {
namespace {

TEST(Logs, AConflictingSuffixMayBeReplaced) {
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "lost a"));
    story.append(1, Story::entry(1, "lost b"));
    story.elect(2, 2, {3});
    story.replicate(2, 3, 2, 2);
    story.replicate(2, 1, 2, 2);  // removes both, puts one in their place
    story.commit(2, 2);
    story.expect_clean();
    story.oracles.compare_log(ServerId(1), story.server(1).log);
    story.oracles.finish();
    story.expect_clean();
}

TEST(LogMatching, IndexAndTermDetermineAnEntry) {
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "a"));
    story.server(2).log.append(Story::entry(1, "b"));
    story.step(2);
    story.expect("log matching",
                 "two entries of one index and term: server 2 has in its memory index 2");
}

TEST(LogMatching, AndAllEntriesBeforeIt) {
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "a"));
    story.append(1, Story::entry(1, "b"));
    Log& log = story.server(2).log;
    log = Log();
    log.append(Entry{Term(1), EntryKind::Empty, Payload()});
    log.append(Story::entry(1, "other"));
    log.append(Story::entry(1, "b"));
    story.step(2);
    EXPECT_GE(story.findings.count(), 2U);
    story.expect("log matching", "server 2 has in its memory index 3 of term 1");
}

TEST(LogMatching, ALogOverwrittenInItsMiddle) {  // seen by the occasional scan of the whole log
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "a"));
    story.expect_clean();
    Log forged;
    forged.append(Story::entry(1, "x"));
    forged.append(Story::entry(1, "a"));
    story.oracles.compare_log(ServerId(1), forged);
    story.expect("log matching", "they agree up to 0");
}

TEST(LogMatching, TermsDoNotExceedTheServers) {
    Story story(3);
    begin(story);
    story.server(2).log.append(Story::entry(7, "future"));
    story.step(2);
    story.expect("log matching", "server 2 in term 1 appended index 2 of term 7");
}

TEST(LeaderAppendOnly, ALeaderRemovesNothing) {
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "a"));
    story.server(1).log.truncate_from(LogIndex(2));
    story.server(1).log.append(Story::entry(1, "b"));
    story.step(1);
    story.expect("leader append-only",
                 "server 1, leader of term 1, removed from its own log: index 2");
}

TEST(LeaderAppendOnly, ALeaderAppendsItsTermOnly) {
    Story story(3);
    begin(story);
    story.campaign(2, 2);
    story.grant(3, 2, 2);
    story.server(2).role = Role::Leader;
    story.append(2, Story::entry(1, "of an earlier term"), {BecameLeader{Term(2)}});
    story.expect("leader append-only", "server 2, leader of term 2, appended index 2 of term 1");
}

TEST(NoPhantom, OnlyTheLeaderOfATermMakesItsEntries) {
    Story story(3);
    begin(story);
    story.server(2).log.append(Story::entry(1, "made up"));
    story.step(2);
    story.expect("no phantom", "which was never in the log of any leader");
}

TEST(NoPhantom, EntriesComeFromTheLeaderOfTheTerm) {  // AppendEntries of an old term taken
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "a"));
    story.elect(2, 2, {3});
    story.server(3).log.append(Story::entry(1, "a"));
    story.step(3);
    story.expect("no phantom", "is not in the log of the leader of that term (server 2");
}

TEST(EntryTime, NeverFalls) {
    Story story(3);
    begin(story);
    Entry entry = Story::entry(1, "a");
    entry.time = Instant{100};
    story.append(1, entry);
    story.expect_clean();
    entry.time = Instant{99};
    story.append(1, entry);
    story.expect("entry time",
                 "server 1, leader of term 1, appended index 3 with time 0.000000, after an entry");
}

TEST(EntryTime, ContainsTrueTime) {
    Story story(3);
    begin(story);
    Entry entry = Story::entry(1, "a");
    entry.time = story.now();
    entry.error = milliseconds(1);
    story.append(1, entry);
    story.expect_clean();
    entry.time = story.now() - milliseconds(1);
    story.append(1, entry);
    story.expect("entry time", "which does not contain true time; its clock is right");
}

TEST(Truncation, NeverWithoutAConflict) {  // zoo R01
    Story story(3);
    begin(story);
    story.append(1, Story::entry(1, "a"));
    story.replicate(1, 2, 2, 2);
    story.expect_clean();
    story.server(2).log.truncate_from(LogIndex(2));
    story.step(2);
    story.expect("truncation", "server 2 (term 1) cut its log from index 2 back to 1");
}

TEST(Truncation, NeverBelowTheCommitIndex) {
    Story story(3);
    begin(story);
    story.elect(2, 2, {3});
    story.expect_clean();
    Log& log = story.server(3).log;
    log.truncate_from(LogIndex(1));
    log.append(Story::entry(2, "x"));
    story.step(3);
    story.expect("truncation", "server 3 removed index 1 of term 1");
}

TEST(EntryTree, LogsShareTheirBeginning) {
    EntryTree tree;
    const EntryId a = tree.find_or_add(EntryId(), Story::entry(1, "a")).id;
    const EntryId b = tree.find_or_add(a, Story::entry(1, "b")).id;
    const EntryId c = tree.find_or_add(a, Story::entry(2, "c")).id;
    const EntryId d = tree.find_or_add(b, Story::entry(3, "d")).id;
    EXPECT_EQ(tree.find_or_add(a, Story::entry(1, "b")).id, b);
    EXPECT_NE(tree.find_or_add(c, Story::entry(3, "d")).id, d);  // the same entry after another
    EXPECT_TRUE(tree.contains(d, a));
    EXPECT_TRUE(tree.contains(d, b));
    EXPECT_TRUE(tree.contains(d, EntryId()));
    EXPECT_FALSE(tree.contains(d, c));
    EXPECT_FALSE(tree.contains(b, d));
    EXPECT_EQ(tree.before_term(d, Term(3)), b);
    EXPECT_EQ(tree.before_term(d, Term(1)), EntryId());
    EXPECT_EQ(tree.rival_of(b), EntryId());
    EXPECT_TRUE(tree.rival_of(d));
}

}  // namespace
}  // namespace wavetank
