// ClientLoop: a client process. Any number of lanes, each a fiber that runs plain blocking code
// over a ClientTransport (core/client), share one connection to each server and one thread. A lane
// that waits for a reply costs nothing; requests of all lanes that are made at the same time leave
// in one system call.
//
// What is known of a lost connection is told to the lane as a reply, so that it need not wait for
// its deadline: a request that was not sent had no effect (NotLeader); of one that was nobody knows
// (Unknown).
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "core/base/ids.h"
#include "core/client/session.h"
#include "core/tcp/address.h"
#include "core/tcp/operator_log.h"
#include "core/tls/credentials.h"
#include "core/wire/handshake.h"

namespace boost::asio {
class io_context;
}

namespace wavetank {

class ClientLoop {
 public:
    struct Setup {
        ClusterId cluster;
        std::map<ServerId, Address> servers;
        // Of a client; without them connections are plain.
        std::shared_ptr<Credentials> credentials;
        OperatorLog log;
        // The pause before a request is tried again rises from the one to the other.
        Duration backoff_min = milliseconds(2);
        Duration backoff_max = milliseconds(200);
    };
    // One lane's view of the world. Use it in the lane's own fiber only.
    class Lane : public ClientTransport {
     public:
        // Of its own: no other lane of any process has it, as far as 64 random bits go.
        virtual ClientId id() const = 0;
        // Waits. Suspends.
        virtual void rest(Duration span) = 0;
        // Waits until `wake` or the deadline. A wake since the last sleep ends it at once.
        // Suspends.
        virtual void sleep(Instant deadline) = 0;
        // For everybody in the loop's thread; the lane may run before this returns.
        virtual void wake() = 0;
    };
    using Body = std::function<void(Lane& lane)>;

    static std::unique_ptr<ClientLoop> make(Setup setup);
    virtual ~ClientLoop() = default;

    // Adds a lane. It begins to run in `run`. Also for the bodies of lanes themselves.
    virtual void add(Body body) = 0;
    // Runs all lanes until each of them has ended, or `stop` is called.
    virtual void run() = 0;
    // Ends `run` soon; lanes that have not ended are unwound with the loop (core/fiber). For the
    // loop's thread.
    virtual void stop() = 0;
    // What `run` waits with: for other sockets and timers of the same thread.
    virtual boost::asio::io_context& io() = 0;
    // The servers, in an order of its own for each lane, so that not all begin with the same one.
    virtual std::vector<ServerId> servers_from(std::size_t first) const = 0;
};

}  // namespace wavetank
