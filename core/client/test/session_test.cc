// A client's session over a fake transport: whom it asks, what it repeats, and when it gives up.
#include "core/client/session.h"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>

namespace wavetank {
namespace {

// Servers as a function: what the one that was asked replies, if anything, and after how long.
class FakeTransport final : public ClientTransport {
 public:
    struct Answer {
        ClientReply reply;
        Duration after = milliseconds(1);
    };
    using Server = std::function<std::optional<Answer>(const ClientRequest&)>;

    Instant now() override { return clock; }
    void send(ServerId to, const ClientRequest& request) override {
        asked.emplace_back(to.value(), request);
        const auto server = servers.find(to.value());
        if (server == servers.end()) return;
        if (const auto answer = server->second(request)) {
            flying.emplace(clock + answer->after, answer->reply);
        }
    }
    std::optional<ClientReply> receive(Instant deadline) override {
        if (flying.empty() || flying.begin()->first > deadline) {
            clock = std::max(clock, deadline);
            return std::nullopt;
        }
        clock = std::max(clock, flying.begin()->first);
        ClientReply reply = flying.begin()->second;
        flying.erase(flying.begin());
        return reply;
    }
    Duration backoff(uint64_t attempt) override {
        pauses.push_back(attempt);
        return milliseconds(20);
    }
    std::vector<uint32_t> whom() const {
        std::vector<uint32_t> servers_asked;
        for (const auto& [to, request] : asked) servers_asked.push_back(to);
        return servers_asked;
    }

    Instant clock;
    std::map<uint32_t, Server> servers;
    std::vector<std::pair<uint32_t, ClientRequest>> asked;
    std::vector<uint64_t> pauses;
    std::multimap<Instant, ClientReply> flying;
};

FakeTransport::Server says(ReplyStatus status, uint32_t leader = 0, std::string body = "") {
    return [=](const ClientRequest& request) -> std::optional<FakeTransport::Answer> {
        return FakeTransport::Answer{
            {request.client, request.sequence, status, ServerId(leader), body}};
    };
}

class SessionTest : public testing::Test {
 protected:
    static ClientSession::Options options() {
        return {
            ClientId(5), {ServerId(1), ServerId(2), ServerId(3)}, milliseconds(300), seconds(5)};
    }
    std::optional<std::string> call() { return session_.call(false, "do it"); }
    FakeTransport transport_;
    ClientSession session_{transport_, options()};
};

TEST_F(SessionTest, AnAnswerIsTheAnswer) {
    transport_.servers[1] = says(ReplyStatus::Ok, 1, "done");
    EXPECT_EQ(call(), "done");
    ASSERT_EQ(transport_.asked.size(), 1U);
    EXPECT_EQ(transport_.asked[0].second.client, ClientId(5));
    EXPECT_EQ(transport_.asked[0].second.sequence, 1U);
    EXPECT_EQ(transport_.asked[0].second.body.bytes(), "do it");
    EXPECT_FALSE(transport_.asked[0].second.read_only);
    EXPECT_EQ(session_.call(true, "?"), "done");
    EXPECT_TRUE(transport_.asked[1].second.read_only);
    EXPECT_EQ(transport_.asked[1].second.sequence, 2U);
}

TEST_F(SessionTest, FollowsAHintAtOnceAndRemembersTheLeader) {
    transport_.servers[1] = says(ReplyStatus::NotLeader, 3);
    transport_.servers[3] = says(ReplyStatus::Ok, 3, "done");
    EXPECT_EQ(call(), "done");
    EXPECT_EQ(transport_.whom(), (std::vector<uint32_t>{1, 3}));
    EXPECT_TRUE(transport_.pauses.empty());
    EXPECT_EQ(call(), "done");
    EXPECT_EQ(transport_.whom(), (std::vector<uint32_t>{1, 3, 3}));
}

TEST_F(SessionTest, WithoutAHintItPausesAndTriesTheNext) {
    transport_.servers[1] = says(ReplyStatus::NotLeader);
    transport_.servers[2] = says(ReplyStatus::NotLeader, 2);
    transport_.servers[3] = says(ReplyStatus::Ok, 3, "done");
    EXPECT_EQ(call(), "done");
    EXPECT_EQ(transport_.whom(), (std::vector<uint32_t>{1, 2, 3}));
    EXPECT_EQ(transport_.pauses.size(), 2U);
}

// Thesis 6.3: a request is repeated under the same number, so that it can be carried out once.
TEST_F(SessionTest, RepeatsTheSameRequestId) {
    transport_.servers[3] = says(ReplyStatus::Ok, 3, "done");
    EXPECT_EQ(call(), "done");
    ASSERT_EQ(transport_.whom(), (std::vector<uint32_t>{1, 2, 3})) << "silence: the next server";
    for (const auto& [to, request] : transport_.asked) EXPECT_EQ(request.sequence, 1U);
    EXPECT_EQ(session_.next_sequence(), 2U);
    EXPECT_EQ(transport_.clock, Instant{} + milliseconds(601));
}

TEST_F(SessionTest, BusyAndUnknownAskTheSameServerAgain) {
    for (const ReplyStatus status : {ReplyStatus::Busy, ReplyStatus::Unknown}) {
        FakeTransport transport;
        ClientSession session(transport, options());
        int calls = 0;
        transport.servers[1] = [&](const ClientRequest& request) {
            return says(++calls < 3 ? status : ReplyStatus::Ok, 1, "done")(request);
        };
        EXPECT_EQ(session.call(false, "x"), "done");
        EXPECT_EQ(transport.whom(), (std::vector<uint32_t>{1, 1, 1}));
        EXPECT_EQ(transport.pauses.size(), 2U);
        for (const auto& [to, request] : transport.asked) EXPECT_EQ(request.sequence, 1U);
    }
}

// No answer in time: nobody knows, and nothing is claimed.
TEST_F(SessionTest, TimesOutToNothing) {
    EXPECT_EQ(call(), std::nullopt);
    EXPECT_EQ(transport_.clock, Instant{} + seconds(5));
    EXPECT_EQ(transport_.asked.size(), 17U) << "every 300 ms";
    EXPECT_EQ(session_.next_sequence(), 2U) << "the number is never used for anything else";
}

TEST_F(SessionTest, TimesOutWhenNobodyLeads) {
    for (const uint32_t server : {1U, 2U, 3U}) {
        transport_.servers[server] = says(ReplyStatus::NotLeader);
    }
    EXPECT_EQ(call(), std::nullopt);
    EXPECT_EQ(transport_.clock, Instant{} + seconds(5));
    EXPECT_LE(transport_.asked.size(), 5000U / 20U) << "with a pause before each try";
}

TEST_F(SessionTest, ALateReplyToAnEarlierCallIsDropped) {
    transport_.servers[1] = [](const ClientRequest& request) {
        auto answer = says(ReplyStatus::Ok, 1, "late")(request);
        answer->after = seconds(6);
        return request.sequence == 1 ? answer : says(ReplyStatus::Ok, 1, "second")(request);
    };
    EXPECT_EQ(call(), std::nullopt);
    transport_.clock = Instant{} + seconds(6);
    session_.prefer(ServerId(1));
    EXPECT_EQ(call(), "second");
}

TEST_F(SessionTest, ALateReplyToAnEarlierTryIsTaken) {
    transport_.servers[1] = [](const ClientRequest& request) {
        auto answer = says(ReplyStatus::Ok, 1, "late but right")(request);
        answer->after = milliseconds(400);
        return answer;
    };
    EXPECT_EQ(call(), "late but right");
    EXPECT_EQ(transport_.whom(), (std::vector<uint32_t>{1, 2}));
    EXPECT_EQ(transport_.clock, Instant{} + milliseconds(400));
}

TEST_F(SessionTest, AnEarlierTryMayBeAnsweredDuringThePause) {
    int calls = 0;
    transport_.servers[1] = [&](const ClientRequest& request) {
        if (++calls == 1) {
            auto answer = says(ReplyStatus::Ok, 1, "from the first try")(request);
            answer->after = milliseconds(310);
            return answer;
        }
        return says(ReplyStatus::Busy)(request);
    };
    transport_.servers[2] = says(ReplyStatus::Busy, 0);
    EXPECT_EQ(call(), "from the first try");
    EXPECT_EQ(transport_.whom(), (std::vector<uint32_t>{1, 2}));
}

TEST_F(SessionTest, StickyAsksNobodyElse) {
    session_.stick(true);
    transport_.servers[1] = says(ReplyStatus::NotLeader, 3);
    transport_.servers[3] = says(ReplyStatus::Ok, 3, "done");
    EXPECT_EQ(call(), std::nullopt);
    for (const uint32_t to : transport_.whom()) EXPECT_EQ(to, 1U);
    session_.stick(false);
    EXPECT_EQ(call(), "done");
}

TEST_F(SessionTest, PreferChoosesTheFirstToAsk) {
    transport_.servers[2] = says(ReplyStatus::Ok, 2, "done");
    session_.prefer(ServerId(2));
    session_.prefer(ServerId(77));  // unknown: nothing changes
    EXPECT_EQ(call(), "done");
    EXPECT_EQ(transport_.whom(), (std::vector<uint32_t>{2}));
}

TEST_F(SessionTest, AHintToAnUnknownServerIsNoHint) {
    transport_.servers[1] = says(ReplyStatus::NotLeader, 9);
    transport_.servers[2] = says(ReplyStatus::Ok, 2, "done");
    EXPECT_EQ(call(), "done");
    EXPECT_EQ(transport_.whom(), (std::vector<uint32_t>{1, 2}));
}

TEST_F(SessionTest, HintsInACircleAreFollowedWithPauses) {
    transport_.servers[1] = says(ReplyStatus::NotLeader, 2);
    transport_.servers[2] = says(ReplyStatus::NotLeader, 1);
    EXPECT_EQ(call(), std::nullopt);
    EXPECT_GE(transport_.pauses.size(), transport_.asked.size() / 2 - 1);
}

}  // namespace
}  // namespace wavetank
