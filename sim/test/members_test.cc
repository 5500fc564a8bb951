// Whole runs in which the members change, the leadership moves, snapshots are taken and leases are
// held: the setup reaches the servers, the figures reach the record, and the healing owes what it
// should.
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/simulation.h"

namespace wavetank {
namespace {

wavetank::Setup five_with_three_members() {
    wavetank::Setup setup;
    setup.servers = 5;
    setup.members = Configuration::Members{.voters = {ServerId(1), ServerId(2), ServerId(3)},
                                           .outgoing = {},
                                           .learners = {},
                                           .witnesses = {}};
    setup.duration = seconds(3);
    return setup;
}
Target server(uint32_t id) {
    return {TargetKind::Servers, {ServerId(id)}, 1};
}
Target leader() {
    return {TargetKind::Leader, {}, 1};
}
Expect equal_to(Metric metric, uint64_t value) {
    return {.metric = metric, .since_mark = false, .min = value, .max = value};
}
Expect at_least(Metric metric, uint64_t value) {
    return {.metric = metric, .since_mark = false, .min = value};
}
ChangeMembership add(uint32_t id, MemberKind kind) {
    ChangeMembership change;
    change.add = server(id);
    change.add_as = kind;
    return change;
}
ChangeMembership remove(const Target& target) {
    ChangeMembership change;
    change.remove = target;
    return change;
}
std::string first_message(const RunRecord& record) {
    return record.findings.empty() ? "no findings" : record.findings[0].message;
}

TEST(Members, TheOthersWaitToBeAdded) {
    Simulation simulation(five_with_three_members(), 1);
    simulation.run_until(UINT64_MAX);
    const RunRecord record = simulation.finish();
    EXPECT_EQ(record.verdict, Verdict::Pass) << first_message(record);
    EXPECT_EQ(record.elections_won, 1U);
    for (const uint32_t outside : {4U, 5U}) {
        const std::string state = simulation.describe(ServerId(outside));
        EXPECT_NE(state.find("log 1..0"), std::string::npos) << state;
        EXPECT_NE(state.find("members: {}"), std::string::npos) << state;
    }
}

TEST(Members, TheTimelineChangesThem) {
    wavetank::Setup setup = five_with_three_members();
    setup.timeline = {
        {.when = equal_to(Metric::Leaders, 1)},
        {.after = milliseconds(100), .action = add(4, MemberKind::Voter)},
        {.when = equal_to(Metric::ChangesDone, 1), .action = equal_to(Metric::Voters, 4)},
        {.action = add(5, MemberKind::Learner)},
        {.when = equal_to(Metric::ChangesDone, 2), .action = equal_to(Metric::Learners, 1)},
        {.action = remove(leader())},
        {.when = equal_to(Metric::ChangesDone, 3)},
        {.when = equal_to(Metric::Leaders, 1), .action = equal_to(Metric::Voters, 3)}};
    for (uint64_t seed = 1; seed <= 5; ++seed) {
        const RunRecord record = run_simulation(setup, seed);
        EXPECT_EQ(record.verdict, Verdict::Pass) << seed << ": " << first_message(record);
        EXPECT_EQ(record.changes_done, 3U);
        EXPECT_GE(record.elections_won, 2U);
    }
}

TEST(Members, WhoWasRemovedOwesNothingAndStaysDown) {
    wavetank::Setup setup = five_with_three_members();
    setup.timeline = {{.when = equal_to(Metric::Leader, 1), .within = seconds(1)},
                      {.after = milliseconds(100), .action = remove(server(2))},
                      {.when = equal_to(Metric::ChangesDone, 1)},
                      {.action = Crash{server(2), CrashMoment::Now, std::nullopt}},
                      {.action = Crash{server(3), CrashMoment::Now, std::nullopt}}};
    setup.priorities = {{ServerId(2), 0}, {ServerId(3), 0}};
    Simulation simulation(setup, 1);
    simulation.run_until(UINT64_MAX);
    const RunRecord record = simulation.finish();
    EXPECT_EQ(record.verdict, Verdict::Pass) << first_message(record);
    EXPECT_NE(simulation.describe(ServerId(2)).find("  down\n"), std::string::npos);
    EXPECT_EQ(simulation.describe(ServerId(3)).find("  down\n"), std::string::npos);
}

TEST(Members, AWitnessServesWithoutAMachine) {
    wavetank::Setup setup = five_with_three_members();
    setup.servers = 3;
    setup.members->witnesses = {ServerId(3)};
    setup.timeline = {{.at = seconds(1), .action = Crash{leader(), CrashMoment::Now, std::nullopt}},
                      {.after = seconds(1),
                       .when = at_least(Metric::Leader, 1),
                       .within = seconds(5),
                       .action = RunClients{true}}};
    for (uint64_t seed = 1; seed <= 5; ++seed) {
        const RunRecord record = run_simulation(setup, seed);
        EXPECT_EQ(record.verdict, Verdict::Pass) << seed << ": " << first_message(record);
        EXPECT_GE(record.elections_won, 2U);
        EXPECT_GT(record.operations_ok, 20U);
    }
}

TEST(Members, AJointConfigurationIsLeftByItself) {
    wavetank::Setup setup = five_with_three_members();
    setup.members->outgoing = {ServerId(3), ServerId(4), ServerId(5)};
    setup.timeline = {{.when = at_least(Metric::Leader, 1)},
                      {.when = equal_to(Metric::Joint, 0), .within = seconds(1)},
                      {.action = equal_to(Metric::Voters, 3)}};
    const RunRecord record = run_simulation(setup, 1);
    EXPECT_EQ(record.verdict, Verdict::Pass) << first_message(record);
}

TEST(Priorities, DecideWhoLeads) {
    for (uint32_t chosen = 1; chosen <= 3; ++chosen) {
        wavetank::Setup setup;
        setup.duration = seconds(2);
        setup.options.priority = 1;
        setup.priorities = {{ServerId(chosen), Options::kPriorityMax}};
        setup.timeline = {{.at = seconds(1), .action = equal_to(Metric::Leader, chosen)}};
        const RunRecord record = run_simulation(setup, chosen);
        EXPECT_EQ(record.verdict, Verdict::Pass) << first_message(record);
    }
}

TEST(Transfers, AreCounted) {
    wavetank::Setup setup;
    setup.duration = seconds(2);
    setup.timeline = {{.at = seconds(1), .action = TransferLeadership{}},
                      {.when = equal_to(Metric::TransfersDone, 1), .within = seconds(1)}};
    const RunRecord record = run_simulation(setup, 1);
    EXPECT_EQ(record.verdict, Verdict::Pass) << first_message(record);
    EXPECT_EQ(record.transfers_done, 1U);
    EXPECT_EQ(record.elections_won, 2U);
}

TEST(Snapshots, KeepLogsShortAndCarryAServerThatWasAwayForLong) {
    wavetank::Setup setup;
    setup.duration = seconds(4);
    setup.options.snapshot_entries = 20;
    setup.options.snapshot_trailing_entries = 10;
    setup.options.snapshot_piece_bytes = 100;
    setup.timeline = {
        {.at = seconds(1),
         .action = Crash{{TargetKind::RandomFollowers, {}, 1}, CrashMoment::Now, {}}},
        {.at = seconds(3),
         .action =
             Expect{.metric = Metric::LogEntries, .since_mark = false, .min = 10, .max = 60}}};
    for (uint64_t seed = 1; seed <= 3; ++seed) {
        const RunRecord record = run_simulation(setup, seed);
        EXPECT_EQ(record.verdict, Verdict::Pass) << seed << ": " << first_message(record);
        EXPECT_GT(record.snapshots_taken, 10U);
        EXPECT_GE(record.snapshots_installed, 1U);
        EXPECT_GT(record.highest_commit, 100U);
    }
}

TEST(Leases, ServeReadsWhereTheClocksAreBounded) {
    wavetank::Setup setup;
    setup.duration = seconds(2);
    setup.options.lease_duration = milliseconds(300);
    EXPECT_EQ(run_simulation(setup, 1).lease_reads, 0U) << "nothing is known of the clocks";
    for (uint32_t id = 1; id <= 3; ++id) {
        setup.clocks.push_back(
            {ServerId(id),
             {.offset = milliseconds(id), .drift_ppm = 0, .error_bound = milliseconds(5)}});
    }
    const RunRecord record = run_simulation(setup, 1);
    EXPECT_EQ(record.verdict, Verdict::Pass) << first_message(record);
    EXPECT_GT(record.lease_reads, 20U);
}

TEST(Sessions, TheLimitsReachTheServers) {
    wavetank::Setup setup;
    setup.duration = seconds(2);
    setup.sessions.sessions_max = 2;
    setup.timeline = {{.at = seconds(2), .action = at_least(Metric::SessionsExpired, 1)}};
    const RunRecord record = run_simulation(setup, 1);
    EXPECT_EQ(record.verdict, Verdict::Pass) << first_message(record);
}

// All of it at once, in the weather that a nemesis makes.
wavetank::Setup everything() {
    wavetank::Setup setup = five_with_three_members();
    setup.servers = 6;
    setup.duration = seconds(6);
    setup.options.snapshot_entries = 30;
    setup.options.snapshot_trailing_entries = 10;
    setup.options.snapshot_piece_bytes = 200;
    setup.network.loss = setup.network.duplicate = setup.network.reorder = Ratio::of(1, 50);
    NemesisSetup nemesis;
    nemesis.interval = {.kind = LatencyKind::Exponential, .base = {}, .spread = milliseconds(200)};
    nemesis.duration = {.kind = LatencyKind::Exponential, .base = {}, .spread = milliseconds(400)};
    nemesis.crash = nemesis.crash_leader = nemesis.crash_several = nemesis.pause = 1;
    nemesis.partition = nemesis.isolate_leader = nemesis.one_way = nemesis.clog = 1;
    nemesis.stall_disk = nemesis.corrupt_network = nemesis.transfer = nemesis.snapshot = 2;
    nemesis.clock_freeze = nemesis.clock_strobe = nemesis.clock_step = nemesis.clock_drift = 1;
    nemesis.change_members = 6;
    nemesis.witnesses_max = 1;
    setup.nemesis = nemesis;
    return setup;
}

TEST(Everything, PassesAndIsTheSameRunAgain) {
    RunRecord all;
    for (uint64_t seed = 1; seed <= 12; ++seed) {
        const RunRecord record = run_simulation(everything(), seed);
        EXPECT_EQ(record.verdict, Verdict::Pass) << seed << ": " << first_message(record);
        EXPECT_EQ(record.digest, run_simulation(everything(), seed).digest) << seed;
        all.changes_done += record.changes_done;
        all.transfers_done += record.transfers_done;
        all.snapshots_taken += record.snapshots_taken;
        all.snapshots_installed += record.snapshots_installed;
    }
    EXPECT_GT(all.changes_done, 20U);
    EXPECT_GT(all.transfers_done, 2U);
    EXPECT_GT(all.snapshots_taken, 50U);
    EXPECT_GT(all.snapshots_installed, 10U);
}

}  // namespace
}  // namespace wavetank
