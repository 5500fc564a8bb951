// The table and the format of session commands.
#include "core/server/sessions.h"

#include <algorithm>

#include "core/base/bytes.h"
#include "core/base/hash.h"
#include "core/base/sometimes.h"

namespace wavetank {

Payload encode_session_command(const SessionCommand& command) {
    Encoder encoder;
    encoder.reserve(16 + command.command.size())
        .u64(command.client.value())
        .u64(command.sequence)
        .rest(command.command);
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

uint64_t SessionTable::digest_of(const Session& session) {
    return mix(mix(session.client.value(), session.sequence), hash_bytes(session.reply));
}

const std::string& SessionTable::repeated(const Session& session) {
    SOMETIMES("a command is in the log twice and carried out once");
    return session.reply;
}

SessionTable::Session& SessionTable::session_of(ClientId client) {
    // Most clients are numbered 1, 2, 3, ...
    const uint64_t guess = client.value() - 1;
    if (guess < sessions_.size() && sessions_[guess].client == client) return sessions_[guess];
    const auto place = std::lower_bound(
        sessions_.begin(), sessions_.end(), client,
        [](const Session& session, ClientId wanted) { return session.client < wanted; });
    if (place != sessions_.end() && place->client == client) return *place;
    return *sessions_.insert(place, Session{client, 0, 0, {}});
}

SessionTable::Lookup SessionTable::find(ClientId client, uint64_t sequence) const {
    const auto place = std::lower_bound(
        sessions_.begin(), sessions_.end(), client,
        [](const Session& session, ClientId wanted) { return session.client < wanted; });
    const bool known = place != sessions_.end() && place->client == client;
    if (!known || place->sequence < sequence) return {};
    if (place->sequence > sequence) return {Verdict::Stale, nullptr};
    return {Verdict::Repeated, &place->reply};
}

}  // namespace wavetank
