// There and back again with core/wire; the words for what went wrong.
#include "sim/world/round_trip.h"

#include <fmt/format.h>

#include <cstdio>

#include "core/base/check.h"
#include "core/wire/client_codec.h"
#include "core/wire/raft_codec.h"
#include "sim/world/words.h"

namespace wavetank {
namespace {

// Words leave out what people seldom ask for, such as replication sessions; the digest has it all.
std::string words_and_digest(const Message& message) {
    return fmt::format("{} (digest {:016x})", words_of(message), digest_of(message));
}
std::string words_and_digest(const ClientRequest& request) {
    return fmt::format("{} (session {} sequence {} body {:016x})", words_of(request),
                       request.session.value(), request.sequence, request.body.digest());
}
std::string words_and_digest(const ClientReply& reply) {
    return fmt::format("{} (session {} leader {} body of {} bytes)", words_of(reply),
                       reply.session.value(), reply.leader.value(), reply.body.size());
}

template <class Kind>
std::optional<std::string> difference_of(const Kind& sent, const Result<Kind>& arrived) {
    if (arrived.ok() && arrived.value() == sent) return std::nullopt;
    return fmt::format("sent:    {}\narrived: {}", words_and_digest(sent),
                       arrived.ok() ? words_and_digest(arrived.value()) : arrived.error().message);
}

template <class Kind, class Decode>
void round_trip_of(Kind& message, Decode decode) {
    std::string bytes;
    const Result<std::size_t> size = encode(message, bytes);
    const Payload received = Payload::copy_of(bytes);
    Result<Kind> arrived =
        size.ok() ? decode(received, Payload::Part{0, received.size()}) : size.error();
    const std::optional<std::string> different = difference_of(message, arrived);
    if (different) fmt::print(stderr, "a message changed on its round trip\n{}\n", *different);
    CHECK(!different);
    message = std::move(arrived.value());
}

}  // namespace

void round_trip(Message& message) {
    round_trip_of(message, decode_message);
}
void round_trip(ClientRequest& request) {
    round_trip_of(request, decode_request);
}
void round_trip(ClientReply& reply) {
    round_trip_of(reply, decode_reply);
}

std::optional<std::string> difference(const Message& sent, const Result<Message>& arrived) {
    return difference_of(sent, arrived);
}
std::optional<std::string> difference(const ClientRequest& sent,
                                      const Result<ClientRequest>& arrived) {
    return difference_of(sent, arrived);
}
std::optional<std::string> difference(const ClientReply& sent, const Result<ClientReply>& arrived) {
    return difference_of(sent, arrived);
}

}  // namespace wavetank
