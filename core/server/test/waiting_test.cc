// Waiting against the obvious: maps by ticket and by index.
#include "core/server/waiting.h"

#include <gtest/gtest.h>

#include <map>

#include "core/base/hash.h"

namespace wavetank {
namespace {

TEST(Waiting, GivesOutEachRequestOnce) {
    Waiting<int> waiting;
    waiting.begin(3, 30);
    waiting.begin(5, 50);
    waiting.begin(9, 90);
    EXPECT_EQ(waiting.take(4), std::nullopt);
    EXPECT_EQ(waiting.take(5), 50);
    EXPECT_EQ(waiting.take(5), std::nullopt);
    EXPECT_EQ(waiting.size(), 2U);
    EXPECT_EQ(waiting.take(3), 30);
    EXPECT_EQ(waiting.take(9), 90);
    EXPECT_EQ(waiting.size(), 0U);
    EXPECT_EQ(waiting.take(9), std::nullopt);
}

TEST(Waiting, IsDueInTheOrderOfTheLogAndThenOfComing) {
    Waiting<int> waiting;
    waiting.wait_for(LogIndex(7), 1);
    waiting.wait_for(LogIndex(5), 2);
    waiting.wait_for(LogIndex(7), 3);
    EXPECT_FALSE(waiting.take_due(LogIndex(4)).has_value());
    EXPECT_EQ(waiting.take_due(LogIndex(6))->request, 2);
    EXPECT_FALSE(waiting.take_due(LogIndex(6)).has_value());
    EXPECT_EQ(waiting.take_due(LogIndex(8))->request, 1);
    EXPECT_EQ(waiting.take_due(LogIndex(8))->request, 3);
    EXPECT_FALSE(waiting.take_due(LogIndex(8)).has_value());
}

TEST(Waiting, DoesWhatMapsDo) {
    Waiting<uint64_t> waiting;
    std::map<uint64_t, uint64_t> by_ticket;
    std::multimap<uint64_t, uint64_t> by_index;
    uint64_t ticket = 0;
    uint64_t applied = 0;
    for (uint64_t i = 0; i < 20'000; ++i) {
        const uint64_t bits = mix(17, i);
        if (bits % 3 == 0) {
            ticket += 1 + (bits >> 8) % 3;
            waiting.begin(ticket, ticket * 10);
            by_ticket[ticket] = ticket * 10;
        } else if (bits % 3 == 1 && ticket > 0) {
            const uint64_t wanted = ticket - std::min(ticket, (bits >> 8) % 40);
            const auto found = by_ticket.find(wanted);
            const auto taken = waiting.take(wanted);
            ASSERT_EQ(taken.has_value(), found != by_ticket.end());
            if (!taken) continue;
            ASSERT_EQ(*taken, found->second);
            by_ticket.erase(found);
            const uint64_t index = applied + (bits >> 16) % 8;
            waiting.wait_for(LogIndex(index), wanted);
            by_index.emplace(index, wanted);
        } else {
            applied += (bits >> 8) % 2;
            const auto due = waiting.take_due(LogIndex(applied));
            const bool expected = !by_index.empty() && by_index.begin()->first <= applied;
            ASSERT_EQ(due.has_value(), expected);
            if (!due) continue;
            ASSERT_EQ(due->index.value(), by_index.begin()->first);
            ASSERT_EQ(due->request, by_index.begin()->second);
            by_index.erase(by_index.begin());
        }
        ASSERT_EQ(waiting.size(), by_ticket.size() + by_index.size());
    }
}

}  // namespace
}  // namespace wavetank
