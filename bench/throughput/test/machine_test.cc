// Latencies by nearest rank, the disk, and processes that are started and ended.
#include "bench/throughput/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "bench/throughput/child_process.h"
#include "bench/throughput/latencies.h"

namespace wavetank::bench {
namespace {

using testing::HasSubstr;

TEST(Latencies, PercentilesAreMeasuredOnes) {
    Latencies latencies;
    LoadOutcome outcome;
    latencies.summarize(&outcome);
    EXPECT_EQ(outcome.p50, Duration{});
    for (int64_t i = 1'000; i >= 1; --i) latencies.add(microseconds(i));
    latencies.summarize(&outcome);
    EXPECT_EQ(outcome.p50, microseconds(500));
    EXPECT_EQ(outcome.p99, microseconds(990));
    EXPECT_EQ(outcome.p999, microseconds(999));
    EXPECT_EQ(outcome.max, microseconds(1'000));
}

TEST(Latencies, OfOneMessageAllAreThatOne) {
    Latencies latencies;
    latencies.add(microseconds(7));
    LoadOutcome outcome;
    latencies.summarize(&outcome);
    EXPECT_EQ(outcome.p50, microseconds(7));
    EXPECT_EQ(outcome.p999, microseconds(7));
}

TEST(Machine, SyncsAreMeasuredAndLeaveNothing) {
    const std::string folder = testing::TempDir() + "syncs";
    std::filesystem::create_directories(folder);
    const Result<SyncLatency> syncs = measure_syncs(folder);
    ASSERT_TRUE(syncs.ok()) << syncs.error().message;
    EXPECT_GT(syncs.value().append_p50.nanos, 0);
    EXPECT_GE(syncs.value().overwrite_p99, syncs.value().overwrite_p50);
    EXPECT_TRUE(std::filesystem::is_empty(folder));
    std::filesystem::remove_all(folder);
    const Result<SyncLatency> nowhere = measure_syncs(folder);
    ASSERT_FALSE(nowhere.ok());
    EXPECT_THAT(nowhere.error().message, HasSubstr("No such file or directory"));
}

// Waits for a process that ends by itself.
std::string end_of(ChildProcess& child) {
    std::string end;
    while (end.empty()) end = child.end();
    return end;
}

TEST(ChildProcess, TellsHowItEnded) {
    const std::string log = testing::TempDir() + "child.log";
    Result<ChildProcess> child =
        ChildProcess::start({"sh", "-c", "echo first; echo 'out of luck' >&2; exit 3"}, log);
    ASSERT_TRUE(child.ok()) << child.error().message;
    EXPECT_EQ(end_of(child.value()), "sh ended with exit code 3: out of luck");
    Result<ChildProcess> missing = ChildProcess::start({"wavetank-no-such-program"}, log);
    ASSERT_TRUE(missing.ok());
    EXPECT_EQ(end_of(missing.value()),
              "wavetank-no-such-program ended with exit code 127: cannot start "
              "'wavetank-no-such-program': No such file or directory");
}

TEST(ChildProcess, IsMeasuredWhileItRuns) {
    Result<ChildProcess> child =
        ChildProcess::start({"sh", "-c", "while :; do :; done"}, testing::TempDir() + "busy.log");
    ASSERT_TRUE(child.ok());
    while (child.value().cpu() < milliseconds(5)) {
    }
    EXPECT_GT(child.value().memory_peak_bytes(), 0u);
    EXPECT_EQ(child.value().end(), "");
    child.value().stop(seconds(10));
    EXPECT_EQ(child.value().cpu(), Duration{});
}

TEST(FreePorts, AreAllDifferent) {
    const Result<std::vector<uint16_t>> ports = free_ports(30);
    ASSERT_TRUE(ports.ok());
    EXPECT_EQ(std::set<uint16_t>(ports.value().begin(), ports.value().end()).size(), 30u);
}

}  // namespace
}  // namespace wavetank::bench
