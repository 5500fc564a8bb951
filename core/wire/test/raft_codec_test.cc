// Messages between servers survive the way there unchanged; whatever else comes is refused, and the
// reason is said.
#include "core/wire/raft_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/bytes.h"
#include "core/wire/test/samples.h"
#include "raft.pb.h"

namespace wavetank {
namespace {

using testing::HasSubstr;

Result<Message> decode(std::string_view bytes) {
    const Payload received = Payload::copy_of(bytes);
    return decode_message(received, {0, received.size()});
}

std::string body_of(const wire::RaftMessage& head, std::string_view payloads) {
    Encoder encoder;
    encoder.bytes(head.SerializeAsString()).rest(payloads);
    return encoder.take();
}

// Why it is refused; empty if it is not.
std::string refusal_of(const wire::RaftMessage& head, std::string_view payloads = "") {
    const Result<Message> message = decode(body_of(head, payloads));
    return message.ok() ? "" : message.error().message;
}

void add_command(wire::EntryRange& entries, std::string_view payload) {
    entries.add_kinds(wire::ENTRY_KIND_COMMAND);
    entries.add_terms(5);
    entries.add_times(-3);
    entries.add_errors(-1);
    entries.add_payload_bytes(payload.size());
    entries.add_payload_digests(payload.empty() ? 0 : hash_bytes(payload));
}

// An AppendEntries with two entries, of 3 and 0 bytes.
wire::RaftMessage two_entries() {
    wire::RaftMessage head;
    wire::AppendEntries& append = *head.mutable_append_entries();
    append.set_term(5);
    append.set_prev_log_index(70);
    append.set_prev_log_term(4);
    append.mutable_entries()->set_first_index(71);
    add_command(*append.mutable_entries(), "abc");
    add_command(*append.mutable_entries(), "");
    return head;
}

wire::EntryRange& entries_of(wire::RaftMessage& head) {
    return *head.mutable_append_entries()->mutable_entries();
}

TEST(RaftCodec, EveryKindComesBackEqual) {
    for (uint64_t seed = 1; seed <= 300; ++seed) {
        Samples samples(seed);
        for (std::size_t kind = 0; kind < Samples::kKinds; ++kind) {
            const Message message = samples.message(kind);
            ASSERT_EQ(message.index(), kind);
            const std::string bytes = bytes_of(message);
            Result<Message> decoded = decode(bytes);
            ASSERT_TRUE(decoded.ok()) << "seed " << seed << ": " << decoded.error().message;
            ASSERT_TRUE(decoded.value() == message) << "seed " << seed << " kind " << kind;
            // And equal messages are equal bytes.
            ASSERT_EQ(bytes_of(decoded.value()), bytes) << "seed " << seed << " kind " << kind;
        }
    }
}

TEST(RaftCodec, MessagesOfDefaultsComeBackEqual) {
    Message message;
    EXPECT_TRUE(decode(bytes_of(message)).value() == message);
    message = AppendEntriesReply{};
    EXPECT_TRUE(decode(bytes_of(message)).value() == message);
    message = AppendEntries{};
    EXPECT_TRUE(decode(bytes_of(message)).value() == message);
    message = ForwardProposal{};
    EXPECT_TRUE(decode(bytes_of(message)).value() == message);
}

TEST(RaftCodec, AFullChunkTravels) {
    std::vector<Entry> entries(LogChunk::kEntries);
    for (Entry& entry : entries) {
        entry.term = Term(kOrdinalMax);
        entry.time = Instant{-1};
        entry.error = Duration{INT64_MAX};
        entry.payload = Payload::copy_of(std::string(200, 'x'));
    }
    AppendEntries append;
    append.prev_log_index = LogIndex(kOrdinalMax - LogChunk::kEntries);
    append.entries = EntryRange::of(append.prev_log_index.next(), entries);
    const Message message = append;
    EXPECT_TRUE(decode(bytes_of(message)).value() == message);
}

// The format is a contract with servers of the same version: it does not change by accident.
TEST(RaftCodec, TheBytesAreFixed) {
    std::vector<Entry> entries(2);
    entries[0] = {Term(5), EntryKind::Command, Payload::copy_of("abc"), Instant{258}, Duration{7}};
    entries[1] = {Term(5), EntryKind::Command, Payload::stub_of(entries[0].payload), Instant{258}};
    AppendEntries append{Term(5), LogIndex(70), Term(4), LogIndex(69), 3, {}, 2};
    append.entries = EntryRange::of(LogIndex(71), entries);
    std::string digest;
    for (int i = 0; i < 8; ++i) digest += static_cast<char>(hash_bytes("abc") >> (8 * i));

    const auto list = [](std::string_view bytes) {
        return static_cast<char>(bytes.size()) + std::string(bytes);
    };
    const std::string time("\x02\x01\0\0\0\0\0\0", 8);
    const std::string range = "\x08\x47\x12" + list("\x02\x02") + "\x1a" + list("\x05\x05") +
                              "\x22" + list(time + time) + "\x2a" + list("\x0e\x01") + "\x32" +
                              list(std::string("\x03\0", 2)) + "\x3a" + list(digest + digest) +
                              "\x42" + list("\x01");
    const std::string head =
        "\x2a" + list("\x08\x05\x10\x46\x18\x04\x20\x45\x28\x03\x30\x02\x3a" + list(range));
    Encoder expected;
    expected.bytes(head).rest("abc");
    EXPECT_EQ(bytes_of(Message(append)), expected.view());
}

TEST(RaftCodec, AppendsToWhatIsThere) {
    std::string out = "before";
    const Message message = TimeoutNow{Term(7)};
    const Result<std::size_t> size = encode(message, out);
    ASSERT_TRUE(size.ok());
    EXPECT_EQ(out, "before" + bytes_of(message));
    const Payload received = Payload::copy_of(out + "after");
    EXPECT_TRUE(decode_message(received, {6, size.value()}).value() == message);
}

TEST(RaftCodec, LargePayloadsShareTheBufferSmallOnesDoNot) {
    const std::string large(kSliceBytesMin, 'l');
    const std::string small(kSliceBytesMin - 1, 's');
    std::vector<Entry> entries(2);
    entries[0].payload = Payload::copy_of(large);
    entries[1].payload = Payload::copy_of(small);
    AppendEntries append;
    append.entries = EntryRange::of(LogIndex(1), entries);
    EntryRange arrived;
    {
        const Payload received = Payload::copy_of(bytes_of(Message(append)));
        Result<Message> message = decode_message(received, {0, received.size()});
        ASSERT_TRUE(message.ok());
        arrived = std::get<AppendEntries>(message.value()).entries;
        const std::string_view buffer = received.bytes();
        const auto is_shared = [&](const Payload& payload) {
            const char* begin = payload.bytes().data();
            return begin >= buffer.data() && begin < buffer.data() + buffer.size();
        };
        EXPECT_TRUE(is_shared(arrived[0].payload));
        EXPECT_FALSE(is_shared(arrived[1].payload));
    }
    // Both outlive what we know of the buffer.
    EXPECT_EQ(arrived[0].payload.bytes(), large);
    EXPECT_EQ(arrived[1].payload.bytes(), small);
}

TEST(RaftCodec, ADigestTravelsAsItIs) {
    std::vector<Entry> entries(1);
    entries[0].payload = Payload::received("abd", hash_bytes("abc"));
    AppendEntries append;
    append.entries = EntryRange::of(LogIndex(1), entries);
    const Result<Message> message = decode(bytes_of(Message(append)));
    ASSERT_TRUE(message.ok());
    const Payload& payload = std::get<AppendEntries>(message.value()).entries[0].payload;
    EXPECT_EQ(payload.bytes(), "abd");
    EXPECT_EQ(payload.digest(), hash_bytes("abc"));
    EXPECT_FALSE(payload.verify());
}

TEST(RaftCodec, TooLargeIsNotSent) {
    Configuration::Members members;
    for (uint32_t id = 1; id <= 20'000; ++id) members.voters.push_back(ServerId(UINT32_MAX - id));
    InstallSnapshot snapshot;
    snapshot.meta.configuration = Configuration(std::move(members));
    std::string out = "before";
    const Result<std::size_t> head = encode(Message(snapshot), out);
    ASSERT_FALSE(head.ok());
    EXPECT_THAT(head.error().message, HasSubstr("InstallSnapshot: its head has 100018 bytes"));

    std::vector<Entry> entries(256);
    entries[0].payload = Payload::copy_of(std::string(256 << 10, 'x'));
    for (Entry& entry : entries) entry.payload = entries[0].payload;
    ForwardProposal forward;
    forward.entries = EntryRange::of(LogIndex(1), entries);
    EXPECT_TRUE(encode(Message(forward), out).ok());  // just at the limit
    out = "before";
    entries[0].payload = Payload::copy_of(std::string((256 << 10) + 1, 'x'));
    forward.entries = EntryRange::of(LogIndex(1), entries);
    const Result<std::size_t> payloads = encode(Message(forward), out);
    ASSERT_FALSE(payloads.ok());
    EXPECT_THAT(payloads.error().message, HasSubstr("over the limit of 67108864; it is not sent"));
    EXPECT_EQ(out, "before");
}

TEST(RaftCodec, BodiesThatAreCutOffOrTooLong) {
    const auto refusal = [](std::string_view bytes) {
        const Result<Message> message = decode(bytes);
        return message.ok() ? "" : message.error().message;
    };
    EXPECT_THAT(refusal(""), HasSubstr("has 0 bytes, not even the size of its head"));
    EXPECT_THAT(refusal("\1\1\1"), HasSubstr("has 3 bytes"));
    EXPECT_THAT(refusal(std::string("\1\0\0\0", 4)), HasSubstr("should have 1 bytes, but 0"));
    EXPECT_THAT(refusal("\xff\xff\xff\xff"), HasSubstr("4294967295 bytes, over the limit"));
    EXPECT_THAT(refusal(std::string("\0\0\0\0", 4)), HasSubstr("no kind that is known"));
    EXPECT_THAT(refusal(std::string("\1\0\0\0\x0a", 5)), HasSubstr("no Protobuf message"));

    const wire::RaftMessage good = two_entries();
    EXPECT_EQ(refusal_of(good, "abc"), "");
    EXPECT_EQ(refusal_of(good, "ab"),
              "AppendEntries is refused: it is cut off: a payload should have 3 bytes, but 2 are "
              "there");
    EXPECT_THAT(refusal_of(good, "abcd"), HasSubstr("1 bytes are left over"));
    wire::RaftMessage vote;
    vote.mutable_request_vote()->set_term(1);
    EXPECT_THAT(refusal_of(vote, "x"), HasSubstr("RequestVote is refused: 1 bytes are left over"));
}

TEST(RaftCodec, NumbersThatDoNotFit) {
    wire::RaftMessage head;
    head.mutable_request_vote()->set_term(kOrdinalMax);
    EXPECT_EQ(refusal_of(head), "");
    head.mutable_request_vote()->set_term(kOrdinalMax + 1);
    EXPECT_THAT(refusal_of(head), HasSubstr("a term of 9223372036854775808 is over 2^63 - 1"));
    head.mutable_request_vote()->set_term(1);
    head.mutable_request_vote()->set_last_log_index(UINT64_MAX);
    EXPECT_THAT(refusal_of(head), HasSubstr("a log index of 18446744073709551615 is over"));

    head = two_entries();
    entries_of(head).set_errors(1, -2);
    EXPECT_THAT(refusal_of(head, "abc"), HasSubstr("a clock error of -2 ns"));
    head = two_entries();
    entries_of(head).set_payload_bytes(1, UINT64_MAX);
    EXPECT_THAT(refusal_of(head, "abc"), HasSubstr("18446744073709551615 bytes, but 0 are there"));
}

TEST(RaftCodec, EntriesThatAreNone) {
    wire::RaftMessage head = two_entries();
    entries_of(head).set_kinds(1, static_cast<wire::EntryKind>(4));
    EXPECT_THAT(refusal_of(head, "abc"), HasSubstr("an entry is of the unknown kind 4"));
    entries_of(head).set_kinds(1, wire::ENTRY_KIND_UNSPECIFIED);
    EXPECT_THAT(refusal_of(head, "abc"), HasSubstr("an entry is of the unknown kind 0"));
    head = two_entries();
    entries_of(head).set_payload_digests(1, 1);
    EXPECT_THAT(refusal_of(head, "abc"), HasSubstr("a payload without bytes has a digest"));
}

TEST(RaftCodec, StubsThatAreNone) {
    wire::RaftMessage head = two_entries();
    entries_of(head).set_payload_digests(1, 1);
    entries_of(head).add_stubs(1);
    EXPECT_EQ(refusal_of(head, "abc"), "");
    entries_of(head).add_stubs(1);
    EXPECT_THAT(refusal_of(head, "abc"), HasSubstr("no entry at position 1 to be a stub, or it"));
    entries_of(head).set_stubs(1, 0);
    EXPECT_THAT(refusal_of(head, "abc"), HasSubstr("no entry at position 0 to be a stub, or it"));
    entries_of(head).set_stubs(1, 2);
    EXPECT_THAT(refusal_of(head, "abc"), HasSubstr("no entry at position 2 to be a stub"));
    head = two_entries();
    entries_of(head).add_stubs(0);
    EXPECT_THAT(refusal_of(head, "abc"), HasSubstr("the stub of a payload has bytes"));
}

TEST(RaftCodec, RangesThatAreNone) {
    wire::RaftMessage head = two_entries();
    entries_of(head).set_first_index(72);
    EXPECT_THAT(refusal_of(head, "abc"), HasSubstr("its entries begin at 72, not after 70"));
    head.mutable_append_entries()->set_prev_log_index(kOrdinalMax - 1);
    entries_of(head).set_first_index(kOrdinalMax);
    EXPECT_THAT(refusal_of(head, "abc"),
                HasSubstr("2 entries from 9223372036854775807 on end over 2^63 - 1"));
    head = two_entries();
    entries_of(head).Clear();
    EXPECT_THAT(refusal_of(head), HasSubstr("a range of entries has none"));
}

TEST(RaftCodec, ListsOfDifferentLengths) {
    for (int list = 0; list < 6; ++list) {
        wire::RaftMessage head = two_entries();
        wire::EntryRange& entries = entries_of(head);
        if (list == 0) entries.mutable_kinds()->RemoveLast();
        if (list == 1) entries.mutable_terms()->RemoveLast();
        if (list == 2) entries.add_times(1);
        if (list == 3) entries.clear_errors();
        if (list == 4) entries.add_payload_bytes(0);
        if (list == 5) entries.mutable_payload_digests()->RemoveLast();
        EXPECT_THAT(refusal_of(head, "abc"), HasSubstr("a list has")) << list;
    }
}

TEST(RaftCodec, AtMostAChunkOfEntries) {
    wire::RaftMessage head = two_entries();
    while (entries_of(head).kinds_size() < 256) add_command(entries_of(head), "");
    EXPECT_EQ(refusal_of(head, "abc"), "");
    add_command(entries_of(head), "");
    EXPECT_THAT(refusal_of(head, "abc"), HasSubstr("it has 257 entries, but a message carries"));
}

TEST(RaftCodec, SnapshotsThatAreNone) {
    wire::RaftMessage head;
    wire::InstallSnapshot& install = *head.mutable_install_snapshot();
    EXPECT_THAT(refusal_of(head), HasSubstr("it does not say which snapshot"));
    install.mutable_meta()->set_bytes(10);
    EXPECT_THAT(refusal_of(head), HasSubstr("a snapshot has no configuration"));
    wire::Configuration& configuration = *install.mutable_meta()->mutable_configuration();
    EXPECT_THAT(refusal_of(head), HasSubstr("its configuration is none: there is no voter"));
    configuration.add_voters(3);
    EXPECT_EQ(refusal_of(head), "");
    configuration.add_voters(3);
    EXPECT_THAT(refusal_of(head), HasSubstr("a list of members has server 3 after 3"));
    configuration.set_voters(1, uint64_t{1} << 32);
    EXPECT_THAT(refusal_of(head), HasSubstr("a server id of 4294967296 does not fit"));
    configuration.set_voters(1, UINT32_MAX);
    EXPECT_EQ(refusal_of(head), "");

    install.set_offset(8);
    install.set_data_bytes(3);
    EXPECT_THAT(refusal_of(head, "abc"), HasSubstr("3 bytes at 8 lie outside of a snapshot of 10"));
    install.set_offset(UINT64_MAX);
    EXPECT_THAT(refusal_of(head, "abc"), HasSubstr("lie outside"));
    install.set_offset(7);
    EXPECT_EQ(refusal_of(head, "abc"), "");
}

// Protobuf would read all of these; but then a message had several encodings, and something in it
// would go unnoticed.
TEST(RaftCodec, HeadsThatNobodyEncodesLikeThis) {
    const auto refusal = [](const std::string& head) {
        Encoder encoder;
        const Result<Message> message = decode(encoder.bytes(head).view());
        return message.ok() ? "" : message.error().message;
    };
    EXPECT_EQ(refusal("\x4a\x02\x08\x05"), "");  // TimeoutNow, term 5
    const std::string many = "not encoded in the only way there is";
    EXPECT_THAT(refusal("\x4a\x04\x08\x05\x08\x05"), HasSubstr(many));  // the term twice
    EXPECT_THAT(refusal("\x4a\x03\x08\x85" + std::string(1, '\0')), HasSubstr(many));  // too long
    EXPECT_THAT(refusal("\x4a\x02\x08" + std::string(1, '\0')), HasSubstr(many));      // a default
    EXPECT_THAT(refusal("\x4a\x02\x08\x05\x4a\x02\x08\x05"), HasSubstr(many));         // merged
    EXPECT_THAT(refusal("\x42\x02\x08\x05\x4a\x02\x08\x05"), HasSubstr(many));         // two kinds
    EXPECT_EQ(refusal("\x12\x02\x18\x01"), "");                         // PreVoteReply, granted
    EXPECT_THAT(refusal("\x12\x02\x18\x02"), HasSubstr(many));          // granted twice as much
    EXPECT_THAT(refusal("\x0a\x04\x10\x02\x08\x01"), HasSubstr(many));  // out of order
    EXPECT_THAT(refusal("\x4a\x04\x08\x05\x10\x05"), HasSubstr("a field that is not known here"));
    EXPECT_THAT(refusal("\x4a\x02\x08\x05\x78\x05"), HasSubstr("a field that is not known here"));
    EXPECT_THAT(refusal("\x72\x02\x08\x05"), HasSubstr("a field that is not known here"));
}

TEST(RaftCodec, AHeadThatIsTooLarge) {
    wire::RaftMessage head;
    for (uint64_t i = 0; i < kHeadBytesMax - 16; ++i) entries_of(head).add_kinds({});
    EXPECT_THAT(refusal_of(head), HasSubstr("it has 65520 entries, but a message carries"));
    for (uint64_t i = 0; i < 16; ++i) entries_of(head).add_kinds({});
    EXPECT_THAT(refusal_of(head), HasSubstr("over the limit of 65536"));
}

}  // namespace
}  // namespace wavetank
