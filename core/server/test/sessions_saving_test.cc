// The session table is written down while it goes on changing, and read back.
#include <gtest/gtest.h>

#include "core/server/sessions.h"
#include "core/server/test/session_steps.h"

namespace wavetank {
namespace {

std::string saved(SessionTable& table) {
    table.freeze();
    std::string out;
    EXPECT_TRUE(table.save_some(out, SIZE_MAX));
    return out;
}

bool loads(SessionTable& table, std::string_view bytes) {
    Decoder decoder(bytes);
    return table.load(decoder) && decoder.finished();
}

class SessionsSavingTest : public testing::Test {
 protected:
    void SetUp() override {
        steps_.time = Instant{} + seconds(3);
        first_ = steps_.open();
        second_ = steps_.open();
        steps_.command(second_, 2, 1, "b");
        steps_.command(second_, 1, 1, "a");
        steps_.time = Instant{} + seconds(4);
        steps_.keep_alive(first_, 7);
    }
    SessionSteps steps_;
    SessionId first_;
    SessionId second_;
};

TEST_F(SessionsSavingTest, FormatIsAsDocumented) {
    const auto nanos = [](int64_t whole) { return static_cast<uint64_t>(seconds(whole).nanos); };
    Encoder expected;
    expected.u64(nanos(4)).u32(2);
    expected.u64(1).u64(5).u64(nanos(4)).u64(7).u32(0);
    expected.u64(2).u64(4).u64(nanos(3)).u64(1).u32(2);
    expected.u64(1).bytes("a done").u64(2).bytes("b done");
    EXPECT_EQ(saved(steps_.table), expected.view());
}

TEST_F(SessionsSavingTest, ALoadedTableGoesOnLikeTheFirst) {
    SessionSteps other;
    other.time = steps_.time;
    other.skip(steps_.index);
    const SessionId gone = other.open();
    ASSERT_TRUE(loads(other.table, saved(steps_.table)));
    EXPECT_EQ(other.table.digest(), steps_.table.digest());
    EXPECT_EQ(other.table.time(), steps_.table.time());
    EXPECT_FALSE(other.table.contains(gone));
    other.index = steps_.index;
    for (SessionSteps* each : {&steps_, &other}) {
        EXPECT_FALSE(each->command(second_, 1, 1, "again"));
        EXPECT_EQ(*each->table.find(second_, 1).reply, "a done");
        EXPECT_FALSE(each->command(first_, 6, 1, "stale"));
        EXPECT_TRUE(each->command(first_, 7, 7, "new"));
        EXPECT_EQ(each->open(), SessionId(9));
    }
    EXPECT_EQ(other.table.digest(), steps_.table.digest());
}

TEST_F(SessionsSavingTest, AnEmptyTableIsOne) {
    SessionTable empty{SessionLimits{}};
    const std::string bytes = saved(empty);
    EXPECT_EQ(bytes.size(), 12U);
    ASSERT_TRUE(loads(steps_.table, bytes));
    EXPECT_EQ(steps_.table.size(), 0U);
    EXPECT_EQ(steps_.table.digest(), empty.digest());
}

TEST_F(SessionsSavingTest, WhatFollowsIsLeft) {
    const std::string bytes = saved(steps_.table) + "the machine";
    SessionTable other{SessionLimits{}};
    Decoder decoder(bytes);
    ASSERT_TRUE(other.load(decoder));
    EXPECT_EQ(decoder.rest(), "the machine");
}

TEST_F(SessionsSavingTest, TheFrozenStateIsSavedWhateverComesAfter) {
    SessionSteps copy = steps_;
    const std::string expected = saved(copy.table);
    steps_.table.freeze();
    steps_.command(second_, 3, 3, "changed before it is written");
    std::string out;
    EXPECT_FALSE(steps_.table.save_some(out, 1)) << "one session at a time";
    steps_.command(first_, 9, 9, "written already");
    steps_.close(second_);
    const SessionId third = steps_.open();
    steps_.command(third, 1, 1, "not there when it was frozen");
    EXPECT_TRUE(steps_.table.save_some(out, 1));
    EXPECT_EQ(out, expected);
    EXPECT_TRUE(steps_.table.contains(third));
    EXPECT_FALSE(steps_.table.contains(second_));
}

TEST_F(SessionsSavingTest, ThawForgetsTheFrozenState) {
    steps_.table.freeze();
    steps_.command(second_, 3, 3, "more");
    steps_.table.thaw();
    SessionTable other{SessionLimits{}};
    ASSERT_TRUE(loads(other, saved(steps_.table)));
    EXPECT_EQ(other.digest(), steps_.table.digest());
}

TEST_F(SessionsSavingTest, ShortBytesAreRefused) {
    const std::string good = saved(steps_.table);
    SessionSteps other;
    other.open();
    const uint64_t digest = other.table.digest();
    for (std::size_t length = 0; length < good.size(); ++length) {
        EXPECT_FALSE(loads(other.table, good.substr(0, length))) << length;
    }
    EXPECT_EQ(other.table.digest(), digest);
    EXPECT_EQ(other.table.size(), 1U);
}

// Any byte may be wrong: refused, or another table, but never one that contradicts itself. What is
// loaded is saved to the same bytes.
TEST_F(SessionsSavingTest, WrongBytesAreRefusedOrAnotherTable) {
    const std::string good = saved(steps_.table);
    std::size_t refused = 0;
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        std::string bad = good;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
        SessionTable table{SessionLimits{}};
        if (loads(table, bad)) {
            EXPECT_NE(table.digest(), steps_.table.digest()) << bit;
            EXPECT_EQ(saved(table), bad) << bit;
        } else {
            ++refused;
        }
    }
    EXPECT_GT(refused, good.size() * 8 / 4);
}

// Each line breaks one rule of the format.
TEST_F(SessionsSavingTest, ContradictionsAreRefused) {
    struct Session {
        uint64_t id = 1;
        uint64_t used_at = 1;
        uint64_t used_time = 5;
        std::vector<uint64_t> replies = {};
        uint64_t unacknowledged = 2;
    };
    const SessionLimits limits{.sessions_max = 2, .replies_max = 3};
    const auto taken = [&](uint64_t time, const std::vector<Session>& sessions) {
        Encoder encoder;
        encoder.u64(time).u32(static_cast<uint32_t>(sessions.size()));
        for (const Session& session : sessions) {
            encoder.u64(session.id).u64(session.used_at).u64(session.used_time);
            encoder.u64(session.unacknowledged);
            encoder.u32(static_cast<uint32_t>(session.replies.size()));
            for (const uint64_t sequence : session.replies) encoder.u64(sequence).bytes("r");
        }
        SessionTable table(limits);
        return loads(table, encoder.view());
    };
    EXPECT_TRUE(taken(5, {{.id = 1, .used_at = 9, .replies = {2, 4}}, {.id = 3, .used_at = 4}}));
    EXPECT_FALSE(taken(4, {{}})) << "used later than now";
    EXPECT_FALSE(taken(5, {{.id = 0}})) << "no id";
    EXPECT_FALSE(taken(5, {{.id = 2, .used_at = 1}})) << "used before it was opened";
    EXPECT_FALSE(taken(5, {{.id = 3, .used_at = 4}, {.id = 1}})) << "ids fall";
    EXPECT_FALSE(taken(5, {{.id = 1, .used_at = 4}, {.id = 1, .used_at = 5}})) << "an id twice";
    EXPECT_FALSE(taken(5, {{.id = 1, .used_at = 4}, {.id = 3, .used_at = 4}}))
        << "one entry used two";
    EXPECT_FALSE(taken(5, {{.id = 1, .used_at = 9, .used_time = 4}, {.id = 3, .used_at = 4}}))
        << "a later entry with an earlier time";
    EXPECT_FALSE(taken(5, {{.replies = {4, 2}}})) << "sequences fall";
    EXPECT_FALSE(taken(5, {{.replies = {4, 4}}}));
    EXPECT_FALSE(taken(5, {{.replies = {1}}})) << "a reply that is acknowledged";
    EXPECT_TRUE(taken(5, {{.replies = {2, 3, 4}}}));
    EXPECT_FALSE(taken(5, {{.replies = {2, 3, 5}}})) << "a reply that is too far off";
    EXPECT_FALSE(taken(5, {{.replies = {2, 3, 4, 5}}})) << "too many replies";
    EXPECT_FALSE(taken(5, {{.unacknowledged = 0}})) << "numbers begin at 1";
    EXPECT_FALSE(taken(5, {{.id = 1}, {.id = 2, .used_at = 2}, {.id = 3, .used_at = 3}}))
        << "too many sessions";
}

// Entries and slices in any order: what is written down is the frozen state, to the last byte.
TEST_F(SessionsSavingTest, RandomInterleavingsSaveTheFrozenState) {
    const SessionLimits limits{.sessions_max = 6, .replies_max = 4, .expire_after = seconds(40)};
    for (uint64_t seed = 1; seed <= 200; ++seed) {
        SCOPED_TRACE(seed);
        const auto draw = [&](uint64_t step, uint64_t bound) {
            return below(mix(mix(seed, 99), step), bound);
        };
        SessionSteps steps(limits);
        const auto feed = [&](SessionSteps& to) {
            const DrawnStep drawn(seed, to.index, to.opened);
            to.time = to.time + drawn.pause;
            to.carry_out(drawn);
        };
        for (uint64_t i = draw(0, 300); i > 0; --i) feed(steps);
        SessionSteps frozen = steps;
        const std::string expected = saved(frozen.table);
        steps.table.freeze();
        std::string out;
        for (uint64_t i = 1; true; ++i) {
            ASSERT_LT(i, 1000U) << "it ends";
            if (draw(i, 4) == 0) {
                if (steps.table.save_some(out, 1 + draw(i + 1'000'000, 100))) break;
            } else {
                feed(steps);
            }
        }
        ASSERT_EQ(out, expected);
        SessionSteps loaded(limits);
        ASSERT_TRUE(loads(loaded.table, out));
        ASSERT_EQ(loaded.table.digest(), frozen.table.digest());
        // And the two go on alike.
        loaded.index = frozen.index;
        loaded.time = frozen.time;
        loaded.opened = frozen.opened;
        for (int i = 0; i < 300; ++i) {
            feed(loaded);
            feed(frozen);
            ASSERT_EQ(loaded.table.digest(), frozen.table.digest());
        }
    }
}

}  // namespace
}  // namespace wavetank
