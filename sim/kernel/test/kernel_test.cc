// Order of events, keyed chance, and clocks that drift.
#include <gtest/gtest.h>

#include <set>
#include <utility>
#include <vector>

#include "sim/kernel/chance.h"
#include "sim/kernel/event_queue.h"
#include "sim/kernel/node_clock.h"

namespace wavetank {
namespace {

// Against the definition, in all densities: from many events at one instant to few in an hour.
TEST(EventQueue, PopsInOrderOfTimeThenOfPushing) {
    for (const Duration spread :
         {nanoseconds(1), nanoseconds(50), microseconds(5), seconds(3600)}) {
        EventQueue queue;
        std::set<std::pair<int64_t, uint32_t>> expected;  // time and order of pushing
        Instant now;
        uint32_t pushed = 0;
        for (uint64_t round = 0; round < 5'000; ++round) {
            // Grows for a while, then shrinks, again and again.
            const uint64_t pushes = below(mix(1, round), round % 200 < 100 ? 5 : 2);
            for (uint64_t i = 0; i < pushes; ++i, ++pushed) {
                const auto ahead = static_cast<int64_t>(
                    below(mix(2, pushed), static_cast<uint64_t>(spread.nanos)));
                queue.push(now + Duration{ahead}, {EventKind::Control, pushed, 0});
                expected.emplace(now.nanos + ahead, pushed);
            }
            if (expected.empty()) continue;
            const QueuedEvent event = queue.pop();
            ASSERT_EQ(std::pair(event.at.nanos, event.subject), *expected.begin());
            expected.erase(expected.begin());
            now = event.at;
        }
        EXPECT_EQ(queue.size(), expected.size());
    }
}

TEST(EventQueue, EventsOfOneInstantKeepTheirOrderWhileTheyCauseOthers) {
    EventQueue queue;
    for (uint32_t i = 0; i < 200; ++i) queue.push(Instant{7}, {EventKind::Control, i, 0});
    for (uint32_t i = 0; i < 1'000; ++i) {
        EXPECT_EQ(queue.pop().subject, i);
        queue.push(Instant{7}, {EventKind::Control, i + 200, 0});
    }
}

TEST(EventQueue, TheLastInstantIsATimeLikeAnyOther) {
    EventQueue queue;
    queue.push(Instant::never(), {EventKind::Control, 2, 0});
    queue.push(Instant{}, {EventKind::Control, 1, 0});
    EXPECT_EQ(queue.pop().subject, 1U);
    EXPECT_EQ(queue.pop().at, Instant::never());
    EXPECT_TRUE(queue.empty());
}

TEST(Chance, IsKeyedByNameNotByOrder) {
    const Chance chance(42);
    const uint64_t third = chance.draw(ChanceKind::LinkLoss, 5, 3);
    chance.draw(ChanceKind::LinkLatency, 5, 3);
    EXPECT_EQ(chance.draw(ChanceKind::LinkLoss, 5, 3), third);
    EXPECT_NE(chance.draw(ChanceKind::LinkLoss, 5, 4), third);
    EXPECT_NE(chance.draw(ChanceKind::LinkLoss, 6, 3), third);
    EXPECT_NE(Chance(43).draw(ChanceKind::LinkLoss, 5, 3), third);
}

// The share of hits, and of hits that follow a hit at a distance, is that of independent decisions:
// within five standard deviations of it, for every one of 40 seeds.
TEST(Chance, DecisionsThatFollowEachOtherAreIndependent) {
    constexpr int64_t kDraws = 20'000;
    for (uint64_t seed = 1; seed <= 40; ++seed) {
        const Chance chance(seed);
        for (const uint64_t one_in : {2U, 5U, 20U}) {
            std::vector<bool> hits;
            for (uint64_t i = 0; i < kDraws; ++i) {
                const uint64_t bits = chance.draw(ChanceKind::LinkLoss, 1 << 16 | 2, i);
                hits.push_back(below(bits, one_in) == 0);
            }
            for (const std::size_t distance : {0U, 1U, 2U, 3U, 64U}) {
                int64_t both = 0;
                for (std::size_t i = distance; i < hits.size(); ++i) {
                    both += hits[i] && hits[i - distance] ? 1 : 0;
                }
                const auto odds = static_cast<int64_t>(distance == 0 ? one_in : one_in * one_in);
                const int64_t expected = kDraws / odds;
                EXPECT_LT((both - expected) * (both - expected), 25 * expected)
                    << "seed " << seed << ", one in " << one_in << ", distance " << distance;
            }
        }
    }
}

TEST(NodeClock, DriftsAndSteps) {
    NodeClock clock(milliseconds(5), 100'000);  // 10 % fast
    EXPECT_EQ(clock.local(Instant{}), Instant{} + milliseconds(5));
    EXPECT_EQ(clock.local(Instant{} + seconds(10)), Instant{} + milliseconds(11'005));
    clock.step(Instant{} + seconds(10), Duration{-milliseconds(1000).nanos});
    EXPECT_EQ(clock.local(Instant{} + seconds(10)), Instant{} + milliseconds(10'005));
    clock.set_drift(Instant{} + seconds(10), 0);
    EXPECT_EQ(clock.local(Instant{} + seconds(11)), Instant{} + milliseconds(11'005));
}

TEST(NodeClock, TrueTimeIsTheFirstAtWhichTheLocalTimeIsReached) {
    for (const int64_t drift : {-500'000, -300, 0, 7, 99'999, 2'000'000}) {
        const NodeClock clock(Duration{-12345}, drift);
        for (int64_t wanted = 0; wanted < 100'000; wanted += 997) {
            const Instant at = clock.true_time_of(Instant{wanted}, Instant{});
            EXPECT_GE(clock.local(at), Instant{wanted});
            if (at > Instant{}) {
                EXPECT_LT(clock.local(at - nanoseconds(1)), Instant{wanted});
            }
        }
    }
}

TEST(NodeClock, StandsStillAndGoesOnFromWhereItStood) {
    for (const int64_t drift : {-500'000, 0, 100'000}) {
        const auto at = [](int64_t s) { return Instant{} + seconds(s); };
        NodeClock clock(milliseconds(5), drift);
        const Instant stood = clock.local(at(10));
        clock.freeze(at(10));
        EXPECT_TRUE(clock.frozen());
        EXPECT_EQ(clock.local(at(10)), stood);
        EXPECT_EQ(clock.local(at(25)), stood);
        EXPECT_EQ(clock.true_time_of(stood, at(12)), at(12)) << "that is reached already";
        EXPECT_EQ(clock.true_time_of(stood + nanoseconds(1), at(12)), Instant::never());
        EXPECT_EQ(clock.true_time_of(Instant::never(), at(12)), Instant::never());
        EXPECT_EQ(clock.drift_ppm(), drift) << "it will run as it did";
        clock.go_on(at(30));
        EXPECT_FALSE(clock.frozen());
        EXPECT_EQ(clock.local(at(30)), stood);
        EXPECT_EQ(clock.local(at(31)) - stood, Duration{1'000 * (1'000'000 + drift)});
        EXPECT_EQ(clock.true_time_of(stood + Duration{1'000 * (1'000'000 + drift)}, at(30)),
                  at(31));
    }
}

TEST(NodeClock, AFrozenClockCanBeSetAndKeepsItsDriftForLater) {
    const auto at = [](int64_t s) { return Instant{} + seconds(s); };
    NodeClock clock;
    clock.freeze(at(10));
    clock.step(at(12), seconds(3));
    clock.set_drift(at(13), 1'000);
    EXPECT_EQ(clock.local(at(20)), at(13));
    clock.go_on(at(20));
    EXPECT_EQ(clock.local(at(21)), at(14) + milliseconds(1));
    clock.go_on(at(21));  // it did already
    EXPECT_EQ(clock.local(at(22)), at(15) + milliseconds(2));
}

}  // namespace
}  // namespace wavetank
