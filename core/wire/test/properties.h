// What must hold of any bytes whatever, for tests and fuzzers: they are read or refused; what is
// read has no other encoding; frames do not depend on the cuts in which they arrive.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/bytes.h"
#include "core/wire/client_codec.h"
#include "core/wire/crc32c.h"
#include "core/wire/frame_reader.h"
#include "core/wire/raft_codec.h"

namespace wavetank {

template <class Decoded>
void check_decoded(const Result<Decoded>& decoded, std::string_view bytes) {
    if (!decoded.ok()) {
        CHECK(!decoded.error().message.empty());
        return;
    }
    std::string again;
    CHECK(encode(decoded.value(), again).ok());
    CHECK(again == bytes);
}

inline void try_as_message(std::string_view bytes) {
    const Payload received = Payload::copy_of(bytes);
    check_decoded(decode_message(received, {0, received.size()}), bytes);
}

inline void try_as_client_message(std::string_view bytes) {
    const Payload received = Payload::copy_of(bytes);
    check_decoded(decode_request(received, {0, received.size()}), bytes);
    check_decoded(decode_reply(received, {0, received.size()}), bytes);
}

// What a reader makes of a stream: kinds and bodies, and what it says in the end.
struct StreamContent {
    std::vector<std::pair<FrameKind, std::string>> frames;
    std::string refusal;
    std::size_t pending = 0;
    friend bool operator==(const StreamContent&, const StreamContent&) = default;
};

inline void try_frame(const Frame& frame) {
    switch (frame.kind) {
        case FrameKind::Handshake: {
            const Expected expected{.cluster = ClusterId(7), .server = {}, .ourselves = {}};
            const Result<Handshake> handshake = decode_handshake(frame.bytes(), expected);
            if (!handshake.ok()) return;
            std::string again;
            encode(handshake.value(), again);
            CHECK(again == frame.bytes());
            return;
        }
        case FrameKind::ServerMessage:
            return check_decoded(decode_message(frame.buffer, frame.body), frame.bytes());
        case FrameKind::ClientRequest:
            return check_decoded(decode_request(frame.buffer, frame.body), frame.bytes());
        case FrameKind::ClientReply:
            return check_decoded(decode_reply(frame.buffer, frame.body), frame.bytes());
    }
    CHECK(false);
}

inline StreamContent content_of(std::string_view stream, std::size_t cut) {
    StreamContent content;
    FrameReader reader;
    while (!stream.empty() && content.refusal.empty()) {
        reader.feed(stream.substr(0, cut));
        stream.remove_prefix(std::min(cut, stream.size()));
        for (;;) {
            Result<std::optional<Frame>> next = reader.next();
            if (!next.ok()) content.refusal = next.error().message;
            if (!next.ok() || !next.value()) break;
            try_frame(*next.value());
            content.frames.emplace_back(next.value()->kind, next.value()->bytes());
        }
    }
    if (content.refusal.empty()) content.pending = reader.pending();
    return content;
}

// Gives each frame of the stream the checksum it should have, as far as sizes make sense.
inline void repair_checksums(std::string& stream) {
    std::size_t begin = 0;
    while (stream.size() - begin >= kFrameHeaderBytes) {
        const std::size_t size =
            kFrameHeaderBytes + Decoder(std::string_view(stream).substr(begin + 4)).u32();
        if (size > stream.size() - begin) return;
        Encoder checksum;
        checksum.u32(crc32c(std::string_view(stream).substr(begin + 4, size - 4)));
        stream.replace(begin, 4, checksum.view());
        begin += size;
    }
}

// The first byte says how long the cuts are, and whether checksums are repaired, which lets a
// fuzzer change what is behind them.
inline void try_as_stream(std::string_view bytes) {
    if (bytes.empty()) return;
    const auto choice = static_cast<unsigned char>(bytes.front());
    std::string stream(bytes.substr(1));
    if (choice % 2 == 1) repair_checksums(stream);
    const StreamContent in_one = content_of(stream, stream.size());
    CHECK(content_of(stream, 1 + choice / 2) == in_one);
}

}  // namespace wavetank
