// The durability ledger: after which write is a promise true? (Paper figure 2: persistent state is
// updated before responding; DESIGN D3: completion is a prefix.)
#include "core/raft/writes.h"

#include <gtest/gtest.h>

#include "core/raft/test/one_core.h"

namespace wavetank {
namespace {

class WriteLedgerTest : public testing::Test {
 protected:
    void append(uint64_t term) { log_.append(command(term)); }
    void truncate(uint64_t from) {
        log_.truncate_from(LogIndex(from));
        ledger_.truncated(LogIndex(from));
    }
    void vote(uint64_t term) {
        hard_state_ = HardState{Term(term), ServerId(1)};
        ledger_.hard_state_changed();
    }
    Write issue(uint32_t in_flight_max = 10) {
        Write write;
        ledger_.issue({hard_state_, log_}, in_flight_max, write);
        return write;
    }
    uint64_t covering(uint64_t upto) const { return ledger_.covering(LogIndex(upto)).value(); }
    uint64_t durable() const { return ledger_.durable_index().value(); }

    HardState hard_state_;
    Log log_;
    WriteLedger ledger_{LogIndex(0)};
};

TEST_F(WriteLedgerTest, NothingChangedNothingIssued) {
    EXPECT_FALSE(issue().id);
    EXPECT_EQ(covering(0), 0U);
    EXPECT_EQ(durable(), 0U);
}

TEST_F(WriteLedgerTest, WhatWasRecoveredIsDurable) {
    const WriteLedger recovered(LogIndex(7));
    EXPECT_EQ(recovered.durable_index(), LogIndex(7));
    EXPECT_TRUE(recovered.done(recovered.covering(LogIndex(7))));
}

// A leader's snapshot replaces a log whose last entries were never handed to the disk. The leader
// has verified them, so an acknowledgement of them may still be due; but nothing of them is durable
// before the snapshot is (found by swarm seed 6949: an acknowledgement went out with the write that
// held the entries before them).
TEST_F(WriteLedgerTest, WhatASnapshotReplacesUnissuedIsDurableWithTheSnapshot) {
    for (int i = 0; i < 26; ++i) append(2);
    ASSERT_EQ(issue(1).id, WriteId(1));
    for (int i = 0; i < 2; ++i) append(2);
    ASSERT_FALSE(issue(1).id) << "too much is in flight";
    SnapshotWrite snapshot;
    snapshot.meta.last = LogBase{LogIndex(30), Term(2), 0, {}};
    ledger_.log_replaced(snapshot, LogIndex(29));
    log_ = Log(snapshot.meta.last);
    EXPECT_EQ(covering(26), 1U);
    EXPECT_EQ(covering(28), 2U);
    ASSERT_TRUE(ledger_.written(WriteId(1)));
    EXPECT_EQ(durable(), 26U);
    EXPECT_EQ(covering(28), 2U);
    ASSERT_EQ(issue(1).id, WriteId(2));
    EXPECT_EQ(covering(28), 2U);
    ASSERT_TRUE(ledger_.written(WriteId(2)));
    EXPECT_EQ(durable(), 30U);
}

TEST_F(WriteLedgerTest, OneWriteTakesEverythingThatChanged) {
    vote(3);
    append(3);
    append(3);
    const Write write = issue();
    EXPECT_EQ(write.id, WriteId(1));
    EXPECT_EQ(write.hard_state, hard_state_);
    EXPECT_FALSE(write.truncate_from);
    ASSERT_EQ(write.append.size(), 1U);
    EXPECT_EQ(write.append[0].first_index(), LogIndex(1));
    EXPECT_EQ(write.append[0].last_index(), LogIndex(2));
    EXPECT_FALSE(issue().id) << "it is issued once";
}

TEST_F(WriteLedgerTest, RangesOfAWriteAreConsecutiveAcrossChunks) {
    for (int i = 0; i < 600; ++i) append(1);
    const Write write = issue();
    ASSERT_EQ(write.append.size(), 3U);
    uint64_t next = 1;
    for (const EntryRange& range : write.append) {
        EXPECT_EQ(range.first_index(), LogIndex(next));
        next = range.last_index().value() + 1;
    }
    EXPECT_EQ(next, 601U);
}

TEST_F(WriteLedgerTest, CompletionIsAPrefix) {
    for (int i = 0; i < 3; ++i) {
        append(1);
        issue();
    }
    EXPECT_EQ(durable(), 0U);
    EXPECT_TRUE(ledger_.written(WriteId(2)));
    EXPECT_EQ(durable(), 2U);
    EXPECT_TRUE(ledger_.done(WriteId(1)));
    EXPECT_FALSE(ledger_.done(WriteId(3)));
    EXPECT_TRUE(ledger_.written(WriteId(1))) << "late, and true all the same";
    EXPECT_EQ(durable(), 2U);
    EXPECT_TRUE(ledger_.written(WriteId(3)));
    EXPECT_EQ(durable(), 3U);
}

TEST_F(WriteLedgerTest, AnIdNeverIssuedIsRefused) {
    append(1);
    EXPECT_FALSE(ledger_.written(WriteId(1)));
    issue();
    EXPECT_FALSE(ledger_.written(WriteId(2)));
    EXPECT_EQ(durable(), 0U);
}

TEST_F(WriteLedgerTest, CoveringIsTheWriteAfterWhichItIsDurable) {
    append(1);
    EXPECT_EQ(covering(1), 1U) << "not issued yet: the next one";
    issue();
    append(1);
    issue();
    EXPECT_EQ(covering(1), 1U);
    EXPECT_EQ(covering(2), 2U);
    append(1);
    EXPECT_EQ(covering(3), 3U);
    EXPECT_EQ(covering(1), 1U);
    EXPECT_TRUE(ledger_.written(WriteId(1)));
    EXPECT_TRUE(ledger_.done(ledger_.covering(LogIndex(1))));
    EXPECT_FALSE(ledger_.done(ledger_.covering(LogIndex(2))));
}

// A promise also rests on term and vote, so the newest hard state must be durable as well.
TEST_F(WriteLedgerTest, CoveringWaitsForTheHardState) {
    append(1);
    issue();
    vote(2);
    EXPECT_EQ(covering(0), 2U);
    EXPECT_EQ(covering(1), 2U);
    issue();
    EXPECT_EQ(covering(0), 2U);
    EXPECT_TRUE(ledger_.written(WriteId(1)));
    EXPECT_EQ(covering(1), 2U);
    EXPECT_TRUE(ledger_.written(WriteId(2)));
    EXPECT_TRUE(ledger_.done(ledger_.covering(LogIndex(1))));
}

TEST_F(WriteLedgerTest, TooManyInFlightWaitAndJoin) {
    for (int i = 0; i < 2; ++i) {
        append(1);
        EXPECT_TRUE(issue(2).id);
    }
    append(1);
    EXPECT_FALSE(issue(2).id);
    vote(2);
    append(2);
    EXPECT_FALSE(issue(2).id);
    EXPECT_EQ(covering(3), 3U) << "it will be in the next write, whenever that leaves";
    EXPECT_TRUE(ledger_.written(WriteId(1)));
    const Write joined = issue(2);
    EXPECT_EQ(joined.id, WriteId(3));
    EXPECT_TRUE(joined.hard_state.has_value());
    EXPECT_EQ(joined.append[0].first_index(), LogIndex(3));
    EXPECT_EQ(joined.append[0].last_index(), LogIndex(4));
}

TEST_F(WriteLedgerTest, TruncationOfWhatStorageNeverHeardOfIsNotWritten) {
    append(1);
    issue();
    append(1);
    append(1);
    truncate(2);
    append(2);
    const Write write = issue();
    EXPECT_FALSE(write.truncate_from);
    EXPECT_EQ(write.append[0].first_index(), LogIndex(2));
    EXPECT_EQ(write.append[0].size(), 1U);
}

TEST_F(WriteLedgerTest, LowestOfSeveralTruncationsIsWritten) {
    for (int i = 0; i < 5; ++i) append(1);
    issue();
    truncate(4);
    append(2);
    truncate(2);
    append(3);
    append(3);
    truncate(3);
    append(4);
    const Write write = issue();
    EXPECT_EQ(write.truncate_from, LogIndex(2));
    EXPECT_EQ(write.append[0].first_index(), LogIndex(2));
    EXPECT_EQ(write.append[0].size(), 2U);
}

TEST_F(WriteLedgerTest, TruncationAloneIsAWrite) {
    for (int i = 0; i < 3; ++i) append(1);
    issue();
    EXPECT_TRUE(ledger_.written(WriteId(1)));
    truncate(3);
    EXPECT_EQ(durable(), 2U);
    const Write write = issue();
    EXPECT_EQ(write.truncate_from, LogIndex(3));
    EXPECT_TRUE(write.append.empty());
    EXPECT_EQ(durable(), 2U);
    EXPECT_TRUE(ledger_.written(WriteId(2)));
    EXPECT_EQ(durable(), 2U);
}

// The ABA race of callback designs: a late completion of entries that were overwritten since must
// not count for the entries that now stand at the same indexes.
TEST_F(WriteLedgerTest, LateCompletionOfAnOverwrittenWriteProvesNothingNew) {
    append(1);
    for (int i = 0; i < 3; ++i) append(2);
    issue();  // 1: entries 1..4
    truncate(2);
    for (int i = 0; i < 3; ++i) append(3);
    EXPECT_EQ(covering(4), 2U);
    EXPECT_EQ(durable(), 0U);
    EXPECT_TRUE(ledger_.written(WriteId(1)));
    EXPECT_EQ(durable(), 1U) << "of the old entries only those below the truncation still stand";
    issue();  // 2: truncate 2, entries 2..4
    EXPECT_EQ(durable(), 1U);
    EXPECT_EQ(covering(1), 0U);
    EXPECT_EQ(covering(2), 2U);
    EXPECT_TRUE(ledger_.written(WriteId(2)));
    EXPECT_EQ(durable(), 4U);
}

TEST_F(WriteLedgerTest, OverwrittenTwiceWhileBothWritesAreInFlight) {
    for (int i = 0; i < 4; ++i) append(1);
    issue();  // 1: entries 1..4
    truncate(3);
    append(2);
    append(2);
    issue();  // 2: truncate 3, entries 3..4
    truncate(4);
    append(3);
    issue();  // 3: truncate 4, entry 4
    EXPECT_EQ(covering(2), 1U);
    EXPECT_EQ(covering(3), 2U);
    EXPECT_EQ(covering(4), 3U);
    EXPECT_TRUE(ledger_.written(WriteId(1)));
    EXPECT_EQ(durable(), 2U);
    EXPECT_TRUE(ledger_.written(WriteId(2)));
    EXPECT_EQ(durable(), 3U);
    EXPECT_TRUE(ledger_.written(WriteId(3)));
    EXPECT_EQ(durable(), 4U);
}

// 30 random lives against a disk that carries writes out one by one.
TEST(WriteLedger, AgreesWithADiskInRandomLives) {
    for (uint64_t seed = 1; seed <= 30; ++seed) {
        Log log;
        WriteLedger ledger(LogIndex(0));
        const HardState hard_state;
        std::deque<Write> flying;
        std::vector<Entry> disk;
        for (uint64_t i = 0; i < 400; ++i) {
            const uint64_t bits = mix(seed, i);
            const uint64_t last = log.last_index().value();
            switch (bits % 4) {
                case 0:
                    log.append(command(i + 1));
                    break;
                case 1:
                    if (last == 0 || bits % 3 != 0) break;
                    log.truncate_from(LogIndex(1 + (bits >> 8) % last));
                    ledger.truncated(log.last_index().next());
                    break;
                case 2: {
                    Write write;
                    ledger.issue({hard_state, log}, 3, write);
                    if (write.id) flying.push_back(write);
                    break;
                }
                default:
                    if (flying.empty()) break;
                    const Write& write = flying.front();
                    if (write.truncate_from) disk.resize(write.truncate_from->value() - 1);
                    for (const EntryRange& range : write.append) {
                        ASSERT_EQ(range.first_index().value(), disk.size() + 1) << "seed " << seed;
                        for (uint32_t n = 0; n < range.size(); ++n) disk.push_back(range[n]);
                    }
                    ASSERT_TRUE(ledger.written(write.id));
                    flying.pop_front();
            }
            const uint64_t durable = ledger.durable_index().value();
            ASSERT_LE(durable, std::min<uint64_t>(disk.size(), log.last_index().value()));
            for (uint64_t at = 1; at <= durable; ++at) {
                ASSERT_EQ(disk[at - 1], log.entry_at(LogIndex(at))) << "seed " << seed;
            }
        }
    }
}

}  // namespace
}  // namespace wavetank
