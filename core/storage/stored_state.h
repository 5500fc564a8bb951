// The two records of a database besides log and snapshot bytes: whose it is, and its state. The
// state record *seals* the log: it is written together with every change that is more than an
// append, and before a checkpoint, and says where the log ended then and by what digest. So what
// is in the database file itself, without SQLite's log, can be compared with it: entries that are
// missing at the end, or came back after they were truncated, are found although what is left is
// intact.
//
// A record is u64 digest (hash_bytes of the rest), then the fields below as core/base/bytes.h has
// them; configurations as they are in log entries, an empty one without bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/raft/durable.h"

namespace wavetank {

struct StoredIdentity {
    uint64_t cluster = 0;
    ServerId server;
    Configuration configuration;  // what the cluster was created with; empty: waits to be added
};

// A snapshot, or the pieces of one: its bytes are in one of two slots.
struct StoredSnapshot {
    SnapshotMeta meta;
    uint32_t slot = 0;   // 0 or 1
    uint64_t bytes = 0;  // that are there: all, or of a partial one the first
    friend bool operator==(const StoredSnapshot&, const StoredSnapshot&) = default;
};

struct StoredState {
    uint64_t seal = 1;  // rises by one with every state record
    HardState hard_state;
    LogBase base;
    LogIndex log_end;        // the last entry when this was written; base.index: no entries
    uint64_t chain_end = 0;  // digest of the log up to there
    std::optional<StoredSnapshot> snapshot;
    std::optional<StoredSnapshot> collecting;
    friend bool operator==(const StoredState&, const StoredState&) = default;
};

std::string encode(const StoredIdentity& identity);
std::string encode(const StoredState& state);
// Nothing if the bytes are damaged.
std::optional<StoredIdentity> decode_identity(std::string_view bytes);
std::optional<StoredState> decode_state(std::string_view bytes);

}  // namespace wavetank
