// What must hold of any bytes whatever that come as the data of a snapshot (replicated_state.h),
// for tests and fuzzers: they are refused and change nothing, or they are a state, which can go on
// and is saved as the same bytes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/check.h"
#include "core/machines/kv.h"
#include "core/server/replicated_state.h"

namespace wavetank {

inline std::string saved(ReplicatedState& state) {
    std::string data;
    state.freeze();
    while (!state.save_some(data, 100)) {
    }
    state.thaw();
    return data;
}

// True if they are a state.
inline bool try_as_snapshot(std::string_view bytes) {
    const SessionLimits limits{.sessions_max = 8, .replies_max = 4, .expire_after = seconds(10)};
    ReplicatedState state(std::make_unique<KvMachine>(), limits);
    const uint64_t empty = state.digest();
    if (!state.load(bytes)) {
        CHECK(state.digest() == empty);
        return false;
    }
    CHECK(saved(state) == bytes);
    const uint64_t digest = state.digest();
    ReplicatedState other(std::make_unique<KvMachine>(), limits);
    CHECK(other.load(bytes));
    CHECK(other.digest() == digest);
    // Both go on alike, far later: what is old expires.
    const Entry late{Term(1), EntryKind::Empty, Payload(), Instant{INT64_MAX}};
    for (ReplicatedState* each : {&state, &other}) each->apply(LogIndex(UINT64_MAX), late);
    CHECK(state.digest() == other.digest());
    CHECK(saved(state) == saved(other));
    return true;
}

}  // namespace wavetank
