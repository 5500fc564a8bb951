// What clients and servers say to each other. A request is named by (client, sequence); repeating
// it, to the same or another server, is safe: the replicated session table carries it out once.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/ids.h"
#include "core/base/payload.h"

namespace wavetank {

struct ClientRequest {
    ClientId client;
    uint64_t sequence = 0;   // rises by one per operation of this client; repeated on retry
    bool read_only = false;  // `body` is a question for the machine, else a command
    Payload body;
};

enum class ReplyStatus : uint8_t {
    Ok,         // `body` is the machine's reply
    NotLeader,  // this copy of the request had no effect; try `leader`
    Busy,       // this copy of the request had no effect; try later
    Unknown,    // the server lost its leadership meanwhile: it may take effect; ask again
};

struct ClientReply {
    ClientId client;
    uint64_t sequence = 0;
    ReplyStatus status = ReplyStatus::Ok;
    ServerId leader;  // NotLeader: as far as known, else zero
    std::string body;
};

}  // namespace wavetank
