// What messages carry: how much, and what a bad wire does to it. A changed byte keeps the digest
// that the payload was created with, as a frame whose checksum was right before a faulty memory
// changed it; whoever verifies the payload notices.
#pragma once

#include <cstdint>

#include "core/raft/messages.h"

namespace wavetank {

// Bytes of all payloads in the message.
uint64_t payload_bytes(const Message& message);

// Changes one byte of one payload; which one `bits` decide. The bytes it shared with others stay as
// they are. False, and nothing is changed, if the message carries none.
bool corrupt_one_byte(Message& message, uint64_t bits);

}  // namespace wavetank
