// Weather: the standing conditions of the simulated world. What the nemesis does comes on top.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/ids.h"
#include "core/raft/durable.h"
#include "sim/world/latency.h"
#include "sim/world/ratio.h"

namespace wavetank {

// One direction of a link. Messages arrive in order, as over TCP, except those that are reordered.
struct LinkQuality {
    Latency latency{
        .kind = LatencyKind::Uniform, .base = microseconds(200), .spread = microseconds(300)};
    Ratio loss;
    Ratio duplicate;
    Ratio corrupt;  // of this share of the messages with payloads one byte of a payload is changed
    Ratio reorder;  // this share gets `reorder_delay` on top and may be overtaken
    Latency reorder_delay{.kind = LatencyKind::Uniform, .base = {}, .spread = milliseconds(10)};
    uint64_t bytes_per_second = 0;       // 0: unlimited
    uint64_t queue_bytes_max = 1 << 20;  // with a limited bandwidth: what waits beyond this is lost
    friend bool operator==(const LinkQuality&, const LinkQuality&) = default;
};

// What becomes of writes that were not yet synced when a node crashes. A record is written in the
// order hard state, piece of a snapshot, snapshot with compaction, truncation, entries.
enum class CrashRule : uint8_t {
    LoseAll,  // all of them are gone
    InOrder,  // the first few survive, whole
    Torn,     // the first few survive, and the beginning of the next one
};

// What a server keeps its state with.
enum class StorageKind : uint8_t {
    Memory,  // a model of a storage: fast
    Sqlite,  // the storage of a real server, over SQLite on a simulated disk
};

struct DiskQuality {
    Latency write{
        .kind = LatencyKind::Uniform, .base = microseconds(100), .spread = microseconds(200)};
    uint64_t bytes_per_second = 0;  // that are written, on top of `write`; 0: unlimited
    CrashRule on_crash = CrashRule::Torn;
    StorageKind storage = StorageKind::Memory;
    friend bool operator==(const DiskQuality&, const DiskQuality&) = default;
};

// A node's own clock: local = offset + true time * (1 + drift).
struct ClockQuality {
    Duration offset;
    int64_t drift_ppm = 0;  // parts per million, above -1,000,000
    // What the server is told of its clock's error. Without it there are no leases. A run whose
    // clock is further from true time than this breaks the contract that leases rest on.
    std::optional<Duration> error_bound;
    friend bool operator==(const ClockQuality&, const ClockQuality&) = default;
};

// A server that does not start empty: paper figures 7 and 8 begin with logs. Each number is the
// term of one entry; entries at the same index with the same term are the same on all servers.
struct InitialState {
    ServerId server;
    HardState hard_state;
    std::vector<Term> log;
};

}  // namespace wavetank
