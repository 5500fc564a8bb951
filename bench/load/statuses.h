// What a server says of itself, asked from outside while others put load on it.
#pragma once

#include <optional>

#include "bench/load/load.h"
#include "core/env/administration.h"

namespace wavetank {

// Nothing if there is no answer within `patience`. Uses a connection and a thread of its own, so it
// may be called by a lane of a load; that lane's thread waits.
std::optional<ServerStatus> ask_status(const LoadTarget& target, ServerId server,
                                       Duration patience);

}  // namespace wavetank
