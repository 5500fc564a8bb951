// The wire, as far as the simulator has one: messages travel as plain structs, and some of them
// (all, if a scenario asks for encoded links) are encoded and decoded on the way as over a real
// network, so that the codec is tried by every run. What comes out must equal what went in; if it
// does not, both are written down and the run ends, because then our codec or our core is broken:
// no correct server sends what the other side must refuse.
#pragma once

#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/env/client_messages.h"
#include "core/raft/messages.h"

namespace wavetank {

// One message in so many makes the round trip even if the links are not encoded.
inline constexpr uint64_t kRoundTripEvery = 64;

// Encodes and decodes the message, and puts what arrives into its place.
void round_trip(Message& message);
void round_trip(ClientRequest& request);
void round_trip(ClientReply& reply);

// Both in words, if what arrived is not what was sent.
std::optional<std::string> difference(const Message& sent, const Result<Message>& arrived);
std::optional<std::string> difference(const ClientRequest& sent,
                                      const Result<ClientRequest>& arrived);
std::optional<std::string> difference(const ClientReply& sent, const Result<ClientReply>& arrived);

}  // namespace wavetank
