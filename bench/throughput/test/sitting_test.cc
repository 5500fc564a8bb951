// A whole sitting over a scripted system: conditions, what is kept, what is told on the way.
#include "bench/throughput/sitting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "bench/throughput/result_file.h"
#include "bench/throughput/test/scripted_system.h"

namespace wavetank::bench {
namespace {

using testing::HasSubstr;
using testing::Not;

class SittingTest : public testing::Test {
 protected:
    Result<ThroughputSession> hold(uint32_t repeats) {
        SittingSetup setup{.systems = {&system_},
                           .build = {.version = "1.0", .commit = "abc"},
                           .directory = folder_->path(),
                           .result_file = file(),
                           .progress = progress_};
        setup.plan.repeats = repeats;
        setup.plan.tables = {
            {.title = "t", .messages = {1'000}, .payload_bytes = {4}, .concurrency = {1, 64}}};
        return hold_sitting(setup);
    }
    std::string file() const { return folder_->path() + "/results.sqlite"; }
    void SetUp() override {
        Result<ScratchFolder> made = ScratchFolder::make(testing::TempDir());
        ASSERT_TRUE(made.ok()) << made.error().message;
        folder_ = std::move(made.value());
    }

    std::vector<std::string> calls_;
    ScriptedSystem system_{"scripted", &calls_};
    std::ostringstream progress_;
    std::optional<ScratchFolder> folder_;
};

TEST_F(SittingTest, WhatIsMeasuredIsKept) {
    const Result<ThroughputSession> held = hold(2);
    ASSERT_TRUE(held.ok()) << held.error().message;
    EXPECT_EQ(held.value().samples.size(), 4u);
    const Result<ThroughputSession> kept = read_result_file(file());
    ASSERT_TRUE(kept.ok()) << kept.error().message;
    ThroughputSession expected = held.value();
    EXPECT_EQ(kept.value(), expected);
}

TEST_F(SittingTest, ConditionsStateBuildMachineAndDisk) {
    const Result<ThroughputSession> held = hold(1);
    ASSERT_TRUE(held.ok());
    std::string all;
    for (const auto& [name, text] : held.value().conditions) all += name + ": " + text + "\n";
    EXPECT_THAT(all, HasSubstr("build: wavetank 1.0"));
    EXPECT_THAT(all, HasSubstr("processor: "));
    EXPECT_THAT(all, HasSubstr("disk: fdatasync after 4 KiB appended "));
    EXPECT_THAT(all, HasSubstr("median of 1 repeats"));
    EXPECT_THAT(all, HasSubstr("scripted: scripted\n"));
}

TEST_F(SittingTest, TellsWhatItMeasuresAndHowLongItWillTake) {
    ASSERT_TRUE(hold(1).ok());
    const std::string text = progress_.str();
    EXPECT_THAT(text, HasSubstr("[1/2] scripted, 3 servers, 1,000 x 4 B, concurrency 1: 200,000 "
                                "messages/s, p99 0 us\n"));
    EXPECT_THAT(text, HasSubstr("[2/2, 0:00 to go] scripted"));
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST_F(SittingTest, DoesNotBeginIfResultsCannotBeKept) {
    ASSERT_TRUE(hold(1).ok());
    calls_.clear();
    EXPECT_FALSE(hold(1).ok());
    EXPECT_TRUE(calls_.empty());
}

TEST(ScratchFolder, GoesWithAllThatIsInIt) {
    std::string path;
    {
        const Result<ScratchFolder> folder = ScratchFolder::make(testing::TempDir());
        ASSERT_TRUE(folder.ok());
        path = folder.value().path();
        std::filesystem::create_directories(path + "/a/b");
    }
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_FALSE(ScratchFolder::make("/no/such/place").ok());
}

}  // namespace
}  // namespace wavetank::bench
