// The world's loop: what faults do to messages on their way, and the digest of a run.
#include "sim/world/world.h"

#include <gtest/gtest.h>

#include "sim/world/test/small_world.h"

namespace wavetank {
namespace {

LinkQuality slow_link(Duration latency) {
    LinkQuality quality;
    quality.latency = {.kind = LatencyKind::Constant, .base = latency};
    return quality;
}

// Three servers with a leader, and everything they had to say is said.
class WorldTest : public testing::Test {
 protected:
    void use(const SmallWorld::Setup& setup) {
        small_.emplace(setup);
        small_->world.start_all();
        ASSERT_TRUE(small_->run_until_holds([&] { return small_->has_leader(); }));
        small_->run_for(milliseconds(20));
        leader_ = small_->leader();
        follower_ = (leader_ + 1) % 3;
        other_ = (leader_ + 2) % 3;
    }
    World& world() { return small_->world; }
    uint64_t last_of(uint32_t position) const {
        return small_->raft(position).log().last_index().value();
    }

    std::optional<SmallWorld> small_;
    uint32_t leader_ = 0;
    uint32_t follower_ = 0;
    uint32_t other_ = 0;
};

TEST_F(WorldTest, ARequestIsCarriedOutEverywhereAndAnswered) {
    use({});
    ASSERT_TRUE(small_->open_session(leader_));
    small_->put(leader_);
    small_->run_for(milliseconds(100));
    ASSERT_EQ(small_->replies.size(), 1U);
    EXPECT_EQ(small_->replies[0].status, ReplyStatus::Ok);
    for (uint32_t i = 0; i < 3; ++i) {
        EXPECT_EQ(small_->raft(i).last_applied(), LogIndex(3));
        EXPECT_EQ(world().node(i).replica().machine_digest(),
                  world().node(0).replica().machine_digest());
    }
}

TEST_F(WorldTest, ACutLosesWhatIsOnItsWay) {
    use({.network = slow_link(milliseconds(10))});
    small_->put(leader_);
    small_->run_for(milliseconds(5));
    ASSERT_EQ(last_of(leader_), 2U);
    world().network().cut({leader_, follower_});
    small_->run_for(milliseconds(20));
    world().network().restore({leader_, follower_});
    EXPECT_EQ(last_of(follower_), 1U);
    EXPECT_EQ(last_of(other_), 2U);
    small_->run_for(milliseconds(200));
    EXPECT_EQ(last_of(follower_), 2U) << "it is sent again";
}

TEST_F(WorldTest, ACrashLosesWhatIsOnItsWay) {
    use({.network = slow_link(milliseconds(10))});
    small_->put(leader_);
    small_->run_for(milliseconds(5));
    world().crash(follower_);
    small_->run_for(milliseconds(20));
    world().start(follower_);
    EXPECT_EQ(last_of(follower_), 1U);
    small_->run_for(seconds(1));
    EXPECT_EQ(last_of(follower_), 2U);
}

TEST_F(WorldTest, WhatIsSentToADeadServerIsLost) {
    use({});
    world().crash(leader_);
    small_->put(leader_);
    small_->run_for(milliseconds(20));
    EXPECT_TRUE(small_->replies.empty());
}

TEST_F(WorldTest, AClogKeepsMessagesAndReleaseDeliversThemInOrder) {
    use({});
    world().network().clog({leader_, follower_});
    for (int i = 0; i < 5; ++i) {
        small_->put(leader_);
        small_->run_for(milliseconds(2));
    }
    EXPECT_EQ(last_of(follower_), 1U);
    EXPECT_EQ(last_of(other_), 6U);
    const uint64_t deliveries = world().counts().deliveries;
    world().release({leader_, follower_});
    const Instant released = world().now();
    // Out of order the follower would refuse the later ones, and lack entries now.
    ASSERT_TRUE(small_->run_until_holds([&] { return last_of(follower_) == 6; }));
    EXPECT_EQ(world().now(), released) << "all at the moment of release";
    EXPECT_GE(world().counts().deliveries, deliveries + 5);
}

TEST_F(WorldTest, AClogIsOfOneDirection) {
    use({});
    world().network().clog({follower_, leader_});
    small_->put(leader_);
    small_->run_for(milliseconds(10));
    EXPECT_EQ(last_of(follower_), 2U);
    EXPECT_EQ(small_->raft(leader_).progress(ServerId(follower_ + 1))->match_index, LogIndex(1));
    world().release({follower_, leader_});
    small_->run_for(milliseconds(10));
    EXPECT_EQ(small_->raft(leader_).progress(ServerId(follower_ + 1))->match_index, LogIndex(2));
}

TEST_F(WorldTest, APausedServerHandlesNothingAndLosesNothing) {
    use({});
    world().pause(follower_);
    small_->put(leader_);
    small_->run_for(milliseconds(40));
    EXPECT_EQ(last_of(follower_), 1U);
    EXPECT_EQ(small_->replies.size(), 1U);
    world().resume(follower_);
    ASSERT_TRUE(small_->run_until_holds([&] { return last_of(follower_) == 2; }, milliseconds(1)));
}

TEST_F(WorldTest, ALongPauseOfTheLeaderGivesWayToAnother) {
    use({});
    world().pause(leader_);
    const Term before = small_->raft(leader_).current_term();
    small_->run_for(seconds(2));
    EXPECT_GT(small_->raft(follower_).current_term(), before);
    EXPECT_EQ(small_->raft(leader_).current_term(), before);
    world().resume(leader_);
    small_->run_for(milliseconds(200));
    EXPECT_EQ(small_->raft(leader_).role(), Role::Follower);
}

TEST_F(WorldTest, StartingTwiceAndCrashingTwiceAreOnce) {
    use({});
    world().crash(follower_);
    world().crash(follower_);
    EXPECT_EQ(world().counts().crashes, 1U);
    world().start(follower_);
    const uint32_t life = world().node(follower_).incarnation();
    world().start(follower_);
    EXPECT_EQ(world().node(follower_).incarnation(), life);
    world().resume(follower_);  // not paused: nothing happens
    EXPECT_TRUE(small_->running(follower_));
}

TEST_F(WorldTest, ConditionVersionRisesWithEveryChange) {
    use({});
    uint64_t version = world().condition_version();
    const auto expect_risen = [&](const char* after) {
        EXPECT_LT(version, world().condition_version()) << after;
        version = world().condition_version();
    };
    world().crash(follower_);
    expect_risen("crash");
    world().start(follower_);
    expect_risen("start");
    world().pause(follower_);
    expect_risen("pause");
    world().resume(follower_);
    expect_risen("resume");
    world().network().cut({0, 1});
    expect_risen("cut");
}

TEST_F(WorldTest, CountsWhatHappens) {
    use({});
    const WorldCounts before = world().counts();
    EXPECT_EQ(before.elections_won, 1U);
    small_->put(leader_, std::string(1000, 'x'));
    small_->run_for(milliseconds(10));
    EXPECT_GE(world().counts().payload_bytes_sent - before.payload_bytes_sent, 2000U);
    EXPECT_LT(world().counts().payload_bytes_sent - before.payload_bytes_sent, 2200U)
        << "to each follower once";
    EXPECT_GE(world().counts().messages_sent - before.messages_sent, 4U);
}

TEST_F(WorldTest, ACorruptedPayloadIsRefusedAndSentAgain) {
    class Refusals final : public SilentObserver {
     public:
        void on_step(const Observation& now) override {
            for (const Event& event : now.output->events) {
                const auto* refused = std::get_if<Refused>(&event);
                if (refused == nullptr) continue;
                corrupt += refused->reason == RefuseReason::Corrupt ? 1U : 0U;
                others += refused->reason == RefuseReason::Corrupt ? 0U : 1U;
            }
        }
        void on_apply(ServerId, const Application& application) override {
            EXPECT_TRUE(application.entry.payload.verify());
        }
        uint64_t corrupt = 0;
        uint64_t others = 0;
    };
    Refusals refusals;
    LinkQuality bad;
    bad.corrupt = Ratio::of(1, 3);
    small_.emplace(SmallWorld::Setup{.network = bad}, &refusals);
    small_->world.start_all();
    ASSERT_TRUE(small_->run_until_holds([&] { return small_->has_leader(); }));
    leader_ = small_->leader();
    ASSERT_TRUE(small_->open_session(leader_));
    for (int i = 0; i < 30; ++i) {
        small_->put(leader_);
        small_->run_for(milliseconds(10));
    }
    EXPECT_GT(world().counts().corrupted, 10U);
    EXPECT_EQ(refusals.corrupt, world().counts().corrupted);
    EXPECT_EQ(refusals.others, 0U);
    small_->run_for(seconds(1));
    for (uint32_t i = 0; i < 3; ++i) EXPECT_EQ(last_of(i), 32U);
    EXPECT_EQ(small_->replies.size(), 30U);
}

TEST_F(WorldTest, OnlyWhoRunsIsAsked) {
    use({});
    const Transfer transfer{7, ServerId(follower_ + 1)};
    world().pause(leader_);
    EXPECT_FALSE(world().ask(leader_, transfer));
    EXPECT_FALSE(world().take_snapshot(leader_));
    world().resume(leader_);
    EXPECT_TRUE(world().ask(leader_, transfer));
    ASSERT_TRUE(small_->run_until_holds(
        [&] { return small_->raft(follower_).role() == Role::Leader; }, milliseconds(100)));
    EXPECT_EQ(world().counts().transfers_done, 1U);
    world().crash(leader_);
    EXPECT_FALSE(world().ask(leader_, transfer));
    EXPECT_FALSE(world().take_snapshot(leader_));
}

TEST_F(WorldTest, CountsSnapshotsThatAreTakenAndInstalled) {
    for (const uint64_t trailing : {0U, 1000U}) {
        Options options;
        options.snapshot_trailing_entries = trailing;
        use({.options = options});
        ASSERT_TRUE(small_->open_session(leader_));
        world().crash(follower_);
        for (int i = 0; i < 20; ++i) {
            small_->put(leader_);
            small_->run_for(milliseconds(5));
        }
        ASSERT_TRUE(world().take_snapshot(leader_));
        small_->run_for(milliseconds(50));
        EXPECT_EQ(world().counts().snapshots_taken, 1U);
        world().start(follower_);
        small_->run_for(seconds(1));
        EXPECT_EQ(last_of(follower_), last_of(leader_));
        EXPECT_EQ(world().counts().snapshots_installed, trailing == 0 ? 1U : 0U);
        EXPECT_EQ(world().node(follower_).replica().machine_digest(),
                  world().node(leader_).replica().machine_digest());
    }
}

TEST_F(WorldTest, CountsRepliesThatASessionIsGone) {
    use({});
    small_->put(leader_);
    small_->run_for(milliseconds(50));
    ASSERT_EQ(small_->replies.size(), 1U);
    EXPECT_EQ(small_->replies[0].status, ReplyStatus::SessionExpired);
    EXPECT_EQ(world().counts().sessions_expired, 1U);
}

TEST_F(WorldTest, CountsReadsByLease) {
    Options options;
    options.lease_duration = milliseconds(300);
    use({.clock_of_1 = {.error_bound = milliseconds(1)}, .options = options});
    if (leader_ != 0) {
        ASSERT_TRUE(world().ask(leader_, Transfer{1, ServerId(1)}));
        ASSERT_TRUE(small_->run_until_holds([&] { return small_->leader() == 0; }));
    }
    ASSERT_TRUE(small_->open_session(0));
    small_->put(0);
    small_->run_for(milliseconds(50));
    small_->get(0);
    small_->run_for(milliseconds(50));
    EXPECT_EQ(small_->replies.back().status, ReplyStatus::Ok);
    EXPECT_EQ(world().counts().lease_reads, 1U);
    ASSERT_TRUE(world().ask(0, Transfer{2, ServerId(2)}));  // whose clock nobody can trust
    ASSERT_TRUE(small_->run_until_holds([&] { return small_->leader() == 1; }));
    small_->run_for(seconds(1));
    small_->get(1);
    small_->run_for(milliseconds(50));
    EXPECT_EQ(small_->replies.back().status, ReplyStatus::Ok);
    EXPECT_EQ(world().counts().lease_reads, 1U);
}

// --- The digest ---

class CountingTrace final : public TraceSink {
 public:
    void on_event(const TraceEvent& event) override {
        ++events;
        EXPECT_GE(event.at, last);
        last = event.at;
    }
    uint64_t events = 0;
    Instant last;
};

std::vector<uint64_t> digests_of_a_run(uint64_t seed, Observer* observer, TraceSink* trace) {
    LinkQuality rough;
    rough.loss = rough.duplicate = rough.reorder = Ratio::of(1, 10);
    SmallWorld small({.seed = seed, .network = rough}, observer, trace);
    small.world.start_all();
    std::vector<uint64_t> digests;
    for (int i = 0; i < 40; ++i) {
        for (uint32_t position = 0; position < 3; ++position) small.put(position);
        if (i % 10 == 7) small.world.crash(static_cast<uint32_t>(i) % 3);
        if (i % 10 == 9) small.world.start_all();
        small.run_for(milliseconds(50));
        digests.push_back(small.world.digest());
    }
    return digests;
}

TEST(WorldDigest, SameSeedSameDigestsAllAlong) {
    EXPECT_EQ(digests_of_a_run(1, nullptr, nullptr), digests_of_a_run(1, nullptr, nullptr));
}

// The codec must be invisible.
TEST(WorldDigest, EncodedLinksChangeNothing) {
    const auto digest = [](bool encoded) {
        SmallWorld small({.encoded_links = encoded});
        small.world.start_all();
        for (int i = 0; i < 20; ++i) {
            for (uint32_t position = 0; position < 3; ++position) small.put(position);
            small.run_for(milliseconds(50));
        }
        return small.world.digest();
    };
    EXPECT_EQ(digest(true), digest(false));
}

TEST(WorldDigest, AnotherSeedAnotherDigest) {
    EXPECT_NE(digests_of_a_run(1, nullptr, nullptr).back(),
              digests_of_a_run(2, nullptr, nullptr).back());
}

TEST(WorldDigest, WatchingChangesNothing) {
    SilentObserver observer;
    CountingTrace trace;
    EXPECT_EQ(digests_of_a_run(1, nullptr, nullptr), digests_of_a_run(1, &observer, &trace));
    EXPECT_GT(trace.events, 100U);
}

}  // namespace
}  // namespace wavetank
