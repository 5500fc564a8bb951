// One loop: send, wait, and decide where to go next.
#include "core/client/session.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/sometimes.h"

namespace wavetank {

ClientSession::ClientSession(ClientTransport& transport, Options options)
    : transport_(transport), options_(std::move(options)) {
    CHECK(!options_.servers.empty());
}

void ClientSession::prefer(ServerId server) {
    const auto found = std::find(options_.servers.begin(), options_.servers.end(), server);
    if (found != options_.servers.end()) {
        current_ = static_cast<std::size_t>(found - options_.servers.begin());
    }
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

// The next reply to the present call; replies to earlier ones are dropped.
std::optional<ClientReply> ClientSession::await_reply(Instant deadline) {
    while (true) {
        std::optional<ClientReply> reply = transport_.receive(deadline);
        if (!reply || reply->sequence == sequence_) return reply;
    }
}

std::optional<std::string> ClientSession::call(bool read_only, std::string_view body) {
    const ClientRequest request{options_.client, ++sequence_, read_only, Payload::copy_of(body)};
    const Instant give_up = transport_.now() + options_.operation_timeout;
    uint64_t attempts = 0;
    bool hinted = false;  // the last answer was followed without a pause
    while (transport_.now() < give_up) {
        ++attempts;
        transport_.send(options_.servers[current_], request);
        const Instant patience = std::min(give_up, transport_.now() + options_.request_timeout);
        std::optional<ClientReply> reply = await_reply(patience);
        if (!reply) {
            SOMETIMES("a client hears nothing and tries the next server");
            try_next_server();
            continue;
        }
        if (reply->status == ReplyStatus::Ok) return std::move(reply->body);
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
            if (reply->status == ReplyStatus::Ok) return std::move(reply->body);
        }
    }
    return std::nullopt;
}

}  // namespace wavetank
