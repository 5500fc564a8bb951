// Lobby: listens, and looks after everybody who has connected to us. Each says at first who he is:
// a server, whose messages then come over this connection, or a client, whose requests do and
// who gets his replies there. Whoever says something else, or nothing, is shown the door; and with
// TLS whoever is not the one that his certificate says. A client may ask for what his certificate
// has rights for; this is the only place where that is decided.
#pragma once

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "core/env/client_messages.h"
#include "core/raft/messages.h"
#include "core/tcp/address.h"
#include "core/tcp/connection.h"
#include "core/tcp/operator_log.h"
#include "core/tls/credentials.h"
#include "core/wire/handshake.h"

namespace wavetank {

class Lobby {
 public:
    class User {
     public:
        virtual ~User() = default;
        // False: nobody of ours is called so.
        virtual bool knows(ServerId server) = 0;
        virtual void on_message(ServerId from, Message&& message) = 0;
        virtual void on_request(const ClientRequest& request) = 0;
    };
    struct Setup {
        Handshake ours;
        // Without them everybody is believed to be who he says, and may ask for everything.
        std::shared_ptr<Credentials> credentials;
        Traffic* traffic = nullptr;  // of all guests; outlives the lobby
        Duration handshake_timeout = seconds(5);
        std::size_t guests_max = 4096;
        // A client that does not read so many bytes of replies is given up.
        std::size_t unread_bytes_max = 256 << 20;
    };
    // Listens at `address`. An error says why that is not possible.
    static Result<tcp::acceptor> listen(asio::io_context& io, const Address& address);

    Lobby(tcp::acceptor acceptor, Setup setup, User& user, OperatorLog log);
    ~Lobby();

    uint16_t port() const;
    // Begins to take in guests.
    void open() { accept(); }
    // To whoever sent the newest request of this client; lost if he is gone.
    void reply(const ClientReply& reply);
    // Sends all replies since the last flush.
    void flush();
    void close();

 private:
    class Guest;
    void accept();
    void enter(tcp::socket socket);
    std::optional<Error> welcome(Guest& guest, const Frame& frame);
    std::optional<Error> take(Guest& guest, const Frame& frame);
    std::optional<Error> take_request(Guest& guest, const Frame& frame);
    void forbid(const Guest& guest, const ClientRequest& request);
    void leave(Guest& guest, const std::string& why);
    void forget(Guest& guest);

    tcp::acceptor acceptor_;
    asio::steady_timer pause_;
    const Setup setup_;
    User& user_;
    const OperatorLog log_;
    std::unordered_map<const Guest*, std::unique_ptr<Guest>> guests_;
    std::map<ServerId, Guest*> servers_;
    std::unordered_map<uint64_t, Guest*> clients_;  // by ClientId
    std::vector<Guest*> unflushed_;
    bool closed_ = false;
};

}  // namespace wavetank
