// What the tests of real processes share: a folder of their own, in which a cluster may be, and
// programs that are run as a person would run them.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "core/base/check.h"
#include "reports/text.h"

namespace wavetank {

class ProgramFolder : public testing::Test {
 protected:
    ProgramFolder() {
        std::string pattern = testing::TempDir() + "/program_test_XXXXXX";
        CHECK(::mkdtemp(pattern.data()) != nullptr);
        folder_ = pattern;
    }
    // Nothing of a cluster in the folder goes on.
    ~ProgramFolder() override {
        wavetank("cluster kill --dir " + folder_);
        std::filesystem::remove_all(folder_);
    }

    void write(const std::string& name, const std::string& text) const {
        CHECK(!write_file(folder_ + "/" + name, text));
    }
    // Nothing if it is not there.
    std::string read(const std::string& name) const {
        std::ifstream file(folder_ + "/" + name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }
    struct Ended {
        int code = 0;
        std::string out;
        std::string err;
    };
    Ended run(const std::string& program, const std::string& arguments) const {
        const std::string command = program + " " + arguments + " >" + folder_ + "/stdout 2>" +
                                    folder_ + "/stderr </dev/null";
        const int status = std::system(command.c_str());
        return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                .out = read("stdout"),
                .err = read("stderr")};
    }
    Ended wavetank(const std::string& arguments) const { return run(WAVETANK_STUB, arguments); }

    std::string folder_;
};

}  // namespace wavetank
