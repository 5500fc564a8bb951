// Clocks that are set, stand still and jump, and that all of it ends.
#include <gtest/gtest.h>

#include "sim/fault/faults.h"
#include "sim/fault/test/fault_world.h"

namespace wavetank {
namespace {

class ClocksTest : public testing::Test {
 protected:
    // How far the clock of server `id` is ahead of true time.
    Duration off(uint32_t id) {
        return w_.world().node(id - 1).clock().local(w_.world().now()) - w_.world().now();
    }
    bool frozen(uint32_t id) { return w_.world().node(id - 1).clock().frozen(); }
    void freeze(uint32_t id, Duration span) {
        ChangeClock change{.target = only({id})};
        change.freeze_for = span;
        w_.faults.carry_out(change);
    }
    FaultWorld w_{3};
};

TEST_F(ClocksTest, AFreezeEndsByItselfWhereItStood) {
    w_.run_for(milliseconds(10));
    freeze(2, milliseconds(30));
    EXPECT_TRUE(frozen(2));
    EXPECT_FALSE(frozen(1));
    w_.run_for(milliseconds(29));
    EXPECT_TRUE(frozen(2));
    w_.run_for(milliseconds(2));
    EXPECT_FALSE(frozen(2));
    EXPECT_EQ(off(2), Duration{} - milliseconds(30));
    w_.run_for(milliseconds(100));
    EXPECT_EQ(off(2), Duration{} - milliseconds(30));
    EXPECT_EQ(off(1), Duration{});
}

TEST_F(ClocksTest, AClockStandsStillUntilTheLastFreezeIsOver) {
    freeze(2, milliseconds(30));
    w_.run_for(milliseconds(10));
    freeze(2, milliseconds(50));
    w_.run_for(milliseconds(49));
    EXPECT_TRUE(frozen(2));
    w_.run_for(milliseconds(2));
    EXPECT_FALSE(frozen(2));
    EXPECT_EQ(off(2), Duration{} - milliseconds(60));
}

TEST_F(ClocksTest, AStrobeJumpsForthAndBackAndEndsAtHome) {
    ChangeClock change{.target = only({1})};
    change.strobe = ChangeClock::Strobe{milliseconds(200), milliseconds(10), milliseconds(35)};
    w_.faults.carry_out(change);
    std::vector<int64_t> seen;
    for (int i = 0; i < 8; ++i) {
        w_.run_for(milliseconds(i == 0 ? 5 : 10));
        seen.push_back(off(1).nanos / 1'000'000);
    }
    EXPECT_EQ(seen, (std::vector<int64_t>{200, 0, 200, 0, 0, 0, 0, 0}));
}

TEST_F(ClocksTest, AnOddStrobeEndsAtHomeAsWell) {
    ChangeClock change{.target = only({1})};
    change.strobe =
        ChangeClock::Strobe{Duration{} - milliseconds(7), milliseconds(10), milliseconds(25)};
    w_.faults.carry_out(change);
    w_.run_for(milliseconds(24));
    EXPECT_EQ(off(1), Duration{} - milliseconds(7));
    w_.run_for(milliseconds(2));
    EXPECT_EQ(off(1), Duration{});
    w_.run_for(seconds(1));
    EXPECT_EQ(off(1), Duration{});
}

TEST_F(ClocksTest, AFreezeAloneSetsNothing) {
    w_.faults.carry_out(ChangeClock{only({1}), milliseconds(5), 1000});
    freeze(1, milliseconds(10));
    w_.run_for(milliseconds(11));
    EXPECT_EQ(w_.world().node(0).clock().drift_ppm(), 1000) << "the drift is left alone";
}

TEST_F(ClocksTest, TheEndOfAllFaultsEndsThemAll) {
    freeze(1, seconds(100));
    const auto late_end = w_.faults.freeze_clock(1);  // positions from 0
    const auto strobe_end = w_.faults.strobe_clock(2, {milliseconds(400), milliseconds(10)});
    w_.run_for(milliseconds(5));
    EXPECT_EQ(off(3), milliseconds(400));
    w_.faults.end_all();
    EXPECT_FALSE(frozen(1));
    EXPECT_FALSE(frozen(2));
    EXPECT_EQ(off(3), Duration{});
    const auto later = w_.faults.freeze_clock(1);
    late_end();
    strobe_end();
    EXPECT_TRUE(frozen(2)) << "an end of before the end of all is of no concern";
    later();
    EXPECT_FALSE(frozen(2));
    w_.run_for(milliseconds(200));
    EXPECT_EQ(off(3), Duration{});
}

}  // namespace
}  // namespace wavetank
