// The sitting over systems that only write down what is asked of them.
#include "bench/throughput/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/throughput/test/scripted_system.h"

namespace wavetank::bench {
namespace {

using testing::ElementsAre;

struct Sitting {
    std::vector<std::string> calls;
    ScriptedSystem first{"first", &calls};
    ScriptedSystem second{"second", &calls};
    std::vector<BenchStep> steps;
    std::vector<ThroughputSample> samples;

    std::optional<Error> run(const Plan& plan, bool both, uint64_t samples_max = UINT64_MAX) {
        std::vector<SystemUnderLoad*> systems = {&first};
        if (both) systems.push_back(&second);
        return run_plan(plan, systems,
                        {.before = [&](const BenchStep& step) { steps.push_back(step); },
                         .after = [&](const ThroughputSample& sample) -> std::optional<Error> {
                             samples.push_back(sample);
                             if (samples.size() < samples_max) return std::nullopt;
                             return Error{"disk full"};
                         }});
    }
};

Plan plan_of(std::vector<uint64_t> servers, std::vector<uint64_t> payloads) {
    Plan plan{.repeats = 1, .warmup_messages = 7};
    plan.tables = {{.title = "t",
                    .servers = std::move(servers),
                    .messages = {50},
                    .payload_bytes = std::move(payloads),
                    .concurrency = {4}}};
    return plan;
}

TEST(Runner, EveryMeasurementIsOfANewClusterAfterAWarmUp) {
    Sitting sitting;
    EXPECT_FALSE(sitting.run(plan_of({3}, {200}), false));
    EXPECT_THAT(
        sitting.calls,
        ElementsAre("first start 3", "first drive 7 and 50 x 200 B, 4 at once", "first stop"));
}

TEST(Runner, WarmUpIsNotCounted) {
    Sitting sitting;
    EXPECT_FALSE(sitting.run(plan_of({3}, {200}), false));
    ASSERT_EQ(sitting.samples.size(), 1u);
    const ThroughputSample& sample = sitting.samples[0];
    EXPECT_EQ(sample.messages, 50u);
    EXPECT_EQ(sample.syncs, 50u);
    EXPECT_EQ(sample.server_cpu, microseconds(100));
    EXPECT_FALSE(sample.commits.has_value());
    EXPECT_EQ(sample.elapsed, milliseconds(5));
    EXPECT_EQ(sample.problem, "");
}

TEST(Runner, SystemsTakeTurnsAndRepeatsLieApart) {
    Sitting sitting;
    Plan plan = plan_of({3}, {4, 200});
    plan.repeats = 2;
    EXPECT_FALSE(sitting.run(plan, true));
    std::vector<std::string> order;
    for (const BenchStep& step : sitting.steps) {
        order.push_back(fmt::format("{} {} {}", step.repeat, step.cell.payload_bytes, step.system));
    }
    EXPECT_THAT(order, ElementsAre("1 4 first", "1 4 second", "1 200 first", "1 200 second",
                                   "2 4 first", "2 4 second", "2 200 first", "2 200 second"));
    EXPECT_EQ(sitting.steps[7].done, 7u);
    EXPECT_EQ(sitting.steps[7].total, 8u);
    EXPECT_FALSE(sitting.steps[0].remaining.has_value());
    EXPECT_TRUE(sitting.steps[1].remaining.has_value());
}

TEST(Runner, FailureIsASampleAndTheSittingGoesOn) {
    Sitting sitting;
    sitting.first.refused_size = 1;
    sitting.first.broken_payload = 200;
    EXPECT_FALSE(sitting.run(plan_of({1, 3}, {4, 200}), false));
    ASSERT_EQ(sitting.samples.size(), 4u);
    EXPECT_EQ(sitting.samples[0].problem, "no leader");
    EXPECT_EQ(sitting.samples[2].problem, "");
    EXPECT_EQ(sitting.samples[3].problem, "the leader is gone");
    EXPECT_EQ(std::count(sitting.calls.begin(), sitting.calls.end(), "first stop"), 4);
}

TEST(Runner, StopsWhenResultsCannotBeKept) {
    Sitting sitting;
    const std::optional<Error> error = sitting.run(plan_of({3}, {4, 200}), true, 2);
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->message, "disk full");
    EXPECT_EQ(sitting.samples.size(), 2u);
}

}  // namespace
}  // namespace wavetank::bench
