// What makes the round trip arrives as it was sent, and a difference ends the run with both.
#include "sim/world/round_trip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/wire/test/samples.h"

namespace wavetank {
namespace {

using testing::HasSubstr;

TEST(RoundTrip, EveryMessageArrivesAsItWasSent) {
    for (uint64_t seed = 1; seed <= 30; ++seed) {
        Samples samples(seed);
        for (std::size_t kind = 0; kind < Samples::kKinds; ++kind) {
            const Message sent = samples.message(kind);
            Message message = sent;
            round_trip(message);
            ASSERT_TRUE(message == sent) << "seed " << seed << " kind " << kind;
        }
        const ClientRequest request = samples.request();
        ClientRequest asked = request;
        round_trip(asked);
        ASSERT_TRUE(asked == request) << "seed " << seed;
        const ClientReply reply = samples.reply();
        ClientReply answered = reply;
        round_trip(answered);
        ASSERT_TRUE(answered == reply) << "seed " << seed;
    }
}

// A payload that was damaged before keeps the digest that shows it.
TEST(RoundTrip, DamageIsNotRepaired) {
    std::vector<Entry> entries(1);
    entries[0].payload = Payload::received("abd", hash_bytes("abc"));
    AppendEntries append;
    append.entries = EntryRange::of(LogIndex(1), entries);
    Message message = append;
    round_trip(message);
    EXPECT_FALSE(std::get<AppendEntries>(message).entries[0].payload.verify());
}

TEST(RoundTrip, ADifferenceIsToldWithBoth) {
    const Message sent = RequestVote{Term(3), LogIndex(7), Term(2), true};
    EXPECT_EQ(difference(sent, sent), std::nullopt);
    const Message arrived = RequestVote{Term(4), LogIndex(7), Term(2), true};
    const std::string words = difference(sent, arrived).value();
    EXPECT_THAT(words, HasSubstr("sent:    RequestVote term 3"));
    EXPECT_THAT(words, HasSubstr("\narrived: RequestVote term 4"));
    // Also where the words are the same.
    const Message session_1 = AppendEntriesReply{.term = Term(3), .session = 1};
    const Message session_2 = AppendEntriesReply{.term = Term(3), .session = 2};
    EXPECT_TRUE(difference(session_1, session_2).has_value());
    EXPECT_THAT(difference(sent, Error{"no room"}).value(), HasSubstr("\narrived: no room"));

    const ClientRequest request{.client = ClientId(1), .request = 5};
    const ClientRequest other{.client = ClientId(1), .request = 6};
    EXPECT_EQ(difference(request, request), std::nullopt);
    EXPECT_TRUE(difference(request, other).has_value());
}

TEST(RoundTripDeathTest, WhatTheOtherSideMustRefuseEndsTheRun) {
    std::vector<Entry> entries(1);
    AppendEntries append{.prev_log_index = LogIndex(1)};
    append.entries = EntryRange::of(LogIndex(9), entries);
    Message message = append;
    EXPECT_DEATH(round_trip(message), "its entries begin at 9, not after 1");
}

}  // namespace
}  // namespace wavetank
