// The program as a shell sees it: exit codes, what is printed first and last, files, replays,
// Ctrl-C. It runs over the stub of stub_main.cc, whose scenario files say which seed does what.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/base/check.h"
#include "reports/text.h"
#include "tools/program/progress_line.h"

namespace wavetank {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

struct Ended {
    int code = 0;
    std::string out;
    std::string err;
};

class ProgramTest : public testing::Test {
 protected:
    ProgramTest() {
        std::string pattern = testing::TempDir() + "/program_test_XXXXXX";
        CHECK(::mkdtemp(pattern.data()) != nullptr);
        folder_ = pattern;
        write("good.textproto", "");
        write("bad.textproto", "fail 3\nunknown 4\nabort 5\nhang 6\nwaver 7\n");
    }
    ~ProgramTest() override { std::filesystem::remove_all(folder_); }

    void write(const std::string& name, const std::string& content) const {
        ASSERT_FALSE(write_file(folder_ + "/" + name, content));
    }
    std::string read(const std::string& name) const { return content_of(folder_ + "/" + name); }

    // Runs the program in the test's folder, through a shell.
    Ended wavetank(const std::string& arguments) const {
        const std::string command = "cd " + shell_quoted(folder_) + " && " + WAVETANK_STUB + " " +
                                    arguments + " >stdout 2>stderr </dev/null";
        const int status = std::system(command.c_str());
        return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                .out = read("stdout"),
                .err = read("stderr")};
    }

    std::string folder_;
};

TEST_F(ProgramTest, OnePassTellsSeedFirstAndDigestLast) {
    const Ended ended = wavetank("run good.textproto --seed 9");
    EXPECT_EQ(ended.code, 0);
    EXPECT_THAT(ended.out, StartsWith("scenario good (good.textproto)\nseed 9\nbuild wavetank "));
    EXPECT_THAT(ended.out, testing::ContainsRegex("verdict pass\ndigest [0-9a-f]{16}\n$"));
    EXPECT_THAT(ended.out, HasSubstr("  nobody asks for this\n"));
    EXPECT_EQ(ended.err, "");
}

TEST_F(ProgramTest, ExitCodesTellTheVerdict) {
    EXPECT_EQ(wavetank("run bad.textproto --seed 1").code, 0);
    EXPECT_EQ(wavetank("run bad.textproto --seed 3").code, 1);
    EXPECT_EQ(wavetank("run bad.textproto --seed 4").code, 2);
    EXPECT_EQ(wavetank("run bad.textproto --seed 5").code, 1);
    EXPECT_EQ(wavetank("run bad.textproto --seed 6 --timeout 1").code, 1);
    EXPECT_EQ(wavetank("run bad.textproto --seeds 1..4").code, 1);
}

TEST_F(ProgramTest, WrongUsageIs64AndSaysWhatIsRight) {
    const struct {
        const char* arguments;
        const char* part;
    } cases[] = {
        {"run", "which scenario?"},
        {"rnu", "did you mean 'run'?"},
        {"run good.textproto --sedes 1..2", "did you mean '--seeds'?"},
        {"run good.textproto --seed x",
         "--seed must be a whole number from 0 to 18446744073709551615"},
        {"run good.textproto --seed 1 --seeds 1..2", "exclude each other"},
        {"run good.textproto --seeds 5..3", "smaller number"},
        {"run good.textproto --seeds 5", "1..100"},
        {"run good.textproto --seeds 0..18446744073709551615", "too many"},
        {"run good.textproto --jobs 0", "--jobs must be a whole number from 1"},
        {"run good.textproto --trace t --seeds 1..2", "single run"},
        {"run good.textproto --junit-flavor ant", "strict or gitlab"},
        {"run good.textproto --json no/such/folder/x", "no/such/folder/x"},
        {"run nowhere.textproto", "nowhere.textproto"},
        {"run --swarm good.textproto", "leave 'good.textproto' out"},
        {"run --swarm --matrix", "exclude each other"},
        {"run --matrix", "which scenario?"},
        {"run good.textproto --row 1", "--row needs --matrix"},
        {"run good.textproto --matrix --row 0", "--row must be a whole number from 1"},
        {"run good.textproto --matrix --row 3", "the matrix of good has rows 1 to 2"},
        {"run . --matrix --row 1", "--row is for one scenario, but there are 2"},
        {"run . --print-scenario", "there are 2; choose one file"},
        {"run good.textproto --matrix --print-scenario", "there are 2; choose one --row"},
        {"run --swarm --seeds 1..9 --print-scenario", "there are 9; choose one --seed"},
        {"replay 3 --matrix good.textproto", "name one file and one --row"},
        {"replay --swarm", "give a seed; there are 0 words"},
        {"replay 3 --swarm --server 9", "servers 1 to 3"},
        {"replay 3", "a seed and a scenario file"},
        {"replay x good.textproto", "the seed must be"},
        {"replay 3 good.textproto --digest xyz", "hexadecimal"},
        {"replay 3 good.textproto --server 9", "servers 1 to 3"},
        {"replay 3 good.textproto --record nowhere", "nowhere"},
        {"check", "which scenario?"},
        {"inspect", "give the directory or the database of one server"},
        {"inspect nowhere", "unable to open database file"},
        {"inspect good.textproto", "is not the disk of a server"},
        {"inspect . --entries 5", "--entries must be a range"},
    };
    for (const auto& each : cases) {
        const Ended ended = wavetank(each.arguments);
        EXPECT_EQ(ended.code, 64) << each.arguments;
        EXPECT_THAT(ended.err, HasSubstr(each.part)) << each.arguments;
    }
}

TEST_F(ProgramTest, MistakesOfAllFilesAreListed) {
    write("wrong1.textproto", "mistake");
    write("wrong2.textproto", "mistake");
    for (const char* command : {"run . --seeds 1..2", "check ."}) {
        const Ended ended = wavetank(command);
        EXPECT_EQ(ended.code, 64);
        EXPECT_EQ(ended.out, "");
        EXPECT_THAT(ended.err, HasSubstr("wrong1.textproto:1:1: error:"));
        EXPECT_THAT(ended.err, HasSubstr("wrong2.textproto:1:1: error:"));
    }
}

TEST_F(ProgramTest, HelpIsEverywhereAndCheckExplains) {
    for (const char* command : {"--help", "help", "help run", "run --help", "replay --help",
                                "check --help", "inspect --help"}) {
        const Ended ended = wavetank(command);
        EXPECT_EQ(ended.code, 0) << command;
        EXPECT_THAT(ended.out, StartsWith("usage: wavetank ")) << command;
        EXPECT_THAT(ended.out, HasSubstr("examples:")) << command;
    }
    EXPECT_EQ(wavetank("").code, 64);
    EXPECT_THAT(wavetank("--version").out, StartsWith("wavetank 0."));
    EXPECT_EQ(wavetank("check good.textproto").out, "good.textproto\nthree servers, named good\n");
}

TEST_F(ProgramTest, SweepSurvivesDeathsAndTellsHowToReproduce) {
    const Ended ended =
        wavetank("run . --seeds 1..8 --timeout 1 --jobs 2 --out out --junit j.xml --json s.json");
    EXPECT_EQ(ended.code, 1);
    EXPECT_THAT(ended.out, HasSubstr("bad   4 passed, 3 failed, 1 unknown, 60 events\n"
                                     "good  8 passed, 80 events\n"));
    EXPECT_THAT(ended.out, HasSubstr("killed by signal 6 (Aborted): CHECK failed: word"));
    EXPECT_THAT(ended.out, HasSubstr("  reproduce: wavetank run ./bad.textproto --seed 3\n"));
    EXPECT_THAT(ended.err, HasSubstr("FAILED bad seed 6: hang: no result after 1s"));
    EXPECT_THAT(read("j.xml"), HasSubstr("tests=\"8\" failures=\"3\" errors=\"1\""));
    EXPECT_THAT(read("s.json"), HasSubstr("\"failed\": \"3\""));
    EXPECT_EQ(read("out/bad-seed-3/scenario.textproto"), read("bad.textproto"));
    EXPECT_TRUE(std::filesystem::exists(folder_ + "/out/bad-seed-3/events.digests"));
    EXPECT_FALSE(std::filesystem::exists(folder_ + "/out/bad-seed-1"));
    EXPECT_EQ(wavetank("replay 3 bad.textproto --record out/bad-seed-3").code, 0);
}

TEST_F(ProgramTest, SwarmTellsWhatItDrewInTheOrderOfSeeds) {
    const Ended ended =
        wavetank("run --swarm --seeds 1..5 --jobs 4 --out out --junit j.xml --junit-flavor gitlab");
    EXPECT_EQ(ended.code, 1);
    EXPECT_THAT(ended.out, StartsWith("scenarios drawn by the swarm\nseeds 1..5\nbuild wavetank "));
    EXPECT_THAT(ended.out, HasSubstr("\nseed 1 pass: setup of swarm_1\n"
                                     "seed 2 pass: setup of swarm_2\n"
                                     "seed 3 fail: setup of swarm_3\n"
                                     "seed 4 unknown: setup of swarm_4\n"
                                     "seed 5 fail: setup of swarm_5\n"));
    EXPECT_THAT(ended.out, HasSubstr("swarm  2 passed, 2 failed, 1 unknown, "));
    EXPECT_THAT(ended.out, HasSubstr("  reproduce: wavetank run --swarm --seed 3\n"));
    EXPECT_THAT(read("j.xml"), HasSubstr("classname=\"swarm\""));
    EXPECT_THAT(read("j.xml"), Not(HasSubstr("file=")));
    EXPECT_EQ(read("out/swarm-seed-3/scenario.textproto"),
              wavetank("run --swarm --seed 3 --print-scenario").out);
    EXPECT_THAT(read("out/swarm-seed-3/reproduce.txt"), HasSubstr("wavetank replay 3 --swarm --"));
    EXPECT_THAT(read("out/swarm-seed-5/scenario.textproto"), StartsWith("# swarm_5\nfail 3\n"));
    EXPECT_FALSE(std::filesystem::exists(folder_ + "/out/swarm-seed-1"));

    const Ended replayed = wavetank("replay 3 --swarm --record out/swarm-seed-3");
    EXPECT_EQ(replayed.code, 0);
    EXPECT_THAT(replayed.out, HasSubstr("\nsetup of swarm_3\n"));
    EXPECT_THAT(replayed.out, HasSubstr("the same run: every digest is as recorded\n"));
}

TEST_F(ProgramTest, SwarmOfOneSeedTellsAll) {
    const Ended ended = wavetank("run --swarm --seed 2");
    EXPECT_EQ(ended.code, 0);
    EXPECT_THAT(ended.out, HasSubstr("\nseed 2 pass: setup of swarm_2\n10 events, "));
}

TEST_F(ProgramTest, MatrixRunsEveryRowAndTellsTheTable) {
    const Ended ended = wavetank("run --matrix good.textproto --seeds 8..9 --out out");
    EXPECT_EQ(ended.code, 1);
    EXPECT_THAT(ended.out, StartsWith("scenario good (good.textproto), option matrix:\n"
                                      " row  window\n"
                                      "   1  wide\n"
                                      "   2  narrow\n"
                                      "seeds 8..9\n"));
    EXPECT_THAT(ended.out, HasSubstr("good[1]  2 passed, 20 events\n"
                                     "good[2]  1 passed, 1 failed, 20 events\n"));
    EXPECT_THAT(ended.out, HasSubstr("  reproduce: wavetank run good.textproto --matrix --row 2 "
                                     "--seed 9\n"));
    EXPECT_EQ(read("out/good-2--seed-9/scenario.textproto"), "# good[2]\nfail 9\n");
    EXPECT_THAT(wavetank("run good.textproto --matrix --row 2 --seed 9").out,
                StartsWith("scenario good (good.textproto), option matrix:\n"
                           " row  window\n"
                           "   2  narrow\n"
                           "seed 9\n"));
    EXPECT_EQ(wavetank("replay 9 good.textproto --matrix --row 2 --record out/good-2--seed-9").code,
              0);
    EXPECT_EQ(wavetank("run good.textproto --matrix --row 2 --print-scenario").out,
              "# good[2]\nfail 9\n");
}

TEST_F(ProgramTest, FilesDoNotDependOnTheNumberOfWorkers) {
    ASSERT_EQ(wavetank("run . --seeds 10..60 --jobs 1 --digests one.txt").code, 0);
    const std::string digest_of_one = read("stdout").substr(read("stdout").rfind("digest"));
    ASSERT_EQ(wavetank("run . --seeds 10..60 --jobs 4 --digests four.txt").code, 0);
    EXPECT_EQ(read("one.txt"), read("four.txt"));
    EXPECT_THAT(read("one.txt"), StartsWith("bad 10 "));
    EXPECT_THAT(read("stdout"), EndsWith(digest_of_one));
}

TEST_F(ProgramTest, StopOnFailureStops) {
    const Ended ended = wavetank("run bad.textproto --seeds 1..1000 --jobs 1 --stop-on-failure");
    EXPECT_EQ(ended.code, 1);
    EXPECT_THAT(ended.out, HasSubstr("997 of 1000 runs were not made: stopped after a failure"));
}

TEST_F(ProgramTest, DeterminismCheckNamesTheFirstEventThatDiffers) {
    EXPECT_EQ(wavetank("run good.textproto --seeds 1..5 --check-determinism").code, 0);
    EXPECT_EQ(wavetank("run bad.textproto --seed 7").code, 0);
    const Ended ended = wavetank("run bad.textproto --seed 7 --check-determinism");
    EXPECT_EQ(ended.code, 1);
    EXPECT_THAT(ended.out, HasSubstr("the first event that differs is 6\n"));
    EXPECT_THAT(ended.out, HasSubstr("once:        6    0.006000 deliver 2<-1  value "));
}

TEST_F(ProgramTest, TraceKeepsTheEventsBeforeACrash) {
    EXPECT_EQ(wavetank("run bad.textproto --seed 5 --trace t.ndjson").code, 1);
    EXPECT_THAT(read("t.ndjson"), EndsWith("\"words\":\"value 4\"}\n"));
}

TEST_F(ProgramTest, ReplayComparesNarratesAndStops) {
    const Ended plain = wavetank("replay 3 bad.textproto");
    EXPECT_EQ(plain.code, 1);
    const std::string digest = plain.out.substr(plain.out.rfind("digest ") + 7, 16);
    EXPECT_EQ(wavetank("replay 3 bad.textproto --digest " + digest).code, 0);
    const Ended different = wavetank("replay 3 bad.textproto --digest 12");
    EXPECT_EQ(different.code, 1);
    EXPECT_THAT(different.out, HasSubstr("NOT the same run"));

    const Ended narrated = wavetank("replay 3 bad.textproto --narrate 6..7");
    EXPECT_THAT(narrated.out, HasSubstr("\n      6    0.006000 deliver 2<-1  value 6\n"
                                        "      7    0.007000 deliver 2<-1  value 7\n"));
    EXPECT_THAT(narrated.out, Not(HasSubstr("value 8")));

    const Ended stopped = wavetank("replay 3 bad.textproto --until 7 --server 1 --server 2");
    EXPECT_EQ(stopped.code, 0);
    EXPECT_THAT(stopped.out, HasSubstr("server 2 after event 7:\n  role follower of 2\n"));

    EXPECT_EQ(wavetank("replay 7 bad.textproto --write-event-digests e").code, 0);
    const Ended other = wavetank("replay 7 good.textproto --compare-event-digests e");
    EXPECT_EQ(other.code, 1);
    EXPECT_THAT(other.out, HasSubstr("the first event that differs is 6; here it is\n"));
}

TEST_F(ProgramTest, CtrlCLeavesASummaryAndNoProcess) {
    write("stuck.textproto", "hang 2\nhang 3\n");
    // The first seed is through when the summary's line for the second one is awaited in vain.
    const Ended ended = [this] {
        const std::string command = "cd " + shell_quoted(folder_) + " && (" + WAVETANK_STUB +
                                    " run stuck.textproto --seeds 1..3 --jobs 2 >stdout 2>stderr & "
                                    "echo $! >pid; wait $!; echo $? >code) & ";
        EXPECT_EQ(std::system(command.c_str()), 0);
        const auto started = [this] { return read("stdout").find("build") != std::string::npos; };
        for (int i = 0; i < 500 && !started(); ++i) ::usleep(10'000);
        ::usleep(100'000);
        ::kill(std::atoi(read("pid").c_str()), SIGINT);
        for (int i = 0; i < 500 && read("code").empty(); ++i) ::usleep(10'000);
        return Ended{.code = std::atoi(read("code").c_str()), .out = read("stdout"), .err = ""};
    }();
    EXPECT_EQ(ended.code, 130);
    EXPECT_THAT(ended.out, HasSubstr("2 of 3 runs were not made: interrupted\n"));
}

TEST(ProgressLine, TellsRateAndTimeToGo) {
    EXPECT_EQ(progress_text(1000, {.passed = 99, .failed = 1}, seconds(4)),
              "100 of 1000 runs, 25.0 per second, 0:36 to go, 1 failed");
    EXPECT_EQ(progress_text(100'000, {.passed = 10}, seconds(10)),
              "10 of 100000 runs, 1.0 per second, 27:46:30 to go");
    EXPECT_EQ(progress_text(10, {}, seconds(0)), "0 of 10 runs, 0.0 per second");
}

}  // namespace
}  // namespace wavetank
