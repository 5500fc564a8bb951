// Quantiles are right to 1/64 of their value, whatever was recorded.
#include "bench/load/histogram.h"

#include <gtest/gtest.h>

namespace wavetank {
namespace {

TEST(LatencyHistogram, IsEmptyAtFirst) {
    const LatencyHistogram histogram;
    EXPECT_EQ(histogram.count(), 0U);
    EXPECT_EQ(histogram.at_most(500'000), Duration{});
}

TEST(LatencyHistogram, SmallValuesAreExact) {
    LatencyHistogram histogram;
    for (int64_t nanos = 1; nanos <= 50; ++nanos) histogram.record({nanos});
    EXPECT_EQ(histogram.at_most(500'000), nanoseconds(25));
    EXPECT_EQ(histogram.at_most(1'000'000), nanoseconds(50));
    EXPECT_EQ(histogram.max(), nanoseconds(50));
}

TEST(LatencyHistogram, QuantilesAreNotBelowAndHardlyAboveTheTruth) {
    LatencyHistogram histogram;
    for (int64_t micros = 1; micros <= 10'000; ++micros) histogram.record(microseconds(micros));
    for (const uint64_t of_a_million : {1'000U, 500'000U, 990'000U, 999'000U}) {
        const int64_t truth = static_cast<int64_t>(of_a_million) / 100 * 1000;
        const int64_t told = histogram.at_most(of_a_million).nanos;
        EXPECT_GE(told, truth);
        EXPECT_LE(told, truth + truth / 64 + 1);
    }
    EXPECT_EQ(histogram.mean().nanos, 5'000'500);
}

TEST(LatencyHistogram, HistogramsAdd) {
    LatencyHistogram one;
    LatencyHistogram other;
    one.record(microseconds(1));
    other.record(seconds(100));
    one.add(other);
    EXPECT_EQ(one.count(), 2U);
    EXPECT_EQ(one.max(), seconds(100));
    EXPECT_EQ(one.at_most(1'000'000), seconds(100));
    EXPECT_LE(one.at_most(500'000), microseconds(2));
}

}  // namespace
}  // namespace wavetank
