// Making frames: room for the header, the body, then the header.
#include "core/wire/frame.h"

#include "core/base/bytes.h"
#include "core/wire/client_codec.h"
#include "core/wire/crc32c.h"
#include "core/wire/raft_codec.h"

namespace wavetank {
namespace {

template <class Word>
void store(Word value, char* at) {
    const Word stored = little_endian(value);
    std::memcpy(at, &stored, sizeof(Word));
}

// Fills in the header of the frame that begins at `begin` and ends with `out`.
std::size_t finish_frame(FrameKind kind, std::size_t begin, std::string& out) {
    const std::size_t body_bytes = out.size() - begin - kFrameHeaderBytes;
    CHECK(body_bytes <= frame_body_bytes_max(static_cast<uint8_t>(kind)).value());
    char* header = out.data() + begin;
    store(static_cast<uint32_t>(body_bytes), header + 4);
    store(static_cast<uint8_t>(kind), header + 8);
    store(crc32c(std::string_view(out).substr(begin + 4)), header);
    return out.size() - begin;
}

template <class Body>
Result<std::size_t> append(FrameKind kind, const Body& body, std::string& out) {
    const std::size_t begin = out.size();
    out.resize(begin + kFrameHeaderBytes);
    Result<std::size_t> size = encode(body, out);
    if (!size.ok()) {
        out.resize(begin);
        return size;
    }
    return finish_frame(kind, begin, out);
}

}  // namespace

std::size_t append_frame(const Handshake& handshake, std::string& out) {
    const std::size_t begin = out.size();
    out.resize(begin + kFrameHeaderBytes);
    encode(handshake, out);
    return finish_frame(FrameKind::Handshake, begin, out);
}

Result<std::size_t> append_frame(const Message& message, std::string& out) {
    return append(FrameKind::ServerMessage, message, out);
}

Result<std::size_t> append_frame(const ClientRequest& request, std::string& out) {
    return append(FrameKind::ClientRequest, request, out);
}

Result<std::size_t> append_frame(const ClientReply& reply, std::string& out) {
    return append(FrameKind::ClientReply, reply, out);
}

}  // namespace wavetank
