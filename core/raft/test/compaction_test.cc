// The beginning of a log: compacted away, or left to storage. Against a plain list of all entries.
#include <gtest/gtest.h>

#include "core/base/hash.h"
#include "core/raft/log.h"
#include "core/raft/test/one_core.h"

namespace wavetank {
namespace {

Log log_with(uint64_t entries) {
    Log log;
    for (uint64_t i = 1; i <= entries; ++i) log.append(command(1 + i / 100, std::to_string(i)));
    return log;
}

TEST(Compaction, LeavesTheRestAsItWas) {
    const Log whole = log_with(600);
    Log log = whole;
    log.compact_to(LogIndex(300));
    EXPECT_EQ(log.base(), whole.base_at(LogIndex(300)));
    EXPECT_EQ(log.first_index(), LogIndex(301));
    EXPECT_EQ(log.last_chain(), whole.last_chain());
    for (uint64_t i = 300; i <= 600; ++i) {
        EXPECT_EQ(log.term_at(LogIndex(i)), whole.term_at(LogIndex(i)));
        EXPECT_EQ(log.chain_at(LogIndex(i)), whole.chain_at(LogIndex(i)));
    }
    EXPECT_TRUE(log.matches(LogIndex(7), Term(99))) << "what is compacted is committed";
    EXPECT_FALSE(log.matches(LogIndex(300), Term(99)));
    EXPECT_TRUE(log.matches(LogIndex(300), whole.term_at(LogIndex(300))));
}

TEST(Compaction, ALogMayBecomeEmptyAndGrowAgain) {
    for (const uint64_t length : {255U, 256U, 257U, 300U}) {
        Log log = log_with(length);
        const uint64_t chain = log.last_chain();
        log.compact_to(LogIndex(length));
        EXPECT_EQ(log.last_index(), LogIndex(length));
        EXPECT_EQ(log.last_chain(), chain);
        log.append(command(9, "next"));
        EXPECT_EQ(log.term_at(LogIndex(length + 1)), Term(9));
        log.truncate_from(LogIndex(length + 1));
        EXPECT_EQ(log.last_chain(), chain);
        EXPECT_EQ(log, Log(log.base()));
    }
}

// What is only in storage any more still has its terms, and can still be compacted at the ends of
// chunks.
TEST(Compaction, ForgottenEntriesKeepTheirTerms) {
    const Log whole = log_with(1000);
    Log log = whole;
    log.forget_before(LogIndex(700));
    EXPECT_EQ(log.in_memory_from(), LogIndex(513)) << "whole chunks only";
    EXPECT_EQ(log.last_index_with_term_at_most(LogIndex(600), Term(3)),
              whole.last_index_with_term_at_most(LogIndex(600), Term(3)));
    for (uint64_t i = 1; i <= 1000; ++i) {
        ASSERT_EQ(log.term_at(LogIndex(i)), whole.term_at(LogIndex(i)));
    }
    EXPECT_EQ(log.compactable_to(LogIndex(255)), LogIndex(0));
    EXPECT_EQ(log.compactable_to(LogIndex(400)), LogIndex(256));
    EXPECT_EQ(log.compactable_to(LogIndex(900)), LogIndex(900));
    log.compact_to(LogIndex(256));
    EXPECT_EQ(log.base(), whole.base_at(LogIndex(256)));
    log.compact_to(LogIndex(900));
    EXPECT_EQ(log.base(), whole.base_at(LogIndex(900)));
}

TEST(Compaction, TheLastEntryIsNeverForgotten) {
    Log log = log_with(512);
    log.forget_before(LogIndex(513));
    EXPECT_TRUE(log.in_memory(LogIndex(512)));
    log = log_with(513);
    log.forget_before(LogIndex(9999));
    EXPECT_EQ(log.in_memory_from(), LogIndex(513));
}

TEST(Compaction, RandomWalksAgreeWithPlainLists) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        Log log;
        std::vector<Entry> all;
        uint64_t ordinal = 0;
        const auto draw = [&](uint64_t bound) { return below(mix(seed, ++ordinal), bound); };
        uint64_t safe = 0;  // never truncated: as if committed
        for (int step = 0; step < 300; ++step) {
            switch (draw(6)) {
                case 0:
                    safe += draw(all.size() - safe + 1);
                    if (safe > 0) log.forget_before(LogIndex(safe - draw(safe) / 4));
                    break;
                case 1: {
                    const uint64_t base = log.base().index.value();
                    safe = std::max(safe, base);
                    log.compact_to(log.compactable_to(LogIndex(base + draw(safe - base + 1))));
                    break;
                }
                case 2:
                    if (all.size() == safe) break;
                    all.resize(safe + draw(all.size() - safe));
                    log.truncate_from(LogIndex(all.size() + 1));
                    break;
                default:
                    for (uint64_t n = draw(200); n > 0; --n) {
                        const uint64_t term = all.empty() ? 1 : all.back().term.value();
                        all.push_back(command(term + draw(50) / 49, std::to_string(n)));
                        log.append(all.back());
                    }
            }
            ASSERT_EQ(log.last_index().value(), all.size()) << "seed " << seed;
            uint64_t chain = 0;
            for (uint64_t i = 1; i <= all.size(); ++i) {
                chain = chain_entry(chain, all[i - 1]);
                if (i < log.base().index.value()) continue;
                ASSERT_EQ(log.term_at(LogIndex(i)), all[i - 1].term) << "seed " << seed;
                if (log.in_memory(LogIndex(i))) {
                    ASSERT_EQ(log.entry_at(LogIndex(i)), all[i - 1]) << "seed " << seed;
                    ASSERT_EQ(log.chain_at(LogIndex(i)), chain) << "seed " << seed;
                }
            }
        }
    }
}

}  // namespace
}  // namespace wavetank
