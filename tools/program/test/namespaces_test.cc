// Servers in network namespaces: tormented by real links that go down, and gone when the command
// is. Skipped where the system gives no namespaces.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

#include "core/base/check.h"
#include "tools/program/server_networks.h"

namespace wavetank {
namespace {

using testing::HasSubstr;

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A process that nobody has taken note of has no words left.
bool runs(const std::string& process) {
    return !content_of("/proc/" + process + "/cmdline").empty();
}

class NamespacesTest : public testing::Test {
 protected:
    NamespacesTest() {
        std::string pattern = testing::TempDir() + "/namespaces_test_XXXXXX";
        CHECK(::mkdtemp(pattern.data()) != nullptr);
        folder_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::string dir() const { return folder_ + "/cluster"; }
    std::string said() const { return content_of(folder_ + "/said"); }

    // The command that runs `torture --namespaces`; its process.
    pid_t torture(const std::string& arguments) const {
        const std::string command = "exec " WAVETANK_STUB " torture --namespaces --dir " + dir() +
                                    " " + arguments + " >" + folder_ + "/said 2>&1 </dev/null";
        const pid_t process = ::fork();
        CHECK(process >= 0);
        if (process > 0) return process;
        ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
        ::_exit(127);
    }
    // The servers' processes; fewer if not all are started so far.
    std::vector<std::string> servers() const {
        std::vector<std::string> found;
        for (const char* server : {"1", "2", "3", "4", "5"}) {
            std::istringstream file(content_of(dir() + "/" + server + ".pid"));
            std::string process;
            if (file >> process) found.push_back(process);
        }
        return found;
    }

    std::string folder_;
};

#define SKIP_WITHOUT_NAMESPACES()                                          \
    if (said().find(kNoNamespaces) != std::string::npos) {                 \
        GTEST_SKIP() << "skipped: no network namespaces here: " << said(); \
    }

TEST_F(NamespacesTest, LinksGoDownAndNothingIsLost) {
    int status = 0;
    const pid_t process = torture("--seconds 10 --seed 1");
    ASSERT_EQ(::waitpid(process, &status, 0), process);
    SKIP_WITHOUT_NAMESPACES();
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << said();
    EXPECT_THAT(said(), HasSubstr("no acknowledged write is lost"));
    EXPECT_THAT(said(), testing::ContainsRegex("[1-9][0-9]* cuts"));
    EXPECT_THAT(content_of(dir() + "/2.log"), HasSubstr("10.78."));
    for (const std::string& server : servers()) {
        EXPECT_FALSE(runs(server)) << server;
    }
    EXPECT_FALSE(std::filesystem::exists("/sys/class/net/clients")) << "that is the host's network";
}

// Also when it cannot clean up: the kernel ends the servers, and with them go their namespaces.
TEST_F(NamespacesTest, NothingIsLeftWhenTheCommandIsKilled) {
    const pid_t process = torture("--seconds 600");
    int status = 0;
    while (servers().size() < 5 && ::waitpid(process, &status, WNOHANG) == 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    SKIP_WITHOUT_NAMESPACES();
    ASSERT_EQ(servers().size(), 5U) << said();
    ASSERT_EQ(::kill(process, SIGKILL), 0);
    ASSERT_EQ(::waitpid(process, &status, 0), process);
    for (const std::string& server : servers()) {
        // Bounded by the time that a test may take.
        while (runs(server)) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }
}

}  // namespace
}  // namespace wavetank
