// The kept corpus of the fuzzer: the same properties in every build, and both kinds are there.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/http/test/properties.h"

namespace wavetank {
namespace {

TEST(HttpCorpus, HoldsInEveryBuild) {
    std::size_t targets = 0;
    std::size_t orders = 0;
    const std::string folder = WAVETANK_SOURCE_DIR "/core/http/fuzz/corpus/request";
    for (const auto& each : std::filesystem::directory_iterator(folder)) {
        std::ifstream file(each.path(), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(file), {}};
        ASSERT_FALSE(bytes.empty()) << each.path();
        try_as_request(bytes);
        if (bytes[0] == 't' && parse_target(bytes.substr(1)).ok()) ++targets;
        if (bytes[0] == 'j' && parse_members_order(bytes.substr(1)).ok()) ++orders;
    }
    EXPECT_GE(targets, 3U);
    EXPECT_GE(orders, 2U);
}

}  // namespace
}  // namespace wavetank
