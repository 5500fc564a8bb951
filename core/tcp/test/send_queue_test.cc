// What the queue to a peer keeps when it is too much, and in which order it leaves.
#include "core/tcp/send_queue.h"

#include <gtest/gtest.h>

#include "core/wire/frame_reader.h"
#include "core/wire/raft_codec.h"

namespace wavetank {
namespace {

Message heartbeat(uint64_t round) {
    AppendEntries message;
    message.term = Term(1);
    message.round = round;
    return message;
}

Message entries(uint64_t round, std::size_t bytes) {
    auto message = std::get<AppendEntries>(heartbeat(round));
    const Entry entry{Term(1), EntryKind::Command, Payload::copy_of(std::string(bytes, 'x'))};
    message.entries = EntryRange::of(LogIndex(1), std::vector<Entry>{entry});
    return message;
}

// The rounds of all AppendEntries that come out.
std::vector<uint64_t> rounds_in(SendQueue& queue) {
    FrameReader reader;
    std::string bytes;
    append_frame(Handshake{}, bytes);
    queue.pop_into(bytes, SIZE_MAX);
    reader.feed(bytes);
    std::vector<uint64_t> rounds;
    while (true) {
        const auto frame = reader.next();
        if (!frame.ok() || !frame.value()) break;
        if (frame.value()->kind != FrameKind::ServerMessage) continue;
        const auto message = decode_message(frame.value()->buffer, frame.value()->body);
        rounds.push_back(std::get<AppendEntries>(message.value()).round);
    }
    return rounds;
}

TEST(SendQueue, GivesOutWhatItWasGivenInOrder) {
    SendQueue queue{{}};
    for (const uint64_t round : {1U, 2U, 3U}) queue.push(heartbeat(round));
    EXPECT_EQ(rounds_in(queue), (std::vector<uint64_t>{1, 2, 3}));
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.dropped(), 0U);
}

TEST(SendQueue, GivesOutAsMuchAsIsWanted) {
    SendQueue queue{{}};
    for (const uint64_t round : {1U, 2U, 3U}) queue.push(entries(round, 1000));
    std::string out;
    queue.pop_into(out, 1500);
    EXPECT_GE(out.size(), 2000U);
    EXPECT_EQ(queue.size(), 1U);
}

TEST(SendQueue, DropsTheOldestReplaceableFirst) {
    SendQueue queue{{.messages_max = 3, .payload_bytes_max = 1 << 20}};
    queue.push(entries(1, 10));
    queue.push(heartbeat(2));
    queue.push(heartbeat(3));
    queue.push(heartbeat(4));
    EXPECT_EQ(rounds_in(queue), (std::vector<uint64_t>{1, 3, 4}));
    EXPECT_EQ(queue.dropped(), 1U);
}

TEST(SendQueue, WithoutReplaceableOnesTheOldestGoes) {
    SendQueue queue{{.messages_max = 2, .payload_bytes_max = 1 << 20}};
    for (const uint64_t round : {1U, 2U, 3U}) queue.push(entries(round, 10));
    EXPECT_EQ(rounds_in(queue), (std::vector<uint64_t>{2, 3}));
}

TEST(SendQueue, BytesAreBoundedToo) {
    SendQueue queue{{.messages_max = 100, .payload_bytes_max = 2500}};
    for (const uint64_t round : {1U, 2U, 3U, 4U}) queue.push(entries(round, 1000));
    EXPECT_EQ(rounds_in(queue), (std::vector<uint64_t>{3, 4}));
    // A single message is kept, however large.
    queue.push(entries(5, 5000));
    EXPECT_EQ(rounds_in(queue), (std::vector<uint64_t>{5}));
}

TEST(SendQueue, EntriesAndPiecesAndProposalsAreNotReplaceable) {
    EXPECT_TRUE(replaceable(heartbeat(1)));
    EXPECT_TRUE(replaceable(AppendEntriesReply{}));
    EXPECT_TRUE(replaceable(RequestVote{}));
    EXPECT_FALSE(replaceable(entries(1, 1)));
    EXPECT_FALSE(replaceable(InstallSnapshot{}));
    EXPECT_FALSE(replaceable(ForwardProposal{}));
}

}  // namespace
}  // namespace wavetank
