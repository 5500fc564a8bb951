// What is done to the disk of a node, and what has become of it. Most of this is for disks that
// SQLite keeps its files on (sim_disk.h): a memory storage has no bits that could rot.
#pragma once

#include <cstdint>
#include <optional>

#include "core/raft/durable.h"
#include "sim/world/latency.h"
#include "sim/world/sim_disk.h"

namespace wavetank {

enum class DiskChangeKind : uint8_t {
    Fail,  // calls of the kinds in `errors` fail, until Mend
    Fill,  // its files cannot grow, until Mend
    Slow,  // a write takes `write`, and passes `bytes_per_second`, until Mend; what is not given
           // stays; memory storages, too
    Mend,  // ends these three
    Rot,   // so many durable `bits` change, at `place`
    Misplace,  // the next write goes where `where` says
    Save,      // remembers what is durable, for RollBack
    RollBack,  // it is as it was when it was saved, or when the run began
    Clone,     // it holds what the disk of another server holds
    Lose,      // all that is on it is gone; memory storages, too
};
// Where bits change: anywhere, drawn from the seed, but for what is given.
struct RotPlace {
    enum class File : uint8_t { Database, Wal };
    std::optional<File> file;
    std::optional<uint64_t> offset;  // with `file`: from this byte on, one bit after the other
    LogIndex entry;                  // alone: from this entry's last byte on; zero: not given
};
struct DiskChange {
    DiskChangeKind kind = DiskChangeKind::Mend;
    SimDisk::Errors errors;
    uint32_t bits = 1;
    RotPlace place;
    SimDisk::Misplaced where = SimDisk::Misplaced::Nowhere;
    std::optional<Latency> write;
    uint64_t bytes_per_second = 0;  // 0: not given
    uint32_t from = 0;              // Clone: the position of the other server
};

// Whether a server may start from its disk. All but Sound are for good: the operator must replace
// the server, because it may have promised what is not there any more.
enum class DiskState : uint8_t {
    Sound,     // it holds all that was promised
    Refused,   // the storage has found that it is damaged, or another server's
    Outdated,  // intact, but older than it was: only whoever did that to it can know
    Lost,
};

inline const char* words_of(DiskState state) {
    switch (state) {
        case DiskState::Sound:
            return "sound";
        case DiskState::Refused:
            return "damaged";
        case DiskState::Outdated:
            return "older than it was";
        case DiskState::Lost:
            return "lost";
    }
    return "?";
}

}  // namespace wavetank
