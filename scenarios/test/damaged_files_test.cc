// Files of the library, cut off and changed: refused, or understood, but nothing else. The fuzzer
// of scenarios/fuzz begins with the same files.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "core/base/hash.h"
#include "scenarios/files.h"
#include "scenarios/test/scenario_properties.h"

namespace wavetank {
namespace {

TEST(DamagedFiles, AreRefusedOrUnderstood) {
    const auto files = find_scenarios({WAVETANK_SOURCE_DIR "/scenarios/library"});
    ASSERT_TRUE(files.ok());
    std::size_t understood = 0;
    std::size_t tried = 0;
    for (std::size_t i = 0; i < files.value().size(); i += 10) {
        std::ifstream file(files.value()[i], std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        ASSERT_TRUE(try_as_scenario(text)) << files.value()[i];
        for (uint64_t n = 0; n < 40; ++n) {
            const uint64_t bits = mix(i, n);
            std::string damaged = text;
            const std::size_t at = below(bits, text.size());
            if (n % 2 == 0) {
                damaged.resize(at);
            } else {
                damaged[at] = static_cast<char>(mix(bits, 1));
            }
            if (try_as_scenario(damaged)) ++understood;
            ++tried;
        }
    }
    EXPECT_GT(understood, 0U);
    EXPECT_LT(understood, tried);
}

}  // namespace
}  // namespace wavetank
