// Growing the buffer, and judging headers as soon as they are there.
#include "core/wire/frame_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "core/base/bytes.h"
#include "core/wire/crc32c.h"

namespace wavetank {
namespace {

constexpr std::size_t kBufferBytes = 64 << 10;
constexpr std::size_t kGrowth = 4;

const char* name_of(FrameKind kind) {
    switch (kind) {
        case FrameKind::Handshake:
            return "a handshake";
        case FrameKind::ServerMessage:
            return "a message between servers";
        case FrameKind::ClientRequest:
            return "a client's request";
        case FrameKind::ClientReply:
            return "a reply to a client";
    }
    return "a frame of no kind";
}

}  // namespace

// How large a buffer may be in which what is pending goes on.
std::size_t FrameReader::justified() const {
    std::size_t wanted = kGrowth * pending();  // the caller did not ask for the frames in between
    if (pending() < kFrameHeaderBytes) wanted = kFrameHeaderBytes;
    if (pending() >= kFrameHeaderBytes && pending() < kFrameHeaderBytes + header().body_bytes) {
        wanted = std::min(wanted, kFrameHeaderBytes + header().body_bytes);
    }
    return std::max(kBufferBytes, wanted);
}

std::span<char> FrameReader::room() {
    if (filled_ == buffer_.whole.size()) make_room();
    CHECK(filled_ < buffer_.whole.size());
    return {buffer_.bytes + filled_, buffer_.whole.size() - filled_};
}

// What is pending moves to the beginning: of the same buffer, if nobody shares it any more and it
// is not what a large frame has left behind.
void FrameReader::make_room() {
    const std::size_t size = justified();
    const std::size_t present = buffer_.whole.size();
    if (begin_ > 0 && size <= present && present <= kGrowth * size && buffer_.whole.sole()) {
        std::memmove(buffer_.bytes, buffer_.bytes + begin_, pending());
    } else {
        Payload::Buffer larger = Payload::buffer(size);
        buffer_.whole.bytes().substr(begin_).copy(larger.bytes, pending());
        buffer_ = std::move(larger);
    }
    filled_ = pending();
    begin_ = 0;
}

void FrameReader::received(std::size_t count) {
    CHECK(count <= buffer_.whole.size() - filled_);
    filled_ += count;
}

void FrameReader::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::span<char> space = room();
        const std::size_t count = bytes.copy(space.data(), space.size());
        received(count);
        bytes.remove_prefix(count);
    }
}

FrameReader::Header FrameReader::header() const {
    Decoder decoder(buffer_.whole.bytes().substr(begin_, kFrameHeaderBytes));
    Header header{};
    header.checksum = decoder.u32();
    header.body_bytes = decoder.u32();
    header.kind = decoder.u8();
    return header;
}

std::optional<Error> FrameReader::refuse(const Header& header) const {
    const std::optional<uint64_t> limit = frame_body_bytes_max(header.kind);
    if (!limit) return Error{fmt::format("a frame is of the unknown kind {}", header.kind)};
    const auto kind = static_cast<FrameKind>(header.kind);
    if (!shaken_hands_ && kind != FrameKind::Handshake) {
        return Error{
            fmt::format("the stream begins with {} instead of a handshake", name_of(kind))};
    }
    if (shaken_hands_ && kind == FrameKind::Handshake) {
        return Error{"a second handshake in the same stream"};
    }
    if (header.body_bytes > *limit) {
        return Error{fmt::format("{} of {} bytes, over the limit of {}", name_of(kind),
                                 header.body_bytes, *limit)};
    }
    return std::nullopt;
}

Result<std::optional<Frame>> FrameReader::next() {
    if (error_) return *error_;
    if (pending() < kFrameHeaderBytes) return std::optional<Frame>();
    const Header head = header();
    error_ = refuse(head);
    if (error_) return *error_;
    const std::size_t size = kFrameHeaderBytes + head.body_bytes;
    if (pending() < size) return std::optional<Frame>();

    const auto kind = static_cast<FrameKind>(head.kind);
    const uint32_t checksum = crc32c(buffer_.whole.bytes().substr(begin_ + 4, size - 4));
    if (checksum != head.checksum) {
        error_ = Error{fmt::format("{} of {} bytes is damaged: its checksum is {:08x}, not {:08x}",
                                   name_of(kind), size, checksum, head.checksum)};
        return *error_;
    }
    const Payload::Part body{begin_ + kFrameHeaderBytes, head.body_bytes};
    begin_ += size;
    shaken_hands_ = true;
    return std::optional<Frame>(Frame{kind, buffer_.whole, body});
}

}  // namespace wavetank
