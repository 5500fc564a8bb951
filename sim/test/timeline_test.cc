// The timeline: each step at its time and when its condition holds; what does not come true is a
// finding that names the step.
#include "sim/timeline.h"

#include <gtest/gtest.h>

#include "sim/simulation.h"

namespace wavetank {
namespace {

// Keeps what the timeline's questions say in the trace: when they were asked.
class Questioned final : public TraceSink {
 public:
    void on_event(const TraceEvent& event) override {
        if (event.kind == TraceKind::Check) at.push_back(event.at);
        if (event.kind == TraceKind::Check) words.push_back(event.words);
        if (event.kind == TraceKind::Fault) faults.push_back(event.words);
    }
    std::vector<Instant> at;
    std::vector<std::string> words;
    std::vector<std::string> faults;
};

wavetank::Setup quiet_setup() {
    wavetank::Setup setup;
    setup.workload.clients = 0;
    setup.duration = seconds(2);
    return setup;
}
Expect anything() {
    return {.metric = Metric::Messages};
}
Expect leaders(uint64_t min, uint64_t max) {
    return {.metric = Metric::Leaders, .since_mark = false, .min = min, .max = max};
}

class TimelineTest : public testing::Test {
 protected:
    RunRecord run(std::vector<Step> steps) {
        setup_.timeline = std::move(steps);
        return run_simulation(setup_, 1, {.trace = &questioned_});
    }
    wavetank::Setup setup_ = quiet_setup();
    Questioned questioned_;
};

TEST_F(TimelineTest, AtAndAfterAreExact) {
    const RunRecord record =
        run({{.at = milliseconds(400), .action = anything()},
             {.after = milliseconds(250), .action = anything()},
             {.action = anything()},
             {.at = milliseconds(100), .action = anything()},
             {.at = milliseconds(900), .after = milliseconds(10), .action = anything()}});
    EXPECT_EQ(record.verdict, Verdict::Pass);
    const auto at = [](int64_t ms) { return Instant{} + milliseconds(ms); };
    EXPECT_EQ(questioned_.at, (std::vector{at(400), at(650), at(650), at(650), at(900)}))
        << "in order: a time that has passed is now";
}

TEST_F(TimelineTest, WhenWaitsForItsCondition) {
    const RunRecord record = run({{.when = leaders(1, 1), .action = leaders(1, 1)}});
    EXPECT_EQ(record.verdict, Verdict::Pass);
    ASSERT_EQ(questioned_.at.size(), 1U);
    EXPECT_GT(questioned_.at[0], Instant{} + milliseconds(150)) << "nobody leads before";
    EXPECT_LT(questioned_.at[0], Instant{} + milliseconds(700));
    EXPECT_EQ(questioned_.words[0], "expects leaders to be 1: it is 1");
}

TEST_F(TimelineTest, AConditionThatDoesNotComeTrueIsAFinding) {
    const RunRecord record = run({{.when = leaders(9, UINT64_MAX),
                                   .within = milliseconds(700),
                                   .action = anything(),
                                   .label = "line 7"},
                                  {.action = anything(), .label = "line 8"}});
    EXPECT_EQ(record.verdict, Verdict::Fail);
    ASSERT_EQ(record.findings.size(), 1U);
    EXPECT_EQ(record.findings[0].oracle, "timeline");
    EXPECT_EQ(record.findings[0].message,
              "line 7: waited 700ms for leaders to be at least 9; it is 1");
    EXPECT_EQ(record.findings[0].at, Instant{} + milliseconds(700));
    EXPECT_TRUE(questioned_.at.empty()) << "what follows would make no sense";
}

TEST_F(TimelineTest, AnExpectationThatDoesNotHoldIsAFindingAndEndsTheRun) {
    const RunRecord record = run({{.at = milliseconds(100), .action = leaders(1, 1), .label = "a"},
                                  {.at = seconds(1), .action = leaders(2, 3)},
                                  {.at = seconds(1), .action = leaders(1, 1)}});
    EXPECT_EQ(record.verdict, Verdict::Fail);
    ASSERT_EQ(record.findings.size(), 1U);
    EXPECT_EQ(record.findings[0].message, "a: expected leaders to be 1; it is 0");
    EXPECT_EQ(questioned_.at.size(), 1U);
}

TEST_F(TimelineTest, RotWhereADiskHasNothingIsAFinding) {
    setup_.disk.storage = StorageKind::Sqlite;
    const auto rot = [](uint64_t entry) {
        ChangeDisk change;
        change.change = {.kind = DiskChangeKind::Rot, .place = {.entry = LogIndex(entry)}};
        change.target = {.kind = TargetKind::Servers, .servers = {ServerId(2)}, .count = 1};
        return change;
    };
    EXPECT_EQ(run({{.at = seconds(1), .action = rot(1)}}).verdict, Verdict::Pass)
        << "what a leader begins with";
    const RunRecord record = run({{.at = seconds(1), .action = rot(500), .label = "line 3"}});
    EXPECT_EQ(record.verdict, Verdict::Fail);
    ASSERT_EQ(record.findings.size(), 1U);
    EXPECT_EQ(record.findings[0].message,
              "line 3: disk of server 2: no bit was changed: its durable log has no entry 500");
}

TEST_F(TimelineTest, SinceTheMark) {
    setup_.duration = seconds(1);
    const auto since_mark = [](Metric metric, uint64_t min, uint64_t max) {
        return Expect{.metric = metric, .since_mark = true, .min = min, .max = max};
    };
    const RunRecord record =
        run({{.at = seconds(1), .action = since_mark(Metric::HighestTerm, 1, 1)},
             {.action = Mark{}},
             {.action = since_mark(Metric::Messages, 0, 0)},
             {.action = since_mark(Metric::HighestTerm, 0, 0)},
             // An idle second of three servers: 20 heartbeats to two followers, and their answers.
             {.after = seconds(1), .action = since_mark(Metric::Messages, 76, 84)},
             {.action = since_mark(Metric::HighestTerm, 0, 0)}});
    EXPECT_EQ(record.verdict, Verdict::Pass);
}

TEST_F(TimelineTest, TheRunLastsUntilItsEnd) {
    const RunRecord record = run({{.at = seconds(6), .action = anything()}});
    EXPECT_EQ(questioned_.at.size(), 1U);
    EXPECT_GT(record.ended, Instant{} + seconds(6));
}

TEST_F(TimelineTest, InvokesOperations) {
    const RunRecord record =
        run({{.at = seconds(1), .action = Invoke{.count = 5}},
             {.action = Invoke{.count = 4, .concurrent = false}},
             {.action = Expect{.metric = Metric::OperationsOpen, .min = 5, .max = 5}},
             {.at = milliseconds(1500),
              .action = Expect{.metric = Metric::OperationsOk, .min = 9, .max = 9}}});
    EXPECT_EQ(record.verdict, Verdict::Pass)
        << (record.findings.empty() ? "" : record.findings[0].message);
    EXPECT_EQ(record.operations_ok, 10U) << "and the probe's";
}

TEST_F(TimelineTest, CarriesOutEveryFault) {
    const Target leader{.kind = TargetKind::Leader, .servers = {}, .count = 1};
    const Target all{.kind = TargetKind::All, .servers = {}, .count = 1};
    LinkQuality slow;
    slow.latency = {.kind = LatencyKind::Constant, .base = milliseconds(2)};
    const RunRecord record =
        run({{.at = seconds(1), .action = Partition{PartitionShape::Isolate, leader, false}},
             {.action = HealNetwork{}},
             {.action = ChangeLinks{LinkChange::Quality, all, all, slow}},
             {.action = ChangeClock{all, milliseconds(1), 100}},
             {.action = Pause{Target{TargetKind::Servers, {ServerId(1)}, 1}, std::nullopt}},
             {.action = Resume{all}},
             {.action = Crash{Target{TargetKind::Servers, {ServerId(2)}, 1}, CrashMoment::Now, {}}},
             {.action = Restart{all}},
             {.action = StallDisk{Target{TargetKind::Servers, {ServerId(3)}, 1}, std::nullopt}},
             {.action = ReleaseDisk{all}},
             {.action = WipeDisk{all}},
             {.after = seconds(1), .action = ChangeMembership{.remove = leader}},
             {.after = seconds(2), .action = TransferLeadership{}},
             {.after = seconds(1), .action = TakeSnapshot{all}},
             {.after = seconds(1), .action = RunClients{false}}});
    EXPECT_EQ(record.verdict, Verdict::Pass)
        << (record.findings.empty() ? "" : record.findings[0].message);
    EXPECT_EQ(record.crashes, 1U);
    EXPECT_EQ(record.changes_done, 1U);
    EXPECT_EQ(record.transfers_done, 1U);
    EXPECT_EQ(record.snapshots_taken, 3U);
    for (const char* words :
         {"isolate", "the network heals", "links change", "clock change", "stands still", "goes on",
          "crash of", "starts", "disks hang of", "its disk goes on", "empty disks for",
          "a change of members is asked of", "a transfer is asked of", "snapshots are asked of"}) {
        bool found = false;
        for (const std::string& fault : questioned_.faults) {
            found = found || fault.find(words) != std::string::npos;
        }
        EXPECT_TRUE(found) << words;
    }
}

TEST(Questions, EveryMetricHasAName) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < kMetrics; ++i) {
        names.emplace_back(name_of(static_cast<Metric>(i)));
        EXPECT_NE(names.back(), "?");
        for (std::size_t other = 0; other + 1 < names.size(); ++other) {
            EXPECT_NE(names[other], names.back());
        }
    }
}

}  // namespace
}  // namespace wavetank
