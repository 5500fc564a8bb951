// The oracles accept the production core, whatever the weather.
#include <gtest/gtest.h>

#include "sim/check/raft_oracles.h"
#include "sim/check/test/tank.h"

namespace wavetank {
namespace {

Configuration voters(uint32_t count) {
    std::vector<ServerId> ids;
    for (uint32_t id = 1; id <= count; ++id) ids.push_back(ServerId(id));
    return Configuration::of_voters(ids);
}

LogIndex run_clean(const Configuration& configuration, const Tank::Weather& weather,
                   uint64_t seed) {
    Findings findings;
    RaftOracles oracles(configuration, findings);
    Tank tank(configuration, seed, weather, oracles);
    tank.run(20'000);
    tank.each_log([&](ServerId id, const Log& log) { oracles.compare_log(id, log); });
    oracles.finish();
    EXPECT_EQ(findings.count(), 0U) << "seed " << seed;
    for (const Finding& finding : findings.kept()) {
        ADD_FAILURE() << configuration.to_string() << " seed " << seed << " event " << finding.event
                      << ": " << finding.oracle << ": " << finding.message;
    }
    return tank.highest_commit();
}

TEST(ProductionCore, IsAcceptedInAllWeathers) {
    const std::vector<Tank::Weather> weathers = {
        {},
        {.loss_percent = 0, .repeat_percent = 0, .crash_permille = 0, .isolate_permille = 0},
        {.loss_percent = 20, .repeat_percent = 20, .crash_permille = 1, .isolate_permille = 10},
        {.crash_permille = 10, .isolate_permille = 1, .propose_percent = 30},
        {.crash_permille = 4, .fail_permille = 5, .isolate_permille = 8, .sync_percent = 5},
        {.loss_percent = 1, .crash_permille = 1, .isolate_permille = 15, .propose_percent = 20},
    };
    uint64_t committed = 0;
    for (uint32_t servers : {1U, 2U, 3U, 5U}) {
        for (const Tank::Weather& weather : weathers) {
            for (uint64_t seed = 1; seed <= 3; ++seed) {
                committed += run_clean(voters(servers), weather, seed).value();
            }
        }
    }
    EXPECT_GT(committed, 10'000U);
}

TEST(ProductionCore, IsAcceptedInAJointConfigurationWithALearner) {
    const auto id = [](uint32_t n) { return ServerId(n); };
    const Configuration joint(Configuration::Members{.voters = {id(1), id(2), id(3)},
                                                     .outgoing = {id(3), id(4), id(70'000)},
                                                     .learners = {id(5)}});
    for (uint64_t seed = 1; seed <= 5; ++seed) run_clean(joint, {}, seed);
}

}  // namespace
}  // namespace wavetank
