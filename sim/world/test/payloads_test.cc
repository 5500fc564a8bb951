// A wrong byte is in exactly one payload, can be noticed, and is nobody else's.
#include "sim/world/payloads.h"

#include <gtest/gtest.h>

#include <set>

namespace wavetank {
namespace {

Entry command(const std::string& text) {
    Entry entry;
    entry.term = Term(3);
    entry.kind = EntryKind::Command;
    entry.payload = Payload::copy_of(text);
    return entry;
}
AppendEntries append(const std::vector<std::string>& texts) {
    std::vector<Entry> entries;
    for (const std::string& text : texts) entries.push_back(command(text));
    AppendEntries message;
    message.term = Term(3);
    message.prev_log_index = LogIndex(7);
    message.entries = EntryRange::of(LogIndex(8), entries);
    return message;
}
std::size_t wrong_bytes(const Payload& a, const Payload& b) {
    EXPECT_EQ(a.size(), b.size());
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < a.size(); ++i) wrong += a.bytes()[i] != b.bytes()[i] ? 1U : 0U;
    return wrong;
}

TEST(Payloads, AreCountedWhereverTheyAre) {
    EXPECT_EQ(payload_bytes(Message(append({"abc", "", "de"}))), 5U);
    EXPECT_EQ(payload_bytes(Message(AppendEntries{})), 0U);
    ForwardProposal proposal;
    proposal.entries = append({"abcd"}).entries;
    EXPECT_EQ(payload_bytes(Message(proposal)), 4U);
    InstallSnapshot install;
    install.data = Payload::copy_of("1234567");
    EXPECT_EQ(payload_bytes(Message(install)), 7U);
    EXPECT_EQ(payload_bytes(Message(RequestVote{})), 0U);
}

TEST(Payloads, OneByteOfOneEntryIsWrongAndTheRestIsTheSame) {
    const AppendEntries original = append({"abc", "", "defgh", "i"});
    std::set<std::pair<uint32_t, std::string>> seen;
    for (uint64_t bits = 1; bits <= 400; ++bits) {
        Message message = original;
        ASSERT_TRUE(corrupt_one_byte(message, bits));
        const auto& changed = std::get<AppendEntries>(message);
        EXPECT_EQ(changed.prev_log_index, original.prev_log_index);
        ASSERT_EQ(changed.entries.size(), 4U);
        EXPECT_EQ(changed.entries.first_index(), LogIndex(8));
        uint32_t wrong = 0;
        for (uint32_t i = 0; i < 4; ++i) {
            const Payload& payload = changed.entries[i].payload;
            EXPECT_TRUE(original.entries[i].payload.verify()) << "the bytes were shared";
            EXPECT_EQ(payload.digest(), original.entries[i].payload.digest());
            EXPECT_EQ(changed.entries[i].term, Term(3));
            EXPECT_EQ(changed.entries[i].kind, EntryKind::Command);
            if (payload.verify()) continue;
            ++wrong;
            EXPECT_EQ(wrong_bytes(payload, original.entries[i].payload), 1U);
            seen.emplace(i, payload.bytes());
        }
        EXPECT_EQ(wrong, 1U);
    }
    EXPECT_GT(seen.size(), 300U) << "every byte in many ways";
    std::set<uint32_t> hit;
    for (const auto& [entry, bytes] : seen) hit.insert(entry);
    EXPECT_EQ(hit, (std::set<uint32_t>{0, 2, 3}));
}

TEST(Payloads, SnapshotsAndForwardedProposalsAreHitAsWell) {
    InstallSnapshot install;
    install.data = Payload::copy_of("a piece");
    Message message = install;
    ASSERT_TRUE(corrupt_one_byte(message, 5));
    EXPECT_FALSE(std::get<InstallSnapshot>(message).data.verify());
    EXPECT_TRUE(install.data.verify());
    ForwardProposal proposal;
    proposal.entries = append({"abcd"}).entries;
    message = proposal;
    ASSERT_TRUE(corrupt_one_byte(message, 5));
    EXPECT_FALSE(std::get<ForwardProposal>(message).entries[0].payload.verify());
}

TEST(Payloads, WhatCarriesNothingStaysAsItIs) {
    const Message heartbeat = AppendEntries{.term = Term(2)};
    Message message = heartbeat;
    EXPECT_FALSE(corrupt_one_byte(message, 1));
    EXPECT_EQ(message, heartbeat);
    AppendEntries stubs = append({"abc"});
    Entry stub = command("abc");
    stub.payload = Payload::stub_of(stub.payload);
    stubs.entries = EntryRange::of(LogIndex(8), std::vector{stub});
    message = stubs;
    EXPECT_FALSE(corrupt_one_byte(message, 1)) << "a stub has no bytes";
}

}  // namespace
}  // namespace wavetank
