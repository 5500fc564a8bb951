// What one server says of itself and the cluster.
#pragma once

#include <optional>

#include "core/base/ids.h"
#include "core/client/session.h"
#include "core/env/administration.h"

namespace wavetank {

// Requires that `server` is one of the session's. Nothing if it does not answer in time. From here
// on the session asks this server first, and follows no hints to others. Suspends.
std::optional<ServerStatus> ask_status(ClientSession& session, ServerId server);

}  // namespace wavetank
