// The nemesis and disks: it damages them, never more than the cluster must survive, unless told to.
#include <gtest/gtest.h>

#include "sim/fault/nemesis.h"
#include "sim/fault/test/fault_world.h"

namespace wavetank {
namespace {

SmallWorld::Setup with_sqlite(uint64_t seed) {
    SmallWorld::Setup setup{.servers = seed % 2 == 0 ? 3U : 5U, .seed = seed};
    setup.disk.storage = StorageKind::Sqlite;
    return setup;
}

NemesisSetup damaging() {
    NemesisSetup setup;
    setup.interval = {.kind = LatencyKind::Constant, .base = milliseconds(50)};
    setup.duration = {.kind = LatencyKind::Constant, .base = milliseconds(130)};
    setup.rot_disk = setup.misplace_write = setup.roll_back_disk = 2;
    setup.clone_disk = setup.lose_disk = 1;
    setup.change_members = setup.crash = 1;
    setup.active_max = 8;
    return setup;
}

// "sound 1 3; {1,2,3} {1,3}": the sound disks, and the configurations that count.
std::string state_of(FaultWorld& w) {
    std::string words = "sound";
    for (uint32_t i = 0; i < w.world().servers(); ++i) {
        if (w.faults.health().sound(i)) words += " " + std::to_string(i + 1);
    }
    words += ";";
    for (const Configuration& members : configurations_that_count(w.world())) {
        words += " " + members.to_string();
    }
    return words;
}

TEST(NemesisDisks, StaysWithinTheLimitAndEveryoneComesBack) {
    uint64_t refused = 0;
    uint64_t replaced = 0;
    for (uint64_t seed = 1; seed <= 10; ++seed) {
        FaultWorld w(with_sqlite(seed));
        EXPECT_TRUE(w.elect());
        Nemesis nemesis(w.world(), w.agenda, w.faults, damaging());
        nemesis.start();
        std::string before;
        while (w.world().now() < Instant{} + seconds(6)) {
            const std::string now = state_of(w);
            w.step();
            ASSERT_TRUE(w.faults.health().within_limit())
                << "seed " << seed << ": " << state_of(w) << "; before: " << now
                << "; and before: " << before;
            if (now != state_of(w)) before = now;
        }
        nemesis.stop();
        w.faults.end_all();
        EXPECT_TRUE(w.run_until_holds([&] {
            return w.faults.health().within_limit() && !w.faults.replacing() &&
                   current_leader(w.world()).has_value();
        })) << "seed "
            << seed;
        refused += w.world().counts().disks_refused;
        replaced += w.world().counts().servers_replaced;
    }
    EXPECT_GT(refused, 10u);
    EXPECT_GT(replaced, 10u);
}

TEST(NemesisDisks, BeyondTheLimitNothingHoldsItBack) {
    uint64_t beyond = 0;
    for (uint64_t seed = 1; seed <= 5; ++seed) {
        FaultWorld w(with_sqlite(seed));
        EXPECT_TRUE(w.elect());
        NemesisSetup setup = damaging();
        setup.beyond_limit = true;
        Nemesis nemesis(w.world(), w.agenda, w.faults, setup);
        nemesis.start();
        w.run_until(Instant{} + seconds(6));
        beyond += w.faults.health().within_limit() ? 0U : 1U;
    }
    EXPECT_GT(beyond, 2u);
}

// They end with the fault, and damage nothing.
TEST(NemesisDisks, FailingDisksStopServersAndNobodyIsReplaced) {
    uint64_t stops = 0;
    for (uint64_t seed = 1; seed <= 6; ++seed) {
        FaultWorld w(with_sqlite(seed));
        EXPECT_TRUE(w.elect());
        NemesisSetup setup = damaging();
        setup.rot_disk = setup.misplace_write = setup.roll_back_disk = 0;
        setup.clone_disk = setup.lose_disk = setup.change_members = 0;
        setup.fail_disk = 3;
        setup.fill_disk = setup.slow_disk = 1;
        Nemesis nemesis(w.world(), w.agenda, w.faults, setup);
        nemesis.start();
        w.run_until(Instant{} + seconds(6));
        stops += w.world().counts().disk_stops;
        EXPECT_EQ(w.world().counts().servers_replaced, 0u);
        EXPECT_TRUE(w.faults.health().untouched());
    }
    EXPECT_GT(stops, 10u);
}

TEST(NemesisDisks, WithoutSqliteNothingHappens) {
    FaultWorld w(3);
    EXPECT_TRUE(w.elect());
    NemesisSetup setup = damaging();
    setup.crash = setup.change_members = 0;
    Nemesis nemesis(w.world(), w.agenda, w.faults, setup);
    nemesis.start();
    w.run_until(Instant{} + seconds(3));
    EXPECT_TRUE(w.faults.health().untouched());
    EXPECT_EQ(w.world().counts().crashes, 0u);
}

}  // namespace
}  // namespace wavetank
