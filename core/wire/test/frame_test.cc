// Frames come out of a stream as they went in, however it is cut; everything else is refused.
#include "core/wire/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/bytes.h"
#include "core/wire/client_codec.h"
#include "core/wire/crc32c.h"
#include "core/wire/frame_reader.h"
#include "core/wire/raft_codec.h"
#include "core/wire/test/samples.h"

namespace wavetank {
namespace {

using testing::HasSubstr;

constexpr Handshake kHandshake{ClusterId(0x1122334455667788), ServerId(2)};

std::string handshake_frame() {
    std::string out;
    append_frame(kHandshake, out);
    return out;
}

// A frame of any kind and body, with the right checksum.
std::string frame_of(uint8_t kind, std::string_view body) {
    Encoder covered;
    covered.u32(static_cast<uint32_t>(body.size())).u8(kind).rest(body);
    Encoder frame;
    return frame.u32(crc32c(covered.view())).rest(covered.view()).take();
}

// Why the stream ends; empty if it does not.
std::string refusal_of(std::string_view stream) {
    FrameReader reader;
    reader.feed(stream);
    for (;;) {
        Result<std::optional<Frame>> frame = reader.next();
        if (!frame.ok()) return frame.error().message;
        if (!frame.value()) return "";
    }
}

TEST(Crc32c, KnownValues) {
    // RFC 3720, B.4, and the check value of the catalogue of CRCs.
    EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
    EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
    EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
    EXPECT_EQ(crc32c(""), 0U);
    EXPECT_EQ(crc32c_portable("123456789"), 0xe3069283U);
}

TEST(Crc32c, BothWaysAreTheSame) {
    Samples samples(1);
    for (int i = 0; i < 500; ++i) {
        const Payload bytes = samples.payload();
        ASSERT_EQ(crc32c(bytes.bytes()), crc32c_portable(bytes.bytes())) << "seed 1 sample " << i;
    }
}

TEST(Frame, TheBytesAreFixed) {
    const std::string body("WAVETANK\1\0\0\0\2\0\0\0\x88\x77\x66\x55\x44\x33\x22\x11", 24);
    const std::string covered = std::string("\x18\0\0\0\1", 5) + body;
    const std::string frame = handshake_frame();
    EXPECT_EQ(frame.substr(4), covered);
    EXPECT_EQ(Decoder(frame).u32(), crc32c_portable(covered));
}

TEST(FrameReader, EveryCutGivesTheSameFrames) {
    for (uint64_t seed = 1; seed <= 60; ++seed) {
        Samples samples(seed);
        std::string stream = handshake_frame();
        std::vector<Message> messages;
        std::vector<ClientRequest> requests;
        std::vector<ClientReply> replies;
        for (uint64_t i = 0; i < 12; ++i) {
            messages.push_back(samples.message());
            requests.push_back(samples.request());
            replies.push_back(samples.reply());
            ASSERT_TRUE(append_frame(messages.back(), stream).ok());
            ASSERT_TRUE(append_frame(requests.back(), stream).ok());
            ASSERT_TRUE(append_frame(replies.back(), stream).ok());
        }

        FrameReader reader;
        std::size_t frames = 0;
        std::string_view rest = stream;
        const uint64_t cut_max = uint64_t{1} << (1 + samples.draw(18));
        while (!rest.empty()) {
            const std::string_view cut = rest.substr(0, 1 + samples.draw(cut_max));
            rest.remove_prefix(cut.size());
            reader.feed(cut);
            if (samples.draw(4) == 0) continue;  // and ask later
            for (;;) {
                Result<std::optional<Frame>> next = reader.next();
                ASSERT_TRUE(next.ok()) << "seed " << seed << ": " << next.error().message;
                if (!next.value()) break;
                const Frame& frame = *next.value();
                const std::size_t round = frames == 0 ? 0 : (frames - 1) / 3;
                ++frames;
                if (frame.kind == FrameKind::Handshake) {
                    ASSERT_EQ(frames, 1U);
                } else if (frame.kind == FrameKind::ServerMessage) {
                    ASSERT_TRUE(decode_message(frame.buffer, frame.body).value() == messages[round])
                        << "seed " << seed;
                } else if (frame.kind == FrameKind::ClientRequest) {
                    ASSERT_TRUE(decode_request(frame.buffer, frame.body).value() == requests[round])
                        << "seed " << seed;
                } else {
                    ASSERT_TRUE(decode_reply(frame.buffer, frame.body).value() == replies[round])
                        << "seed " << seed;
                }
            }
        }
        while (reader.next().value()) ++frames;
        EXPECT_EQ(frames, 37U) << "seed " << seed;
        EXPECT_EQ(reader.pending(), 0U);
    }
}

TEST(FrameReader, ByteByByte) {
    const std::string stream = handshake_frame() + frame_of(2, "body") + frame_of(3, "");
    FrameReader reader;
    std::string kinds;
    for (const char byte : stream) {
        reader.feed({&byte, 1});
        Result<std::optional<Frame>> frame = reader.next();
        ASSERT_TRUE(frame.ok());
        if (frame.value()) kinds += std::to_string(static_cast<int>(frame.value()->kind));
    }
    EXPECT_EQ(kinds, "123");
}

TEST(FrameReader, SaysWhetherTheStreamWasCutOff) {
    const std::string stream = handshake_frame();
    for (std::size_t length = 0; length <= stream.size(); ++length) {
        FrameReader reader;
        reader.feed(std::string_view(stream).substr(0, length));
        Result<std::optional<Frame>> frame = reader.next();
        ASSERT_TRUE(frame.ok());
        EXPECT_EQ(frame.value().has_value(), length == stream.size());
        EXPECT_EQ(reader.pending(), length % stream.size());
    }
}

TEST(FrameReader, RefusesWhatIsNoFrame) {
    const std::string hello = handshake_frame();
    EXPECT_EQ(refusal_of(hello + frame_of(2, "x")), "");
    EXPECT_EQ(refusal_of(frame_of(2, "x")),
              "the stream begins with a message between servers instead of a handshake");
    EXPECT_EQ(refusal_of(hello + hello), "a second handshake in the same stream");
    EXPECT_EQ(refusal_of(hello + frame_of(0, "")), "a frame is of the unknown kind 0");
    EXPECT_EQ(refusal_of(hello + frame_of(5, "")), "a frame is of the unknown kind 5");
    EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\n"), "a frame is of the unknown kind 84");
    EXPECT_EQ(refusal_of(frame_of(1, std::string(257, 'x'))),
              "a handshake of 257 bytes, over the limit of 256");
    EXPECT_THAT(refusal_of(hello + std::string("\0\0\0\0\xb9\x96\x98\0\1", 9)),
                HasSubstr("second handshake"));

    std::string damaged = hello + frame_of(2, "x");
    damaged.back() = 'y';
    EXPECT_THAT(refusal_of(damaged), HasSubstr("of 10 bytes is damaged: its checksum is"));
}

// Refused as soon as the header is there, and for ever.
TEST(FrameReader, RefusesWhatIsTooLargeAtOnce) {
    Encoder header;
    header.u32(0).u32(static_cast<uint32_t>(kServerLimits.body_bytes_max())).u8(2);
    EXPECT_EQ(refusal_of(handshake_frame() + header.view()), "");
    header.clear();
    header.u32(0).u32(static_cast<uint32_t>(kServerLimits.body_bytes_max() + 1)).u8(2);
    const std::string reason =
        "a message between servers of 67174405 bytes, over the limit of 67174404";
    EXPECT_EQ(refusal_of(handshake_frame() + header.view()), reason);

    FrameReader reader;
    reader.feed(handshake_frame() + header.view());
    EXPECT_TRUE(reader.next().value().has_value());
    EXPECT_EQ(reader.next().error().message, reason);
    reader.feed(frame_of(2, "fine"));
    EXPECT_EQ(reader.next().error().message, reason);
}

// Who announces much and sends little does not get memory for it.
TEST(FrameReader, BelievesASizeOnlyStepByStep) {
    FrameReader reader;
    Encoder header;
    header.u32(0).u32(64 << 20).u8(2);
    reader.feed(handshake_frame() + header.view());
    EXPECT_TRUE(reader.next().value().has_value());
    std::size_t sent = header.view().size();
    while (sent < 1 << 20) {
        const std::span<char> room = reader.room();
        const std::size_t count = std::min<std::size_t>(room.size(), 1000);
        std::fill_n(room.begin(), count, 'x');
        reader.received(count);
        sent += count;
        ASSERT_LE(sent + reader.room().size(), std::max<std::size_t>(64 << 10, 4 * sent));
        ASSERT_FALSE(reader.next().value().has_value());
    }
}

// The same buffer again while nobody holds a frame, another one as soon as somebody does.
TEST(FrameReader, FillsABufferAgainThatNobodyShares) {
    FrameReader reader;
    reader.feed(handshake_frame());
    EXPECT_TRUE(reader.next().value().has_value());
    const char* const buffer = reader.room().data() - handshake_frame().size();
    const auto next_body = [&](char byte) {
        reader.feed(frame_of(2, std::string(1000, byte)));
        return std::move(*reader.next().value());
    };
    for (int i = 0; i < 200; ++i) {
        const Frame frame = next_body('a');
        EXPECT_EQ(frame.bytes(), std::string(1000, 'a'));
        EXPECT_EQ(frame.buffer.bytes().data(), buffer);
    }
    const Frame kept = next_body('b');
    for (int i = 0; i < 200; ++i) next_body('c');
    EXPECT_EQ(kept.bytes(), std::string(1000, 'b'));
    EXPECT_NE(next_body('d').buffer.bytes().data(), buffer);
}

// Frames that nobody asks for yet are kept, and large ones are whole.
TEST(FrameReader, KeepsManyFramesAndLargeOnes) {
    std::string stream = handshake_frame();
    for (int i = 0; i < 3000; ++i) stream += frame_of(2, std::string(100, 'a'));
    const std::string large(5 << 20, 'b');
    stream += frame_of(2, large) + frame_of(3, "end");
    FrameReader reader;
    reader.feed(stream);
    std::size_t bytes = 0;
    Frame last{};
    Frame before{};
    for (;;) {
        Result<std::optional<Frame>> frame = reader.next();
        ASSERT_TRUE(frame.ok()) << frame.error().message;
        if (!frame.value()) break;
        before = std::move(last);
        last = std::move(*frame.value());
        bytes += last.body.size;
    }
    EXPECT_EQ(bytes, 24U + 300'000U + large.size() + 3);
    EXPECT_EQ(before.bytes(), large);
    EXPECT_EQ(last.bytes(), "end");
}

TEST(Frame, TooLargeIsNotSentAndNothingIsLeftBehind) {
    ClientRequest request;
    request.body = Payload::copy_of(std::string(kClientLimits.payload_bytes_max + 1, 'x'));
    std::string out = "before";
    EXPECT_FALSE(append_frame(request, out).ok());
    EXPECT_EQ(out, "before");
}

}  // namespace
}  // namespace wavetank
