// The window counts messages and bytes, and both come back to zero.
#include "core/quorum/progress.h"

#include <gtest/gtest.h>

namespace wavetank {
namespace {

TEST(InflightWindow, FullByMessages) {
    InflightWindow window({.messages_max = 3, .bytes_max = 1000});
    for (uint64_t i = 1; i <= 3; ++i) {
        EXPECT_FALSE(window.full());
        window.add(LogIndex(i * 2), 10);
    }
    EXPECT_TRUE(window.full());
    window.acknowledged(LogIndex(3));  // covers only the first message
    EXPECT_EQ(window.count(), 2U);
    EXPECT_EQ(window.bytes(), 20U);
}

TEST(InflightWindow, FullByBytes) {
    InflightWindow window({.messages_max = 100, .bytes_max = 1000});
    window.add(LogIndex(1), 5000);
    EXPECT_TRUE(window.full());
    window.acknowledged(LogIndex(1));
    EXPECT_FALSE(window.full());
    EXPECT_EQ(window.bytes(), 0U);
}

// A recorded bug (zoo F01): the byte counter survives the reset of the window.
TEST(InflightWindow, ClearForgetsBytes) {
    InflightWindow window({.messages_max = 2, .bytes_max = 10});
    window.add(LogIndex(1), 10);
    window.clear();
    EXPECT_FALSE(window.full());
    EXPECT_EQ(window.bytes(), 0U);
}

TEST(InflightWindow, WrapsAround) {
    InflightWindow window({.messages_max = 8, .bytes_max = 1000});
    for (uint64_t i = 1; i <= 100; ++i) {
        window.add(LogIndex(i), 1);
        if (i >= 5) window.acknowledged(LogIndex(i - 4));
    }
    EXPECT_EQ(window.count(), 4U);
    EXPECT_EQ(window.bytes(), 4U);
}

TEST(Progress, StaleAcknowledgementMovesNothing) {
    Progress progress({.messages_max = 8, .bytes_max = 1000});
    progress.next_index = LogIndex(10);
    EXPECT_TRUE(progress.acknowledge(LogIndex(5)));
    EXPECT_FALSE(progress.acknowledge(LogIndex(3)));
    EXPECT_EQ(progress.match_index, LogIndex(5));
    EXPECT_EQ(progress.next_index, LogIndex(10));
}

}  // namespace
}  // namespace wavetank
