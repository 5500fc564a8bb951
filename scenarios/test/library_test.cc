// Every scenario of the library can be read, tells its story, and is also what Protobuf itself
// accepts (the parser reads it with Protobuf after its own look at it).
#include <gtest/gtest.h>

#include "scenarios/files.h"

namespace wavetank {
namespace {

std::vector<std::string> library() {
    const auto files = find_scenarios({WAVETANK_SOURCE_DIR "/scenarios/library"});
    EXPECT_TRUE(files.ok()) << (files.ok() ? "" : files.error().message);
    return files.ok() ? files.value() : std::vector<std::string>();
}

TEST(Library, EveryFileParsesAndHasAStory) {
    for (const std::string& file : library()) {
        const auto setup = load_scenario(file);
        ASSERT_TRUE(setup.ok()) << setup.error().message;
        EXPECT_FALSE(setup.value().story.empty()) << file;
        EXPECT_LE(setup.value().story.size(), 110u) << file << ": a story is one line";
    }
}

}  // namespace
}  // namespace wavetank
