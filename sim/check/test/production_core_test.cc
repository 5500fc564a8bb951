// The oracles accept the production core, whatever the weather.
#include <gtest/gtest.h>

#include "sim/check/raft_oracles.h"
#include "sim/check/test/tank.h"

namespace wavetank {
namespace {

std::vector<ServerId> ids(uint32_t count) {
    std::vector<ServerId> all;
    for (uint32_t id = 1; id <= count; ++id) all.push_back(ServerId(id));
    return all;
}
Cluster voters(uint32_t count) {
    return {ids(count), Configuration::of_voters(ids(count))};
}

// Small numbers, so that every bound is met.
Options small() {
    Options options;
    options.entries_per_message_max = 3;
    options.writes_in_flight_max = 3;
    options.window = {.messages_max = 4, .bytes_max = 400};
    options.uncommitted_bytes_max = 2000;
    options.apply_entries_max = 5;
    return options;
}
Options with_snapshots() {
    Options options = small();
    options.snapshot_entries = 20;
    options.snapshot_trailing_entries = 6;
    options.snapshot_piece_bytes = 16;
    options.log_memory_entries = 4;
    return options;
}

struct Ended {
    LogIndex commit;
    Tank::Counts counts;
};
Ended run_clean(const Cluster& cluster, const Options& options, const Tank::Weather& weather,
                uint64_t seed, uint64_t events = 20'000) {
    Findings findings;
    RaftOracles oracles(cluster, findings);
    Tank tank(cluster, options, seed, weather, oracles);
    for (uint64_t done = 0; done < events && findings.empty(); done += 100) tank.run(100);
    if (findings.empty()) {
        tank.each_log([&](ServerId id, const Log& log) { oracles.compare_log(id, log); });
        oracles.finish();
    }
    EXPECT_EQ(findings.count(), 0U) << "seed " << seed;
    for (const Finding& finding : findings.kept()) {
        ADD_FAILURE() << cluster.initial.to_string() << " of " << cluster.servers.size() << " seed "
                      << seed << " event " << finding.event << ": " << finding.oracle << ": "
                      << finding.message;
    }
    return {tank.highest_commit(), tank.counts()};
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
                committed += run_clean(voters(servers), small(), weather, seed).commit.value();
            }
        }
    }
    EXPECT_GT(committed, 10'000U);
}

TEST(ProductionCore, IsAcceptedInAJointConfigurationWithALearner) {
    const auto id = [](uint32_t n) { return ServerId(n); };
    const Configuration joint(Configuration::Members{.voters = {id(1), id(2), id(3)},
                                                     .outgoing = {id(3), id(4), id(70'000)},
                                                     .learners = {id(5)},
                                                     .witnesses = {}});
    for (uint64_t seed = 1; seed <= 5; ++seed) run_clean({joint.all(), joint}, small(), {}, seed);
}

TEST(ProductionCore, IsAcceptedWithSnapshots) {
    const std::vector<Tank::Weather> weathers = {
        {.propose_percent = 30},
        {.loss_percent = 15, .crash_permille = 1, .isolate_permille = 20, .propose_percent = 40},
        {.crash_permille = 10, .propose_percent = 30, .snapshot_permille = 30},
    };
    Tank::Counts all;
    for (uint32_t servers : {1U, 3U, 5U}) {
        for (const Tank::Weather& weather : weathers) {
            for (uint64_t seed = 1; seed <= 4; ++seed) {
                all += run_clean(voters(servers), with_snapshots(), weather, seed).counts;
            }
        }
    }
    EXPECT_GT(all.restores, 100U);
    EXPECT_GT(all.fetched, 20U);
}

TEST(ProductionCore, IsAcceptedWhileMembersComeAndGo) {
    const std::vector<Tank::Weather> weathers = {
        {.transfer_permille = 5, .change_permille = 10},
        {.loss_percent = 15, .repeat_percent = 15, .transfer_permille = 2, .change_permille = 20},
        {.crash_permille = 10,
         .propose_percent = 30,
         .change_permille = 20,
         .snapshot_permille = 9},
        {.crash_permille = 20, .change_permille = 5, .wipe_percent = 100},
    };
    Tank::Counts all;
    for (uint32_t members : {1U, 3U, 5U}) {
        for (const Tank::Weather& weather : weathers) {
            for (uint64_t seed = 1; seed <= 6; ++seed) {
                const Cluster cluster{ids(6), Configuration::of_voters(ids(members))};
                const Options options = seed % 2 == 0 ? small() : with_snapshots();
                all += run_clean(cluster, options, weather, seed).counts;
            }
        }
    }
    EXPECT_GT(all.changes_done, 100U);
    EXPECT_GT(all.transfers_done, 20U);
    EXPECT_GT(all.wipes, 100U);
}

TEST(ProductionCore, IsAcceptedWithWitnesses) {
    const Configuration initial(Configuration::Members{
        .voters = ids(3), .outgoing = {}, .learners = {}, .witnesses = {ServerId(3)}});
    const Tank::Weather weather{.propose_percent = 20,
                                .change_permille = 5,
                                .wipe_percent = 100,
                                .snapshot_permille = 5,
                                .witness_percent = 30};
    for (uint64_t seed = 1; seed <= 8; ++seed) {
        run_clean({ids(5), initial}, with_snapshots(), weather, seed);
    }
}

TEST(ProductionCore, IsAcceptedWithLeasesAndFollowersThatAskAndForward) {
    Options options = with_snapshots();
    options.follower_reads = true;
    options.forward_proposals = true;
    Tank::Counts all;
    for (const Duration lease : {Duration{}, milliseconds(100), milliseconds(400)}) {
        options.lease_duration = lease;
        for (const Duration error : {ClockReading::kUnknown, milliseconds(1), milliseconds(20)}) {
            const Tank::Weather weather{.isolate_permille = 6,
                                        .read_percent = 15,
                                        .transfer_permille = 2,
                                        .change_permille = 2,
                                        .clock_error = error};
            for (uint64_t seed = 1; seed <= 4; ++seed) {
                all += run_clean({ids(5), Configuration::of_voters(ids(3))}, options, weather, seed)
                           .counts;
            }
        }
    }
    EXPECT_GT(all.reads, 1000U);
    EXPECT_GT(all.lease_reads, 100U);
    EXPECT_GT(all.committed, 1000U);
}

}  // namespace
}  // namespace wavetank
