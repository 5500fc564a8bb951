// The wire between two servers, as far as the simulator has one: messages travel as plain structs,
// and some of them are encoded and decoded on the way, so that the codec is tried by every run.
#pragma once

#include "core/raft/messages.h"

namespace wavetank {

// One message in so many makes the round trip even if the links are not encoded.
inline constexpr uint64_t kRoundTripEvery = 64;

// Encodes and decodes `message`; what comes out must equal what went in.
void round_trip(Message& message);

}  // namespace wavetank
