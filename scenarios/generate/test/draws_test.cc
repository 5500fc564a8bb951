// Draws: keyed, within their range, and never twice the same decision.
#include "scenarios/generate/draws.h"

#include <gtest/gtest.h>

#include <set>

namespace wavetank {
namespace {

TEST(Draws, DependOnSeedNameAndOrdinalAlone) {
    Draws one(7);
    const uint64_t servers = one.bits("servers");
    Draws again(7);
    const uint64_t other = again.bits("clients");
    EXPECT_EQ(again.bits("servers"), servers);
    EXPECT_NE(other, servers);
    EXPECT_NE(one.bits("servers", 1), servers);
    EXPECT_NE(Draws(8).bits("servers"), servers);
}

// The values that a seed has today: a change here changes what every recorded seed means.
TEST(Draws, StayAsTheyAre) {
    EXPECT_EQ(Draws(1).bits("cluster.servers"), 11973875675820957805u);
    EXPECT_EQ(Draws(2).bits("cluster.servers", 3), 15648049895833379707u);
}

TEST(DrawsDeathTest, OneDecisionIsDrawnOnce) {
    Draws draws(1);
    draws.happens("coin", 50);
    draws.happens("coin", 50, 1);
    EXPECT_DEATH(draws.between("coin", {1, 2}), "CHECK failed");
}

TEST(Draws, StayInTheirRangeAndReachItsEnds) {
    std::set<uint64_t> plain;
    std::set<uint64_t> scaled;
    std::set<uint64_t> doublings;
    for (uint64_t seed = 0; seed < 5000; ++seed) {
        Draws draws(seed);
        plain.insert(draws.between("plain", {3, 9}));
        const uint64_t value = draws.scaled("scaled", {3, 50});
        scaled.insert(value);
        doublings.insert(value / 3);
        const Duration time = draws.scaled_time("time", {milliseconds(5), {1, 100}});
        EXPECT_GE(time, milliseconds(5));
        EXPECT_LE(time, milliseconds(500));
        EXPECT_EQ(time.nanos % milliseconds(5).nanos, 0);
        const Ratio ratio = draws.ratio("ratio", {1, 100});
        EXPECT_EQ(parse_ratio(to_string(ratio)), ratio);
        EXPECT_EQ(draws.between("one", {4, 4}), 4u);
        EXPECT_EQ(draws.scaled("one scaled", {4, 4}), 4u);
        EXPECT_FALSE(draws.happens("never", 0));
        EXPECT_TRUE(draws.happens("always", 100));
    }
    EXPECT_EQ(plain, (std::set<uint64_t>{3, 4, 5, 6, 7, 8, 9}));
    EXPECT_EQ(*scaled.begin(), 3u);
    EXPECT_EQ(*scaled.rbegin(), 50u);
}

TEST(Draws, ScaledOnesAreAsOftenSmallAsLarge) {
    int small = 0;
    int runs = 4000;
    for (int seed = 0; seed < runs; ++seed) {
        if (Draws(static_cast<uint64_t>(seed)).scaled("bytes", {1, 65'536}) < 256) ++small;
    }
    EXPECT_GT(small, runs * 4 / 10);
    EXPECT_LT(small, runs * 6 / 10);
}

}  // namespace
}  // namespace wavetank
