// Files as named, folders sorted, clear words for what is not there.
#include "scenarios/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace wavetank {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
    void SetUp() override {
        const auto* test = testing::UnitTest::GetInstance()->current_test_info();
        root_ = fs::path(testing::TempDir()) / (std::string("wavetank_files_") + test->name());
        fs::remove_all(root_);
        fs::create_directories(root_ / "b" / "deep");
        fs::create_directories(root_ / "empty");
        for (const char* name :
             {"z.textproto", "b/deep/y.textproto", "b/x.textproto", "b/notes.md"}) {
            std::ofstream(root_ / name) << "story: \"s\"\n";
        }
    }
    void TearDown() override { fs::remove_all(root_); }
    std::string path(const char* name) const { return (root_ / name).string(); }

    fs::path root_;
};

TEST_F(Files, FoldersAreWalkedInOrder) {
    const auto found = find_scenarios({root_.string()});
    ASSERT_TRUE(found.ok()) << found.error().message;
    EXPECT_EQ(found.value(),
              (std::vector<std::string>{path("b/deep/y.textproto"), path("b/x.textproto"),
                                        path("z.textproto")}));
}

TEST_F(Files, FilesComeAsNamedAndOnce) {
    const auto found = find_scenarios(
        {path("z.textproto"), path("b/notes.md"), path("b"), path("b/../z.textproto")});
    ASSERT_TRUE(found.ok()) << found.error().message;
    EXPECT_EQ(found.value(),
              (std::vector<std::string>{path("z.textproto"), path("b/notes.md"),
                                        path("b/deep/y.textproto"), path("b/x.textproto")}));
}

TEST_F(Files, WhatIsNotThereIsSaid) {
    EXPECT_EQ(find_scenarios({path("none")}).error().message,
              "there is no file or folder " + path("none") +
                  "; name a scenario file or a folder that holds some");
    EXPECT_EQ(
        find_scenarios({path("empty")}).error().message,
        "the folder " + path("empty") + " holds no scenario; a scenario file ends in .textproto");
    EXPECT_EQ(load_scenario(path("b")).error().message,
              path("b") + " is a folder; name a file in it");
    EXPECT_EQ(load_scenario(path("none")).error().message,
              "cannot read " + path("none") + ": No such file or directory");
}

TEST_F(Files, MistakesNameTheFile) {
    std::ofstream(root_ / "bad.textproto") << "stroy: \"s\"\n";
    EXPECT_EQ(load_scenario(path("bad.textproto")).error().message,
              path("bad.textproto") +
                  ":1:1: error: unknown field \"stroy\" in the scenario; did you "
                  "mean \"story\"?");
    const auto good = load_scenario(path("z.textproto"));
    ASSERT_TRUE(good.ok());
    EXPECT_EQ(good.value().name, "z");
}

}  // namespace
}  // namespace wavetank
