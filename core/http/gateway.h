// Gateway: the cluster over HTTP and JSON, for whoever has no client of ours (routes.h says what
// there is). Each server may have one. It is a client of the cluster like any other, in a thread of
// its own: it never touches the server beside it, and what a server refuses a client, it refuses.
//
// Bounded: connections, bytes of a request, time, and requests in progress; what is too much is
// answered 503.
#pragma once

#include <functional>
#include <memory>

#include "core/base/result.h"
#include "core/http/connection.h"
#include "core/http/lanes.h"
#include "core/http/metrics.h"
#include "core/tcp/client/client_loop.h"

namespace wavetank {

class Gateway {
 public:
    struct Setup {
        ClientLoop::Setup client;  // how to reach the cluster, this server included
        ServerId self;
        Address listen;
        HttpLimits limits;
        Lanes::Setup lanes;
        Duration drain_timeout = seconds(2);  // for what is in progress when it is stopped
        OpenMetricsText::Labels build;
        std::function<TcpServer::Counts()> server_counts;  // called by the gateway's thread
        OperatorLog log;                                   // likewise
    };
    // Listens, and answers from now on. An error says why that is not possible.
    static Result<std::unique_ptr<Gateway>> listen(Setup setup);
    // As `stop`, and waits until it has ended.
    virtual ~Gateway() = default;

    virtual uint16_t port() const = 0;
    // Takes no more requests, and ends when those in progress are answered. Then `then` is called,
    // by the gateway's thread. What a second call asks is not done. For any thread.
    virtual void stop(std::function<void()> then) = 0;
};

}  // namespace wavetank
