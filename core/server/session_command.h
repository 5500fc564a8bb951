// What clients want of the replicated state, as it stands in the log: commands for the machine,
// named by session and number in it, and the sessions' own affairs (thesis 6.3).
//
// Format (core/base/bytes.h):
//   u8 kind (SessionCommandKind), u64 client, u64 session, u64 sequence, u64 unacknowledged,
//   rest body
// A command has a sequence above zero, everything else has none, and no body. Bytes that are
// nothing of this kind change nothing, on any server.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/ids.h"
#include "core/base/payload.h"

namespace wavetank {

enum class SessionCommandKind : uint8_t {
    Command = 1,  // `body` for the machine
    Open,         // a session, whose id is the index of this entry
    KeepAlive,
    Close,
};
const char* name_of(SessionCommandKind kind);  // "command", "open", "keep alive", "close"

struct SessionCommand {
    SessionCommandKind kind = SessionCommandKind::Command;
    ClientId client;              // who has sent it; for those who read logs
    SessionId session;            // zero in Open
    uint64_t sequence = 0;        // Command: its number in the session, from 1
    uint64_t unacknowledged = 0;  // the replies to all smaller sequences may be forgotten
    std::string_view body;        // Command; into the payload it was decoded from
};
Payload encode_session_command(const SessionCommand& command);
std::optional<SessionCommand> decode_session_command(std::string_view bytes);

}  // namespace wavetank
