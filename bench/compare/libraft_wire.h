// What the program around libraft and its load say to each other. As little as possible, so that
// libraft is measured and not our program around it. All numbers little-endian.
//   server, after a connection was accepted: u64, 1 if it leads; else 0, and it closes
//   client, for each command:                u32 length, then `length` bytes
//   server, after commands were applied:     u64, how many of this connection's commands by now
// Commands are answered in their order. A server that loses its leadership closes the connection.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wavetank::bench {

inline constexpr std::size_t kHelloBytes = 8;
inline constexpr std::size_t kLengthBytes = 4;
inline constexpr std::size_t kAnswerBytes = 8;
inline constexpr uint32_t kCommandBytesMax = 1 << 20;

}  // namespace wavetank::bench
