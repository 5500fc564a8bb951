// A node's life: its clock and deadline, where it can die, and what its disk keeps.
#include "sim/world/node.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "sim/world/members.h"
#include "sim/world/test/small_world.h"

namespace wavetank {
namespace {

// --- Clock and deadline ---

// True time at which a single server with this clock asks for its first election.
Duration first_election(const ClockQuality& clock) {
    SmallWorld small({.servers = 1, .clock_of_1 = clock});
    small.world.start_all();
    EXPECT_TRUE(small.run_until_holds([&] { return small.raft(0).role() != Role::Follower; }));
    return small.world.now() - Instant{};
}

TEST(NodeClock, DeadlineIsOnTheNodesOwnClock) {
    const Duration true_clock = first_election({});
    EXPECT_GE(true_clock, milliseconds(150));
    EXPECT_EQ(first_election({.offset = seconds(50)}), true_clock);
    EXPECT_EQ(first_election({.offset = Duration{} - seconds(50)}), true_clock);
    const Duration fast = first_election({.offset = {}, .drift_ppm = 250'000});
    EXPECT_EQ(fast.nanos, (true_clock.nanos * 4 + 4) / 5) << "five of its seconds are four of ours";
    const Duration slow = first_election({.offset = {}, .drift_ppm = -500'000});
    EXPECT_EQ(slow.nanos, true_clock.nanos * 2);
}

TEST(NodeClock, DeadlineMovesWithTheClock) {
    const Duration usual = first_election({});
    for (const Duration jump : {milliseconds(100), Duration{} - milliseconds(80)}) {
        SmallWorld small({.servers = 1});
        small.world.start_all();
        small.run_for(milliseconds(20));
        small.world.change_clock(0, jump, nullptr);
        EXPECT_TRUE(small.run_until_holds([&] { return small.raft(0).role() != Role::Follower; }));
        EXPECT_EQ(small.world.now() - Instant{}, usual - jump);
    }
}

TEST(NodeClock, DriftFromNowOn) {
    const Duration usual = first_election({});
    SmallWorld small({.servers = 1});
    small.world.start_all();
    small.run_for(milliseconds(20));
    const int64_t half_speed = -500'000;
    small.world.change_clock(0, {}, &half_speed);
    EXPECT_TRUE(small.run_until_holds([&] { return small.raft(0).role() != Role::Follower; }));
    EXPECT_EQ(small.world.now() - Instant{}, (usual - milliseconds(20)) * 2 + milliseconds(20));
}

TEST(NodeClock, IncarnationsDrawDifferentTimeouts) {
    SmallWorld small({.servers = 1});
    small.world.start_all();
    std::set<int64_t> timeouts;
    for (int i = 0; i < 10; ++i) {
        const Instant started = small.world.now();
        const auto asks = [&] { return small.raft(0).role() != Role::Follower; };
        ASSERT_TRUE(small.run_until_holds(asks));
        timeouts.insert((small.world.now() - started).nanos);
        small.world.crash(0);
        small.world.start(0);
    }
    EXPECT_EQ(timeouts.size(), 10U);
}

// --- Dying ---

// What the server of a doomed node still did in its last event.
class LastWords final : public SilentObserver {
 public:
    explicit LastWords(ServerId watched) : watched_(watched) {}
    void on_event(uint64_t, Instant) override {
        if (!dead) *this = LastWords(watched_);
    }
    void on_crash(ServerId server) override { dead = dead || server == watched_; }
    void on_write(ServerId server, const Write&) override { write |= server == watched_ && !dead; }
    void on_step(const Observation& now) override { stepped |= now.server == watched_ && !dead; }
    void on_send(ServerId from, const Send&) override { sends += from == watched_ && !dead; }

    bool dead = false;
    bool stepped = false;
    bool write = false;
    int sends = 0;

 private:
    ServerId watched_;
};

// The doomed event is the first put a leader of seven servers gets: one write, six messages.
TEST(NodeCrash, DiesBeforeInsideOrAfterItsEvent) {
    std::set<std::pair<bool, int>> seen;  // write, messages
    bool died_before = false;
    for (uint64_t seed = 1; seed <= 80; ++seed) {
        SmallWorld quiet({.servers = 7, .seed = seed});
        quiet.world.start_all();
        ASSERT_TRUE(quiet.run_until_holds([&] { return quiet.has_leader(); }));
        const uint32_t leader = quiet.leader();

        LastWords watch(ServerId(leader + 1));
        SmallWorld small({.servers = 7, .seed = seed}, &watch);
        small.world.start_all();
        small.run_until(quiet.world.now() + milliseconds(20));
        ASSERT_EQ(small.leader(), leader) << "the same seed, the same leader";
        const uint64_t deliveries = small.world.counts().deliveries;
        small.put(leader);
        ASSERT_TRUE(small.run_until_holds([&] {
            if (small.world.counts().deliveries == deliveries) small.world.node(leader).doom();
            return watch.dead;
        }));
        EXPECT_FALSE(small.running(leader));
        EXPECT_EQ(small.world.counts().crashes, 1U);
        if (!watch.stepped) {
            died_before = true;
            EXPECT_FALSE(watch.write);
            EXPECT_EQ(watch.sends, 0);
        } else {
            seen.emplace(watch.write, watch.sends);
        }
        EXPECT_TRUE(watch.write || watch.sends == 0) << "the write is handed over first";
    }
    EXPECT_TRUE(died_before);
    EXPECT_TRUE(seen.contains({false, 0})) << "before its write reached the disk";
    EXPECT_TRUE(seen.contains({true, 0})) << "after the write, before the first message";
    for (int sends = 1; sends <= 4; ++sends) EXPECT_TRUE(seen.contains({true, sends})) << sends;
    EXPECT_TRUE(seen.contains({true, 6})) << "after all";
    EXPECT_FALSE(seen.contains({false, 6}));
}

TEST(NodeCrash, ADoomedNodeThatIsSparedLives) {
    SmallWorld small({.servers = 1});
    small.world.start_all();
    small.world.node(0).doom();
    small.world.start(0);
    small.run_for(seconds(1));
    EXPECT_TRUE(small.running(0));
    EXPECT_EQ(small.world.counts().crashes, 0U);
    small.world.node(0).doom();
    small.run_for(seconds(1));
    EXPECT_FALSE(small.running(0));
}

TEST(NodeCrash, EventsOfAPastLifeAreIgnored) {
    SmallWorld small({.servers = 1});
    small.world.start_all();
    small.run_for(milliseconds(100));
    small.world.crash(0);
    small.world.start(0);
    const Instant restarted = small.world.now();
    small.run_for(milliseconds(140));
    EXPECT_EQ(small.raft(0).role(), Role::Follower) << "the old deadline was before";
    small.run_for(milliseconds(170));
    EXPECT_EQ(small.raft(0).role(), Role::Leader) << to_string(restarted);
}

// --- What the disk keeps ---

Recovered after(Recovered disk, const Write& write, std::size_t parts) {
    if (write.hard_state && parts > 0 && parts-- > 0) disk.hard_state = *write.hard_state;
    if (write.truncate_from && parts > 0 && parts-- > 0) {
        disk.entries.resize(write.truncate_from->value() - 1);
    }
    for (const EntryRange& range : write.append) {
        for (uint32_t i = 0; i < range.size() && parts > 0; ++i, --parts) {
            disk.entries.push_back(range[i]);
        }
    }
    return disk;
}
bool same(const Recovered& a, const Recovered& b) {
    return a.hard_state == b.hard_state && a.entries == b.entries;
}

// Follows a disk by what is written and synced, and explains what a start finds there.
class DiskWitness final : public SilentObserver {
 public:
    void on_start(const Options& options, const Recovered& recovered) override {
        if (options.id != ServerId(1)) return;
        found = explain(recovered);
        synced_ = recovered;
        open_.clear();
    }
    void on_write(ServerId server, const Write& write) override {
        if (server == ServerId(1)) open_.push_back(write);
    }
    void on_durable(ServerId server, WriteId upto) override {
        while (server == ServerId(1) && !open_.empty() && open_.front().id <= upto) {
            synced_ = after(synced_, open_.front(), SIZE_MAX);
            open_.erase(open_.begin());
        }
    }

    enum class Found { Synced, MoreWholeWrites, APartOfAWrite, Nonsense };
    Found found = Found::Synced;

 private:
    Found explain(const Recovered& recovered) const {
        Recovered disk = synced_;
        if (same(disk, recovered)) return Found::Synced;
        for (const Write& write : open_) {
            for (std::size_t parts = 1; parts < 10; ++parts) {
                const bool whole = same(after(disk, write, parts), after(disk, write, SIZE_MAX));
                if (!same(after(disk, write, parts), recovered)) continue;
                return whole ? Found::MoreWholeWrites : Found::APartOfAWrite;
            }
            disk = after(disk, write, SIZE_MAX);
        }
        return Found::Nonsense;
    }
    Recovered synced_;
    std::vector<Write> open_;
};

std::set<DiskWitness::Found> found_after_crashes(CrashRule rule) {
    std::set<DiskWitness::Found> found;
    for (uint64_t seed = 1; seed <= 40; ++seed) {
        DiskWitness witness;
        SmallWorld small(
            {.servers = 1,
             .seed = seed,
             .client_network = {.latency = {.kind = LatencyKind::Constant}},
             .disk = {.write = {.kind = LatencyKind::Constant, .base = milliseconds(10)},
                      .on_crash = rule}},
            &witness);
        small.world.start_all();
        EXPECT_TRUE(small.run_until_holds([&] { return small.has_leader(); }));
        for (int i = 0; i < 12; ++i) {
            small.put(0);
            if (i % 3 == 0) small.run_for(milliseconds(1));
        }
        // Four writes are open; when the first is done the other eight entries join in one more.
        small.run_for(milliseconds(11));
        EXPECT_GT(small.world.node(0).storage().pending(), 1U);
        small.world.crash(0);
        small.world.start(0);
        found.insert(witness.found);
    }
    return found;
}

TEST(NodeDisk, LoseAllKeepsWhatWasSynced) {
    EXPECT_EQ(found_after_crashes(CrashRule::LoseAll), (std::set{DiskWitness::Found::Synced}));
}

TEST(NodeDisk, InOrderKeepsWholeWrites) {
    EXPECT_EQ(found_after_crashes(CrashRule::InOrder),
              (std::set{DiskWitness::Found::Synced, DiskWitness::Found::MoreWholeWrites}));
}

TEST(NodeDisk, TornKeepsTheBeginningOfAWrite) {
    EXPECT_EQ(found_after_crashes(CrashRule::Torn),
              (std::set{DiskWitness::Found::Synced, DiskWitness::Found::MoreWholeWrites,
                        DiskWitness::Found::APartOfAWrite}));
}

TEST(NodeDisk, WritesAreDoneOneAfterTheOther) {
    class Times final : public SilentObserver {
     public:
        explicit Times(const World*& world) : world_(world) {}
        void on_durable(ServerId, WriteId id) override {
            ids.push_back(id.value());
            at.push_back(world_->now());
        }
        std::vector<uint64_t> ids;
        std::vector<Instant> at;

     private:
        const World*& world_;
    };
    const World* world = nullptr;
    Times times(world);
    SmallWorld small(
        {.servers = 1, .disk = {.write = {.kind = LatencyKind::Constant, .base = milliseconds(4)}}},
        &times);
    world = &small.world;
    small.world.start_all();
    ASSERT_TRUE(small.run_until_holds([&] { return small.has_leader(); }));
    for (int i = 0; i < 5; ++i) {
        small.put(0);
        small.run_for(microseconds(500));
    }
    small.run_for(seconds(1));
    ASSERT_GE(times.ids.size(), 4U);
    for (std::size_t i = 1; i < times.ids.size(); ++i) {
        EXPECT_EQ(times.ids[i], times.ids[i - 1] + 1);
        EXPECT_GE(times.at[i] - times.at[i - 1], milliseconds(4));
    }
    EXPECT_EQ(small.raft(0).durable_index(), small.raft(0).log().last_index());
}

// A server of one that has been idle for so long since its last write, on SQLite.
void be_idle(SmallWorld& small, Duration span) {
    small.world.start_all();
    ASSERT_TRUE(small.run_until_holds([&] { return small.has_leader(); }));
    small.put(0);
    ASSERT_TRUE(small.run_until_holds([&] { return small.world.node(0).storage().pending() > 0; }));
    ASSERT_TRUE(
        small.run_until_holds([&] { return small.world.node(0).storage().pending() == 0; }));
    small.run_for(span);
}

TEST(NodeDisk, AnIdleOneIsSealed) {
    std::set<DiskState> seen;
    for (uint64_t seed = 1; seed <= 100; ++seed) {
        SmallWorld small({.servers = 1, .seed = seed, .disk = {.storage = StorageKind::Sqlite}});
        be_idle(small, milliseconds(21));
        small.world.change_disk(0, {.kind = DiskChangeKind::Rot});
        small.world.crash(0);
        seen.insert(small.world.node(0).disk_state());
    }
    EXPECT_EQ(seen, (std::set{DiskState::Sound, DiskState::Refused}));
}

// Power is lost at any time around a seal, at any call of the disk within it.
TEST(NodeDisk, ASealMayBeTorn) {
    for (uint64_t seed = 1; seed <= 60; ++seed) {
        SmallWorld small(
            {.servers = 1,
             .seed = seed,
             .disk = {.write = {.kind = LatencyKind::Constant, .base = milliseconds(4)},
                      .storage = StorageKind::Sqlite}});
        be_idle(small, milliseconds(18 + static_cast<int64_t>(seed % 9)));
        const LogIndex last = small.raft(0).log().last_index();
        small.world.crash(0);
        EXPECT_EQ(small.world.node(0).disk_state(), DiskState::Sound);
        small.world.start(0);
        EXPECT_EQ(small.raft(0).log().last_index(), last);
    }
}

// A disk that hangs, or fails, does so in a seal as well.
TEST(NodeDisk, ASealWaitsForADiskThatHangsAndFailsWithOneThatFails) {
    SmallWorld small({.servers = 1, .disk = {.storage = StorageKind::Sqlite}});
    be_idle(small, milliseconds(10));
    small.world.change_disk(0, {.kind = DiskChangeKind::Fail, .errors = {.sync = true}});
    small.world.stall_disk(0);
    small.run_for(seconds(1));
    EXPECT_TRUE(small.running(0));
    small.world.release_disk(0);
    small.run_for(milliseconds(1));
    EXPECT_FALSE(small.running(0));
    small.world.change_disk(0, {.kind = DiskChangeKind::Mend});
    small.world.start(0);
    EXPECT_TRUE(small.running(0));
}

TEST(NodeClock, TheServerIsToldTheBound) {
    SmallWorld small(
        {.servers = 2,
         .clock_of_1 = {
             .offset = milliseconds(3), .drift_ppm = 0, .error_bound = milliseconds(5)}});
    small.world.start_all();
    small.run_for(milliseconds(10));
    EXPECT_EQ(small.world.node(0).now(),
              ClockReading(Instant{} + milliseconds(13), milliseconds(5)));
    EXPECT_FALSE(small.world.node(1).now().bounded());
}

TEST(NodeClock, AFrozenClockReachesNoDeadlineUntilItGoesOn) {
    const Duration usual = first_election({});
    SmallWorld small({.servers = 1});
    small.world.start_all();
    small.run_for(milliseconds(20));
    small.world.freeze_clock(0);
    small.run_for(seconds(30));
    EXPECT_EQ(small.raft(0).role(), Role::Follower);
    small.world.unfreeze_clock(0);
    EXPECT_TRUE(small.run_until_holds([&] { return small.raft(0).role() != Role::Follower; }));
    EXPECT_EQ(small.world.now() - Instant{}, usual + seconds(30));
}

// --- Disks that hang, and that are lost ---

class HangingDisk : public testing::Test {
 protected:
    void SetUp() override {
        small_.world.start_all();
        ASSERT_TRUE(small_.run_until_holds([&] { return small_.has_leader(); }));
        small_.run_for(milliseconds(20));
        leader_ = small_.leader();
    }
    Node& leader() { return small_.world.node(leader_); }
    SmallWorld small_{{.servers = 3}};
    uint32_t leader_ = 0;
};

TEST_F(HangingDisk, WritesNothingUntilItIsReleasedThenAllInOrder) {
    small_.world.stall_disk(leader_);
    EXPECT_FALSE(leader().working());
    EXPECT_TRUE(leader().running());
    for (int i = 0; i < 3; ++i) {
        small_.put(leader_);
        small_.run_for(milliseconds(5));
    }
    EXPECT_EQ(leader().storage().pending(), 3U);
    EXPECT_EQ(leader().storage().last_index(), LogIndex(1));
    EXPECT_EQ(small_.raft(leader_).durable_index(), LogIndex(1));
    EXPECT_EQ(small_.raft(leader_).commit_index(), LogIndex(4)) << "the others hold it";
    EXPECT_TRUE(small_.replies.empty()) << "only applied when durable";
    small_.world.release_disk(leader_);
    EXPECT_TRUE(leader().working());
    ASSERT_TRUE(
        small_.run_until_holds([&] { return leader().storage().pending() == 0; }, milliseconds(1)));
    EXPECT_EQ(leader().storage().last_index(), LogIndex(4));
    EXPECT_EQ(small_.raft(leader_).durable_index(), LogIndex(4));
}

TEST_F(HangingDisk, ALeaderWithoutADiskGivesWay) {
    small_.world.stall_disk(leader_);
    small_.put(leader_);
    ASSERT_TRUE(small_.run_until_holds([&] { return current_leader(small_.world) != leader_; },
                                       seconds(5)));
    EXPECT_NE(small_.raft(leader_).role(), Role::Leader);
}

TEST_F(HangingDisk, ARestartDoesNotHelp) {
    small_.world.stall_disk(leader_);
    small_.put(leader_);
    small_.run_for(milliseconds(5));
    small_.world.crash(leader_);
    small_.world.start(leader_);
    EXPECT_TRUE(leader().disk_stalled());
    ASSERT_TRUE(small_.run_until_holds([&] { return leader().storage().pending() > 0; }));
    small_.run_for(seconds(1));
    EXPECT_GT(leader().storage().pending(), 0U);
    small_.world.release_disk(leader_);
    small_.run_for(seconds(1));
    EXPECT_EQ(leader().storage().pending(), 0U);
    EXPECT_EQ(small_.raft(leader_).durable_index(), small_.raft(leader_).log().last_index());
}

TEST_F(HangingDisk, ReleasingWhatDoesNotHangChangesNothing) {
    const uint64_t version = small_.world.condition_version();
    small_.world.release_disk(leader_);
    EXPECT_EQ(small_.world.condition_version(), version);
    small_.world.stall_disk(leader_);
    EXPECT_GT(small_.world.condition_version(), version);
}

TEST(NodeDisk, AWipedServerWaitsToBeAdded) {
    class Wiped final : public SilentObserver {
     public:
        void on_wiped(ServerId server) override { servers.push_back(server); }
        void on_start(const Options& options, const Recovered& recovered) override {
            if (options.id == ServerId(3)) found = recovered;
        }
        std::vector<ServerId> servers;
        Recovered found;
    };
    Wiped wiped;
    SmallWorld small({.servers = 3}, &wiped);
    small.world.start_all();
    ASSERT_TRUE(small.run_until_holds([&] { return small.has_leader(); }));
    small.run_for(milliseconds(100));
    small.world.wipe(2, false);
    EXPECT_TRUE(wiped.servers.empty()) << "it runs";
    small.world.crash(2);
    small.world.wipe(2, false);
    EXPECT_EQ(wiped.servers, std::vector{ServerId(3)});
    EXPECT_EQ(small.world.node(2).storage().last_index(), LogIndex());
    small.world.start(2);
    EXPECT_TRUE(wiped.found.configuration.all().empty());
    EXPECT_EQ(wiped.found.hard_state, HardState{});
    EXPECT_TRUE(wiped.found.entries.empty());
}

TEST(NodeDisk, GivesTheServerWhatIsDurable) {
    SmallWorld small({.servers = 1});
    small.world.start_all();
    ASSERT_TRUE(small.run_until_holds([&] { return small.has_leader(); }));
    ASSERT_TRUE(small.open_session(0));
    for (int i = 0; i < 3; ++i) small.put(0);
    small.run_for(milliseconds(50));
    Node& node = small.world.node(0);
    const auto entries = node.read_entries(LogIndex(3), 2);
    ASSERT_TRUE(entries.has_value());
    EXPECT_EQ((*entries)[1], small.raft(0).log().entry_at(LogIndex(4)));
    EXPECT_FALSE(node.read_entries(LogIndex(5), 2));
    EXPECT_FALSE(node.read_snapshot(LogIndex(5), {0, 1}));
    ASSERT_TRUE(small.world.take_snapshot(0));
    small.run_for(milliseconds(50));
    const auto& snapshot = node.storage().snapshot();
    ASSERT_TRUE(snapshot.has_value());
    EXPECT_EQ(snapshot->index(), LogIndex(5));
    const auto bytes = node.read_snapshot(LogIndex(5), {0, snapshot->bytes});
    ASSERT_TRUE(bytes.has_value());
    EXPECT_EQ(bytes->digest(), snapshot->digest);
    EXPECT_EQ(small.world.counts().snapshots_taken, 1U);
    small.world.crash(0);
    small.world.start(0);
    EXPECT_EQ(small.raft(0).snapshot(), snapshot);
}

}  // namespace
}  // namespace wavetank
