// Runs in which disks are damaged: within the limit liveness is owed, beyond it nobody may lie.
#include <gtest/gtest.h>

#include "sim/check/raft_oracles.h"
#include "sim/fault/faults.h"
#include "sim/simulation.h"

namespace wavetank {
namespace {

constexpr Duration kLater = milliseconds(800);

Target those(const std::vector<uint32_t>& ids) {
    Target target;
    for (const uint32_t id : ids) target.servers.push_back(ServerId(id));
    return target;
}
// Something is done to these disks after a while, and all that can start does.
wavetank::Setup setup_with(DiskChangeKind kind, const std::vector<uint32_t>& ids) {
    wavetank::Setup setup;
    setup.disk.storage = StorageKind::Sqlite;
    setup.duration = seconds(2);
    ChangeDisk change{{.kind = kind, .bits = 400}, those(ids), {}, std::nullopt};
    const Target all{.kind = TargetKind::All, .servers = {}, .count = 1};
    setup.timeline = {{.at = kLater, .action = change, .label = "damage"},
                      {.action = Crash{all, CrashMoment::Now, milliseconds(5)}}};
    return setup;
}
std::string oracle_of(const RunRecord& record) {
    if (record.findings.empty()) return "none";
    return record.findings[0].oracle + ": " + record.findings[0].message;
}

TEST(DiskLimit, WithinItServersAreReplacedAndLivenessIsOwed) {
    for (const DiskChangeKind kind :
         {DiskChangeKind::Rot, DiskChangeKind::RollBack, DiskChangeKind::Lose}) {
        const RunRecord record = run_simulation(setup_with(kind, {2}), 3);
        EXPECT_EQ(record.verdict, Verdict::Pass) << oracle_of(record);
        EXPECT_GE(record.changes_done, 2u) << "removed and added again";
    }
}

TEST(DiskLimit, AScenarioMustSayThatItGoesBeyond) {
    for (const DiskChangeKind kind :
         {DiskChangeKind::Rot, DiskChangeKind::RollBack, DiskChangeKind::Lose}) {
        wavetank::Setup setup = setup_with(kind, {1, 2});
        const RunRecord record = run_simulation(setup, 3);
        EXPECT_EQ(record.verdict, Verdict::Fail);
        EXPECT_EQ(oracle_of(record),
                  "timeline: damage: more disks are damaged now than the cluster can do without; "
                  "damage fewer at a time, or say beyond_limit: true");
        setup.beyond_limit = true;
        const RunRecord beyond = run_simulation(setup, 3);
        EXPECT_EQ(beyond.verdict, Verdict::Pass) << oracle_of(beyond);
        EXPECT_EQ(beyond.changes_done, 0u);
    }
}

// Without beyond_limit it is not forgiven that nobody leads.
TEST(DiskLimit, LivenessIsOwedOnlyWithinIt) {
    wavetank::Setup setup = setup_with(DiskChangeKind::Lose, {1, 2});
    setup.timeline[0].action = ChangeDisk{{.kind = DiskChangeKind::Fail, .errors = {.write = true}},
                                          those({1, 2, 3}),
                                          {},
                                          std::nullopt};
    const RunRecord mended = run_simulation(setup, 3);
    EXPECT_EQ(mended.verdict, Verdict::Pass) << "the healing mends disks: " << oracle_of(mended);
}

// --- What must hold beyond the limit as well: each rule, broken by a made-up start ---
//
// "What was acknowledged is not taken back" rests on two oracles: a server starts from what its
// disk was promised to hold, and who lost its disk does not vote before it has caught up.

class MustNotLie : public testing::Test {
 protected:
    MustNotLie() {
        WorldSetup setup;
        setup.servers = 3;
        for (uint32_t i = 0; i < 3; ++i) {
            Node::Setup& node = setup.nodes.emplace_back();
            node.position = i;
            node.options.id = ServerId(i + 1);
            node.initial.configuration = members();
        }
        world_.emplace(setup, 1, &oracles_, nullptr);
        world_->start_all();
        while (!current_leader(*world_) ||
               world_->node(0).replica().raft().commit_index() < LogIndex(1)) {
            world_->step();
        }
        for (int i = 0; i < 300; ++i) world_->step();
        EXPECT_TRUE(findings_.empty());
    }
    static Configuration members() {
        return Configuration::of_voters({ServerId(1), ServerId(2), ServerId(3)});
    }
    // Server 1 crashes, and starts from `found`.
    void start_from(const Recovered& found) {
        world_->crash(0);
        Options options;
        options.id = ServerId(1);
        oracles_.on_start(options, found);
    }
    Recovered on_disk() { return world_->node(0).storage().recover().value(); }
    std::string oracle() { return findings_.empty() ? "none" : findings_.kept()[0].oracle; }

    Findings findings_;
    RaftOracles oracles_{Cluster{{ServerId(1), ServerId(2), ServerId(3)}, members()}, findings_};
    std::optional<World> world_;
};

TEST_F(MustNotLie, StartingFromWhatIsThereIsFine) {
    start_from(on_disk());
    EXPECT_EQ(oracle(), "none");
}

TEST_F(MustNotLie, AnOlderLogIsRejected) {
    Recovered older = on_disk();
    ASSERT_FALSE(older.entries.empty());
    older.entries.pop_back();
    start_from(older);
    EXPECT_EQ(oracle(), "recovery");
}

TEST_F(MustNotLie, AnOlderTermOrVoteIsRejected) {
    Recovered older = on_disk();
    older.hard_state = HardState{};
    older.hard_state.joined = true;
    start_from(older);
    EXPECT_EQ(oracle(), "recovery");
}

TEST_F(MustNotLie, AnEmptyDiskUnderTheOldNameIsRejected) {
    Recovered empty;
    empty.configuration = members();
    start_from(empty);
    EXPECT_EQ(oracle(), "recovery");
}

}  // namespace
}  // namespace wavetank
