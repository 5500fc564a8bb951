// Requests and replies: the enumerations in both directions, then each message. Their heads have
// numbers only, so they need no memory but their own, and no arena for it.
#include "core/wire/client_codec.h"

#include <fmt/format.h>

#include "client.pb.h"
#include "core/base/check.h"
#include "core/wire/body.h"

namespace wavetank {
namespace {

wire::RequestKind kind_of(RequestKind kind) {
    switch (kind) {
        case RequestKind::Query:
            return wire::REQUEST_KIND_QUERY;
        case RequestKind::Command:
            return wire::REQUEST_KIND_COMMAND;
        case RequestKind::OpenSession:
            return wire::REQUEST_KIND_OPEN_SESSION;
        case RequestKind::KeepAlive:
            return wire::REQUEST_KIND_KEEP_ALIVE;
        case RequestKind::CloseSession:
            return wire::REQUEST_KIND_CLOSE_SESSION;
        case RequestKind::Status:
            return wire::REQUEST_KIND_STATUS;
        case RequestKind::ChangeMembers:
            return wire::REQUEST_KIND_CHANGE_MEMBERS;
        case RequestKind::Transfer:
            return wire::REQUEST_KIND_TRANSFER;
    }
    CHECK(false);
    return wire::REQUEST_KIND_UNSPECIFIED;
}

RequestKind read(wire::RequestKind kind, Intake& in) {
    switch (kind) {
        case wire::REQUEST_KIND_QUERY:
            return RequestKind::Query;
        case wire::REQUEST_KIND_COMMAND:
            return RequestKind::Command;
        case wire::REQUEST_KIND_OPEN_SESSION:
            return RequestKind::OpenSession;
        case wire::REQUEST_KIND_KEEP_ALIVE:
            return RequestKind::KeepAlive;
        case wire::REQUEST_KIND_CLOSE_SESSION:
            return RequestKind::CloseSession;
        case wire::REQUEST_KIND_STATUS:
            return RequestKind::Status;
        case wire::REQUEST_KIND_CHANGE_MEMBERS:
            return RequestKind::ChangeMembers;
        case wire::REQUEST_KIND_TRANSFER:
            return RequestKind::Transfer;
        default:
            in.refuse(fmt::format("it is of the unknown kind {}", static_cast<int>(kind)));
            return RequestKind::Query;
    }
}

wire::ReplyStatus status_of(ReplyStatus status) {
    switch (status) {
        case ReplyStatus::Ok:
            return wire::REPLY_STATUS_OK;
        case ReplyStatus::NotLeader:
            return wire::REPLY_STATUS_NOT_LEADER;
        case ReplyStatus::Busy:
            return wire::REPLY_STATUS_BUSY;
        case ReplyStatus::Unknown:
            return wire::REPLY_STATUS_UNKNOWN;
        case ReplyStatus::SessionExpired:
            return wire::REPLY_STATUS_SESSION_EXPIRED;
        case ReplyStatus::Refused:
            return wire::REPLY_STATUS_REFUSED;
        case ReplyStatus::Forbidden:
            return wire::REPLY_STATUS_FORBIDDEN;
    }
    CHECK(false);
    return wire::REPLY_STATUS_UNSPECIFIED;
}

ReplyStatus read(wire::ReplyStatus status, Intake& in) {
    switch (status) {
        case wire::REPLY_STATUS_OK:
            return ReplyStatus::Ok;
        case wire::REPLY_STATUS_NOT_LEADER:
            return ReplyStatus::NotLeader;
        case wire::REPLY_STATUS_BUSY:
            return ReplyStatus::Busy;
        case wire::REPLY_STATUS_UNKNOWN:
            return ReplyStatus::Unknown;
        case wire::REPLY_STATUS_SESSION_EXPIRED:
            return ReplyStatus::SessionExpired;
        case wire::REPLY_STATUS_REFUSED:
            return ReplyStatus::Refused;
        case wire::REPLY_STATUS_FORBIDDEN:
            return ReplyStatus::Forbidden;
        default:
            in.refuse(fmt::format("it has the unknown status {}", static_cast<int>(status)));
            return ReplyStatus::Unknown;
    }
}

// Head, then body.
Result<std::size_t> append(const google::protobuf::Message& head, std::string_view body,
                           const char* name, std::string& out) {
    Result<std::size_t> size = append_head(head, kClientLimits, body.size(), out);
    if (!size.ok()) return Error{fmt::format("{}: {}", name, size.error().message)};
    out.append(body);
    return size;
}

}  // namespace

Result<std::size_t> encode(const ClientRequest& request, std::string& out) {
    // A new field does not compile until it travels as well.
    const auto& [client, number, kind, session, sequence, unacknowledged, body] = request;
    CHECK(!body.is_stub());
    wire::ClientRequest head;
    head.set_kind(kind_of(kind));
    head.set_client(client.value());
    head.set_request(number);
    head.set_session(session.value());
    head.set_sequence(sequence);
    head.set_unacknowledged(unacknowledged);
    head.set_body_bytes(body.size());
    head.set_body_digest(body.digest());
    return append(head, body.bytes(), "a client's request", out);
}

Result<std::size_t> encode(const ClientReply& reply, std::string& out) {
    const auto& [client, request, status, leader, session, body] = reply;
    wire::ClientReply head;
    head.set_status(status_of(status));
    head.set_client(client.value());
    head.set_request(request);
    head.set_leader(leader.value());
    head.set_session(session.value());
    head.set_body_bytes(body.size());
    return append(head, body, "a reply to a client", out);
}

Result<ClientRequest> decode_request(const Payload& received, Payload::Part part) {
    Intake in(received, part, kClientLimits);
    wire::ClientRequest head;
    ClientRequest request;
    if (in.parse(head)) {
        in.only_known_fields(head);
        request.kind = read(head.kind(), in);
        request.client = ClientId(head.client());
        request.request = head.request();
        request.session = SessionId(head.session());
        request.sequence = head.sequence();
        request.unacknowledged = head.unacknowledged();
        request.body = in.payload({head.body_bytes(), head.body_digest()});
        in.finish();
    }
    if (!in.good()) return in.error("a client's request");
    return request;
}

Result<ClientReply> decode_reply(const Payload& received, Payload::Part part) {
    Intake in(received, part, kClientLimits);
    wire::ClientReply head;
    ClientReply reply;
    if (in.parse(head)) {
        in.only_known_fields(head);
        reply.status = read(head.status(), in);
        reply.client = ClientId(head.client());
        reply.request = head.request();
        reply.leader = in.server(head.leader());
        reply.session = SessionId(head.session());
        reply.body = in.take(head.body_bytes());
        in.finish();
    }
    if (!in.good()) return in.error("a reply to a client");
    return reply;
}

}  // namespace wavetank
