// Every bit of a frame turned, and every end cut off: nothing of it is ever taken for a message. If
// somebody repairs the checksum as well, a message may be refused or be another one, but damaged
// payloads are still found out, by their digests.
#include <gtest/gtest.h>

#include "core/base/bytes.h"
#include "core/wire/client_codec.h"
#include "core/wire/crc32c.h"
#include "core/wire/frame_reader.h"
#include "core/wire/raft_codec.h"
#include "core/wire/test/samples.h"

namespace wavetank {
namespace {

std::string handshake_frame() {
    std::string out;
    append_frame(Handshake{ClusterId(7), ServerId(2)}, out);
    return out;
}

// A set of frames of every kind, none of them large.
std::vector<std::string> frames() {
    std::vector<std::string> frames{handshake_frame()};
    Samples samples(11);
    while (frames.size() < 3 * Samples::kKinds) {
        std::string frame;
        EXPECT_TRUE(append_frame(samples.message(frames.size() % Samples::kKinds), frame).ok());
        if (frame.size() < 700) frames.push_back(std::move(frame));
    }
    while (frames.size() < 3 * Samples::kKinds + 10) {
        std::string frame;
        EXPECT_TRUE(append_frame(samples.request(), frame).ok());
        EXPECT_TRUE(append_frame(samples.reply(), frame).ok());
        if (frame.size() < 700) frames.push_back(std::move(frame));
    }
    return frames;
}

// Gives the stream to a reader, the handshake first unless it is what is damaged. How many bytes
// were given out in frames before the end or a refusal.
struct Taken {
    std::size_t bytes = 0;
    bool refused = false;
};
Taken take(std::string_view frame, bool is_handshake) {
    FrameReader reader;
    if (!is_handshake) {
        reader.feed(handshake_frame());
        EXPECT_TRUE(reader.next().value().has_value());
    }
    reader.feed(frame);
    Taken taken;
    for (;;) {
        Result<std::optional<Frame>> next = reader.next();
        taken.refused = !next.ok();
        if (!next.ok() || !next.value()) return taken;
        taken.bytes += kFrameHeaderBytes + next.value()->body.size;
    }
}

std::size_t first_frame_size(std::string_view frames) {
    return kFrameHeaderBytes + Decoder(frames.substr(4, 4)).u32();
}

TEST(Damage, NoFrameWithATurnedBitIsTaken) {
    const std::vector<std::string> all = frames();
    for (std::size_t number = 0; number < all.size(); ++number) {
        std::string frame = all[number];
        ASSERT_EQ(take(frame, number == 0).bytes, frame.size());
        const std::size_t first = first_frame_size(frame);
        for (std::size_t bit = 0; bit < 8 * frame.size(); ++bit) {
            frame[bit / 8] = static_cast<char>(frame[bit / 8] ^ (1 << (bit % 8)));
            const Taken taken = take(frame, number == 0);
            const std::size_t intact = bit / 8 < first ? 0 : first;
            ASSERT_EQ(taken.bytes, intact) << "frame " << number << " bit " << bit;
            // A size that grew waits for more bytes; all other damage is seen at once.
            const std::size_t place = bit / 8 - intact;
            if (place < 4 || place >= 8) {
                ASSERT_TRUE(taken.refused) << "frame " << number << " bit " << bit;
            }
            frame[bit / 8] = static_cast<char>(frame[bit / 8] ^ (1 << (bit % 8)));
        }
    }
}

TEST(Damage, NoFrameThatIsCutOffIsTaken) {
    const std::vector<std::string> all = frames();
    for (std::size_t number = 0; number < all.size(); ++number) {
        const std::size_t first = first_frame_size(all[number]);
        for (std::size_t length = 0; length < all[number].size(); ++length) {
            const Taken taken = take(std::string_view(all[number]).substr(0, length), number == 0);
            ASSERT_EQ(taken.bytes, length < first ? 0 : first) << "frame " << number;
            ASSERT_FALSE(taken.refused) << "frame " << number << " length " << length;
        }
        // Followed by the next frame it is refused: the stream does not find its feet again.
        for (std::size_t length = 1; length < first; ++length) {
            const std::string cut = all[number].substr(0, length);
            const Taken taken = take(cut + std::string(1000, '\xee'), number == 0);
            ASSERT_EQ(taken.bytes, 0U) << "frame " << number << " length " << length;
            ASSERT_TRUE(taken.refused) << "frame " << number << " length " << length;
        }
    }
}

// --- With a repaired checksum: what the codecs see. ---

std::vector<Payload> payloads_of(const Message& message) {
    std::vector<Payload> payloads;
    const auto add = [&](const EntryRange& entries) {
        for (uint32_t i = 0; i < entries.size(); ++i) payloads.push_back(entries[i].payload);
    };
    if (const auto* append = std::get_if<AppendEntries>(&message)) add(append->entries);
    if (const auto* forward = std::get_if<ForwardProposal>(&message)) add(forward->entries);
    if (const auto* install = std::get_if<InstallSnapshot>(&message)) {
        payloads.push_back(install->data);
    }
    return payloads;
}

TEST(Damage, ATurnedBitBehindTheChecksumNeverPassesForThePayload) {
    Samples samples(12);
    uint64_t refused = 0;
    uint64_t another = 0;
    uint64_t found = 0;
    for (std::size_t number = 0; number < 20 * Samples::kKinds; ++number) {
        const Message message = samples.message(number % Samples::kKinds);
        std::string bytes = bytes_of(message);
        if (bytes.size() > 700) continue;
        const std::size_t payloads_begin = 4 + Decoder(bytes).u32();
        for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
            std::string damaged = bytes;
            damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
            const Payload received = Payload::copy_of(damaged);
            const Result<Message> decoded = decode_message(received, {0, received.size()});
            if (!decoded.ok()) {
                // Bytes of payloads are not looked at here.
                ASSERT_LT(bit / 8, payloads_begin) << "seed 12 message " << number;
                ++refused;
                continue;
            }
            // It is not taken for the same, and nothing in it went unnoticed.
            ASSERT_FALSE(decoded.value() == message)
                << "seed 12 message " << number << " bit " << bit;
            ASSERT_EQ(bytes_of(decoded.value()), damaged)
                << "seed 12 message " << number << " bit " << bit;
            ++another;
            if (bit / 8 < payloads_begin) continue;
            uint64_t broken = 0;
            for (const Payload& payload : payloads_of(decoded.value())) broken += !payload.verify();
            ASSERT_EQ(broken, 1U) << "seed 12 message " << number << " bit " << bit;
            ++found;
        }
    }
    EXPECT_GT(refused, 1000U);
    EXPECT_GT(another, 1000U);
    EXPECT_GT(found, 1000U);
}

TEST(Damage, ABodyThatIsCutOffBehindTheChecksumIsRefused) {
    Samples samples(13);
    for (std::size_t number = 0; number < 4 * Samples::kKinds; ++number) {
        const std::string bytes = bytes_of(samples.message(number % Samples::kKinds));
        const Payload received = Payload::copy_of(bytes);
        const std::size_t step = 1 + bytes.size() / 1000;
        for (std::size_t length = 0; length < bytes.size(); length += step) {
            ASSERT_FALSE(decode_message(received, {0, length}).ok())
                << "seed 13 message " << number << " length " << length;
        }
    }
    for (std::size_t number = 0; number < 20; ++number) {
        const Payload request = Payload::copy_of(bytes_of(samples.request()));
        const Payload reply = Payload::copy_of(bytes_of(samples.reply()));
        for (std::size_t length = 0; length < std::min(request.size(), reply.size()); ++length) {
            ASSERT_FALSE(decode_request(request, {0, length}).ok()) << "seed 13 length " << length;
            ASSERT_FALSE(decode_reply(reply, {0, length}).ok()) << "seed 13 length " << length;
        }
    }
}

// Bytes without any meaning, and messages with several bytes changed.
TEST(Damage, GarbageIsReadOrRefused) {
    for (uint64_t seed = 1; seed <= 3000; ++seed) {
        Samples samples(seed);
        std::string bytes = bytes_of(samples.message());
        if (samples.draw(3) == 0) bytes = bytes_of(samples.request());
        if (samples.draw(3) == 0) bytes = bytes_of(samples.reply());
        bytes.resize(std::min<std::size_t>(bytes.size(), 600));
        for (uint64_t i = samples.draw(6); i > 0; --i) {
            bytes[samples.draw(bytes.size())] = static_cast<char>(samples.draw(256));
        }
        const Payload received = Payload::copy_of(bytes);
        const Payload::Part whole{0, received.size()};
        const Result<Message> message = decode_message(received, whole);
        const Result<ClientRequest> request = decode_request(received, whole);
        const Result<ClientReply> reply = decode_reply(received, whole);
        // What is read has no other encoding.
        EXPECT_EQ(message.ok() ? bytes_of(message.value()) : bytes, bytes);
        EXPECT_EQ(request.ok() ? bytes_of(request.value()) : bytes, bytes);
        EXPECT_EQ(reply.ok() ? bytes_of(reply.value()) : bytes, bytes);
        ASSERT_FALSE(HasFailure()) << "seed " << seed;
    }
}

}  // namespace
}  // namespace wavetank
