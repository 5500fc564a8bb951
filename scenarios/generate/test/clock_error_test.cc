// What is known of clocks before a run.
#include "scenarios/generate/clock_error.h"

#include <gtest/gtest.h>

namespace wavetank {
namespace {

// A run of at most 10 s: nothing owed after 9 s, and the last look at it.
wavetank::Setup ten_seconds() {
    wavetank::Setup setup;
    setup.duration = seconds(9);
    setup.liveness.owed = false;
    return setup;
}

TEST(LongestRun, CountsTheTimelineAndWhatIsOwed) {
    wavetank::Setup setup = ten_seconds();
    EXPECT_EQ(longest_run(setup), seconds(10));
    setup.liveness = {true, seconds(1), seconds(2), seconds(3)};
    EXPECT_EQ(longest_run(setup), seconds(16));
    Step step;
    step.after = seconds(4);
    step.when = Expect{};
    step.within = seconds(5);
    setup.timeline = {step, step};
    EXPECT_EQ(longest_run(setup), seconds(25));
    setup.timeline[0].at = seconds(10);
    EXPECT_EQ(longest_run(setup), seconds(31));
}

TEST(ClockError, IsOffsetAndDriftOverTheWholeRun) {
    wavetank::Setup setup = ten_seconds();
    setup.clocks = {{ServerId(1), {milliseconds(-5), 100, std::nullopt}},
                    {ServerId(2), {milliseconds(5), -100, std::nullopt}}};
    EXPECT_EQ(clock_error_max(setup, ServerId(1)), milliseconds(6));
    EXPECT_EQ(clock_error_max(setup, ServerId(2)), milliseconds(6));
    EXPECT_EQ(clock_error_max(setup, ServerId(3)), Duration());
    setup.clocks[0].quality.drift_ppm = 1'000'000;
    setup.duration = seconds(3600) * 1000 - seconds(1);
    EXPECT_EQ(clock_error_max(setup, ServerId(1)), seconds(3600) * 1000 + milliseconds(5));
}

TEST(ClockError, FaultsMakeItLargerOrUnknown) {
    wavetank::Setup setup = ten_seconds();
    NemesisSetup& nemesis = setup.nemesis.emplace();
    nemesis.crash = 1;
    nemesis.drift_ppm_max = 1000;
    EXPECT_EQ(clock_error_max(setup, ServerId(1)), Duration());
    nemesis.clock_drift = 1;
    EXPECT_EQ(clock_error_max(setup, ServerId(1)), milliseconds(10));
    for (uint32_t NemesisSetup::*weight :
         {&NemesisSetup::clock_step, &NemesisSetup::clock_freeze, &NemesisSetup::clock_strobe}) {
        nemesis.*weight = 1;
        EXPECT_FALSE(clock_error_max(setup, ServerId(1)).has_value());
        nemesis.*weight = 0;
    }
    setup.timeline = {Step{.action = ChangeClock{}}};
    EXPECT_FALSE(clock_error_max(setup, ServerId(1)).has_value());
}

}  // namespace
}  // namespace wavetank
