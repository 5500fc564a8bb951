// The messages between servers as bytes (body.h has the layout, raft.proto the heads) and back.
// Equal messages have equal bytes, and decode(encode(m)) == m. What a payload contains is nobody's
// business here: it arrives with the digest it was sent with, and the core verifies it.
#pragma once

#include <string>

#include "core/base/payload.h"
#include "core/base/result.h"
#include "core/raft/messages.h"

namespace wavetank {

// Appends `message` to `out` and returns how many bytes that were. An error, and `out` as it was,
// if it is larger than limits.h allows.
Result<std::size_t> encode(const Message& message, std::string& out);

// Reads the message that `part` of `received` consists of; large payloads in it keep `received`
// alive. An error says what is wrong: whatever the bytes are, they are read or refused, and cost no
// more memory than a small multiple of the head and the payloads that are there. Requires that
// `part` lies within `received`.
Result<Message> decode_message(const Payload& received, Payload::Part part);

}  // namespace wavetank
