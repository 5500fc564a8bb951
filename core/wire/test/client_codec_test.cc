// Messages between clients and servers survive the way there unchanged; whatever else comes is
// refused, and the reason is said.
#include "core/wire/client_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client.pb.h"
#include "core/base/bytes.h"
#include "core/wire/test/samples.h"

namespace wavetank {
namespace {

using testing::HasSubstr;

Payload received(const google::protobuf::Message& head, std::string_view body) {
    Encoder encoder;
    return Payload::copy_of(encoder.bytes(head.SerializeAsString()).rest(body).view());
}

// Why it is refused; empty if it is not.
std::string refusal_of(const wire::ClientRequest& head, std::string_view body = "") {
    const Payload bytes = received(head, body);
    const Result<ClientRequest> request = decode_request(bytes, {0, bytes.size()});
    return request.ok() ? "" : request.error().message;
}
std::string refusal_of(const wire::ClientReply& head, std::string_view body = "") {
    const Payload bytes = received(head, body);
    const Result<ClientReply> reply = decode_reply(bytes, {0, bytes.size()});
    return reply.ok() ? "" : reply.error().message;
}

TEST(ClientCodec, RequestsAndRepliesComeBackEqual) {
    for (uint64_t seed = 1; seed <= 2000; ++seed) {
        Samples samples(seed);
        const ClientRequest request = samples.request();
        const Payload sent = Payload::copy_of(bytes_of(request));
        const Result<ClientRequest> decoded = decode_request(sent, {0, sent.size()});
        ASSERT_TRUE(decoded.ok()) << "seed " << seed << ": " << decoded.error().message;
        ASSERT_TRUE(decoded.value() == request) << "seed " << seed;
        ASSERT_TRUE(decoded.value().body.verify()) << "seed " << seed;

        const ClientReply reply = samples.reply();
        const Payload answer = Payload::copy_of(bytes_of(reply));
        const Result<ClientReply> back = decode_reply(answer, {0, answer.size()});
        ASSERT_TRUE(back.ok()) << "seed " << seed << ": " << back.error().message;
        ASSERT_TRUE(back.value() == reply) << "seed " << seed;
    }
}

TEST(ClientCodec, ADamagedBodyIsFoundByItsDigest) {
    ClientRequest request;
    request.body = Payload::copy_of("put k1 1.1");
    std::string bytes = bytes_of(request);
    bytes.back() = '2';
    const Payload sent = Payload::copy_of(bytes);
    const Result<ClientRequest> decoded = decode_request(sent, {0, sent.size()});
    ASSERT_TRUE(decoded.ok());
    EXPECT_EQ(decoded.value().body.bytes(), "put k1 1.2");
    EXPECT_FALSE(decoded.value().body.verify());
}

TEST(ClientCodec, RequestsThatAreNone) {
    wire::ClientRequest head;
    EXPECT_EQ(refusal_of(head), "a client's request is refused: it is of the unknown kind 0");
    head.set_kind(static_cast<wire::RequestKind>(9));
    EXPECT_THAT(refusal_of(head), HasSubstr("unknown kind 9"));
    head.set_kind(wire::REQUEST_KIND_COMMAND);
    EXPECT_EQ(refusal_of(head), "");
    EXPECT_THAT(refusal_of(head, "x"), HasSubstr("1 bytes are left over"));
    head.set_body_bytes(2);
    EXPECT_THAT(refusal_of(head, "x"), HasSubstr("should have 2 bytes, but 1 are there"));
    EXPECT_EQ(refusal_of(head, "xy"), "");
    head.set_body_bytes(0);
    head.set_body_digest(1);
    EXPECT_THAT(refusal_of(head), HasSubstr("a payload without bytes has a digest"));
}

TEST(ClientCodec, RepliesThatAreNone) {
    wire::ClientReply head;
    EXPECT_EQ(refusal_of(head), "a reply to a client is refused: it has the unknown status 0");
    head.set_status(static_cast<wire::ReplyStatus>(8));
    EXPECT_THAT(refusal_of(head), HasSubstr("unknown status 8"));
    head.set_status(wire::REPLY_STATUS_NOT_LEADER);
    head.set_leader(UINT32_MAX);
    EXPECT_EQ(refusal_of(head), "");
    head.set_leader(uint64_t{UINT32_MAX} + 1);
    EXPECT_THAT(refusal_of(head), HasSubstr("a server id of 4294967296 does not fit"));
    head.clear_leader();
    head.set_body_bytes(UINT64_MAX);
    EXPECT_THAT(refusal_of(head, "x"), HasSubstr("cut off"));
}

TEST(ClientCodec, TooLargeIsNeitherSentNorReceived) {
    ClientReply reply;
    reply.body.assign(kClientLimits.payload_bytes_max, 'x');
    std::string out = "before";
    EXPECT_TRUE(encode(reply, out).ok());
    reply.body += 'x';
    out = "before";
    const Result<std::size_t> size = encode(reply, out);
    ASSERT_FALSE(size.ok());
    EXPECT_EQ(size.error().message,
              "a reply to a client: its payloads have 16777217 bytes, over the limit of 16777216; "
              "it is not sent");
    EXPECT_EQ(out, "before");

    wire::ClientReply head;
    head.set_status(wire::REPLY_STATUS_OK);
    head.set_body_bytes(reply.body.size());
    EXPECT_THAT(refusal_of(head, reply.body), HasSubstr("over the limit of 16777216"));
}

}  // namespace
}  // namespace wavetank
