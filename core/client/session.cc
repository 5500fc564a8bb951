// One loop: send, wait, and decide where to go next; and what is asked for with it.
#include "core/client/session.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/sometimes.h"

namespace wavetank {
namespace {

// The cluster has decided. Everything else is a reason to ask again.
bool conclusive(const ClientReply& reply) {
    return reply.status == ReplyStatus::Ok || reply.status == ReplyStatus::SessionExpired ||
           reply.status == ReplyStatus::Refused || reply.status == ReplyStatus::Forbidden;
}

}  // namespace

ClientSession::ClientSession(ClientTransport& transport, SharedSession& shared, Options options)
    : transport_(transport), shared_(shared), options_(std::move(options)) {
    CHECK(!options_.servers.empty());
}

void ClientSession::prefer(ServerId server) {
    const auto found = std::find(options_.servers.begin(), options_.servers.end(), server);
    if (found != options_.servers.end()) {
        current_ = static_cast<std::size_t>(found - options_.servers.begin());
    }
}

std::optional<std::string> ClientSession::call(bool read_only, std::string_view body) {
    name_ = CommandName{};
    const Instant give_up = give_up_time();
    if (!read_only && !open_until(give_up)) return std::nullopt;
    ClientRequest request = new_request(read_only ? RequestKind::Query : RequestKind::Command);
    request.body = Payload::copy_of(body);
    if (read_only) {
        std::optional<ClientReply> reply = ask(std::move(request), give_up);
        if (!reply || reply->status != ReplyStatus::Ok) return std::nullopt;
        return std::move(reply->body);
    }
    name_ = shared_.begin();
    request.session = name_.session;
    request.sequence = name_.sequence;
    std::optional<ClientReply> reply = ask(std::move(request), give_up);
    shared_.finish(name_);
    if (!in_session(reply, name_.session)) return std::nullopt;
    return std::move(reply->body);
}

bool ClientSession::open() {
    return open_until(give_up_time());
}

bool ClientSession::open_until(Instant give_up) {
    if (shared_.id()) return true;
    const std::optional<ClientReply> reply = ask(new_request(RequestKind::OpenSession), give_up);
    const SessionId opened = reply ? reply->session : SessionId();
    if (shared_.id()) {
        // Another lane was faster.
        if (opened) close_surplus(opened);
        return true;
    }
    if (!opened) return false;
    shared_.opened(opened, transport_.now());
    return true;
}

// Tells the cluster once; if that is lost, the session expires.
void ClientSession::close_surplus(SessionId session) {
    SOMETIMES("two lanes of a client open a session");
    ClientRequest request = new_request(RequestKind::CloseSession);
    request.session = session;
    transport_.send(options_.servers[current_], request);
}

Instant ClientSession::keep_alive_due() const {
    if (!shared_.id() || options_.keep_alive == Duration{}) return Instant::never();
    return shared_.used() + options_.keep_alive;
}

bool ClientSession::keep_alive() {
    const SessionId session = shared_.id();
    if (!session) return false;
    shared_.use(transport_.now());  // one lane is enough
    ClientRequest request = new_request(RequestKind::KeepAlive);
    request.session = session;
    return in_session(ask(std::move(request), give_up_time()), session);
}

bool ClientSession::close() {
    const SessionId session = shared_.id();
    if (!session) return true;
    shared_.lost(session);  // nothing begins in it any more
    ClientRequest request = new_request(RequestKind::CloseSession);
    request.session = session;
    return ask(std::move(request), give_up_time()).has_value();
}

std::optional<ClientReply> ClientSession::administer(RequestKind kind, std::string_view body) {
    ClientRequest request = new_request(kind);
    request.body = Payload::copy_of(body);
    return ask(std::move(request), give_up_time());
}

ClientRequest ClientSession::new_request(RequestKind kind) {
    ClientRequest request;
    request.client = options_.client;
    request.request = ++request_;
    request.kind = kind;
    return request;
}

// True if the request was carried out, in a session that is there.
bool ClientSession::in_session(const std::optional<ClientReply>& reply, SessionId session) {
    if (!reply || reply->status == ReplyStatus::Forbidden) return false;
    if (reply->status == ReplyStatus::SessionExpired) {
        SOMETIMES("a client hears that its session has expired");
        ++expired_;
        shared_.lost(session);
        return false;
    }
    if (session == shared_.id()) shared_.use(transport_.now());
    return true;
}

void ClientSession::try_next_server() {
    if (!options_.stick) current_ = (current_ + 1) % options_.servers.size();
}

// Turns to the leader that a server has named. False if it named nobody else that we know.
bool ClientSession::follow_hint(const ClientReply& reply) {
    const ServerId asked = options_.servers[current_];
    if (reply.status != ReplyStatus::NotLeader || options_.stick) return false;
    if (!reply.leader || reply.leader == asked) return false;
    prefer(reply.leader);
    return options_.servers[current_] == reply.leader;
}

// The next reply to the newest request; replies to earlier ones are dropped.
std::optional<ClientReply> ClientSession::await_reply(Instant deadline) {
    while (true) {
        std::optional<ClientReply> reply = transport_.receive(deadline);
        if (!reply || reply->request == request_) return reply;
    }
}

// The answer to `request`, which is the newest; or nothing at `give_up`.
std::optional<ClientReply> ClientSession::ask(ClientRequest request, Instant give_up) {
    std::optional<ClientReply> reply = ask_until_decided(std::move(request), give_up);
    const bool forbidden = reply && reply->status == ReplyStatus::Forbidden;
    forbidden_ = forbidden ? reply->body : "";
    return reply;
}

std::optional<ClientReply> ClientSession::ask_until_decided(ClientRequest request,
                                                            Instant give_up) {
    uint64_t attempts = 0;
    bool hinted = false;  // the last answer was followed without a pause
    while (transport_.now() < give_up) {
        ++attempts;
        // Other lanes may have got replies since the last try.
        if (request.session && request.session == shared_.id()) {
            request.unacknowledged = shared_.unacknowledged();
        }
        transport_.send(options_.servers[current_], request);
        const Instant patience = std::min(give_up, transport_.now() + options_.request_timeout);
        std::optional<ClientReply> reply = await_reply(patience);
        if (!reply) {
            SOMETIMES("a client hears nothing and tries the next server");
            try_next_server();
            continue;
        }
        if (conclusive(*reply)) return reply;
        if (follow_hint(*reply)) {
            // Straight to the leader, but only once in a row: hints may be stale and lead in
            // circles.
            hinted = !hinted;
            if (hinted) continue;
        } else {
            hinted = false;
            if (reply->status == ReplyStatus::NotLeader) try_next_server();
        }
        // An earlier try may still be answered during the pause.
        const Instant resume = std::min(give_up, transport_.now() + transport_.backoff(attempts));
        while ((reply = await_reply(resume))) {
            if (conclusive(*reply)) return reply;
        }
    }
    return std::nullopt;
}

}  // namespace wavetank
