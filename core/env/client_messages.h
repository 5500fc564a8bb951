// What clients and servers say to each other. A command is named by (session, sequence); repeating
// it, to the same or another server, is safe: the replicated session table carries it out once.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/ids.h"
#include "core/base/payload.h"

namespace wavetank {

enum class RequestKind : uint8_t {
    Query,         // `body` is a question for the machine; needs no session
    Command,       // `body` is a command for the machine
    OpenSession,   // the reply's `session` is the new one; a repetition opens another
    KeepAlive,     // of `session`
    CloseSession,  // `session` is forgotten, with its replies

    // For operators; what `body` is says administration.h. They need no session: repeating one is
    // harmless, because the cluster then already is as wanted.
    Status,         // of the server that is asked
    ChangeMembers,  // asks the leader
    Transfer,       // of the leadership; asks the leader
};

struct ClientRequest {
    ClientId client;
    uint64_t request = 0;  // of this client; the reply repeats it. Rises; the same on retry
    RequestKind kind = RequestKind::Query;
    SessionId session;      // Command, KeepAlive, CloseSession
    uint64_t sequence = 0;  // Command: number in the session, from 1; the same on retry
    // Command: the replies to all smaller sequences have arrived and may be forgotten.
    uint64_t unacknowledged = 0;
    Payload body;
    friend bool operator==(const ClientRequest&, const ClientRequest&) = default;
};

enum class ReplyStatus : uint8_t {
    Ok,              // `body` is the machine's reply
    NotLeader,       // this copy of the request had no effect; try `leader`
    Busy,            // this copy of the request had no effect; try later
    Unknown,         // it may have taken effect or not; ask again
    SessionExpired,  // this session does not exist (any more). This copy of the request had no
                     // effect; an earlier copy of it may have had
    Refused,         // ChangeMembers, Transfer: not done; `body` says why, in words
    Forbidden,       // who asks has no right to it, and no server of the cluster does it for him;
                     // `body` says what he has, in words
};

struct ClientReply {
    ClientId client;
    uint64_t request = 0;
    ReplyStatus status = ReplyStatus::Ok;
    ServerId leader;    // NotLeader: as far as known, else zero
    SessionId session;  // OpenSession
    std::string body;
    friend bool operator==(const ClientReply&, const ClientReply&) = default;
};

}  // namespace wavetank
