// Exactly once (thesis 6.3): a client that hears no answer sends its request again, perhaps to
// another leader, and the command must still be carried out once. The table is part of the
// replicated state: per client the number and the reply of its newest command. Clients have one
// command open at a time.
//
// Format of a command in the log (core/base/bytes.h): u64 client, u64 sequence, rest command.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/base/payload.h"

namespace wavetank {

struct SessionCommand {
    ClientId client;
    uint64_t sequence = 0;
    std::string_view command;  // into the payload it was decoded from
};
Payload encode_session_command(const SessionCommand& command);
std::optional<SessionCommand> decode_session_command(std::string_view bytes);

class SessionTable {
 public:
    enum class Verdict : uint8_t { New, Repeated, Stale };
    struct Lookup {
        Verdict verdict = Verdict::New;
        const std::string* reply = nullptr;  // Repeated: what was answered the first time
    };
    // Stale: a newer command of this client has been carried out; nobody waits for this one.
    Lookup find(ClientId client, uint64_t sequence) const;
    // Carries out `command` by `apply(command) -> reply` unless it was before. The reply, now or
    // then; empty if stale.
    template <class Apply>
    const std::string& once(const SessionCommand& command, Apply apply) {
        Session& session = session_of(command.client);
        if (session.sequence == command.sequence) return repeated(session);
        if (session.sequence > command.sequence) return no_reply_;
        digest_ -= session.digest;
        session.sequence = command.sequence;
        session.reply = apply(command.command);
        session.digest = digest_of(session);
        digest_ += session.digest;
        return session.reply;
    }
    uint64_t digest() const { return digest_; }

 private:
    struct Session {
        ClientId client;
        uint64_t sequence = 0;  // of the newest command; numbers begin at 1
        uint64_t digest = 0;
        std::string reply;
    };
    static uint64_t digest_of(const Session& session);
    static const std::string& repeated(const Session& session);
    Session& session_of(ClientId client);

    std::vector<Session> sessions_;  // by client, rising
    uint64_t digest_ = 0;            // sum over sessions
    const std::string no_reply_;
};

}  // namespace wavetank
