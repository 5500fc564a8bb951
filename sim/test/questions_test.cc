// What is asked of a running world speaks of the members of the present configuration.
#include "sim/questions.h"

#include <gtest/gtest.h>

#include "sim/fault/test/fault_world.h"

namespace wavetank {
namespace {

WorkloadSetup no_clients() {
    WorkloadSetup setup;
    setup.clients = 0;
    return setup;
}

// Five servers, of which the first three are the cluster.
class QuestionsTest : public testing::Test {
 protected:
    void SetUp() override {
        w_.world().set_client_port(&w_.small);
        ASSERT_TRUE(w_.elect());
        w_.run_for(milliseconds(200));
        leader_ = *current_leader(w_.world());
        follower_ = (leader_ + 1) % 3;
        other_ = (leader_ + 2) % 3;
    }
    uint64_t now(Metric metric) const { return questions_.answer(metric, false); }
    uint64_t since_mark(Metric metric) const { return questions_.answer(metric, true); }
    Target server(uint32_t position) const { return only({position + 1}); }
    void change(uint32_t id, MemberKind kind) {
        ChangeMembership wish;
        wish.add = only({id});
        wish.add_as = kind;
        w_.faults.carry_out(wish);
    }
    bool changed(uint64_t times) {
        return w_.run_until_holds([&] { return now(Metric::ChangesDone) == times; });
    }
    bool caught_up() {
        return w_.run_until_holds([&] { return questions_.all_caught_up(); }, seconds(2));
    }

    FaultWorld w_{SmallWorld::Setup{.servers = 5, .members = 3}};
    Clients clients_{w_.world(), no_clients(), 0, nullptr};
    Questions questions_{w_.world(), clients_};
    uint32_t leader_ = 0;
    uint32_t follower_ = 0;
    uint32_t other_ = 0;
};

TEST_F(QuestionsTest, MembersAreThoseOfTheLeader) {
    EXPECT_EQ(now(Metric::Leader), leader_ + 1);
    EXPECT_EQ(now(Metric::Voters), 3U);
    EXPECT_EQ(now(Metric::Learners), 0U);
    EXPECT_EQ(now(Metric::Joint), 0U);
    questions_.mark();
    change(4, MemberKind::Learner);
    ASSERT_TRUE(changed(1));
    EXPECT_EQ(now(Metric::Learners), 1U);
    change(5, MemberKind::Voter);
    ASSERT_TRUE(w_.run_until_holds([&] { return now(Metric::Joint) == 1; }));
    EXPECT_EQ(now(Metric::Voters), 4U) << "of the new half";
    EXPECT_TRUE(questions_.change_half_done());
    EXPECT_FALSE(questions_.all_caught_up());
    ASSERT_TRUE(changed(2));
    EXPECT_EQ(since_mark(Metric::ChangesDone), 2U);
    EXPECT_EQ(now(Metric::Joint), 0U);
    for (uint32_t i = 0; i < 5; ++i) w_.world().crash(i);
    EXPECT_EQ(now(Metric::Voters), 0U) << "nobody leads";
    EXPECT_EQ(now(Metric::Leader), 0U);
}

TEST_F(QuestionsTest, OnlyMembersAreBehind) {
    EXPECT_EQ(now(Metric::Behind), 0U) << "two servers know of nothing, and need not";
    w_.faults.carry_out(Partition{PartitionShape::Isolate, server(other_), false});
    for (int i = 0; i < 5; ++i) w_.small.put(leader_);
    w_.run_for(milliseconds(200));
    EXPECT_EQ(now(Metric::Behind), 1U);
    ChangeMembership wish;
    wish.remove = server(other_);
    w_.faults.carry_out(wish);
    ASSERT_TRUE(changed(1));
    w_.run_for(milliseconds(200));
    EXPECT_EQ(now(Metric::Behind), 0U) << "it is no member any more";
}

TEST_F(QuestionsTest, LogsAreCountedWithoutWhatIsCompacted) {
    for (int i = 0; i < 20; ++i) w_.small.put(leader_);
    w_.run_for(milliseconds(200));
    EXPECT_EQ(now(Metric::LogEntries), 21U);
    EXPECT_EQ(now(Metric::Commit), 21U);
    questions_.mark();
    w_.faults.carry_out(TakeSnapshot{server(leader_)});
    w_.run_for(milliseconds(200));
    EXPECT_EQ(since_mark(Metric::SnapshotsTaken), 1U);
    EXPECT_EQ(now(Metric::LogEntries), 21U) << "the default keeps a thousand";
}

TEST(QuestionsAboutLogs, ACompactedLogIsShort) {
    Options options;
    options.snapshot_trailing_entries = 5;
    FaultWorld w(SmallWorld::Setup{.servers = 1, .options = options});
    Clients clients(w.world(), no_clients(), 0, nullptr);
    w.world().set_client_port(&w.small);
    const Questions questions(w.world(), clients);
    ASSERT_TRUE(w.elect());
    for (int i = 0; i < 20; ++i) w.small.put(0);
    w.run_for(milliseconds(200));
    w.faults.carry_out(TakeSnapshot{only({1})});
    w.run_for(milliseconds(200));
    EXPECT_EQ(questions.answer(Metric::LogEntries, false), 5U);
    EXPECT_EQ(questions.answer(Metric::Commit, false), 21U);
}

TEST_F(QuestionsTest, TransfersAndExpiredSessionsAreCounted) {
    questions_.mark();
    w_.small.put(leader_);  // in a session that nobody has opened
    w_.run_for(milliseconds(100));
    EXPECT_EQ(since_mark(Metric::SessionsExpired), 1U);
    w_.faults.carry_out(TransferLeadership{server(follower_)});
    ASSERT_TRUE(w_.run_until_holds([&] { return now(Metric::TransfersDone) == 1; }));
    EXPECT_EQ(now(Metric::LeaseReads), 0U);
    EXPECT_EQ(now(Metric::SnapshotsInstalled), 0U);
}

// --- Health ---

TEST_F(QuestionsTest, OutsidersAreNotNeededForHealth) {
    w_.faults.carry_out(Pause{only({4, 5}), std::nullopt});
    EXPECT_TRUE(questions_.majority_healthy());
    w_.faults.carry_out(Pause{server(follower_), std::nullopt});
    EXPECT_TRUE(questions_.majority_healthy());
    w_.faults.carry_out(Resume{only({4, 5})});
    w_.faults.carry_out(Pause{server(other_), std::nullopt});
    EXPECT_FALSE(questions_.majority_healthy()) << "two outsiders are no help";
}

TEST_F(QuestionsTest, ADiskThatHangsIsNotHealthy) {
    w_.faults.carry_out(StallDisk{server(leader_), std::nullopt});
    EXPECT_TRUE(questions_.majority_healthy());
    w_.faults.carry_out(StallDisk{server(follower_), std::nullopt});
    EXPECT_FALSE(questions_.majority_healthy());
    w_.faults.carry_out(ReleaseDisk{server(leader_)});
    EXPECT_TRUE(questions_.majority_healthy());
}

TEST_F(QuestionsTest, TheMajorityMustBeConnected) {
    w_.faults.carry_out(Partition{PartitionShape::Isolate, server(follower_), false});
    EXPECT_TRUE(questions_.majority_healthy());
    w_.faults.carry_out(ChangeLinks{LinkChange::Cut, server(other_), server(leader_), {}});
    EXPECT_FALSE(questions_.majority_healthy());
}

TEST_F(QuestionsTest, BothHalvesOfAJointConfigurationMustBeHealthy) {
    Configuration::Members members;
    members.voters = {ServerId(leader_ + 1), ServerId(4), ServerId(5)};
    w_.faults.carry_out(ChangeMembership{.set = members});
    ASSERT_TRUE(w_.run_until_holds([&] { return questions_.change_half_done(); }));
    EXPECT_TRUE(questions_.majority_healthy());
    w_.faults.carry_out(Pause{only({4}), std::nullopt});
    EXPECT_TRUE(questions_.majority_healthy());
    w_.faults.carry_out(Pause{only({5}), std::nullopt});
    EXPECT_FALSE(questions_.majority_healthy()) << "the new half cannot decide";
    w_.faults.carry_out(Resume{only({4})});
    w_.faults.carry_out(Pause{only({follower_ + 1, other_ + 1}), std::nullopt});
    EXPECT_FALSE(questions_.majority_healthy()) << "the old half cannot decide";
}

// --- Equality ---

TEST_F(QuestionsTest, MembersOweCatchingUpAndOthersNothing) {
    EXPECT_TRUE(questions_.all_caught_up());
    w_.faults.carry_out(Crash{only({4, 5}), CrashMoment::Now, std::nullopt});
    EXPECT_TRUE(questions_.all_caught_up());
    w_.faults.carry_out(Crash{server(follower_), CrashMoment::Now, std::nullopt});
    EXPECT_FALSE(questions_.all_caught_up());
    w_.faults.carry_out(Restart{server(follower_)});
    w_.small.put(leader_);
    w_.run_for(milliseconds(1));
    EXPECT_FALSE(questions_.all_caught_up());
    EXPECT_TRUE(caught_up());
}

TEST_F(QuestionsTest, LearnersAndWitnessesOweCatchingUp) {
    change(4, MemberKind::Learner);
    ASSERT_TRUE(changed(1));
    change(5, MemberKind::Witness);
    ASSERT_TRUE(changed(2));
    EXPECT_TRUE(caught_up());
    for (const uint32_t id : {4U, 5U}) {
        w_.faults.carry_out(Crash{only({id}), CrashMoment::Now, std::nullopt});
        EXPECT_FALSE(questions_.all_caught_up()) << id;
        w_.faults.carry_out(Restart{only({id})});
        EXPECT_TRUE(caught_up()) << id;
    }
}

}  // namespace
}  // namespace wavetank
