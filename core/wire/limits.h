// How large what travels may be. Everything beyond is refused before memory is spent on it, at the
// sender as well as at the receiver. The limits are nested so that what one hop takes the next hop
// can pass on: a client's command fits into an AppendEntries, whose batches (Options::
// bytes_per_message_max) are far below the servers' limit.
#pragma once

#include <cstdint>

namespace wavetank {

// Without payloads a message has at most 256 entries of up to 50 bytes, or a configuration: 10,000
// members fit.
inline constexpr uint64_t kHeadBytesMax = 64 << 10;

// The largest head and payloads of one message.
struct BodyLimits {
    uint64_t payload_bytes_max;
    constexpr uint64_t body_bytes_max() const { return 4 + kHeadBytesMax + payload_bytes_max; }
};
inline constexpr BodyLimits kServerLimits{.payload_bytes_max = 64 << 20};
inline constexpr BodyLimits kClientLimits{.payload_bytes_max = 16 << 20};

// Terms and log indexes: what the storage can hold.
inline constexpr uint64_t kOrdinalMax = INT64_MAX;

// A received payload of this size or more shares the receive buffer. A smaller one is copied into a
// block of its own: that costs no more (a slice needs a block as well), and a small command that
// stays in a log for long must not keep a large buffer alive.
inline constexpr uint64_t kSliceBytesMin = 4 << 10;

}  // namespace wavetank
