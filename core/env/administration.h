// What operators and servers say to each other: the bodies of the requests Status, ChangeMembers
// and Transfer (client_messages.h) and of the reply to Status.
//
// Formats (core/base/bytes.h):
//   change    u64 expected, rest members (core/quorum/configuration.h)
//   transfer  u32 target
//   status    u32 server, u8 role, u64 term, u32 leader, then u64 each: base, last, durable,
//             commit, applied, snapshot, configuration index, commits, syncs, sessions, digest;
//             u32 peers,
//             then of each: u32 server, u64 match, u8 state; rest configuration
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/quorum/configuration.h"
#include "core/quorum/progress.h"
#include "core/raft/raft.h"

namespace wavetank {

// Make the cluster consist of these members, if its configuration still is the one at `expected`:
// so of two operators that change it at the same time one is refused.
struct MembersWish {
    LogIndex expected;
    Configuration::Members members;  // `outgoing` is empty
    friend bool operator==(const MembersWish&, const MembersWish&) = default;
};
std::string encode(const MembersWish& wish);
std::optional<MembersWish> decode_members_wish(std::string_view bytes);

struct TransferWish {
    ServerId target;  // zero: whoever is best
    friend bool operator==(const TransferWish&, const TransferWish&) = default;
};
std::string encode(const TransferWish& wish);
std::optional<TransferWish> decode_transfer_wish(std::string_view bytes);

// One server as it sees itself and the cluster.
struct ServerStatus {
    ServerId server;
    Role role = Role::Follower;
    Term term;
    ServerId leader;
    LogIndex base;  // the log goes on after it
    LogIndex last;
    LogIndex durable;
    LogIndex commit;
    LogIndex applied;
    LogIndex snapshot;       // zero: none
    LogIndex configured_at;  // of the configuration in force
    uint64_t commits = 0;    // how often its disk has made writes durable, since it was started
    uint64_t syncs = 0;      // of files, for that and for all else; zero: not known
    uint64_t sessions = 0;
    uint64_t digest = 0;  // of machine and sessions, as of `applied`
    struct Peer {
        ServerId server;
        LogIndex match;
        ProgressState state = ProgressState::Probe;
        friend bool operator==(const Peer&, const Peer&) = default;
    };
    std::vector<Peer> peers;      // at a leader: all other members
    Configuration configuration;  // empty: waits to be added
    friend bool operator==(const ServerStatus&, const ServerStatus&) = default;
};
std::string encode(const ServerStatus& status);
std::optional<ServerStatus> decode_server_status(std::string_view bytes);

}  // namespace wavetank
