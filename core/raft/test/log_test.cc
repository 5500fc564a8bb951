// The log in memory: chunks, their sharing, and what can be asked of an index.
#include "core/raft/log.h"

#include <gtest/gtest.h>

#include "core/raft/test/one_core.h"

namespace wavetank {
namespace {

constexpr Log::Limit kNoLimit{.entries_max = UINT32_MAX, .bytes_max = UINT64_MAX};

Log filled(uint64_t count, uint64_t term = 1) {
    Log log;
    for (uint64_t i = 1; i <= count; ++i) log.append(command(term, std::to_string(i)));
    return log;
}

std::string text_at(const Log& log, uint64_t index) {
    return std::string(log.entry_at(LogIndex(index)).payload.bytes());
}

TEST(Log, EmptyLogEndsAtIndexZeroWithTermZero) {
    const Log log;
    EXPECT_EQ(log.last_index(), LogIndex(0));
    EXPECT_EQ(log.last_term(), Term(0));
    EXPECT_EQ(log.chain_at(LogIndex(0)), 0U);
    EXPECT_TRUE(log.range(LogIndex(1), kNoLimit).empty());
}

TEST(Log, EntriesAreFoundAcrossChunks) {
    const Log log = filled(3 * LogChunk::kEntries + 5);
    for (const uint64_t index : {1ULL, 255ULL, 256ULL, 257ULL, 512ULL, 513ULL, 773ULL}) {
        EXPECT_EQ(text_at(log, index), std::to_string(index));
    }
    EXPECT_EQ(log.last_index(), LogIndex(773));
}

// Paper 5.3: the consistency check of AppendEntries; index 0 always matches.
TEST(Log, MatchesAtEqualTermsOnly) {
    Log log = filled(2, 1);
    log.append(command(3));
    EXPECT_TRUE(log.matches(LogIndex(0), Term(0)));
    EXPECT_TRUE(log.matches(LogIndex(2), Term(1)));
    EXPECT_TRUE(log.matches(LogIndex(3), Term(3)));
    EXPECT_FALSE(log.matches(LogIndex(0), Term(1)));
    EXPECT_FALSE(log.matches(LogIndex(3), Term(2)));
    EXPECT_FALSE(log.matches(LogIndex(4), Term(3)));
    EXPECT_FALSE(log.matches(LogIndex(UINT64_MAX), Term(3)));
}

// Paper 5.3, last paragraphs: where two logs may still agree, a term at a time.
TEST(Log, LastIndexWithTermAtMostSkipsWholeTerms) {
    Log log;
    for (const Entry& entry : log_of({1, 1, 1, 4, 4, 5, 5, 6, 6, 6})) log.append(entry);
    const auto at_most = [&](uint64_t index, uint64_t term) {
        return log.last_index_with_term_at_most(LogIndex(index), Term(term)).value();
    };
    EXPECT_EQ(at_most(10, 6), 10U);
    EXPECT_EQ(at_most(10, 5), 7U);
    EXPECT_EQ(at_most(10, 3), 3U);
    EXPECT_EQ(at_most(10, 0), 0U);
    EXPECT_EQ(at_most(4, 6), 4U);
    EXPECT_EQ(at_most(4, 1), 3U);
    EXPECT_EQ(at_most(0, 9), 0U);
}

TEST(Log, LastIndexWithTermAtMostAgreesWithAPlainWalk) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        Log log;
        uint64_t term = 1;
        for (uint64_t i = 0; i < 300; ++i) {
            if (below(mix(seed, i), 8) == 0) ++term;
            log.append(command(term));
        }
        for (uint64_t index = 0; index <= 300; index += 7) {
            for (uint64_t asked = 0; asked <= term + 1; asked += 3) {
                uint64_t expected = index;
                while (log.term_at(LogIndex(expected)) > Term(asked)) --expected;
                EXPECT_EQ(log.last_index_with_term_at_most(LogIndex(index), Term(asked)),
                          LogIndex(expected))
                    << "seed " << seed;
            }
        }
    }
}

TEST(Log, RangeStopsAtTheEndOfTheLog) {
    const EntryRange range = filled(5).range(LogIndex(3), kNoLimit);
    EXPECT_EQ(range.size(), 3U);
    EXPECT_EQ(range.first_index(), LogIndex(3));
    EXPECT_EQ(range.last_index(), LogIndex(5));
    EXPECT_EQ(range[0].payload.bytes(), "3");
}

TEST(Log, RangeStopsAtTheEndOfAChunk) {
    const Log log = filled(300);
    const EntryRange first = log.range(LogIndex(250), kNoLimit);
    EXPECT_EQ(first.size(), 7U);
    EXPECT_EQ(first.last_index(), LogIndex(256));
    EXPECT_EQ(log.range(LogIndex(257), kNoLimit).size(), 44U);
}

TEST(Log, RangeStopsAtTheLimits) {
    Log log;
    for (int i = 0; i < 10; ++i) log.append(command(1, "four"));
    EXPECT_EQ(log.range(LogIndex(1), {.entries_max = 3, .bytes_max = 100}).size(), 3U);
    EXPECT_EQ(log.range(LogIndex(1), {.entries_max = 9, .bytes_max = 8}).size(), 2U);
    EXPECT_EQ(log.range(LogIndex(1), {.entries_max = 9, .bytes_max = 11}).size(), 2U);
    EXPECT_EQ(log.range(LogIndex(1), {.entries_max = 9, .bytes_max = 12}).payload_bytes(), 12U);
}

TEST(Log, RangeHoldsAtLeastOneEntryHoweverLarge) {
    Log log;
    log.append(command(1, std::string(5000, 'x')));
    log.append(command(1, "small"));
    EXPECT_EQ(log.range(LogIndex(1), {.entries_max = 9, .bytes_max = 10}).size(), 1U);
}

TEST(Log, RangeKeepsItsEntriesWhenTheLogIsTruncatedAndRefilled) {
    Log log = filled(10);
    const EntryRange range = log.range(LogIndex(4), kNoLimit);
    log.truncate_from(LogIndex(5));
    for (uint64_t i = 5; i <= 12; ++i) log.append(command(2, "new"));
    ASSERT_EQ(range.size(), 7U);
    for (uint32_t i = 0; i < 7; ++i) EXPECT_EQ(range[i].payload.bytes(), std::to_string(4 + i));
    EXPECT_EQ(text_at(log, 5), "new");
    EXPECT_EQ(log.term_at(LogIndex(4)), Term(1));
}

TEST(Log, RangeOutlivesTheLog) {
    EntryRange range;
    {
        const Log log = filled(3);
        range = log.range(LogIndex(1), kNoLimit);
    }
    EXPECT_EQ(range[2].payload.bytes(), "3");
}

TEST(Log, CopiesThatGrowApartDoNotSeeEachOther) {
    Log one = filled(10);
    Log two = one;
    one.append(command(2, "one"));
    two.append(command(3, "two"));
    two.append(command(3, "two again"));
    EXPECT_EQ(text_at(one, 11), "one");
    EXPECT_EQ(text_at(two, 11), "two");
    EXPECT_EQ(one.last_index(), LogIndex(11));
    EXPECT_EQ(two.last_index(), LogIndex(12));
    EXPECT_EQ(text_at(two, 10), "10");
    EXPECT_FALSE(one == two);
}

TEST(Log, CopyStaysAsItWasWhenTheOriginalIsTruncatedAndRefilled) {
    Log original = filled(260);
    const Log copy = original;
    original.truncate_from(LogIndex(200));
    for (uint64_t i = 200; i <= 600; ++i) original.append(command(5, "other"));
    EXPECT_EQ(copy.last_index(), LogIndex(260));
    for (const uint64_t index : {199ULL, 200ULL, 256ULL, 257ULL, 260ULL}) {
        EXPECT_EQ(text_at(copy, index), std::to_string(index));
    }
    EXPECT_EQ(text_at(original, 199), "199");
    EXPECT_EQ(text_at(original, 257), "other");
}

TEST(Log, TruncationAtAChunkBoundary) {
    for (const uint64_t from : {1ULL, 256ULL, 257ULL, 258ULL, 512ULL, 513ULL}) {
        Log log = filled(600);
        log.truncate_from(LogIndex(from));
        EXPECT_EQ(log.last_index(), LogIndex(from - 1));
        for (uint64_t i = from; i <= 600; ++i) log.append(command(2, "again"));
        EXPECT_EQ(text_at(log, from), "again");
        EXPECT_EQ(text_at(log, 600), "again");
        if (from == 1) continue;
        EXPECT_EQ(text_at(log, from - 1), std::to_string(from - 1));
    }
}

// Log Matching (paper 5.3) in one number: equal chains, equal logs up to there.
TEST(Log, ChainTellsLogsApartAtTheFirstDifference) {
    Log one = filled(5);
    Log two = filled(5);
    EXPECT_TRUE(one == two);
    one.append(command(2, "a"));
    two.append(command(2, "b"));
    one.append(command(2, "same"));
    two.append(command(2, "same"));
    EXPECT_EQ(one.chain_at(LogIndex(5)), two.chain_at(LogIndex(5)));
    EXPECT_NE(one.chain_at(LogIndex(6)), two.chain_at(LogIndex(6)));
    EXPECT_NE(one.chain_at(LogIndex(7)), two.chain_at(LogIndex(7)));
}

TEST(Log, ChainDependsOnTermKindAndBytes) {
    const Entry entry{Term(1), EntryKind::Command, Payload()};
    const Entry later{Term(2), EntryKind::Command, Payload()};
    const Entry empty{Term(1), EntryKind::Empty, Payload()};
    EXPECT_NE(chain_entry(0, entry), chain_entry(0, later));
    EXPECT_NE(chain_entry(0, entry), chain_entry(0, empty));
    EXPECT_NE(chain_entry(0, entry), chain_entry(0, command(1, "x")));
    EXPECT_NE(chain_entry(0, entry), chain_entry(1, entry));
}

// 50 logs that copy, grow and shrink in turn, against plain vectors.
TEST(Log, ManyCopiesAgreeWithPlainVectors) {
    std::vector<Log> logs(50);
    std::vector<std::vector<Entry>> plain(50);
    for (uint64_t i = 0; i < 5000; ++i) {
        const uint64_t bits = mix(77, i);
        const std::size_t at = bits % 50;
        const std::size_t other = (bits >> 8) % 50;
        switch (below(mix(78, i), 8)) {
            case 0:
                logs[at] = logs[other];
                plain[at] = plain[other];
                break;
            case 1:
                if (plain[at].empty()) break;
                plain[at].resize((bits >> 16) % plain[at].size());
                logs[at].truncate_from(LogIndex(plain[at].size() + 1));
                break;
            default:
                for (uint64_t n = (bits >> 16) % 40; n > 0; --n) {
                    plain[at].push_back(command(1, std::to_string(i)));
                    logs[at].append(plain[at].back());
                }
        }
    }
    for (std::size_t at = 0; at < 50; ++at) {
        ASSERT_EQ(logs[at].last_index().value(), plain[at].size());
        uint64_t chain = 0;
        for (std::size_t i = 0; i < plain[at].size(); ++i) {
            chain = chain_entry(chain, plain[at][i]);
            ASSERT_EQ(logs[at].entry_at(LogIndex(i + 1)), plain[at][i]);
            ASSERT_EQ(logs[at].chain_at(LogIndex(i + 1)), chain);
        }
    }
}

}  // namespace
}  // namespace wavetank
