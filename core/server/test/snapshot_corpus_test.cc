// The kept corpus of the snapshot fuzzer: the same properties in every build. It is written anew by
// `core_server_test --gtest_also_run_disabled_tests --gtest_filter=*WriteAnew` after a change of
// the format.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/server/test/snapshot_properties.h"

namespace wavetank {
namespace {

const std::filesystem::path kFolder = WAVETANK_SOURCE_DIR "/core/server/fuzz/corpus/snapshot";

TEST(SnapshotCorpus, IsOfStates) {
    std::size_t states = 0;
    for (const auto& each : std::filesystem::directory_iterator(kFolder)) {
        std::ifstream file(each.path(), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(file), {}};
        EXPECT_TRUE(try_as_snapshot(bytes)) << each.path();
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            std::string flipped = bytes;
            flipped[at] = static_cast<char>(flipped[at] ^ 1 << at % 8);
            try_as_snapshot(flipped);
        }
        ++states;
    }
    EXPECT_GE(states, 4U);
}

TEST(SnapshotCorpus, DISABLED_WriteAnew) {
    const SessionLimits limits{.sessions_max = 8, .replies_max = 4, .expire_after = seconds(10)};
    ReplicatedState state(std::make_unique<KvMachine>(), limits);
    uint64_t index = 0;
    const auto apply = [&](const SessionCommand& command) {
        ++index;
        const Instant time{static_cast<int64_t>(index) * 1'000'000'000};
        state.apply(LogIndex(index),
                    Entry{Term(1), EntryKind::Command, encode_session_command(command), time});
    };
    for (uint64_t step = 0; step < 5; ++step) {
        std::ofstream(kFolder / ("state_" + std::to_string(step)), std::ios::binary)
            << saved(state);
        apply({.kind = SessionCommandKind::Open});
        for (uint64_t sequence = 1; sequence <= step; ++sequence) {
            const KvCommand put{.function = KvFunction::Put,
                                .key = std::string(step, 'k') + std::to_string(sequence),
                                .value = std::string(sequence, 'v')};
            apply({.kind = SessionCommandKind::Command,
                   .session = SessionId(1),
                   .sequence = 10 * step + sequence,
                   .unacknowledged = 10 * step + 1,
                   .body = encode(put)});
        }
    }
}

}  // namespace
}  // namespace wavetank
