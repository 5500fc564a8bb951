// Probabilities are read, printed and decided exactly.
#include "sim/world/ratio.h"

#include <gtest/gtest.h>

#include "core/base/hash.h"

namespace wavetank {
namespace {

TEST(Ratio, ReadsPercentages) {
    EXPECT_EQ(parse_ratio("10%"), Ratio::of(1, 10));
    EXPECT_EQ(parse_ratio("0.1%"), Ratio::of(1, 1000));
    EXPECT_EQ(parse_ratio("2.5%"), Ratio::of(1, 40));
    EXPECT_EQ(parse_ratio("0.000001%"), Ratio::of(1, 100'000'000));
    EXPECT_EQ(parse_ratio("0%"), Ratio());
    EXPECT_EQ(parse_ratio("100%"), Ratio::always());
    EXPECT_EQ(parse_ratio("100.000000%"), Ratio::always());
}

TEST(Ratio, RefusesEverythingElse) {
    for (const char* bad : {"",
                            "%",
                            "1",
                            "-1%",
                            "+1%",
                            "1.1234567%",
                            "101%",
                            "100.000001%",
                            ".%",
                            ".5%",
                            "5.%",
                            "1..5%",
                            "1.2.3%",
                            "1 %",
                            " 1%",
                            "1%%",
                            "1e1%",
                            "0x1%",
                            "99999999999999999999%",
                            "1,5%"}) {
        EXPECT_EQ(parse_ratio(bad), std::nullopt) << bad;
    }
}

TEST(Ratio, PrintsTheShortestForm) {
    for (const char* text :
         {"0%", "100%", "10%", "0.1%", "2.5%", "99.999999%", "0.000001%", "33.333333%", "7%"}) {
        const auto ratio = parse_ratio(text);
        ASSERT_TRUE(ratio.has_value()) << text;
        EXPECT_EQ(to_string(*ratio), text);
    }
    EXPECT_EQ(to_string(Ratio::of(1, 3)), "33.333333%");
}

TEST(Ratio, WhatIsPrintedIsReadAgain) {
    for (uint64_t ordinal = 0; ordinal < 10'000; ++ordinal) {
        const Ratio ratio = Ratio::of(below(mix(7, ordinal), 100'000'001), 100'000'000);
        EXPECT_EQ(parse_ratio(to_string(ratio)), ratio) << ratio.parts();
    }
}

TEST(Ratio, HappensForItsShare) {
    EXPECT_FALSE(Ratio().happens(0));
    EXPECT_TRUE(Ratio().never());
    EXPECT_TRUE(Ratio::always().happens(UINT64_MAX));
    const Ratio half = Ratio::of(1, 2);
    EXPECT_TRUE(half.happens((uint64_t{1} << 63) - 1));
    EXPECT_FALSE(half.happens(uint64_t{1} << 63));
}

}  // namespace
}  // namespace wavetank
