// Coding of what stands in the log.
#include "core/server/session_command.h"

#include "core/base/bytes.h"

namespace wavetank {

const char* name_of(SessionCommandKind kind) {
    switch (kind) {
        case SessionCommandKind::Command:
            return "command";
        case SessionCommandKind::Open:
            return "open";
        case SessionCommandKind::KeepAlive:
            return "keep alive";
        case SessionCommandKind::Close:
            return "close";
    }
    return "?";
}

Payload encode_session_command(const SessionCommand& command) {
    Encoder encoder;
    encoder.reserve(33 + command.body.size())
        .u8(static_cast<uint8_t>(command.kind))
        .u64(command.client.value())
        .u64(command.session.value())
        .u64(command.sequence)
        .u64(command.unacknowledged)
        .rest(command.body);
    return Payload::copy_of(encoder.view());
}

std::optional<SessionCommand> decode_session_command(std::string_view bytes) {
    Decoder decoder(bytes);
    const uint8_t kind = decoder.u8();
    if (kind < static_cast<uint8_t>(SessionCommandKind::Command) ||
        kind > static_cast<uint8_t>(SessionCommandKind::Close)) {
        return std::nullopt;
    }
    SessionCommand command;
    command.kind = static_cast<SessionCommandKind>(kind);
    command.client = ClientId(decoder.u64());
    command.session = SessionId(decoder.u64());
    command.sequence = decoder.u64();
    command.unacknowledged = decoder.u64();
    command.body = decoder.rest();
    if (!decoder.finished()) return std::nullopt;
    const bool for_machine = command.kind == SessionCommandKind::Command;
    if (for_machine != (command.sequence > 0)) return std::nullopt;
    if (!for_machine && !command.body.empty()) return std::nullopt;
    return command;
}

}  // namespace wavetank
