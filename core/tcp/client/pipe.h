// Pipe: a client's requests to one server and the replies to them, over one connection, any number
// on their way at a time. Requests go out when `flush` is called, all at once, and replies come in
// whatever order. It knows for each request whether it may have reached the server.
#pragma once

#include <string>

#include "core/env/client_messages.h"
#include "core/tcp/dialer.h"

namespace wavetank {

class Pipe final : private Dialer::User {
 public:
    class User {
     public:
        virtual ~User() = default;
        virtual void on_reply(ClientReply reply) = 0;
        // There is no connection (any more). `sent`: what was asked since the last such event may
        // have reached the server; else none of it has.
        virtual void on_lost(ServerId server, bool sent) = 0;
    };
    Pipe(asio::io_context& io, Dialer::Setup setup, User& user, OperatorLog log);

    // Queues the request. False if there is no connection and none is tried just now: then it was
    // not taken. An error if it is too large.
    Result<bool> ask(const ClientRequest& request);
    void flush();
    void close() { dialer_.close(); }

 private:
    void on_open() override;
    std::optional<Error> on_frame(const Frame& frame) override;
    void on_room() override {}
    void on_lost() override;

    User& user_;
    const ServerId server_;
    std::string early_;  // frames for a connection that is not open yet
    bool sent_ = false;  // something since the connection was opened
    Dialer dialer_;
};

}  // namespace wavetank
