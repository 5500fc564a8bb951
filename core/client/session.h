// A client's session with the cluster: finds the leader, retries the same request id, backs off,
// and gives up after a time. Written as plain blocking code over a Transport; in the simulator
// `receive` suspends a fiber in virtual time, in a real client a thread or a fiber over sockets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/env/client_messages.h"

namespace wavetank {

class ClientTransport {
 public:
    virtual ~ClientTransport() = default;
    virtual Instant now() = 0;
    virtual void send(ServerId to, const ClientRequest& request) = 0;
    // The next reply, or nothing at the deadline. Suspends.
    virtual std::optional<ClientReply> receive(Instant deadline) = 0;
    // How long to wait before try number `attempt`.
    virtual Duration backoff(uint64_t attempt) = 0;
};

class ClientSession {
 public:
    struct Options {
        ClientId client;
        std::vector<ServerId> servers;
        Duration request_timeout;    // then the same request goes to the next server
        Duration operation_timeout;  // then the outcome is unknown
        bool stick = false;          // never ask another server than the first
    };
    // Requires at least one server. `transport` must outlive the session.
    ClientSession(ClientTransport& transport, Options options);

    // Carries out one operation. The machine's reply; or nothing, if no answer came in time: then
    // nobody knows whether a command takes effect (`info`). There is no "definitely failed": the
    // network may hold a copy of the request that reaches a leader later. Suspends.
    std::optional<std::string> call(bool read_only, std::string_view body);

    // The number the next call will use.
    uint64_t next_sequence() const { return sequence_ + 1; }
    // Whom the next call asks first.
    void prefer(ServerId server);
    void stick(bool on) { options_.stick = on; }

 private:
    void try_next_server();
    bool follow_hint(const ClientReply& reply);
    std::optional<ClientReply> await_reply(Instant deadline);

    ClientTransport& transport_;
    Options options_;
    uint64_t sequence_ = 0;
    std::size_t current_ = 0;  // position in servers
};

}  // namespace wavetank
