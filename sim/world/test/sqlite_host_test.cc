// A node's SQLite disk keeps the same as the memory storage beside it, over any crash.
#include "sim/world/sqlite_host.h"

#include <gtest/gtest.h>

#include "core/storage/test/random_writes.h"

namespace wavetank {
namespace {

Recovered beginning() {
    Recovered initial;
    initial.configuration = Configuration::of_voters({ServerId(1), ServerId(2)});
    initial.hard_state = HardState{Term(1), ServerId(2), true};
    initial.entries.resize(300);
    for (Entry& entry : initial.entries) entry.term = Term(1);
    return initial;
}

TEST(SqliteHost, BeginsWithWhatItWasGiven) {
    SqliteHost host({ServerId(1), 5}, beginning());
    EXPECT_EQ(digest_of(host.recover()), digest_of(beginning()));
    EXPECT_EQ(host.read_entries(LogIndex(257), 44)->size(), 44U);
}

TEST(SqliteHost, KeepsWhatTheShadowKeeps) {
    for (uint64_t seed = 1; seed <= 30; ++seed) {
        SqliteHost host({ServerId(1), seed}, beginning());
        MemoryStorage shadow(beginning());
        RandomWrites random(seed);
        for (int life = 0; life < 10; ++life) {
            // The model of what will be durable when all that is queued is.
            MemoryStorage ahead = shadow;
            std::size_t queued = 0;
            for (int i = 0; i < 20; ++i) {
                Write write = random.next(ahead);
                host.submit(write);
                Write copy = write;
                ahead.submit(copy);
                ahead.sync_one();
                shadow.submit(write);
                ++queued;
                for (uint64_t done = random.below(3); done > 0 && queued > 0; --done, --queued) {
                    host.sync_one();
                    shadow.sync_one();
                }
            }
            const std::size_t whole = random.below(queued + 1);
            host.crash({whole, random.below(20)}, shadow);
            EXPECT_EQ(shadow.pending(), 0U);
            EXPECT_EQ(digest_of(host.recover()), digest_of(shadow.recover().value())) << seed;
            random.restart();
        }
        host.wipe();
        EXPECT_EQ(digest_of(host.recover()), digest_of(Recovered{}));
    }
}

}  // namespace
}  // namespace wavetank
