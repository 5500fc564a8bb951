// libraft's simulated cluster as a yardstick (Debian: libraft-dev; canonical/raft, now
// cowsql/raft). Its header stays in raft_fixture.cc, because it declares a `struct raft` for all.
#pragma once

#include <cstdint>

namespace wavetank::bench {

struct FixtureFigures {
    double cpu_seconds = 0;
    double virtual_seconds = 0;
    uint64_t messages = 0;  // delivered
    uint64_t applied = 0;   // commands, on the leader
};

// Five servers that elect a leader and then only send heartbeats.
FixtureFigures fixture_idle(uint32_t virtual_seconds);
// Five servers; `proposals` commands, one after the other. The fixture compares and copies the
// leader's whole log at every step, so what it costs is the log's length: servers take a snapshot
// every `snapshot_every` entries and keep as many behind it.
FixtureFigures fixture_load(uint32_t proposals, uint32_t snapshot_every);

}  // namespace wavetank::bench
