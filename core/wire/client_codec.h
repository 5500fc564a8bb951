// The messages between clients and servers as bytes (body.h has the layout, client.proto the heads)
// and back. A request's body arrives with the digest its client made; it goes into the log with it.
#pragma once

#include <string>

#include "core/base/payload.h"
#include "core/base/result.h"
#include "core/env/client_messages.h"

namespace wavetank {

// Appends the message to `out` and returns how many bytes that were. An error, and `out` as it was,
// if it is larger than limits.h allows.
Result<std::size_t> encode(const ClientRequest& request, std::string& out);
Result<std::size_t> encode(const ClientReply& reply, std::string& out);

// Reads the message that `part` of `received` consists of; a large body of a request keeps
// `received` alive. An error says what is wrong. Requires that `part` lies within `received`.
Result<ClientRequest> decode_request(const Payload& received, Payload::Part part);
Result<ClientReply> decode_reply(const Payload& received, Payload::Part part);

}  // namespace wavetank
