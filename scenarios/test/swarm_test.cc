// What the swarm draws can be said in a file, and that file means the same run.
#include "scenarios/generate/swarm.h"

#include <gtest/gtest.h>

#include "scenarios/explain.h"
#include "scenarios/parse.h"
#include "scenarios/print.h"
#include "sim/simulation.h"

namespace wavetank {
namespace {

TEST(SwarmFile, EverySeedComesBack) {
    for (uint64_t seed = 1; seed <= 2000; ++seed) {
        const wavetank::Setup setup = draw_swarm(seed);
        const std::string text = print_scenario(setup);
        const auto again = parse_scenario(text, "printed");
        ASSERT_TRUE(again.ok()) << again.error().message << "\n" << text;
        EXPECT_EQ(print_scenario(again.value()), text);
        EXPECT_EQ(explain(again.value()), explain(setup)) << seed;
    }
}

TEST(SwarmFile, TheFileGivesTheSameRun) {
    for (uint64_t seed = 1; seed <= 10; ++seed) {
        const wavetank::Setup setup = draw_swarm(seed);
        const auto again = parse_scenario(print_scenario(setup), "printed");
        ASSERT_TRUE(again.ok()) << again.error().message;
        const RunRecord drawn = run_simulation(setup, seed);
        EXPECT_EQ(run_simulation(again.value(), seed).digest, drawn.digest) << seed;
        EXPECT_EQ(drawn.verdict, Verdict::Pass) << seed;
    }
}

}  // namespace
}  // namespace wavetank
