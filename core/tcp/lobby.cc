// Guests: how they come in, what they may say, and how they go.
#include "core/tcp/lobby.h"

#include <fmt/format.h>

#include <chrono>

#include "core/base/check.h"
#include "core/wire/client_codec.h"
#include "core/wire/frame.h"
#include "core/wire/raft_codec.h"

namespace wavetank {
namespace {

constexpr std::chrono::milliseconds kPauseAfterFailure(200);
// Client ids that one connection may speak for.
constexpr std::size_t kLanesPerGuestMax = 65'536;

bool may(const Rights& rights, RequestKind kind) {
    switch (kind) {
        case RequestKind::Query:
            return rights.read;
        case RequestKind::Command:
        case RequestKind::OpenSession:
        case RequestKind::KeepAlive:
        case RequestKind::CloseSession:
            return rights.write;
        case RequestKind::Status:
            return true;
        case RequestKind::ChangeMembers:
        case RequestKind::Transfer:
            return rights.administer;
    }
    CHECK(false);
    return false;
}

}  // namespace

// Somebody who has connected.
class Lobby::Guest final : public Connection::User {
 public:
    Guest(Lobby& lobby, tcp::socket socket, const tcp::acceptor::executor_type& executor)
        : timer(executor), lobby_(lobby) {
        boost::system::error_code unknown;
        const tcp::endpoint from = socket.remote_endpoint(unknown);
        place = unknown ? "somewhere" : to_string(Address{from.address().to_string(), from.port()});
        auto tls = lobby.setup_.credentials
                       ? lobby.setup_.credentials->channel(TlsChannel::Side::IsCalled)
                       : nullptr;
        connection = Connection::make(
            Stream(std::move(socket), std::move(tls), lobby.setup_.traffic), *this);
    }

    std::string place;
    std::optional<Handshake> who;
    Rights rights;  // of a client
    std::string called = "a client";
    std::vector<ClientId> clients;
    std::shared_ptr<Connection> connection;
    asio::steady_timer timer;  // until hands are shaken
    bool unflushed = false;

 private:
    std::optional<Error> on_frame(const Frame& frame) override {
        return who ? lobby_.take(*this, frame) : lobby_.welcome(*this, frame);
    }
    void on_room() override {}
    void on_end(const std::string& why) override { lobby_.leave(*this, why); }

    Lobby& lobby_;
};

Result<tcp::acceptor> Lobby::listen(asio::io_context& io, const Address& address) {
    const auto failure = [&](const boost::system::error_code& error) {
        return Error{
            fmt::format("cannot listen at {}: {}; choose another address, or stop who is there",
                        to_string(address), error.message())};
    };
    boost::system::error_code error;
    tcp::resolver resolver(io);
    const auto places =
        resolver.resolve(address.host, std::to_string(address.port), tcp::resolver::passive, error);
    if (error) return failure(error);
    const tcp::endpoint place = *places.begin();
    tcp::acceptor acceptor(io);
    acceptor.open(place.protocol(), error);
    if (error) return failure(error);
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(place, error);
    if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
    if (error) return failure(error);
    return acceptor;
}

Lobby::Lobby(tcp::acceptor acceptor, Setup setup, User& user, OperatorLog log)
    : acceptor_(std::move(acceptor)),
      pause_(acceptor_.get_executor()),
      setup_(std::move(setup)),
      user_(user),
      log_(std::move(log)) {}

Lobby::~Lobby() = default;

uint16_t Lobby::port() const {
    return acceptor_.local_endpoint().port();
}

void Lobby::accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
        if (closed_) return;
        if (!error) {
            enter(std::move(socket));
            accept();
            return;
        }
        // Too many open files, say. It does not get better by trying at once.
        log_(fmt::format("cannot take in a connection: {}", error.message()));
        pause_.expires_after(kPauseAfterFailure);
        pause_.async_wait([this](const auto& ended) {
            if (!ended && !closed_) accept();
        });
    });
}

void Lobby::enter(tcp::socket socket) {
    if (guests_.size() >= setup_.guests_max) {
        log_(fmt::format("a connection is refused: there are {} already", guests_.size()));
        return;
    }
    auto guest = std::make_unique<Guest>(*this, std::move(socket), acceptor_.get_executor());
    Guest& entered = *guest;
    guests_.emplace(&entered, std::move(guest));
    entered.timer.expires_after(std::chrono::nanoseconds(setup_.handshake_timeout.nanos));
    entered.timer.async_wait([this, &entered](const auto& error) {
        if (error || closed_ || !guests_.contains(&entered) || entered.who) return;
        entered.connection->close();
        leave(entered, "it says nothing");
    });
    // At once, so that whoever is wrong here can see it as well.
    append_frame(setup_.ours, entered.connection->out());
    entered.connection->flush();
    entered.connection->start();
}

std::optional<Error> Lobby::welcome(Guest& guest, const Frame& frame) {
    const Expected expected{setup_.ours.cluster, std::nullopt, setup_.ours.server};
    const Result<Handshake> theirs = decode_handshake(frame.bytes(), expected);
    if (!theirs.ok()) return theirs.error();
    const CertificateName* name = guest.connection->peer();
    if (name != nullptr) {
        if (auto lie = contradiction(*name, theirs.value())) return lie;
        guest.called = words_of(*name);
    }
    guest.rights = name == nullptr ? Rights::all() : name->rights;
    const ServerId server = theirs.value().server;
    if (server && !user_.knows(server)) {
        return Error{fmt::format("server {} is none of this cluster: add it to the cluster's file",
                                 server.value())};
    }
    guest.who = theirs.value();
    guest.timer.cancel();
    if (server) {
        // It has started again, or given up the connection before we have noticed.
        const auto before = servers_.find(server);
        if (before != servers_.end()) {
            before->second->connection->close();
            forget(*before->second);
        }
        servers_[server] = &guest;
    }
    return std::nullopt;
}

std::optional<Error> Lobby::take(Guest& guest, const Frame& frame) {
    const ServerId server = guest.who->server;
    if (frame.kind == FrameKind::ServerMessage && server) {
        Result<Message> message = decode_message(frame.buffer, frame.body);
        if (!message.ok()) return message.error();
        user_.on_message(server, std::move(message.value()));
        return std::nullopt;
    }
    if (frame.kind == FrameKind::ClientRequest && !server) return take_request(guest, frame);
    return Error{server ? "a server sends something else than messages between servers"
                        : "a client sends something else than requests"};
}

std::optional<Error> Lobby::take_request(Guest& guest, const Frame& frame) {
    const Result<ClientRequest> request = decode_request(frame.buffer, frame.body);
    if (!request.ok()) return request.error();
    const uint64_t client = request.value().client.value();
    const auto route = clients_.find(client);
    if (route == clients_.end() || route->second != &guest) {
        if (guest.clients.size() >= kLanesPerGuestMax) {
            return Error{fmt::format("one connection for more than {} clients", kLanesPerGuestMax)};
        }
        clients_[client] = &guest;
        guest.clients.push_back(request.value().client);
    }
    if (may(guest.rights, request.value().kind)) {
        user_.on_request(request.value());
    } else {
        forbid(guest, request.value());
    }
    return std::nullopt;
}

void Lobby::forbid(const Guest& guest, const ClientRequest& request) {
    ClientReply refusal{
        .client = request.client, .request = request.request, .status = ReplyStatus::Forbidden};
    refusal.body = fmt::format("the certificate of {} has the rights {}, which is not enough",
                               guest.called, to_string(guest.rights));
    reply(refusal);
}

void Lobby::reply(const ClientReply& reply) {
    const auto found = clients_.find(reply.client.value());
    if (found == clients_.end()) return;
    Guest& guest = *found->second;
    const Result<std::size_t> size = append_frame(reply, guest.connection->out());
    if (!size.ok()) log_(size.error().message);
    if (std::exchange(guest.unflushed, true)) return;
    unflushed_.push_back(&guest);
}

void Lobby::flush() {
    for (Guest* guest : std::exchange(unflushed_, {})) {
        guest->unflushed = false;
        guest->connection->flush();
        if (guest->connection->unsent() <= setup_.unread_bytes_max) continue;
        guest->connection->close();
        leave(*guest, "it does not read its replies");
    }
}

void Lobby::leave(Guest& guest, const std::string& why) {
    // Clients come and go; of servers, and of those who are not understood, people want to know.
    const bool client = guest.who && !guest.who->server;
    if (!client || why != kClosedByOther) {
        const std::string name = !guest.who ? "a stranger"
                                 : guest.who->server
                                     ? fmt::format("server {}", guest.who->server.value())
                                     : guest.called;
        log_(fmt::format("the connection from {} at {} ends: {}", name, guest.place, why));
    }
    forget(guest);
}

// Its connection has ended, but its own code may still be running.
void Lobby::forget(Guest& guest) {
    std::erase(unflushed_, &guest);
    if (guest.who && guest.who->server) {
        const auto found = servers_.find(guest.who->server);
        if (found != servers_.end() && found->second == &guest) servers_.erase(found);
    }
    for (const ClientId client : guest.clients) {
        const auto found = clients_.find(client.value());
        if (found != clients_.end() && found->second == &guest) clients_.erase(found);
    }
    const auto found = guests_.find(&guest);
    CHECK(found != guests_.end());
    asio::post(acceptor_.get_executor(),
               [guest = std::shared_ptr<Guest>(std::move(found->second))] {});
    guests_.erase(found);
}

void Lobby::close() {
    closed_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    for (const auto& [guest, owned] : guests_) guest->connection->close();
    guests_.clear();
    servers_.clear();
    clients_.clear();
    unflushed_.clear();
}

}  // namespace wavetank
