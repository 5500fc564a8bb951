// Heads in, heads out, and the checks of what came.
#include "core/wire/body.h"

#include <fmt/format.h>

#include "core/base/bytes.h"

namespace wavetank {
namespace {

constexpr std::size_t kSizeBytes = 4;  // of the head's size

// True if `bytes` are what Protobuf makes of `head`. It reads more than it writes: fields in
// another order or twice, defaults spelled out, numbers that are too long or cut off. But what has
// several encodings has room for what nobody looks at.
bool is_canonical(const google::protobuf::Message& head, std::string_view bytes) {
    if (head.ByteSizeLong() != bytes.size()) return false;
    char small[4096];
    std::string large;
    if (bytes.size() > sizeof(small)) large.resize(bytes.size());
    char* again = bytes.size() > sizeof(small) ? large.data() : small;
    head.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(again));
    return std::memcmp(again, bytes.data(), bytes.size()) == 0;
}

}  // namespace

Result<std::size_t> append_head(const google::protobuf::Message& head, BodyLimits limits,
                                uint64_t payload_bytes, std::string& out) {
    const std::size_t head_bytes = head.ByteSizeLong();
    if (head_bytes > kHeadBytesMax) {
        return Error{fmt::format("its head has {} bytes, over the limit of {}; it is not sent",
                                 head_bytes, kHeadBytesMax)};
    }
    if (payload_bytes > limits.payload_bytes_max) {
        return Error{fmt::format("its payloads have {} bytes, over the limit of {}; it is not sent",
                                 payload_bytes, limits.payload_bytes_max)};
    }
    const std::size_t begin = out.size();
    const std::size_t body_bytes = kSizeBytes + head_bytes + payload_bytes;
    out.reserve(begin + body_bytes);
    out.resize(begin + kSizeBytes + head_bytes);
    const auto size = little_endian(static_cast<uint32_t>(head_bytes));
    std::memcpy(out.data() + begin, &size, kSizeBytes);
    head.SerializeWithCachedSizesToArray(
        reinterpret_cast<uint8_t*>(out.data() + begin + kSizeBytes));
    return body_bytes;
}

Intake::Intake(const Payload& buffer, Payload::Part part, BodyLimits limits)
    : buffer_(buffer), next_(part.offset), end_(part.offset + part.size), limits_(limits) {
    CHECK(part.offset <= buffer.size());
    CHECK(part.size <= buffer.size() - part.offset);
}

bool Intake::parse(google::protobuf::Message& head) {
    Decoder decoder(buffer_.bytes().substr(next_, end_ - next_));
    const uint64_t head_bytes = decoder.u32();
    if (!decoder.ok()) {
        refuse(fmt::format("it has {} bytes, not even the size of its head", end_ - next_));
        return false;
    }
    next_ += kSizeBytes;
    if (head_bytes > kHeadBytesMax) {
        refuse(fmt::format("its head should have {} bytes, over the limit of {}", head_bytes,
                           kHeadBytesMax));
        return false;
    }
    if (head_bytes > end_ - next_) {
        refuse(fmt::format("it is cut off: its head should have {} bytes, but {} are there",
                           head_bytes, end_ - next_));
        return false;
    }
    const char* bytes = buffer_.bytes().data() + next_;
    next_ += head_bytes;
    if (end_ - next_ > limits_.payload_bytes_max) {
        refuse(fmt::format("its payloads have {} bytes, over the limit of {}", end_ - next_,
                           limits_.payload_bytes_max));
        return false;
    }
    if (!head.ParseFromArray(bytes, static_cast<int>(head_bytes))) {
        refuse("its head is no Protobuf message of this kind");
        return false;
    }
    if (!is_canonical(head, {bytes, head_bytes})) {
        refuse("its head is not encoded in the only way there is");
        return false;
    }
    return true;
}

uint64_t Intake::ordinal(uint64_t value, const char* what) {
    if (value <= kOrdinalMax) return value;
    refuse(fmt::format("a {} of {} is over 2^63 - 1", what, value));
    return 0;
}

ServerId Intake::server(uint64_t value) {
    if (value <= UINT32_MAX) return ServerId(static_cast<uint32_t>(value));
    refuse(fmt::format("a server id of {} does not fit into 32 bits", value));
    return {};
}

ClockReading Intake::clock(int64_t nanos, int64_t error) {
    if (error < ClockReading::kUnknown.nanos) {
        refuse(fmt::format("a clock error of {} ns", error));
    }
    return {Instant{nanos}, Duration{error}};
}

std::string_view Intake::take(uint64_t bytes) {
    if (bytes > end_ - next_) {
        refuse(fmt::format("it is cut off: a payload should have {} bytes, but {} are there", bytes,
                           end_ - next_));
        return {};
    }
    const std::string_view taken = buffer_.bytes().substr(next_, bytes);
    next_ += bytes;
    return taken;
}

Payload Intake::payload(Announced announced) {
    if (announced.bytes == 0 && announced.digest != 0) {
        refuse("a payload without bytes has a digest");
        return {};
    }
    const std::size_t offset = next_;
    const std::string_view bytes = take(announced.bytes);
    if (bytes.size() != announced.bytes) return {};
    if (bytes.size() < kSliceBytesMin) return Payload::received(bytes, announced.digest);
    return Payload::received_slice(buffer_, {offset, bytes.size()}, announced.digest);
}

void Intake::finish() {
    if (next_ != end_) {
        refuse(fmt::format("{} bytes are left over behind its payloads", end_ - next_));
    }
}

Error Intake::error(const char* message_name) const {
    CHECK(why_.has_value());
    return Error{fmt::format("{} is refused: {}", message_name, *why_)};
}

}  // namespace wavetank
