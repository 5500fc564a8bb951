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
            {request.client, request.request, status, ServerId(leader), {}, body}};
    };
}
// Opens sessions 100, 200, ... and answers everything else with `body`.
FakeTransport::Server opens(uint64_t first = 100, const std::string& body = "done") {
    return [=, next = first](const ClientRequest& request) mutable {
        ClientReply reply{request.client, request.request, ReplyStatus::Ok, {}, {}, body};
        if (request.kind == RequestKind::OpenSession) {
            reply.session = SessionId(std::exchange(next, next + 100));
        }
        return std::optional(FakeTransport::Answer{reply});
    };
}
// Each of these answers the next request; after the last one, that.
FakeTransport::Server in_turn(std::vector<FakeTransport::Server> servers) {
    return [=, at = std::size_t{0}](const ClientRequest& request) mutable {
        const std::size_t now = at;
        if (at + 1 < servers.size()) ++at;
        return servers[now](request);
    };
}

class SessionTest : public testing::Test {
 protected:
    static ClientSession::Options options() {
        return {
            ClientId(5), {ServerId(1), ServerId(2), ServerId(3)}, milliseconds(300), seconds(5)};
    }
    // With a session that is open already; how it is opened has tests of its own.
    void SetUp() override { shared_.opened(SessionId(9), Instant{}); }
    std::optional<std::string> call() { return session_.call(false, "do it"); }
    std::vector<RequestKind> kinds() const {
        std::vector<RequestKind> kinds;
        for (const auto& [to, request] : transport_.asked) kinds.push_back(request.kind);
        return kinds;
    }
    const ClientRequest& asked(std::size_t position) const {
        return transport_.asked.at(position).second;
    }
    FakeTransport transport_;
    SharedSession shared_;
    ClientSession session_{transport_, shared_, options()};
};

TEST_F(SessionTest, AnAnswerIsTheAnswer) {
    transport_.servers[1] = says(ReplyStatus::Ok, 1, "done");
    EXPECT_EQ(call(), "done");
    ASSERT_EQ(transport_.asked.size(), 1U);
    EXPECT_EQ(asked(0).client, ClientId(5));
    EXPECT_EQ(asked(0).request, 1U);
    EXPECT_EQ(asked(0).kind, RequestKind::Command);
    EXPECT_EQ(asked(0).session, SessionId(9));
    EXPECT_EQ(asked(0).sequence, 1U);
    EXPECT_EQ(asked(0).body.bytes(), "do it");
    EXPECT_EQ(session_.name(), (CommandName{SessionId(9), 1}));
    EXPECT_EQ(session_.call(true, "?"), "done");
    EXPECT_EQ(asked(1).kind, RequestKind::Query);
    EXPECT_EQ(asked(1).request, 2U);
    EXPECT_EQ(session_.name(), CommandName{}) << "questions have no name";
    EXPECT_EQ(call(), "done");
    EXPECT_EQ(asked(2).request, 3U);
    EXPECT_EQ(asked(2).sequence, 2U) << "only commands are counted";
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
    for (const auto& [to, request] : transport_.asked) {
        EXPECT_EQ(request.request, 1U);
        EXPECT_EQ(request.session, SessionId(9));
        EXPECT_EQ(request.sequence, 1U);
    }
    EXPECT_EQ(transport_.clock, Instant{} + milliseconds(601));
}

TEST_F(SessionTest, BusyAndUnknownAskTheSameServerAgain) {
    for (const ReplyStatus status : {ReplyStatus::Busy, ReplyStatus::Unknown}) {
        FakeTransport transport;
        SharedSession shared;
        shared.opened(SessionId(9), Instant{});
        ClientSession session(transport, shared, options());
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
    transport_.servers[2] = says(ReplyStatus::Ok);
    session_.prefer(ServerId(2));
    call();
    EXPECT_EQ(transport_.asked.back().second.sequence, 2U) << "no number is used twice";
    EXPECT_EQ(transport_.asked.back().second.unacknowledged, 2U) << "nobody waits for the first";
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
        return request.request == 1 ? answer : says(ReplyStatus::Ok, 1, "second")(request);
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

TEST_F(SessionTest, WhatIsForbiddenIsNotTriedAgainAndSaysWhy) {
    transport_.servers[1] = says(ReplyStatus::Forbidden, 0, "you may not");
    EXPECT_EQ(call(), std::nullopt);
    EXPECT_EQ(session_.forbidden(), "you may not");
    EXPECT_EQ(session_.call(true, "?"), std::nullopt);
    EXPECT_EQ(session_.forbidden(), "you may not");
    EXPECT_EQ(session_.administer(RequestKind::Transfer, "")->status, ReplyStatus::Forbidden);
    EXPECT_EQ(transport_.whom(), (std::vector<uint32_t>{1, 1, 1}));
    EXPECT_EQ(session_.expired(), 0U);
    transport_.servers[1] = says(ReplyStatus::Ok, 1, "done");
    EXPECT_EQ(call(), "done");
    EXPECT_EQ(session_.forbidden(), "");
}

TEST_F(SessionTest, HintsInACircleAreFollowedWithPauses) {
    transport_.servers[1] = says(ReplyStatus::NotLeader, 2);
    transport_.servers[2] = says(ReplyStatus::NotLeader, 1);
    EXPECT_EQ(call(), std::nullopt);
    EXPECT_GE(transport_.pauses.size(), transport_.asked.size() / 2 - 1);
}

// Thesis 6.3: the session is opened before the first command; questions need none.
TEST_F(SessionTest, TheFirstCommandOpensTheSession) {
    shared_.lost(SessionId(9));
    transport_.servers[1] = opens();
    EXPECT_EQ(session_.call(true, "?"), "done");
    EXPECT_EQ(call(), "done");
    EXPECT_EQ(call(), "done");
    EXPECT_EQ(kinds(), (std::vector{RequestKind::Query, RequestKind::OpenSession,
                                    RequestKind::Command, RequestKind::Command}));
    EXPECT_EQ(shared_.id(), SessionId(100));
    EXPECT_EQ(asked(2).session, SessionId(100));
    EXPECT_EQ(asked(2).sequence, 1U);
    EXPECT_EQ(asked(3).sequence, 2U);
    EXPECT_EQ(asked(3).request, 4U) << "every request has a number of its own";
}

TEST_F(SessionTest, OpeningTakesFromTheTimeOfTheOperation) {
    shared_.lost(SessionId(9));
    EXPECT_EQ(call(), std::nullopt);
    EXPECT_EQ(transport_.clock, Instant{} + seconds(5));
    EXPECT_EQ(session_.name(), CommandName{}) << "the command was never sent";
    for (const RequestKind kind : kinds()) EXPECT_EQ(kind, RequestKind::OpenSession);

    transport_.servers[1] = in_turn({says(ReplyStatus::Busy), opens()});
    session_.prefer(ServerId(1));
    EXPECT_TRUE(session_.open());
    EXPECT_TRUE(session_.open()) << "it is";
    EXPECT_EQ(call(), "done");
    EXPECT_EQ(transport_.asked.back().second.session, SessionId(100));
}

// An earlier copy may have been carried out, and its reply lost.
TEST_F(SessionTest, AnExpiredSessionLeavesTheOutcomeUnknown) {
    transport_.servers[1] = in_turn({says(ReplyStatus::SessionExpired), opens()});
    EXPECT_EQ(call(), std::nullopt);
    EXPECT_EQ(transport_.asked.size(), 1U) << "it is not repeated in another session";
    EXPECT_EQ(session_.name(), (CommandName{SessionId(9), 1}));
    EXPECT_EQ(session_.expired(), 1U);
    EXPECT_FALSE(shared_.id());
    EXPECT_EQ(call(), "done") << "the next one opens another";
    EXPECT_EQ(session_.name(), (CommandName{SessionId(100), 1}));
    EXPECT_EQ(session_.expired(), 1U);
}

TEST_F(SessionTest, ExpiryMayBeToldDuringThePause) {
    int calls = 0;
    transport_.servers[1] = [&](const ClientRequest& request) {
        auto answer = says(++calls == 1 ? ReplyStatus::SessionExpired : ReplyStatus::Busy)(request);
        if (calls == 1) answer->after = milliseconds(310);
        return answer;
    };
    transport_.servers[2] = says(ReplyStatus::Busy);
    EXPECT_EQ(call(), std::nullopt);
    EXPECT_EQ(transport_.clock, Instant{} + milliseconds(310));
}

TEST_F(SessionTest, LanesNumberTheirCommandsTogether) {
    ClientSession::Options other = options();
    other.client = ClientId(6);
    ClientSession second(transport_, shared_, other);
    transport_.servers[1] = says(ReplyStatus::Ok, 1, "done");
    call();
    second.call(false, "and that");
    call();
    EXPECT_EQ(asked(1).client, ClientId(6));
    for (uint64_t i = 0; i < 3; ++i) {
        EXPECT_EQ(asked(i).sequence, i + 1);
        EXPECT_EQ(asked(i).unacknowledged, i + 1) << "all before are answered";
    }
    EXPECT_EQ(asked(1).request, 1U) << "requests are numbered by lane";
}

TEST_F(SessionTest, AcknowledgesWhatNoLaneWaitsFor) {
    const CommandName slow = shared_.begin();
    const CommandName quick = shared_.begin();
    EXPECT_EQ(shared_.unacknowledged(), 1U);
    shared_.finish(quick);
    EXPECT_EQ(shared_.unacknowledged(), 1U);
    // Another lane gets its reply between our tries: the next try says so.
    transport_.servers[1] = [&](const ClientRequest& request) {
        shared_.finish(slow);
        return says(ReplyStatus::Busy)(request);
    };
    EXPECT_EQ(call(), std::nullopt);
    EXPECT_EQ(asked(0).sequence, 3U);
    EXPECT_EQ(asked(0).unacknowledged, 1U);
    EXPECT_EQ(asked(1).unacknowledged, 3U);
}

// Two lanes may find at the same time that no session is open. The slower one uses what the faster
// has opened, and gives its own back.
TEST_F(SessionTest, TheSlowerLaneClosesItsSurplusSession) {
    shared_.lost(SessionId(9));
    transport_.servers[1] = [&](const ClientRequest& request) {
        if (request.kind == RequestKind::OpenSession) {
            shared_.opened(SessionId(50), Instant{});  // meanwhile, by another lane
        }
        return opens()(request);
    };
    EXPECT_EQ(call(), "done");
    EXPECT_EQ(kinds(), (std::vector{RequestKind::OpenSession, RequestKind::CloseSession,
                                    RequestKind::Command}));
    EXPECT_EQ(asked(1).session, SessionId(100));
    EXPECT_EQ(asked(2).session, SessionId(50));
    EXPECT_EQ(shared_.id(), SessionId(50));
}

// A lane with a command under way when another hears that the session is gone: its own command
// keeps its name, and has no effect on the next session.
TEST_F(SessionTest, ANameStaysWithItsSession) {
    const CommandName old = shared_.begin();
    shared_.lost(SessionId(9));
    shared_.opened(SessionId(100), Instant{});
    const CommandName fresh = shared_.begin();
    EXPECT_EQ(fresh, (CommandName{SessionId(100), 1}));
    shared_.finish(old);
    EXPECT_EQ(shared_.unacknowledged(), 1U) << "the fresh one is still open";
    shared_.lost(SessionId(9));
    EXPECT_EQ(shared_.id(), SessionId(100)) << "the news is old";
    shared_.finish(fresh);
    EXPECT_EQ(shared_.unacknowledged(), 2U);
}

TEST_F(SessionTest, KeepAliveIsDueWhenTheSessionWasIdle) {
    EXPECT_EQ(session_.keep_alive_due(), Instant::never()) << "it is not wanted";
    ClientSession::Options wanted = options();
    wanted.keep_alive = seconds(10);
    ClientSession session(transport_, shared_, wanted);
    EXPECT_EQ(session.keep_alive_due(), Instant{} + seconds(10));
    transport_.servers[1] = says(ReplyStatus::Ok, 1, "done");
    transport_.clock = Instant{} + seconds(4);
    session.call(true, "?");
    EXPECT_EQ(session.keep_alive_due(), Instant{} + seconds(10)) << "questions do not use it";
    session.call(false, "do it");
    EXPECT_EQ(session.keep_alive_due(), transport_.clock + seconds(10));
    transport_.clock = session.keep_alive_due();
    EXPECT_TRUE(session.keep_alive());
    EXPECT_EQ(transport_.asked.back().second.kind, RequestKind::KeepAlive);
    EXPECT_EQ(transport_.asked.back().second.session, SessionId(9));
    EXPECT_EQ(transport_.asked.back().second.unacknowledged, 2U);
    EXPECT_EQ(session.keep_alive_due(), transport_.clock + seconds(10));
}

TEST_F(SessionTest, OneLaneKeepsTheSessionForAll) {
    ClientSession::Options wanted = options();
    wanted.keep_alive = seconds(10);
    ClientSession session(transport_, shared_, wanted);
    ClientSession other(transport_, shared_, wanted);
    transport_.clock = Instant{} + seconds(12);
    Instant due_for_other;
    transport_.servers[1] = [&](const ClientRequest& request) {
        due_for_other = other.keep_alive_due();
        return says(ReplyStatus::Ok)(request);
    };
    EXPECT_TRUE(session.keep_alive());
    EXPECT_EQ(due_for_other, Instant{} + seconds(22)) << "while the first one still asks";
}

TEST_F(SessionTest, KeepAliveTellsThatTheSessionIsGone) {
    transport_.servers[1] = says(ReplyStatus::SessionExpired);
    EXPECT_FALSE(session_.keep_alive());
    EXPECT_EQ(session_.expired(), 1U);
    EXPECT_FALSE(shared_.id());
    const std::size_t asked_before = transport_.asked.size();
    EXPECT_FALSE(session_.keep_alive()) << "there is none to keep";
    EXPECT_EQ(transport_.asked.size(), asked_before);
}

TEST_F(SessionTest, CloseGivesTheSessionUp) {
    transport_.servers[1] = opens();
    call();
    EXPECT_TRUE(session_.close());
    EXPECT_EQ(transport_.asked.back().second.kind, RequestKind::CloseSession);
    EXPECT_EQ(transport_.asked.back().second.session, SessionId(9));
    EXPECT_FALSE(shared_.id());
    EXPECT_TRUE(session_.close()) << "there is none";
    call();
    EXPECT_EQ(kinds(), (std::vector{RequestKind::Command, RequestKind::CloseSession,
                                    RequestKind::OpenSession, RequestKind::Command}));
    transport_.servers.clear();
    EXPECT_FALSE(session_.close()) << "nobody answers";
    EXPECT_FALSE(shared_.id());
}

}  // namespace
}  // namespace wavetank
