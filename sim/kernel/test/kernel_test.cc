// Order of events, keyed chance, and clocks that drift.
#include <gtest/gtest.h>

#include "sim/kernel/chance.h"
#include "sim/kernel/event_queue.h"
#include "sim/kernel/node_clock.h"

namespace wavetank {
namespace {

TEST(EventQueue, PopsInOrderOfTimeThenOfPushing) {
    EventQueue queue;
    for (uint32_t i = 0; i < 1000; ++i) {
        const int64_t time = static_cast<int64_t>(below(mix(7, i), 50));
        queue.push(Instant{time}, {EventKind::Control, i, 0});
    }
    QueuedEvent last = queue.pop();
    std::size_t count = 1;
    for (; !queue.empty(); ++count) {
        const QueuedEvent next = queue.pop();
        EXPECT_TRUE(last.at < next.at || (last.at == next.at && last.sequence < next.sequence));
        last = next;
    }
    EXPECT_EQ(count, 1000U);
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

}  // namespace
}  // namespace wavetank
