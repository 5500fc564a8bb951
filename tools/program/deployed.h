// A deployed cluster as the commands use it: where its servers are, and a client for one purpose.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "core/client/session.h"
#include "core/env/administration.h"
#include "core/tcp/address.h"
#include "scenarios/deployment.h"

namespace wavetank {

std::map<ServerId, Address> addresses_of(const Deployment& deployment);

// Talks to the cluster as one client, in a session of its own that is closed at the end, until
// `talk` returns. Nobody hears of connections that fail: an answer that does not come says it.
struct Patience {
    Duration request = seconds(1);     // for one server
    Duration operation = seconds(10);  // for the whole
};
void talk_to(const Deployment& deployment, Patience patience,
             const std::function<void(ClientSession&)>& talk);

// How this server sees itself and the cluster; nothing if it does not answer within `patience`.
std::optional<ServerStatus> status_of(const Deployment& deployment, ServerId server,
                                      Duration patience);

}  // namespace wavetank
