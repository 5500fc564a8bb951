// A whole run: setup and seed decide it to the last byte, faults end, what is owed is judged.
#include "sim/simulation.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace wavetank {
namespace {

wavetank::Setup rough_setup() {
    wavetank::Setup setup;
    setup.name = "rough";
    setup.servers = 5;
    setup.duration = seconds(3);
    setup.network.loss = setup.network.duplicate = setup.network.reorder = Ratio::of(1, 20);
    NemesisSetup nemesis;
    nemesis.interval = {.kind = LatencyKind::Exponential, .base = {}, .spread = milliseconds(300)};
    nemesis.duration = {.kind = LatencyKind::Exponential, .base = {}, .spread = milliseconds(400)};
    nemesis.crash = nemesis.crash_several = nemesis.crash_loop = nemesis.pause = 2;
    nemesis.partition = nemesis.isolate_leader = nemesis.one_way = nemesis.half_dead_link = 2;
    nemesis.clog = nemesis.slow_link = nemesis.lossy_network = 1;
    nemesis.clock_step = nemesis.clock_drift = 1;
    setup.nemesis = nemesis;
    return setup;
}
wavetank::Setup calm_setup() {
    wavetank::Setup setup;
    setup.duration = seconds(1);
    return setup;
}

class CountingTrace final : public TraceSink {
 public:
    void on_event(const TraceEvent&) override { ++events; }
    uint64_t events = 0;
};

bool has_finding(const RunRecord& record, const std::string& oracle, const std::string& words) {
    return std::any_of(record.findings.begin(), record.findings.end(), [&](const Finding& f) {
        return f.oracle == oracle && f.message.find(words) != std::string::npos;
    });
}
std::string first_message(const RunRecord& record) {
    return record.findings.empty() ? "no findings" : record.findings[0].message;
}

// --- Determinism ---

TEST(Simulation, SameSetupAndSeedAreTheSameRun) {
    for (uint64_t seed = 1; seed <= 3; ++seed) {
        std::vector<uint64_t> first_digests;
        std::vector<uint64_t> second_digests;
        const RunRecord first = run_simulation(rough_setup(), seed,
                                               {.trace = nullptr, .event_digests = &first_digests});
        const RunRecord second = run_simulation(
            rough_setup(), seed, {.trace = nullptr, .event_digests = &second_digests});
        EXPECT_EQ(first.verdict, Verdict::Pass) << "seed " << seed << ": " << first_message(first);
        EXPECT_EQ(first.digest, second.digest) << "seed " << seed;
        EXPECT_EQ(first_digests, second_digests) << "seed " << seed;
        EXPECT_EQ(first_digests.size(), first.events);
        EXPECT_EQ(first.events, second.events);
        EXPECT_EQ(first.ended, second.ended);
        EXPECT_EQ(first.messages_sent, second.messages_sent);
        EXPECT_EQ(first.operations_ok, second.operations_ok);
        EXPECT_EQ(first.longest_unavailability, second.longest_unavailability);
        EXPECT_EQ(first.sometimes_reached, second.sometimes_reached);
        EXPECT_GT(first.crashes, 0U);
        EXPECT_GT(first.operations_ok, 0U);
    }
}

TEST(Simulation, AnotherSeedIsAnotherRun) {
    EXPECT_NE(run_simulation(calm_setup(), 1).digest, run_simulation(calm_setup(), 2).digest);
}

TEST(Simulation, WatchingChangesNothing) {
    CountingTrace trace;
    const RunRecord plain = run_simulation(rough_setup(), 4);
    const RunRecord traced = run_simulation(rough_setup(), 4, {.trace = &trace});
    EXPECT_EQ(plain.digest, traced.digest);
    EXPECT_EQ(plain.events, traced.events);
    EXPECT_GT(trace.events, 1000U);
    wavetank::Setup without_oracles = rough_setup();
    without_oracles.oracles = false;
    EXPECT_EQ(run_simulation(without_oracles, 4).digest, plain.digest);
}

TEST(Simulation, StepByStepIsTheSameRun) {
    Simulation simulation(calm_setup(), 1);
    simulation.run_until(100);
    EXPECT_EQ(simulation.events(), 100U);
    while (simulation.step()) {
    }
    EXPECT_FALSE(simulation.step()) << "it is over";
    const RunRecord record = simulation.finish();
    EXPECT_EQ(record.digest, run_simulation(calm_setup(), 1).digest);
    EXPECT_EQ(record.events, simulation.events());
}

TEST(Simulation, TwoAtATimeDoNotDisturbEachOther) {
    Simulation one(calm_setup(), 1);
    Simulation two(calm_setup(), 2);
    bool going = true;
    while (going) {
        going = one.step();
        going = two.step() || going;
    }
    EXPECT_EQ(one.finish().digest, run_simulation(calm_setup(), 1).digest);
    EXPECT_EQ(two.finish().digest, run_simulation(calm_setup(), 2).digest);
}

// --- What is in the record ---

TEST(Simulation, RecordSaysWhatHappened) {
    wavetank::Setup setup = calm_setup();
    setup.name = "calm";
    const RunRecord record = run_simulation(setup, 7);
    EXPECT_EQ(record.scenario, "calm");
    EXPECT_EQ(record.seed, 7U);
    EXPECT_EQ(record.verdict, Verdict::Pass) << first_message(record);
    EXPECT_TRUE(record.findings.empty());
    EXPECT_EQ(record.elections_won, 1U);
    EXPECT_EQ(record.highest_term, 1U);
    EXPECT_EQ(record.crashes, 0U);
    EXPECT_GT(record.operations_ok, 10U);
    EXPECT_EQ(record.operations_info, 0U);
    EXPECT_GT(record.highest_commit, 1U);
    EXPECT_GE(record.ended, Instant{} + seconds(1));
    EXPECT_GT(record.longest_unavailability, milliseconds(100)) << "the first election";
    EXPECT_LT(record.longest_unavailability, seconds(1));
}

TEST(Simulation, HistoryIsOfEveryClient) {
    Simulation simulation(calm_setup(), 1);
    simulation.run_until(UINT64_MAX);
    std::vector<uint64_t> of_client(10, 0);
    for (const Operation& operation : simulation.history().operations()) {
        ++of_client[operation.client.value()];
        if (operation.outcome == OperationOutcome::Ok) {
            EXPECT_LT(operation.invoked, operation.completed);
        }
    }
    for (uint64_t client = 1; client <= 3; ++client) EXPECT_GT(of_client[client], 3U);
    EXPECT_EQ(of_client[4], 1U) << "the probe";
}

TEST(Simulation, DescribesAServer) {
    Simulation simulation(calm_setup(), 1);
    simulation.run_until(UINT64_MAX);
    EXPECT_NE(simulation.describe(ServerId(2)).find("term 1"), std::string::npos)
        << simulation.describe(ServerId(2));
}

// --- Setups ---

// Paper figure 7: a cluster that begins with these logs repairs them.
TEST(Simulation, BeginsWithTheLogsOfTheSetup) {
    const auto terms = [](const std::vector<uint64_t>& numbers) {
        std::vector<Term> log;
        log.reserve(numbers.size());
        for (const uint64_t number : numbers) log.push_back(Term(number));
        return log;
    };
    wavetank::Setup setup = calm_setup();
    setup.servers = 3;
    setup.initial = {
        {ServerId(1), HardState{Term(7), ServerId()}, terms({1, 1, 1, 4, 4, 5, 5, 6, 6, 6})},
        {ServerId(2), HardState{Term(7), ServerId()}, terms({1, 1, 1, 4, 4, 4, 4})},
        {ServerId(3), HardState{Term(7), ServerId()}, terms({1, 1, 1, 4})}};
    const RunRecord record = run_simulation(setup, 1);
    EXPECT_EQ(record.verdict, Verdict::Pass) << first_message(record);
    EXPECT_GE(record.highest_term, 8U);
    EXPECT_GT(record.highest_commit, 10U);
}

TEST(Simulation, LinkDiskAndClockSetupsAreUsed) {
    const uint64_t usual = run_simulation(calm_setup(), 1).digest;
    wavetank::Setup slow_link = calm_setup();
    LinkQuality quality;
    quality.latency = {.kind = LatencyKind::Constant, .base = milliseconds(5)};
    slow_link.links = {{ServerId(1), ServerId(), quality}};
    wavetank::Setup slow_disk = calm_setup();
    slow_disk.disks = {
        {ServerId(1), {.write = {.kind = LatencyKind::Constant, .base = milliseconds(5)}}}};
    wavetank::Setup fast_clock = calm_setup();
    fast_clock.clocks = {{ServerId(1), {.offset = {}, .drift_ppm = 1000}}};
    for (const wavetank::Setup& setup : {slow_link, slow_disk, fast_clock}) {
        const RunRecord record = run_simulation(setup, 1);
        EXPECT_EQ(record.verdict, Verdict::Pass) << first_message(record);
        EXPECT_NE(record.digest, usual);
    }
}

TEST(Simulation, ClustersOfEverySizePass) {
    for (uint32_t servers = 1; servers <= 7; ++servers) {
        wavetank::Setup setup = calm_setup();
        setup.servers = servers;
        const RunRecord record = run_simulation(setup, servers);
        EXPECT_EQ(record.verdict, Verdict::Pass) << servers << ": " << first_message(record);
    }
}

// --- Liveness is owed after the healing, and its absence is reported ---

// A network slower than the longest election timeout: every campaign is over before its votes
// arrive. Healing does not help against the standing weather.
TEST(Liveness, NoLeaderIsReported) {
    wavetank::Setup setup = calm_setup();
    setup.network.latency = {.kind = LatencyKind::Constant, .base = milliseconds(400)};
    const RunRecord record = run_simulation(setup, 1);
    EXPECT_EQ(record.verdict, Verdict::Fail);
    EXPECT_TRUE(has_finding(record, "liveness", "no leader 5s after the faults stopped"))
        << first_message(record);
    EXPECT_EQ(record.elections_won, 0U);
    EXPECT_LT(record.ended, Instant{} + seconds(7));
}

TEST(Liveness, AnUnansweredOperationIsReported) {
    wavetank::Setup setup = calm_setup();
    setup.workload.clients = 0;
    setup.client_network.latency = {.kind = LatencyKind::Constant, .base = seconds(30)};
    const RunRecord record = run_simulation(setup, 1);
    EXPECT_EQ(record.verdict, Verdict::Fail);
    EXPECT_TRUE(has_finding(record, "liveness", "no client operation was answered within 10s"))
        << first_message(record);
    EXPECT_EQ(record.operations_info, 3U) << "the probe asks again every five seconds";
}

TEST(Liveness, ServersThatStayBehindAreReported) {
    wavetank::Setup setup = calm_setup();
    // Server 3 gets nothing in time: it votes and follows, but is always behind.
    LinkQuality slow;
    slow.latency = {.kind = LatencyKind::Constant, .base = seconds(60)};
    setup.links = {{ServerId(), ServerId(3), slow}};
    const RunRecord record = run_simulation(setup, 1);
    EXPECT_EQ(record.verdict, Verdict::Fail);
    EXPECT_TRUE(has_finding(record, "liveness", "did not become equal within 20s: 1 behind"))
        << first_message(record);
}

TEST(Liveness, IsNotJudgedWhenNotOwed) {
    wavetank::Setup setup = calm_setup();
    setup.network.latency = {.kind = LatencyKind::Constant, .base = milliseconds(400)};
    setup.liveness.owed = false;
    const RunRecord record = run_simulation(setup, 1);
    EXPECT_EQ(record.verdict, Verdict::Pass) << first_message(record);
    EXPECT_EQ(record.ended, Instant{} + seconds(1));
}

TEST(Liveness, CrashedAndCutOffServersComeBack) {
    wavetank::Setup setup = calm_setup();
    const Target all{.kind = TargetKind::All, .servers = {}, .count = 1};
    setup.timeline = {
        {.at = milliseconds(600), .action = Partition{PartitionShape::Isolate, all, true}},
        {.action = Crash{all, CrashMoment::Now, std::nullopt}}};
    const RunRecord record = run_simulation(setup, 1);
    EXPECT_EQ(record.verdict, Verdict::Pass) << first_message(record);
    EXPECT_EQ(record.crashes, 3U);
}

TEST(Simulation, TooManyEventsAreAFailure) {
    wavetank::Setup setup = calm_setup();
    setup.events_max = 500;
    const RunRecord record = run_simulation(setup, 1);
    EXPECT_EQ(record.verdict, Verdict::Fail);
    EXPECT_TRUE(has_finding(record, "progress", "more than 500 events")) << first_message(record);
    EXPECT_EQ(record.events, 500U);
}

TEST(Simulation, ACheckThatDoesNotFitItsBudgetIsUnknown) {
    wavetank::Setup setup = calm_setup();
    setup.linearizability_expansions_max = 1;
    const RunRecord record = run_simulation(setup, 1);
    EXPECT_EQ(record.verdict, Verdict::Unknown);
    EXPECT_TRUE(has_finding(record, "linearizability", "")) << first_message(record);
}

TEST(Simulation, APartOfARunIsNotJudgedForWhatIsOwedAtTheEnd) {
    wavetank::Setup setup = calm_setup();
    setup.linearizability_expansions_max = 1;
    Simulation simulation(setup, 1);
    simulation.run_until(300);
    EXPECT_EQ(simulation.finish().verdict, Verdict::Pass);
}

}  // namespace
}  // namespace wavetank
