// Frames: how messages stand one after the other in a stream of bytes.
//
//   byte 0  u32   CRC-32C of all that follows: bytes 4 to the end
//        4  u32   size N of the body
//        8  u8    kind of the body
//        9  N     the body
//
// Integers have their least significant byte first. The checksum covers the size and the kind, so
// what is damaged is refused as a whole. A stream begins with a handshake in each direction
// (handshake.h), and has none later. After anything that is wrong the stream cannot be trusted any
// more: the connection ends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/payload.h"
#include "core/base/result.h"
#include "core/env/client_messages.h"
#include "core/raft/messages.h"
#include "core/wire/handshake.h"
#include "core/wire/limits.h"

namespace wavetank {

enum class FrameKind : uint8_t {
    Handshake = 1,
    ServerMessage = 2,  // raft_codec.h
    ClientRequest = 3,  // client_codec.h
    ClientReply = 4,
};

inline constexpr std::size_t kFrameHeaderBytes = 9;

// The largest body of a kind. Nothing if there is no such kind.
constexpr std::optional<uint64_t> frame_body_bytes_max(uint8_t kind) {
    switch (static_cast<FrameKind>(kind)) {
        case FrameKind::Handshake:
            return kHandshakeBytesMax;
        case FrameKind::ServerMessage:
            return kServerLimits.body_bytes_max();
        case FrameKind::ClientRequest:
        case FrameKind::ClientReply:
            return kClientLimits.body_bytes_max();
    }
    return std::nullopt;
}

// A frame that arrived whole and undamaged.
struct Frame {
    FrameKind kind;
    Payload buffer;  // what it was received in
    Payload::Part body;
    std::string_view bytes() const { return buffer.bytes().substr(body.offset, body.size); }
};

// Appends a frame with the message to `out` and returns its size. An error, and `out` as it was, if
// the message is larger than limits.h allows.
std::size_t append_frame(const Handshake& handshake, std::string& out);
Result<std::size_t> append_frame(const Message& message, std::string& out);
Result<std::size_t> append_frame(const ClientRequest& request, std::string& out);
Result<std::size_t> append_frame(const ClientReply& reply, std::string& out);

}  // namespace wavetank
