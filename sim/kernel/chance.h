// Chance: every decision of the simulated world passes here (DESIGN D7). A decision has a name,
// (kind, place, ordinal): the n-th loss decision on the link 1->2, say, and its value is a hash of
// the seed and that name. So a decision can be named in a file, and taking one away leaves all
// others alone.
#pragma once

#include <cstdint>

#include "core/base/hash.h"

namespace wavetank {

enum class ChanceKind : uint32_t {
    LinkLatency = 1,
    LinkLoss,
    LinkDuplicate,
    LinkReorder,
    LinkReorderDelay,
    DiskLatency,
    CrashSurvivors,
    CrashParts,
    CrashPoint,
    ServerSeed,
    ClientThink,
    ClientChoice,
    ClientBackoff,
    NemesisInterval,
    NemesisKind,
    NemesisDuration,
    NemesisDetail,
    TargetDraw,
    PartitionDraw,
    LinkCorrupt,
    LinkCorruptByte,
    MembersDraw,
    SqliteDisk,
    SqliteCrash,
    SealLatency,
};

class Chance {
 public:
    explicit Chance(uint64_t seed) : seed_(mix(seed, 0x6368616e6365)) {}

    // 64 random bits. `place` must fit 32 bits. The ordinal is mixed in twice: once would make the
    // decisions of one kind and place a mere arithmetic sequence (a product with a counter), in
    // which a loss of one in five never hits two messages in a row, or always does.
    uint64_t draw(ChanceKind kind, uint64_t place, uint64_t ordinal) const {
        const uint64_t key = mix(seed_, static_cast<uint64_t>(kind) << 32 | place);
        return mix(mix(key, ordinal), ordinal);
    }

 private:
    uint64_t seed_;
};

}  // namespace wavetank
