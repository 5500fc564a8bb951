// The session table: each command once, its reply remembered until it is acknowledged, and sessions
// that end (thesis 6.3). How the table is saved is tested in sessions_saving_test.cc.
#include "core/server/sessions.h"

#include <gtest/gtest.h>

#include "core/server/test/session_steps.h"

namespace wavetank {
namespace {

using Verdict = SessionTable::Lookup::Verdict;

TEST(SessionCommand, FormatIsAsDocumented) {
    SessionCommand command{SessionCommandKind::Command, ClientId(7), SessionId(300), 9, 4, "body"};
    const Payload payload = encode_session_command(command);
    Encoder expected;
    expected.u8(1).u64(7).u64(300).u64(9).u64(4).rest("body");
    EXPECT_EQ(payload.bytes(), expected.view());
    const auto decoded = decode_session_command(payload.bytes());
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(decoded->kind, SessionCommandKind::Command);
    EXPECT_EQ(decoded->client, ClientId(7));
    EXPECT_EQ(decoded->session, SessionId(300));
    EXPECT_EQ(decoded->sequence, 9U);
    EXPECT_EQ(decoded->unacknowledged, 4U);
    EXPECT_EQ(decoded->body, "body");
    for (std::size_t length = 0; length < 33; ++length) {
        EXPECT_FALSE(decode_session_command(payload.bytes().substr(0, length))) << length;
    }
    EXPECT_TRUE(decode_session_command(payload.bytes().substr(0, 33)).has_value());
}

TEST(SessionCommand, WhatMakesNoSenseIsRefused) {
    const auto decodes = [](uint8_t kind, uint64_t sequence, std::string_view body) {
        Encoder encoder;
        encoder.u8(kind).u64(7).u64(3).u64(sequence).u64(0).rest(body);
        return decode_session_command(encoder.view()).has_value();
    };
    EXPECT_FALSE(decodes(0, 1, "body"));
    EXPECT_TRUE(decodes(1, 1, "body"));
    EXPECT_TRUE(decodes(1, 1, ""));
    EXPECT_FALSE(decodes(1, 0, "body")) << "commands are numbered from 1";
    for (uint8_t kind = 2; kind <= 4; ++kind) {
        EXPECT_TRUE(decodes(kind, 0, ""));
        EXPECT_FALSE(decodes(kind, 1, "")) << "no command";
        EXPECT_FALSE(decodes(kind, 0, "body"));
    }
    EXPECT_FALSE(decodes(5, 0, ""));
}

class SessionsTest : public testing::Test {
 protected:
    SessionSteps table_;
};

TEST_F(SessionsTest, ASessionIsTheIndexOfTheEntryThatOpenedIt) {
    table_.skip(4);
    EXPECT_EQ(table_.open(), SessionId(5));
    EXPECT_EQ(table_.open(), SessionId(6));
    EXPECT_TRUE(table_.table.contains(SessionId(5)));
    EXPECT_FALSE(table_.table.contains(SessionId(4)));
    EXPECT_EQ(table_.table.size(), 2U);
}

TEST_F(SessionsTest, ARepetitionIsAnsweredButNotCarriedOut) {
    const SessionId session = table_.open();
    EXPECT_EQ(table_.verdict(session, 1), Verdict::New);
    EXPECT_TRUE(table_.command(session, 1, 1, "c"));
    EXPECT_FALSE(table_.command(session, 1, 1, "another body"));
    EXPECT_EQ(table_.carried_out, std::vector<std::string>{"c"});
    EXPECT_EQ(table_.verdict(session, 1), Verdict::Repeated);
    EXPECT_EQ(*table_.table.find(session, 1).reply, "c done");
}

// Thesis 6.3: for concurrent requests of one client a session keeps pairs of number and reply, down
// to the lowest number whose reply the client lacks.
TEST_F(SessionsTest, SeveralCommandsInFlightInAnyOrder) {
    const SessionId session = table_.open();
    for (const uint64_t sequence : {5U, 2U, 4U, 1U}) {
        EXPECT_TRUE(table_.command(session, sequence, 1, std::to_string(sequence)));
    }
    for (const uint64_t sequence : {1U, 2U, 4U, 5U}) {
        EXPECT_FALSE(table_.command(session, sequence, 1, "again"));
        EXPECT_EQ(*table_.table.find(session, sequence).reply, std::to_string(sequence) + " done");
    }
    EXPECT_EQ(table_.verdict(session, 3), Verdict::New);
    EXPECT_TRUE(table_.command(session, 3, 1, "3"));
}

TEST_F(SessionsTest, WhatIsAcknowledgedIsForgottenAndStale) {
    const SessionId session = table_.open();
    for (uint64_t sequence = 1; sequence <= 4; ++sequence) {
        table_.command(session, sequence, 1, "c");
    }
    EXPECT_TRUE(table_.command(session, 6, 4, "c"));
    for (uint64_t sequence = 1; sequence <= 3; ++sequence) {
        EXPECT_EQ(table_.verdict(session, sequence), Verdict::Stale);
        EXPECT_FALSE(table_.command(session, sequence, 1, "late"));
    }
    EXPECT_EQ(table_.verdict(session, 4), Verdict::Repeated);
    EXPECT_EQ(table_.verdict(session, 5), Verdict::New);
    EXPECT_FALSE(table_.command(session, 4, 1, "c")) << "a late copy takes nothing back";
    EXPECT_EQ(table_.verdict(session, 3), Verdict::Stale);
    // What was given up before it came is stale when it comes.
    EXPECT_FALSE(table_.command(session, 5, 7, "acknowledges itself"));
    EXPECT_EQ(table_.verdict(session, 5), Verdict::Stale);
    EXPECT_EQ(table_.carried_out.size(), 5U);
}

TEST_F(SessionsTest, ACommandOfNoSessionIsNotCarriedOut) {
    table_.open();
    EXPECT_FALSE(table_.command(SessionId(77), 1, 1, "c"));
    EXPECT_FALSE(table_.command(SessionId(), 1, 1, "c"));
    EXPECT_EQ(table_.verdict(SessionId(77), 1), Verdict::NoSession);
    EXPECT_TRUE(table_.carried_out.empty());
}

TEST_F(SessionsTest, ClosingForgetsTheSession) {
    const SessionId first = table_.open();
    const SessionId second = table_.open();
    table_.command(first, 1, 1, "c");
    table_.close(first);
    EXPECT_EQ(table_.verdict(first, 1), Verdict::NoSession);
    EXPECT_FALSE(table_.command(first, 1, 1, "c"));
    table_.close(first);  // there is nothing to close
    EXPECT_TRUE(table_.command(second, 1, 1, "c"));
    EXPECT_EQ(table_.table.size(), 1U);
    const SessionId third = table_.open();
    EXPECT_EQ(table_.verdict(third, 1), Verdict::New) << "nothing is left of the first";
}

TEST_F(SessionsTest, TooManyUnacknowledgedRepliesRefuseTheNextCommand) {
    SessionSteps steps({.replies_max = 3});
    const SessionId session = steps.open();
    for (uint64_t sequence = 1; sequence <= 3; ++sequence) {
        EXPECT_TRUE(steps.command(session, sequence, 1, "c"));
    }
    EXPECT_FALSE(steps.command(session, 4, 1, "c"));
    EXPECT_EQ(steps.verdict(session, 4), Verdict::New) << "nothing is remembered of it";
    EXPECT_FALSE(steps.command(session, 2, 1, "c"));
    EXPECT_EQ(steps.verdict(session, 2), Verdict::Repeated) << "repetitions are still known";
    EXPECT_TRUE(steps.command(session, 4, 2, "c")) << "the same, when one is acknowledged";
    EXPECT_EQ(steps.carried_out.size(), 4U);
}

// Else nothing could ever be acknowledged again.
TEST_F(SessionsTest, TheLowestCommandIsNeverRefused) {
    SessionSteps steps({.replies_max = 3});
    const SessionId session = steps.open();
    EXPECT_TRUE(steps.command(session, 2, 1, "c"));
    EXPECT_TRUE(steps.command(session, 3, 1, "c"));
    EXPECT_FALSE(steps.command(session, 4, 1, "c"));
    EXPECT_TRUE(steps.command(session, 1, 1, "late"));
    EXPECT_FALSE(steps.command(session, UINT64_MAX, 2, "c"));
}

TEST_F(SessionsTest, ASessionThatIsNotUsedExpires) {
    SessionSteps steps({.expire_after = seconds(10)});
    const SessionId idle = steps.open();
    const SessionId alive = steps.open();
    const SessionId busy = steps.open();
    steps.time = steps.time + seconds(6);
    steps.keep_alive(alive);
    steps.command(busy, 1, 1, "c");
    steps.time = steps.time + milliseconds(3999);
    steps.skip(1);
    EXPECT_TRUE(steps.table.contains(idle));
    steps.time = steps.time + milliseconds(1);
    steps.skip(1);
    EXPECT_FALSE(steps.table.contains(idle)) << "any entry moves the time";
    EXPECT_TRUE(steps.table.contains(alive));
    EXPECT_TRUE(steps.table.contains(busy));
    steps.time = steps.time + seconds(6);
    EXPECT_FALSE(steps.command(alive, 1, 1, "too late")) << "closed before it is looked at";
    EXPECT_EQ(steps.table.size(), 0U);
}

TEST_F(SessionsTest, KeepAliveAcknowledgesToo) {
    const SessionId session = table_.open();
    table_.command(session, 1, 1, "c");
    table_.keep_alive(session, 2);
    EXPECT_EQ(table_.verdict(session, 1), Verdict::Stale);
}

// Entry::time never falls within a log; the table does not lean on it.
TEST_F(SessionsTest, TimeNeverFalls) {
    SessionSteps steps({.expire_after = seconds(10)});
    steps.time = Instant{} + seconds(100);
    const SessionId session = steps.open();
    steps.time = Instant{} + seconds(50);
    steps.keep_alive(session);
    EXPECT_EQ(steps.table.time(), Instant{} + seconds(100));
    steps.time = Instant{} + seconds(105);
    steps.skip(1);
    EXPECT_TRUE(steps.table.contains(session)) << "used at 100 s, not at 50 s";
    // The largest distance there is: no overflow.
    steps.time = Instant::never();
    steps.skip(1);
    EXPECT_FALSE(steps.table.contains(session));
}

TEST_F(SessionsTest, OneTooManyClosesTheLeastRecentlyUsed) {
    SessionSteps steps({.sessions_max = 3});
    const SessionId a = steps.open();
    const SessionId b = steps.open();
    const SessionId c = steps.open();
    steps.command(a, 1, 1, "c");
    steps.keep_alive(b);
    const SessionId d = steps.open();
    EXPECT_FALSE(steps.table.contains(c)) << "opened last, but used least recently";
    const SessionId e = steps.open();
    EXPECT_FALSE(steps.table.contains(a));
    for (const SessionId session : {b, d, e}) EXPECT_TRUE(steps.table.contains(session));
    EXPECT_EQ(steps.table.size(), 3U);
}

TEST_F(SessionsTest, DigestIsOfTheState) {
    SessionSteps other;
    const SessionId session = table_.open();
    other.open();
    EXPECT_EQ(table_.table.digest(), other.table.digest());
    table_.command(session, 1, 1, "a");
    EXPECT_NE(table_.table.digest(), other.table.digest());
    other.command(session, 1, 1, "a");
    EXPECT_EQ(table_.table.digest(), other.table.digest());
    table_.command(session, 2, 2, "b");
    other.command(session, 2, 1, "b");
    EXPECT_NE(table_.table.digest(), other.table.digest()) << "a reply more is kept";
    table_.keep_alive(session);
    other.keep_alive(session, 2);
    EXPECT_EQ(table_.table.digest(), other.table.digest());
    table_.close(session);
    other.close(session);
    EXPECT_EQ(table_.table.digest(), other.table.digest());
    // The same sessions, but used at other times: they expire in another order.
    const SessionId first = table_.open();
    other.open();
    const SessionId second = table_.open();
    other.open();
    table_.keep_alive(first);
    other.keep_alive(second);
    EXPECT_NE(table_.table.digest(), other.table.digest());
}

// Against a plain model that does the same slowly.
class PlainTable {
 public:
    explicit PlainTable(const SessionLimits& limits) : limits_(limits) {}
    void advance(Instant time) {
        ++index_;
        time_ = std::max(time_, time);
        std::erase_if(sessions_, [&](const auto& each) {
            return time_ - each.second.used_time >= limits_.expire_after;
        });
    }
    void open() {
        if (sessions_.size() == limits_.sessions_max) {
            auto oldest = sessions_.begin();
            for (auto each = sessions_.begin(); each != sessions_.end(); ++each) {
                if (each->second.used_at < oldest->second.used_at) oldest = each;
            }
            sessions_.erase(oldest);
        }
        use(sessions_[index_]);
    }
    void close(uint64_t session) { sessions_.erase(session); }
    void keep_alive(uint64_t session) {
        if (sessions_.contains(session)) use(sessions_[session]);
    }
    bool command(uint64_t session, uint64_t sequence, uint64_t unacknowledged) {
        if (!sessions_.contains(session)) return false;
        Session& found = sessions_[session];
        use(found);
        found.unacknowledged = std::max(found.unacknowledged, unacknowledged);
        std::erase_if(found.kept, [&](uint64_t kept) { return kept < found.unacknowledged; });
        if (sequence < found.unacknowledged || found.kept.contains(sequence)) return false;
        if (sequence >= found.unacknowledged + limits_.replies_max) return false;
        found.kept.insert(sequence);
        return true;
    }
    std::vector<uint64_t> sessions() const {
        std::vector<uint64_t> ids;
        for (const auto& [id, session] : sessions_) ids.push_back(id);
        return ids;
    }

 private:
    struct Session {
        uint64_t used_at = 0;
        Instant used_time;
        uint64_t unacknowledged = 1;
        std::set<uint64_t> kept;
    };
    void use(Session& session) {
        session.used_at = index_;
        session.used_time = time_;
    }
    SessionLimits limits_;
    uint64_t index_ = 0;
    Instant time_;
    std::map<uint64_t, Session> sessions_;
};

TEST_F(SessionsTest, AgreesWithAPlainTable) {
    const SessionLimits limits{.sessions_max = 6, .replies_max = 4, .expire_after = seconds(40)};
    uint64_t executed = 0;
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        SessionSteps steps(limits);
        PlainTable plain(limits);
        for (uint64_t step = 0; step < 1000; ++step) {
            const DrawnStep drawn(seed, step, steps.opened);
            steps.time = steps.time + drawn.pause;
            plain.advance(steps.time);
            const uint64_t session = drawn.session.value();
            bool expected = false;
            switch (drawn.kind) {
                case SessionCommandKind::Open:
                    plain.open();
                    break;
                case SessionCommandKind::Close:
                    plain.close(session);
                    break;
                case SessionCommandKind::KeepAlive:
                    plain.keep_alive(session);
                    break;
                case SessionCommandKind::Command:
                    expected = plain.command(session, drawn.sequence, drawn.unacknowledged);
                    break;
            }
            ASSERT_EQ(steps.carry_out(drawn), expected) << step;
            executed += expected ? 1 : 0;
            const std::vector<uint64_t> ids = plain.sessions();
            ASSERT_EQ(steps.table.size(), ids.size());
            for (const uint64_t id : ids) ASSERT_TRUE(steps.table.contains(SessionId(id)));
        }
    }
    EXPECT_GT(executed, 3000U);
}

}  // namespace
}  // namespace wavetank
