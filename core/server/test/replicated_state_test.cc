// Machine and sessions together: fed with entries, saved in slices, loaded.
#include "core/server/replicated_state.h"

#include <gtest/gtest.h>

#include "core/machines/kv.h"
#include "core/server/test/fake_environment.h"

namespace wavetank {
namespace {

class ReplicatedStateTest : public testing::Test {
 protected:
    bool apply(const SessionCommand& command) {
        const Entry entry{Term(1), EntryKind::Command, encode_session_command(command),
                          Instant{} + seconds(static_cast<int64_t>(index_))};
        return state_.apply(LogIndex(++index_), entry);
    }
    bool write(uint64_t session, uint64_t sequence, const Payload& body) {
        return apply({SessionCommandKind::Command, ClientId(1), SessionId(session), sequence, 1,
                      body.bytes()});
    }
    void SetUp() override {
        for (uint64_t session = 1; session <= 20; ++session) {
            apply({.kind = SessionCommandKind::Open});
        }
        for (uint64_t session = 1; session <= 20; ++session) {
            write(session, 1, put("key" + std::to_string(session), std::string(20, 'v')));
        }
    }
    uint64_t index_ = 0;
    ReplicatedState state_{std::make_unique<KvMachine>(), SessionLimits{}};
};

TEST_F(ReplicatedStateTest, TellsWhetherTheMachineDidIt) {
    EXPECT_TRUE(write(1, 2, put("k", "v")));
    EXPECT_FALSE(write(1, 2, put("k", "v"))) << "a repetition";
    EXPECT_FALSE(write(99, 1, put("k", "v"))) << "no session";
    EXPECT_FALSE(apply({.kind = SessionCommandKind::KeepAlive, .session = SessionId(1)}));
    EXPECT_FALSE(state_.apply(LogIndex(++index_), Entry{Term(1), EntryKind::Empty, Payload()}));
}

// Every entry moves the time, whatever it is.
TEST_F(ReplicatedStateTest, TimeIsThatOfTheNewestEntry) {
    const Instant late = Instant{} + seconds(1000);
    state_.apply(LogIndex(++index_), Entry{Term(1), EntryKind::Empty, Payload(), late});
    EXPECT_EQ(state_.sessions().time(), late);
}

TEST_F(ReplicatedStateTest, DigestIsOfBoth) {
    const uint64_t before = state_.digest();
    write(1, 1, put("k", "v"));
    const uint64_t repeated = state_.digest();
    EXPECT_NE(repeated, before) << "the session was used again";
    ReplicatedState other(std::make_unique<KvMachine>(), SessionLimits{});
    std::string data;
    state_.freeze();
    while (!state_.save_some(data, SIZE_MAX)) {
    }
    ASSERT_TRUE(other.load(data));
    EXPECT_EQ(other.digest(), repeated);
}

TEST_F(ReplicatedStateTest, SlicesAreBounded) {
    state_.freeze();
    std::string data;
    bool done = false;
    int slices = 0;
    while (!done) {
        const std::size_t before = data.size();
        done = state_.save_some(data, 100);
        EXPECT_LE(data.size() - before, 100U + 60U) << "at most one session or pair more";
        EXPECT_TRUE(done || data.size() - before >= 100);
        ++slices;
    }
    EXPECT_GT(slices, 10);
    ReplicatedState other(std::make_unique<KvMachine>(), SessionLimits{});
    ASSERT_TRUE(other.load(data));
    EXPECT_EQ(other.digest(), state_.digest());
}

TEST_F(ReplicatedStateTest, ThawedAndFrozenAgain) {
    for (const std::size_t bytes : {1U, 1000U}) {
        state_.freeze();
        std::string data;
        EXPECT_FALSE(state_.save_some(data, bytes));
        state_.thaw();
    }
    state_.freeze();
    write(1, 2, put("later", "v"));
    std::string data;
    EXPECT_TRUE(state_.save_some(data, SIZE_MAX));
    ReplicatedState other(std::make_unique<KvMachine>(), SessionLimits{});
    ASSERT_TRUE(other.load(data));
    EXPECT_NE(other.digest(), state_.digest());
}

TEST_F(ReplicatedStateTest, DataThatAreNoSnapshotChangeNothing) {
    state_.freeze();
    std::string data;
    EXPECT_TRUE(state_.save_some(data, SIZE_MAX));
    ReplicatedState other(std::make_unique<KvMachine>(), SessionLimits{});
    const uint64_t empty = other.digest();
    for (std::size_t length = 0; length < data.size(); ++length) {
        EXPECT_FALSE(other.load(data.substr(0, length))) << length;
    }
    EXPECT_FALSE(other.load(data + "!"));
    EXPECT_EQ(other.digest(), empty);
    EXPECT_EQ(other.sessions().size(), 0U) << "good sessions, but no machine after them";
}

}  // namespace
}  // namespace wavetank
