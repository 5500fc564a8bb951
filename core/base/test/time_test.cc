// Spans are read and printed exactly.
#include "core/base/time.h"

#include <gtest/gtest.h>

namespace wavetank {
namespace {

TEST(Duration, ReadsEveryUnit) {
    EXPECT_EQ(parse_duration("250ms"), milliseconds(250));
    EXPECT_EQ(parse_duration("1.5s"), milliseconds(1500));
    EXPECT_EQ(parse_duration("100us"), microseconds(100));
    EXPECT_EQ(parse_duration("20ns"), nanoseconds(20));
    EXPECT_EQ(parse_duration("2m"), seconds(120));
    EXPECT_EQ(parse_duration("1h"), seconds(3600));
    EXPECT_EQ(parse_duration("0s"), seconds(0));
}

TEST(Duration, RefusesWhatIsNotExact) {
    for (const char* bad : {"", "5", "ms", "-1s", "1 s", "1.5ns", "1e3s", "0x5s", ".s", "5sec",
                            "9999999999999999999s", "300000000000s"}) {
        EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
    }
}

TEST(Duration, PrintsTheShortestExactForm) {
    for (const char* text : {"250ms", "1.5s", "100us", "20ns", "2m", "1h", "0s", "1.001s", "61s"}) {
        const auto span = parse_duration(text);
        ASSERT_TRUE(span.has_value());
        EXPECT_EQ(to_string(*span), text);
    }
    EXPECT_EQ(to_string(Instant{12'345'678'901}), "12.345678");
}

}  // namespace
}  // namespace wavetank
