// A cluster of real processes, driven by the commands as a person would: servers are killed with
// kill -9, and what was acknowledged is there afterwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <thread>

#include "bench/throughput/child_process.h"
#include "core/base/check.h"
#include "tools/program/test/program_folder.h"

namespace wavetank {
namespace {

using testing::HasSubstr;

pid_t start_program(const std::string& arguments, const std::string& log) {
    const std::string command =
        "exec " WAVETANK_STUB " " + arguments + " >" + log + " 2>&1 </dev/null";
    const pid_t process = ::fork();
    CHECK(process >= 0);
    if (process > 0) return process;
    ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    ::_exit(127);
}

// A program that runs until the end of the scope, which it reaches by SIGTERM.
class Background {
 public:
    Background(const std::string& arguments, const std::string& log)
        : process_(start_program(arguments, log)) {}
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;
    ~Background() {
        ::kill(process_, SIGTERM);
        int status = 0;
        EXPECT_EQ(::waitpid(process_, &status, 0), process_);
        EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }

 private:
    pid_t process_;
};

class RealClusterTest : public ProgramFolder {
 protected:
    RealClusterTest() {
        std::string file = "cluster: 4711\n";
        const std::vector<uint16_t> ports = bench::free_ports(4).value();
        for (std::size_t i = 0; i < ports.size(); ++i) {
            file += "servers { id: " + std::to_string(i + 1) +
                    " host: \"127.0.0.1\" port: " + std::to_string(ports[i]) +
                    (i == 3 ? " role: SPARE" : "") + " }\n";
        }
        write("cluster.textproto", file);
    }
    Ended cluster(const std::string& words) const {
        return wavetank("cluster " + words + " --timeout 60s --dir " + folder_);
    }
    Ended client(const std::string& words) const {
        return wavetank("client " + words + " --timeout 60s --cluster " + folder_ +
                        "/cluster.textproto");
    }
    // The server that leads, as `cluster start` says.
    std::string start(const std::string& servers = "") {
        const Ended started = cluster("start " + servers);
        EXPECT_EQ(started.code, 0) << started.err;
        return started.out.substr(0, started.out.find(" leads")).substr(7);
    }

    bool leads(const std::string& server) {
        return std::regex_search(client("status").out, std::regex("   " + server + "  .*  leader"));
    }
};

TEST_F(RealClusterTest, WhatWasAcknowledgedSurvivesKills) {
    const std::string leader = start("1 2 3");
    for (const char* key : {"a", "b", "c"}) {
        ASSERT_EQ(client(std::string("put ") + key + " " + key + "1").code, 0);
    }
    ASSERT_EQ(cluster("kill " + leader).code, 0);
    ASSERT_EQ(client("put a a2").code, 0);
    ASSERT_EQ(cluster("kill").code, 0);
    start("1 2 3");
    EXPECT_EQ(client("get a").out, "a2\n");
    EXPECT_EQ(client("get b").out, "b1\n");
    EXPECT_EQ(client("get c").out, "c1\n");
}

TEST_F(RealClusterTest, OperationsAnswerByTheirExitCodes) {
    start("1 2 3");
    EXPECT_EQ(client("get nothing").code, 1);
    EXPECT_EQ(client("append k x").code, 0);
    EXPECT_EQ(client("append k y").code, 0);
    EXPECT_EQ(client("get k").out, "xy\n");
    EXPECT_EQ(client("cas k no z").code, 1);
    EXPECT_EQ(client("cas k xy z").code, 0);
    EXPECT_EQ(client("get k").out, "z\n");
    EXPECT_EQ(client("delete k").code, 0);
    EXPECT_EQ(client("delete k").code, 1);
    EXPECT_THAT(client("gett k").err, HasSubstr("did you mean 'get'?"));
    EXPECT_THAT(client("cas k").err, HasSubstr("write cas KEY EXPECTED NEW"));
}

TEST_F(RealClusterTest, MembersComeAndGo) {
    start("1 2 3 4");
    ASSERT_EQ(client("put k v").code, 0);
    const Ended added = client("member add 4");
    ASSERT_EQ(added.code, 0) << added.err;
    EXPECT_THAT(client("member list").out, HasSubstr("   4  voter"));
    ASSERT_EQ(client("transfer 4").code, 0);
    EXPECT_THAT(client("status").out, testing::ContainsRegex("   4  .*  leader"));
    ASSERT_EQ(client("member remove 1").code, 0);
    EXPECT_THAT(client("member list").out, testing::Not(HasSubstr("   1  ")));
    EXPECT_EQ(client("get k").out, "v\n");
    EXPECT_THAT(client("member add 9").err, HasSubstr("has no server 9"));
}

TEST_F(RealClusterTest, APausedServerComesBack) {
    start("1 2 3");
    ASSERT_EQ(cluster("pause 1").code, 0);
    ASSERT_EQ(client("put k v").code, 0);
    ASSERT_EQ(cluster("resume 1").code, 0);
    EXPECT_EQ(client("get k").out, "v\n");
    EXPECT_EQ(cluster("stop").code, 0);
    EXPECT_THAT(read("1.log"), HasSubstr("stopped after"));
}

TEST_F(RealClusterTest, AServerWithoutItsDiskJoinsOrDoesNotStart) {
    start("1 2 3");
    ASSERT_EQ(client("put k v").code, 0);
    ASSERT_EQ(cluster("kill 2").code, 0);
    std::filesystem::remove_all(folder_ + "/2");
    const Ended refused = cluster("start 2");
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.err, HasSubstr("it holds no database: give --create if"));
    EXPECT_THAT(refused.err, HasSubstr("member remove 2"));
    ASSERT_EQ(client("member remove 2").code, 0);
    ASSERT_EQ(cluster("start --join 2").code, 0);
    const Ended added = client("member add 2");
    ASSERT_EQ(added.code, 0) << added.err;
    // It has caught up, and its vote counts: when 3, the leader, is gone, two of three elect one.
    if (!leads("3")) {
        ASSERT_EQ(client("transfer 3").code, 0);
        ASSERT_TRUE(leads("3"));
    }
    ASSERT_EQ(cluster("kill 3").code, 0);
    ASSERT_EQ(client("put k w").code, 0);
    EXPECT_EQ(client("get k").out, "w\n");
    EXPECT_TRUE(leads("1") || leads("2"));
}

TEST_F(RealClusterTest, TheFirstStartIsSaidToBeTheFirst) {
    const std::string one = folder_ + "/one.textproto";
    ASSERT_FALSE(write_file(one, "cluster: 12 servers { id: 1 host: \"127.0.0.1\" port: " +
                                     std::to_string(bench::free_ports(1).value().front()) +
                                     " }\n"));
    const std::string serve = "serve --id 1 --cluster " + one + " --data " + folder_ + "/data";
    EXPECT_EQ(wavetank(serve).code, 64);
    EXPECT_THAT(wavetank(serve + " --create --join").err, HasSubstr("exclude each other"));
    for (const char* flag : {" --create", "", " --join"}) {
        const Background server(serve + flag, folder_ + "/serve.log");
        const Ended put = wavetank("client put k v --timeout 60s --cluster " + one);
        EXPECT_EQ(put.code, 0) << flag << put.err;
    }
    const Ended again = wavetank(serve + " --create");
    EXPECT_EQ(again.code, 64);
    EXPECT_THAT(again.err, HasSubstr("it holds a database already: leave out --create"));
}

TEST_F(RealClusterTest, LinksAreCutAndHealed) {
    EXPECT_THAT(cluster("partition 1").err, HasSubstr("start it with --cuttable"));
    start("--cuttable 1 2 3");
    ASSERT_EQ(client("put k v").code, 0);
    const Ended cut = cluster("partition leader");
    ASSERT_EQ(cut.code, 0) << cut.err;
    EXPECT_THAT(cut.out, testing::ContainsRegex("cut: [123] to [123],[123],4 \\(drop\\)\n"));
    EXPECT_THAT(cluster("status").out, HasSubstr(" (drop)\n"));
    // The others elect one of theirs; that needs a vote, which no longer comes from the old one.
    ASSERT_EQ(client("put k w").code, 0);
    EXPECT_EQ(client("get k").out, "w\n");
    EXPECT_EQ(cluster("heal").out, "no link is cut\n");
    // All three against each other: nobody commits, until it is healed.
    ASSERT_EQ(cluster("partition --how reset 1 2 3").code, 0);
    EXPECT_EQ(
        wavetank("client put k x --timeout 2s --cluster " + folder_ + "/cluster.textproto").code,
        2);
    ASSERT_EQ(cluster("heal").code, 0);
    ASSERT_EQ(client("put k y").code, 0);
    EXPECT_THAT(cluster("partition --one-way --how stall 1 2").out, "cut: 1 to 2 (stall)\n");
    EXPECT_THAT(cluster("partition 1,2 2").err, HasSubstr("server 2 is named twice"));
    EXPECT_THAT(cluster("partition 7").err, HasSubstr("the cluster has no server 7"));
    EXPECT_THAT(cluster("partition --how saw 1").err, HasSubstr("drop, stall or reset"));
}

TEST_F(RealClusterTest, TortureEndsWithAVerdict) {
    start("1 2 3");
    EXPECT_THAT(wavetank("torture --seconds 5 --dir " + folder_).err,
                HasSubstr("runs with links that cannot be cut; stop the cluster"));
    ASSERT_EQ(cluster("stop").code, 0);
    const Ended ended = wavetank("torture --seconds 8 --seed 1 --dir " + folder_);
    EXPECT_EQ(ended.code, 0) << ended.err;
    EXPECT_THAT(ended.out, HasSubstr("no acknowledged write is lost, and all servers are equal"));
    EXPECT_THAT(ended.out, testing::ContainsRegex("[1-9][0-9]* (kills|pauses|cuts)"));
    EXPECT_THAT(cluster("status").out, HasSubstr("relay does not run"));
}

// What the torture does not do itself to a server is a finding.
TEST_F(RealClusterTest, AServerThatEndsByItselfFailsTheTorture) {
    const pid_t torture =
        start_program("torture --seconds 600 --dir " + folder_, folder_ + "/torture.log");
    int status = 0;
    while (::waitpid(torture, &status, WNOHANG) == 0) {
        const pid_t server = std::atoi(read("1.pid").c_str());  // 0: it is just being written
        if (server > 0 && read("torture.log").find("faults begin") != std::string::npos) {
            ::kill(server, SIGKILL);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    EXPECT_THAT(read("torture.log"), HasSubstr("server 1 has ended by itself; the end of its log"));
}

TEST_F(RealClusterTest, AnInterruptedTortureEndsWhatItHasStarted) {
    const pid_t torture =
        start_program("torture --seconds 600 --dir " + folder_, folder_ + "/torture.log");
    int status = 0;
    bool interrupted = false;
    while (::waitpid(torture, &status, WNOHANG) == 0) {
        if (!interrupted && read("torture.log").find("faults begin") != std::string::npos) {
            interrupted = true;
            ::kill(torture, SIGINT);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGINT) << read("torture.log");
    const std::string left = cluster("status").out;
    EXPECT_THAT(left, HasSubstr("relay does not run"));
    EXPECT_THAT(left, testing::Not(testing::ContainsRegex("process [0-9]"))) << left;
}

TEST_F(RealClusterTest, ThroughputOfAClusterThatRunsIsMeasured) {
    const std::string bench = "bench cluster --cluster " + folder_ +
                              "/cluster.textproto --messages 100 --warmup 10 --payload 4 "
                              "--repeats 1 --format csv --out " +
                              folder_;
    const Ended nobody = wavetank(bench + "/none.sqlite --concurrency 1");
    EXPECT_EQ(nobody.code, 1);
    EXPECT_THAT(nobody.out, HasSubstr("is there a leader?"));
    start("1 2 3");
    const Ended measured = wavetank(bench + "/some.sqlite --concurrency 1,8");
    EXPECT_EQ(measured.code, 0) << measured.err;
    // Three servers: the fourth of the file is a spare one.
    EXPECT_THAT(measured.out, HasSubstr("wavetank,3,100,4,1,"));
    EXPECT_THAT(measured.out, HasSubstr("wavetank,3,100,4,8,"));
    EXPECT_THAT(measured.err, HasSubstr("results go to " + folder_ + "/some.sqlite"));
    EXPECT_EQ(wavetank("bench show --format csv " + folder_ + "/some.sqlite").out, measured.out);
    EXPECT_EQ(client("put k v").code, 0) << "the cluster was not stopped";
}

TEST_F(RealClusterTest, AGatewayNeedsAPortOfItsOwn) {
    const std::string port = std::to_string(bench::free_ports(1).value()[0]);
    ASSERT_FALSE(write_file(folder_ + "/cluster.textproto",
                            "cluster: 1 servers { id: 1 host: \"127.0.0.1\" port: " + port +
                                " http_port: " + port + " }"));
    EXPECT_THAT(wavetank("serve --id 1 --data " + folder_ + "/1 --cluster " + folder_ +
                         "/cluster.textproto")
                    .err,
                HasSubstr("http_port is that of the server itself"));
    const std::vector<uint16_t> ports = bench::free_ports(2).value();
    ASSERT_FALSE(write_file(
        folder_ + "/cluster.textproto",
        "cluster: 1 servers { id: 1 host: \"127.0.0.1\" port: " + std::to_string(ports[0]) +
            " http_port: " + std::to_string(ports[1]) + " }"));
    start("1");
    const std::string url = "http://127.0.0.1:" + std::to_string(ports[1]);
    EXPECT_THAT(cluster("status").out, HasSubstr(url));
    EXPECT_THAT(read("1.log"), HasSubstr("its HTTP gateway is at " + url));
    // Another cluster, but the same port for HTTP.
    ASSERT_FALSE(write_file(folder_ + "/other.textproto",
                            "cluster: 2 servers { id: 1 host: \"127.0.0.1\" port: " + port +
                                " http_port: " + std::to_string(ports[1]) + " }"));
    const Ended second = wavetank("serve --id 1 --create --data " + folder_ + "/other --cluster " +
                                  folder_ + "/other.textproto");
    EXPECT_EQ(second.code, 64);
    EXPECT_THAT(second.err, HasSubstr("cannot listen at 127.0.0.1:" + std::to_string(ports[1])));
}

TEST_F(RealClusterTest, AServerThatCannotServeSaysWhy) {
    EXPECT_THAT(wavetank("serve --id 9 --data x --cluster " + folder_ + "/cluster.textproto").err,
                HasSubstr("the cluster has no server 9"));
    EXPECT_THAT(wavetank("serve --id 1").err, HasSubstr("--cluster is missing"));
    ASSERT_FALSE(write_file(folder_ + "/open.textproto",
                            "cluster: 1 servers { id: 1 host: \"0.0.0.0\" port: 1 }"));
    EXPECT_THAT(
        wavetank("serve --id 1 --data " + folder_ + "/x --cluster " + folder_ + "/open.textproto")
            .err,
        HasSubstr("give --tls DIR, or --insecure if that is what you want"));
    start("1 2 3");
    const Ended second = wavetank("serve --id 1 --create --data " + folder_ + "/other --cluster " +
                                  folder_ + "/cluster.textproto");
    EXPECT_EQ(second.code, 64);
    EXPECT_THAT(second.err, HasSubstr("cannot listen at 127.0.0.1:"));
}

}  // namespace
}  // namespace wavetank
