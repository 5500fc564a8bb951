// Relay: listens at one address for each ordered pair of servers, and carries what it is sent to
// the server behind it, unless that link is cut. One thread; memory is bounded by the number of
// connections, which is bounded for each pair.
//
// It obeys whoever reaches its control socket, which is in the file system and of its owner alone:
// see control.h for what can be said there.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/tcp/address.h"
#include "tools/relay/cuts.h"

namespace wavetank {

class Relay {
 public:
    struct Route {
        Link link;       // who connects here, and to whom
        Address listen;  // numbers, no names
        Address target;
    };
    struct Setup {
        std::vector<Route> routes;
        std::string control;  // the path of its socket; one that is left over gives way
    };
    // Listens. The error names the address.
    static Result<std::unique_ptr<Relay>> make(const Setup& setup);
    virtual ~Relay() = default;

    // Carries until `stop`.
    virtual void run() = 0;
    // From any thread, once `run` was called or before.
    virtual void stop() = 0;
};

}  // namespace wavetank
