// The table and the format of session commands.
#include "core/server/sessions.h"

#include "core/base/bytes.h"
#include "core/base/check.h"
#include "core/base/hash.h"

namespace wavetank {

Payload encode_session_command(const SessionCommand& command) {
    Encoder encoder;
    encoder.u64(command.client.value()).u64(command.sequence).rest(command.command);
    return Payload::copy_of(encoder.view());
}

std::optional<SessionCommand> decode_session_command(std::string_view bytes) {
    Decoder decoder(bytes);
    SessionCommand command;
    command.client = ClientId(decoder.u64());
    command.sequence = decoder.u64();
    command.command = decoder.rest();
    if (!decoder.finished()) return std::nullopt;
    return command;
}

uint64_t SessionTable::digest_of(ClientId client, const Session& session) {
    return mix(mix(client.value(), session.sequence), hash_bytes(session.reply));
}

SessionTable::Lookup SessionTable::find(ClientId client, uint64_t sequence) const {
    const auto found = sessions_.find(client);
    if (found == sessions_.end() || found->second.sequence < sequence) return {};
    if (found->second.sequence > sequence) return {Verdict::Stale, nullptr};
    return {Verdict::Repeated, &found->second.reply};
}

void SessionTable::record(ClientId client, uint64_t sequence, std::string reply) {
    const auto [place, fresh] = sessions_.try_emplace(client);
    Session& session = place->second;
    CHECK(fresh || session.sequence < sequence);
    if (!fresh) digest_ -= digest_of(client, session);
    session.sequence = sequence;
    session.reply = std::move(reply);
    digest_ += digest_of(client, session);
}

}  // namespace wavetank
