// Runs the stories of core/raft/test/stories, a test each, and with --rewrite writes down what came
// of them as what is expected from now on: read the difference before it is committed. A story in
// which something happens that must never happen is not rewritten.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/raft/test/story/interpreter.h"

namespace wavetank::story {
namespace {

const std::filesystem::path kStories =
    std::filesystem::path(WAVETANK_SOURCE_DIR) / "core/raft/test/stories";
bool rewrite = false;

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    return content.str();
}

class StoryTest : public testing::Test {
 public:
    explicit StoryTest(std::filesystem::path path) : path_(std::move(path)) {}
    void TestBody() override {
        const std::string name =
            std::filesystem::relative(path_, WAVETANK_SOURCE_DIR).generic_string();
        const std::string content = read_file(path_);
        const Result<std::vector<Line>> lines = parse_story({name, content});
        ASSERT_TRUE(lines.ok()) << lines.error().message;
        const Result<Told> told = tell(name, lines.value());
        ASSERT_TRUE(told.ok()) << told.error().message;
        const std::string rendered = render_story(told.value().lines);
        if (rewrite && rendered != content) {
            std::ofstream(path_, std::ios::binary) << rendered;
            std::printf("rewritten: %s\n", name.c_str());
            return;
        }
        EXPECT_TRUE(told.value().differences.empty())
            << told.value().differences
            << "If this is right, run core_raft_story_test --rewrite and read what changes.";
    }

 private:
    std::filesystem::path path_;
};

void register_stories() {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(kStories)) {
        if (entry.path().extension() == ".txt") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    for (const std::filesystem::path& path : paths) {
        testing::RegisterTest("Story", path.stem().c_str(), nullptr, nullptr, __FILE__, __LINE__,
                              [path]() -> testing::Test* { return new StoryTest(path); });
    }
}

}  // namespace
}  // namespace wavetank::story

int main(int argc, char** argv) {
    wavetank::story::register_stories();
    testing::InitGoogleTest(&argc, argv);
    for (int i = 1; i < argc; ++i) {
        if (std::string_view(argv[i]) != "--rewrite") {
            std::fprintf(stderr, "%s: only --rewrite and the options of GoogleTest are known\n",
                         argv[i]);
            return 64;
        }
        wavetank::story::rewrite = true;
    }
    return RUN_ALL_TESTS();
}
