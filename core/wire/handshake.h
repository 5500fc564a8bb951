// The first thing each side of a connection says: what it speaks, and who it is. Not Protobuf, so
// that every version for ever can read the beginning of it and say what is wrong.
//
//   byte 0  8     "WAVETANK"
//        8  u32   version of everything after the handshake
//       12  u32   server id; zero: a client
//       16  u64   cluster id
//
// Integers have their least significant byte first. A later version may be longer, up to
// kHandshakeBytesMax; bytes 0 to 11 stay what they are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/ids.h"
#include "core/base/result.h"

namespace wavetank {

// A cluster, chosen when it is created. Keeps servers of different clusters apart that reach each
// other by a mistake in somebody's list of addresses.
using ClusterId = Strong<struct ClusterIdTag, uint64_t>;

inline constexpr uint32_t kWireVersion = 1;
inline constexpr uint64_t kHandshakeBytesMax = 256;

struct Handshake {
    ClusterId cluster;
    ServerId server;  // zero: a client
    friend bool operator==(const Handshake&, const Handshake&) = default;
};

// Appends `handshake` to `out`.
void encode(const Handshake& handshake, std::string& out);

// Whom we expect at the other end.
struct Expected {
    ClusterId cluster;
    // Whom we called. Nothing when we are called: then anybody but ourselves.
    std::optional<ServerId> server;
    ServerId ourselves;  // zero: a client
};

// Reads the other side's handshake, the whole of `bytes`. An error says what is wrong: it is no
// Wavetank, or of another version or cluster, or not whom we expect.
Result<Handshake> decode_handshake(std::string_view bytes, const Expected& expected);

}  // namespace wavetank
