// TcpServer: one server of a real cluster. It is the Environment of a Replica (DESIGN D8) made of
// sockets, the system's clock and a thread for the disk, and it runs it.
//
// One thread, the loop, owns the replica and all sockets; the storage worker is the other one. The
// loop goes round in turns: it waits until something happens, takes everything that has arrived,
// and only then has the replica act on it. What that leads to leaves together: first the messages
// to other servers, then the writes to the disk, then the replies. So a turn has as much in it as
// came during the last one, and batches follow the load.
//
// A write that fails is final: the server tells it, stops, and must not be started again before
// somebody has looked at the disk.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "core/base/result.h"
#include "core/machines/machine.h"
#include "core/raft/durable.h"
#include "core/raft/options.h"
#include "core/server/session_limits.h"
#include "core/tcp/address.h"
#include "core/tcp/operator_log.h"
#include "core/tcp/store.h"
#include "core/tcp/stream.h"
#include "core/tls/credentials.h"
#include "core/wire/handshake.h"

namespace wavetank {

class TcpServer {
 public:
    struct Setup {
        ClusterId cluster;
        Options options;  // valid
        SessionLimits sessions;
        Address listen;
        // With them all connections are mutual TLS 1.3; without, plain, and everybody may do
        // everything.
        std::shared_ptr<Credentials> credentials;
        // The error bound of the system's clock, for leases; by default nothing is known.
        Duration clock_error = ClockReading::kUnknown;
        std::unique_ptr<Store> store;
        Recovered recovered;  // from `store`
        std::unique_ptr<Machine> machine;
        OperatorLog log;  // called by the loop's thread
    };
    // Listens; nobody is answered before `run`. An error says why that is not possible.
    static Result<std::unique_ptr<TcpServer>> listen(Setup setup);
    virtual ~TcpServer() = default;

    virtual uint16_t port() const = 0;
    // Where the servers of the cluster are, ourselves or not. A server that is not among them is
    // not let in. Call before `run`.
    virtual void set_addresses(const std::map<ServerId, Address>& addresses) = 0;
    // The loop. Returns when `stop` was called and everything is on the disk; or with an error when
    // this server cannot go on.
    virtual Result<bool> run() = 0;
    // Asks the loop to end. A leader hands its leadership over first, if it can. For any thread.
    virtual void stop() = 0;

    struct Counts {
        uint64_t turns = 0;    // of the loop
        uint64_t steps = 0;    // inputs and requests
        uint64_t commits = 0;  // of the storage worker
        uint64_t writes = 0;   // in them
        uint64_t syncs = 0;    // of the store's files; this one up to now
        Traffic traffic;       // with other servers and clients
    };
    // As of the last turn. For any thread.
    virtual Counts counts() const = 0;
};

}  // namespace wavetank
