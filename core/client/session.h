// A client's session with the cluster: finds the leader, opens the session in the replicated state
// that makes its commands happen once, retries under the same name, backs off, and gives up after a
// time. Written as plain blocking code over a Transport; in the simulator `receive` suspends a
// fiber in virtual time, in a real client a thread or a fiber over sockets.
//
// A client with several operations in flight has several of these, its lanes: each with an id of
// its own to be answered at, all with the same SharedSession.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/client/shared_session.h"
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
        Duration keep_alive{};       // an idle session is kept after so long; zero: never
    };
    // Requires at least one server. `transport` and `shared` must outlive the session.
    ClientSession(ClientTransport& transport, SharedSession& shared, Options options);

    // Carries out one operation. The machine's reply; or nothing, if no answer came in time or the
    // session has expired under it: then nobody knows whether a command takes effect (`info`). Nor
    // is there one if the client has no right to it: see forbidden().
    // There is no "definitely failed": the network may hold a copy of the request that reaches a
    // leader later, or may have held one that came before the session expired. Suspends.
    std::optional<std::string> call(bool read_only, std::string_view body);
    // The name of the last call's command; its sequence is zero if that was read-only, or was never
    // sent because no session could be opened.
    CommandName name() const { return name_; }

    // Opens a session unless one is open; the first command does so itself. False if that was not
    // possible in time. Suspends.
    bool open();
    // When the session needs keep_alive(); never, if none is open or Options::keep_alive is zero.
    Instant keep_alive_due() const;
    // Keeps the session from expiring. False if it has, or if no answer came in time. Suspends.
    bool keep_alive();
    // Gives the session up, for all lanes. False if no answer came in time: then it expires by
    // itself. Suspends.
    bool close();

    // For operators: a request of kind Status, ChangeMembers or Transfer. The reply, which is Ok,
    // Refused or Forbidden; nothing if none came in time. Suspends.
    std::optional<ClientReply> administer(RequestKind kind, std::string_view body);

    // Why the cluster does nothing of what was last asked for, in words: the client has no right to
    // it. Empty: that is not so.
    const std::string& forbidden() const { return forbidden_; }
    // How often this lane has heard that the session is gone.
    uint64_t expired() const { return expired_; }
    // Whom the next call asks first.
    void prefer(ServerId server);
    void stick(bool on) { options_.stick = on; }

 private:
    ClientRequest new_request(RequestKind kind);
    Instant give_up_time() { return transport_.now() + options_.operation_timeout; }
    bool open_until(Instant give_up);
    void close_surplus(SessionId session);
    std::optional<ClientReply> ask(ClientRequest request, Instant give_up);
    std::optional<ClientReply> ask_until_decided(ClientRequest request, Instant give_up);
    bool in_session(const std::optional<ClientReply>& reply, SessionId session);
    void try_next_server();
    bool follow_hint(const ClientReply& reply);
    std::optional<ClientReply> await_reply(Instant deadline);

    ClientTransport& transport_;
    SharedSession& shared_;
    Options options_;
    uint64_t request_ = 0;  // number of the newest request
    CommandName name_;
    uint64_t expired_ = 0;
    std::string forbidden_;
    std::size_t current_ = 0;  // position in servers
};

}  // namespace wavetank
