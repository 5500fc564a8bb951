// Workers that succeed, abort, hang, are killed from outside, print, or speak nonsense. Every death
// costs one run; no process is left behind.
#include "tools/program/worker_pool.h"

#include <dirent.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <stdexcept>

#include "core/base/check.h"

namespace wavetank {
namespace {

using testing::HasSubstr;

RunRecord passed(const RunTask& task) {
    RunRecord record;
    record.scenario = "file " + std::to_string(task.file);
    record.seed = task.seed;
    record.digest = task.seed * 3;
    return record;
}

struct PoolRun {
    int signal = 0;
    std::map<uint64_t, TaskResult> results;  // by seed
};

// Seeds 1 to `count` of file 5.
PoolRun run_seeds(uint64_t count, PoolOptions options,
                  const std::function<RunRecord(const RunTask&)>& run) {
    PoolRun out;
    uint64_t next_seed = 1;
    const Result<int> result = run_in_workers(
        options, {.next = [&]() -> std::optional<RunTask> {
                      if (next_seed > count) return std::nullopt;
                      return RunTask{.file = 5, .seed = next_seed++};
                  },
                  .run = run,
                  .done =
                      [&](TaskResult task_result) {
                          const uint64_t seed = task_result.task.seed;
                          EXPECT_TRUE(out.results.emplace(seed, std::move(task_result)).second);
                      }});
    EXPECT_TRUE(result.ok());
    if (result.ok()) out.signal = result.value();
    // No child is left, neither running nor as a zombie.
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
    return out;
}

std::size_t open_descriptors() {
    DIR* directory = ::opendir("/proc/self/fd");
    std::size_t count = 0;
    while (::readdir(directory) != nullptr) ++count;
    ::closedir(directory);
    return count;
}

void expect_death(const PoolRun& run, uint64_t seed, const std::string& oracle,
                  const std::string& part) {
    ASSERT_TRUE(run.results.contains(seed));
    const RunRecord& record = run.results.at(seed).record;
    EXPECT_EQ(record.seed, seed);
    EXPECT_EQ(record.verdict, Verdict::Fail);
    ASSERT_EQ(record.findings.size(), 1u);
    EXPECT_EQ(record.findings[0].oracle, oracle);
    EXPECT_THAT(record.findings[0].message, HasSubstr(part));
}

void expect_others_passed(const PoolRun& run, uint64_t count, std::size_t deaths) {
    EXPECT_EQ(run.results.size(), count);
    std::size_t failed = 0;
    for (const auto& [seed, result] : run.results) {
        if (result.record.verdict != Verdict::Pass)
            ++failed;
        else
            EXPECT_EQ(result.record.digest, seed * 3);
    }
    EXPECT_EQ(failed, deaths);
}

TEST(WorkerPool, ManyRunsSucceedAndNothingIsLeftOpen) {
    const std::size_t open_before = open_descriptors();
    const PoolRun run = run_seeds(500, {.workers = 3}, passed);
    expect_others_passed(run, 500, 0);
    EXPECT_EQ(run.results.at(7).record.scenario, "file 5");
    EXPECT_EQ(run.results.at(7).task, (RunTask{.file = 5, .seed = 7}));
    EXPECT_EQ(open_descriptors(), open_before);
}

TEST(WorkerPool, NoRunsAtAll) {
    EXPECT_TRUE(run_seeds(0, {.workers = 2}, passed).results.empty());
}

TEST(WorkerPool, AbortCostsOneSeedAndTellsItsLastWords) {
    const PoolRun run = run_seeds(20, {.workers = 2}, [](const RunTask& task) {
        CHECK(task.seed != 4);
        return passed(task);
    });
    expect_others_passed(run, 20, 1);
    expect_death(run, 4, "crash", "signal 6");
    expect_death(run, 4, "crash", "CHECK failed: task.seed != 4 at ");
}

TEST(WorkerPool, ExceptionIsACrashOfThatSeed) {
    const PoolRun run = run_seeds(6, {.workers = 2}, [](const RunTask& task) {
        if (task.seed == 2) throw std::runtime_error("from the system under test");
        return passed(task);
    });
    expect_others_passed(run, 6, 1);
    expect_death(run, 2, "crash", "from the system under test");
}

TEST(WorkerPool, ExitAndKillAreCrashes) {
    const PoolRun run = run_seeds(20, {.workers = 2}, [](const RunTask& task) {
        if (task.seed == 3) std::_Exit(7);
        if (task.seed == 8) ::kill(::getpid(), SIGKILL);
        return passed(task);
    });
    expect_others_passed(run, 20, 2);
    expect_death(run, 3, "crash", "exited with status 7");
    expect_death(run, 8, "crash", "signal 9");
}

TEST(WorkerPool, HangIsKilledAndReported) {
    const auto start = std::chrono::steady_clock::now();
    const PoolRun run =
        run_seeds(10, {.workers = 2, .timeout = milliseconds(150)}, [](const RunTask& task) {
            if (task.seed == 5) {
                std::fprintf(stderr, "stuck in seed 5\n");
                while (true) ::pause();
            }
            return passed(task);
        });
    expect_others_passed(run, 10, 1);
    expect_death(run, 5, "hang", "no result after 150ms");
    expect_death(run, 5, "hang", "stuck in seed 5");
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(WorkerPool, EverySeedMayDie) {
    const PoolRun run =
        run_seeds(12, {.workers = 3}, [](const RunTask&) -> RunRecord { std::abort(); });
    expect_others_passed(run, 12, 12);
}

TEST(WorkerPool, WhatIsPrintedIsKept) {
    const PoolRun run = run_seeds(4, {.workers = 1}, [](const RunTask& task) {
        if (task.seed == 2) std::printf("hello from %d\n", 2);
        return passed(task);
    });
    EXPECT_EQ(run.results.at(1).output, "");
    EXPECT_EQ(run.results.at(2).output, "hello from 2\n");
    EXPECT_EQ(run.results.at(3).output, "");
}

TEST(WorkerPool, NonsenseInThePipesIsACrash) {
    const PoolRun run = run_seeds(4, {.workers = 1}, [](const RunTask& task) {
        // A system under test that writes wherever it can.
        for (int descriptor = 3; task.seed == 2 && descriptor < 64; ++descriptor) {
            [[maybe_unused]] const ssize_t written = ::write(descriptor, "\xff\xff\xff\xff", 4);
        }
        return passed(task);
    });
    expect_others_passed(run, 4, 1);
    expect_death(run, 2, "crash", "cannot be read");
}

TEST(WorkerPool, LargeOutputAndResultsDoNotBlock) {
    const PoolRun run = run_seeds(4, {.workers = 2}, [](const RunTask& task) {
        for (int i = 0; i < 20'000; ++i) std::fprintf(stderr, "line %d of much output\n", i);
        RunRecord record = passed(task);
        record.sometimes_reached.assign(20'000, "a mark with a name of some length");
        return record;
    });
    expect_others_passed(run, 4, 0);
    EXPECT_EQ(run.results.at(1).record.sometimes_reached.size(), 20'000u);
    EXPECT_THAT(run.results.at(1).output, HasSubstr("line 0 of"));
    EXPECT_THAT(run.results.at(1).output, HasSubstr("line 19999 of"));
    EXPECT_LT(run.results.at(1).output.size(), 20'000u);
}

TEST(WorkerPool, SignalStopsThePoolAndItsWorkers) {
    const pid_t parent = ::getpid();
    const PoolRun run = run_seeds(1000, {.workers = 2}, [parent](const RunTask& task) {
        if (task.seed == 10) ::kill(parent, SIGINT);
        while (task.seed >= 10) ::pause();
        return passed(task);
    });
    EXPECT_EQ(run.signal, SIGINT);
    EXPECT_GE(run.results.size(), 8u);
    EXPECT_LT(run.results.size(), 12u);
}

}  // namespace
}  // namespace wavetank
