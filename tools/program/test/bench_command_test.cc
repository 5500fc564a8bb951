// `wavetank bench` as far as it needs no servers: usage, and showing a result file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "bench/throughput/result_file.h"
#include "tools/program/commands.h"
#include "tools/program/simulation_engine.h"

namespace wavetank {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Called {
    int code = 0;
    std::string out;
    std::string err;
};

Called bench_with(const std::vector<std::string>& arguments) {
    const SimulationEngine engine;
    std::ostringstream out, err;
    const Program program{.name = "wavetank", .engine = engine, .out = out, .err = err};
    const int code = bench_command(program, arguments);
    return {.code = code, .out = out.str(), .err = err.str()};
}

TEST(BenchCommand, WrongUsageIs64AndSaysWhatIsRight) {
    const struct {
        std::vector<std::string> arguments;
        const char* part;
    } cases[] = {
        {{}, "Say cluster or show"},
        {{"clutser"}, "neither cluster nor show"},
        {{"cluster", "more"}, "'more' belongs to no option"},
        {{"cluster", "--massages", "5"}, "did you mean '--messages'?"},
        {{"cluster", "--messages", "5,x"},
         "each number of --messages must be a whole number from 1 to 1000000000"},
        {{"cluster", "--payload", "4,4"}, "--payload has 4 twice"},
        {{"cluster", "--payload", ""}, "--payload is empty"},
        {{"cluster", "--repeats", "0"}, "--repeats must be a whole number from 1 to 100"},
        {{"cluster", "--time-limit", "60"}, "--time-limit is '60'; write it as 60s"},
        {{"cluster", "--format", "html"}, "text, markdown, csv or svg"},
        {{"cluster", "--page-bytes", "5000"}, "must be a power of two"},
        {{"cluster", "--plan", "nowhere.textproto"}, "cannot read a plan from 'nowhere.textproto'"},
        {{"cluster", "--data", "no/such/folder"}, "cannot make a folder in 'no/such/folder'"},
        {{"cluster", "--cluster", "nowhere.textproto"}, "nowhere.textproto"},
        {{"cluster", "--cluster", "nowhere.textproto", "--servers", "3"},
         "--servers is for servers that are started here"},
        {{"show"}, "which result file?"},
        {{"show", "nowhere.sqlite"}, "there is no file 'nowhere.sqlite'"},
    };
    for (const auto& each : cases) {
        const Called called = bench_with(each.arguments);
        EXPECT_EQ(called.code, kExitUsage) << each.part;
        EXPECT_THAT(called.err, HasSubstr(each.part));
        EXPECT_EQ(called.out, "");
    }
}

TEST(BenchCommand, HelpTellsEveryOption) {
    const Called called = bench_with({"--help"});
    EXPECT_EQ(called.code, kExitPassed);
    EXPECT_THAT(called.out, StartsWith("usage: wavetank bench cluster"));
    EXPECT_THAT(called.out, HasSubstr("--page-bytes"));
}

TEST(BenchCommand, ShowsAResultFileInEveryFormat) {
    const std::string path = testing::TempDir() + "bench_command_test.sqlite";
    std::filesystem::remove(path);
    ThroughputSession session{.started = "2026-01-02T03:04:05Z"};
    ThroughputSample sample{.system = "wavetank"};
    sample.cell = {.table = "Sizes", .messages = 100, .payload_bytes = 4};
    sample.messages = 100;
    sample.elapsed = milliseconds(50);
    session.samples = {sample};
    ASSERT_TRUE(bench::ResultFile::create(path, session).ok());
    const struct {
        const char* format;
        const char* part;
    } cases[] = {{"text", "measured 2026-01-02T03:04:05Z\n"},
                 {"markdown", "### Sizes\n"},
                 {"csv", "Sizes,wavetank,3,100,4,1,1,100,0,50000000"},
                 {"svg", "<svg xmlns="}};
    for (const auto& each : cases) {
        const Called called = bench_with({"show", path, "--format", each.format});
        EXPECT_EQ(called.code, kExitPassed);
        EXPECT_THAT(called.out, HasSubstr(each.part));
    }
    std::filesystem::remove(path);
}

// So that a script that shows it need not read it.
TEST(BenchCommand, ShowingAFailureIsAFailure) {
    const std::string path = testing::TempDir() + "bench_command_failure.sqlite";
    std::filesystem::remove(path);
    ThroughputSession session{.started = "2026-01-02T03:04:05Z"};
    session.samples = {{.system = "wavetank", .problem = "no leader"}};
    ASSERT_TRUE(bench::ResultFile::create(path, session).ok());
    const Called called = bench_with({"show", path});
    EXPECT_EQ(called.code, kExitFailed);
    EXPECT_THAT(called.out, HasSubstr("no leader"));
    std::filesystem::remove(path);
}

}  // namespace
}  // namespace wavetank
