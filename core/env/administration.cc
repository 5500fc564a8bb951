// Written and read field by field; what does not fit is nothing.
#include "core/env/administration.h"

#include "core/base/bytes.h"

namespace wavetank {
namespace {

// An empty configuration is none, but a server may wait with one.
std::optional<Configuration> read_configuration(std::string_view bytes) {
    if (bytes == encode(Configuration())) return Configuration();
    return decode_configuration(bytes);
}

bool read_peers(Decoder& from, std::vector<ServerStatus::Peer>* peers) {
    const uint32_t count = from.u32();
    for (uint32_t i = 0; i < count && from.ok(); ++i) {
        const ServerId server(from.u32());
        const LogIndex match(from.u64());
        const uint8_t state = from.u8();
        if (state > static_cast<uint8_t>(ProgressState::Snapshot)) return false;
        peers->push_back({server, match, static_cast<ProgressState>(state)});
    }
    return from.ok();
}

}  // namespace

std::string encode(const MembersWish& wish) {
    return Encoder().u64(wish.expected.value()).rest(encode(Configuration(wish.members))).take();
}

std::optional<MembersWish> decode_members_wish(std::string_view bytes) {
    Decoder from(bytes);
    const LogIndex expected(from.u64());
    const std::string_view members = from.rest();
    if (!from.ok()) return std::nullopt;
    const std::optional<Configuration> wanted = decode_configuration(members);
    if (!wanted || wanted->joint()) return std::nullopt;
    return MembersWish{expected, wanted->members()};
}

std::string encode(const TransferWish& wish) {
    return Encoder().u32(wish.target.value()).take();
}

std::optional<TransferWish> decode_transfer_wish(std::string_view bytes) {
    Decoder from(bytes);
    const TransferWish wish{ServerId(from.u32())};
    if (!from.finished()) return std::nullopt;
    return wish;
}

std::string encode(const ServerStatus& status) {
    Encoder to;
    to.u32(status.server.value()).u8(static_cast<uint8_t>(status.role)).u64(status.term.value());
    to.u32(status.leader.value());
    for (const LogIndex index : {status.base, status.last, status.durable, status.commit,
                                 status.applied, status.snapshot, status.configured_at}) {
        to.u64(index.value());
    }
    to.u64(status.commits)
        .u64(status.syncs)
        .u64(status.sessions)
        .u64(status.digest)
        .u32(static_cast<uint32_t>(status.peers.size()));
    for (const ServerStatus::Peer& peer : status.peers) {
        to.u32(peer.server.value()).u64(peer.match.value()).u8(static_cast<uint8_t>(peer.state));
    }
    return to.rest(encode(status.configuration)).take();
}

std::optional<ServerStatus> decode_server_status(std::string_view bytes) {
    Decoder from(bytes);
    ServerStatus status;
    status.server = ServerId(from.u32());
    const uint8_t role = from.u8();
    if (role > static_cast<uint8_t>(Role::Leader)) return std::nullopt;
    status.role = static_cast<Role>(role);
    status.term = Term(from.u64());
    status.leader = ServerId(from.u32());
    for (LogIndex* index : {&status.base, &status.last, &status.durable, &status.commit,
                            &status.applied, &status.snapshot, &status.configured_at}) {
        *index = LogIndex(from.u64());
    }
    status.commits = from.u64();
    status.syncs = from.u64();
    status.sessions = from.u64();
    status.digest = from.u64();
    if (!read_peers(from, &status.peers)) return std::nullopt;
    const std::optional<Configuration> configuration = read_configuration(from.rest());
    if (!configuration) return std::nullopt;
    status.configuration = *configuration;
    return status;
}

}  // namespace wavetank
