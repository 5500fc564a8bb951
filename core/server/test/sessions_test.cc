// The session table: each command once, its reply remembered (thesis 6.3).
#include "core/server/sessions.h"

#include <gtest/gtest.h>

#include "core/base/hash.h"

namespace wavetank {
namespace {

class SessionsTest : public testing::Test {
 protected:
    std::string once(uint64_t client, uint64_t sequence, std::string_view body = "c") {
        return table_.once({ClientId(client), sequence, body}, [this](std::string_view command) {
            ++carried_out_;
            return std::string(command) + " done";
        });
    }
    SessionTable::Verdict verdict(uint64_t client, uint64_t sequence) const {
        return table_.find(ClientId(client), sequence).verdict;
    }
    SessionTable table_;
    int carried_out_ = 0;
};

TEST_F(SessionsTest, CommandIsEncodedAndDecoded) {
    const Payload payload = encode_session_command({ClientId(7), 9, "body"});
    const auto decoded = decode_session_command(payload.bytes());
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(decoded->client, ClientId(7));
    EXPECT_EQ(decoded->sequence, 9U);
    EXPECT_EQ(decoded->command, "body");
    EXPECT_EQ(payload.size(), 20U) << "u64 client, u64 sequence, rest command";
    EXPECT_FALSE(decode_session_command(payload.bytes().substr(0, 15)).has_value());
    EXPECT_TRUE(decode_session_command(payload.bytes().substr(0, 16)).has_value());
}

TEST_F(SessionsTest, ARepetitionIsAnsweredButNotCarriedOut) {
    EXPECT_EQ(verdict(1, 1), SessionTable::Verdict::New);
    EXPECT_EQ(once(1, 1), "c done");
    EXPECT_EQ(once(1, 1, "another body"), "c done");
    EXPECT_EQ(carried_out_, 1);
    EXPECT_EQ(verdict(1, 1), SessionTable::Verdict::Repeated);
    EXPECT_EQ(*table_.find(ClientId(1), 1).reply, "c done");
}

TEST_F(SessionsTest, WhatIsOlderThanTheNewestIsStale) {
    once(1, 5);
    EXPECT_EQ(verdict(1, 4), SessionTable::Verdict::Stale);
    EXPECT_EQ(once(1, 4), "");
    EXPECT_EQ(carried_out_, 1);
    EXPECT_EQ(verdict(1, 6), SessionTable::Verdict::New);
}

TEST_F(SessionsTest, ClientsDoNotDisturbEachOther) {
    for (const uint64_t client : {5ULL, 1ULL, 9ULL, 3ULL}) once(client, client);
    for (const uint64_t client : {1ULL, 3ULL, 5ULL, 9ULL}) {
        EXPECT_EQ(verdict(client, client), SessionTable::Verdict::Repeated);
        EXPECT_EQ(verdict(client, client + 1), SessionTable::Verdict::New);
    }
    EXPECT_EQ(verdict(4, 1), SessionTable::Verdict::New);
    EXPECT_EQ(carried_out_, 4);
}

TEST_F(SessionsTest, DigestIsOfTheStateAndNotOfTheWayThere) {
    once(1, 1, "a");
    once(2, 1, "b");
    const uint64_t digest = table_.digest();
    once(1, 1, "a");
    EXPECT_EQ(table_.digest(), digest);
    SessionTable other;
    const auto apply = [](std::string_view command) { return std::string(command) + " done"; };
    other.once({ClientId(2), 1, "b"}, apply);
    other.once({ClientId(1), 1, "a"}, apply);
    EXPECT_EQ(other.digest(), digest);
    other.once({ClientId(1), 2, "a"}, apply);
    EXPECT_NE(other.digest(), digest);
}

// Against a map that does the same slowly.
TEST_F(SessionsTest, AgreesWithAPlainTable) {
    std::vector<uint64_t> newest(20, 0);
    int expected = 0;
    for (uint64_t i = 0; i < 2000; ++i) {
        const uint64_t client = below(mix(3, i), 20);
        const uint64_t sequence = 1 + below(mix(4, i), 50);
        if (sequence > newest[client]) {
            newest[client] = sequence;
            ++expected;
        }
        once(client + 1, sequence);
        ASSERT_EQ(carried_out_, expected);
    }
}

}  // namespace
}  // namespace wavetank
