// A node's SQLite disk keeps the same as the memory storage beside it, over any crash.
#include "sim/world/sqlite_host.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

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

uint64_t found_by(SqliteHost& host, const MemoryStorage& shadow) {
    const SqliteHost::Found found = host.recover(shadow);
    EXPECT_EQ(found.state, DiskState::Sound);
    return digest_of(found.recovered.value());
}

TEST(SqliteHost, BeginsWithWhatItWasGiven) {
    SqliteHost host({ServerId(1), 5}, beginning());
    EXPECT_EQ(found_by(host, MemoryStorage(beginning())), digest_of(beginning()));
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
                    EXPECT_TRUE(host.sync_one());
                    shadow.sync_one();
                }
                EXPECT_TRUE(queued > 0 || random.below(3) > 0 || host.seal()) << seed;
            }
            const std::size_t whole = random.below(queued + 1);
            const bool sealing = random.below(2) == 0;
            EXPECT_EQ(host.crash({whole, random.below(20), sealing}, shadow), DiskState::Sound);
            EXPECT_EQ(shadow.pending(), 0U);
            EXPECT_EQ(found_by(host, shadow), digest_of(shadow.recover().value())) << seed;
            random.restart();
        }
        host.wipe();
        EXPECT_EQ(found_by(host, MemoryStorage(Recovered{})), digest_of(Recovered{}));
    }
}

// A host with some lives behind it, whose disk something is done to.
class DamagedHost : public testing::Test {
 protected:
    void begin(uint64_t seed) {
        host_.emplace(SqliteHost::Setup{ServerId(1), seed}, beginning());
        shadow_.emplace(beginning());
        random_.emplace(seed);
        write(40);
    }
    // False if a write failed.
    bool write(int count) {
        for (int i = 0; i < count; ++i) {
            Write write = random_->next(*shadow_);
            host_->submit(write);
            shadow_->submit(write);
            if (!host_->sync_one()) return false;
            shadow_->sync_one();
        }
        return true;
    }
    DiskState crash() {
        random_->restart();
        return host_->crash({}, *shadow_);
    }
    DiskState change(const DiskChange& change, const SqliteHost* other = nullptr) {
        return host_->change(change, *shadow_, other).value();
    }
    // What is said about rot at this place: nothing is changed if there is none.
    std::string refused(const RotPlace& place) {
        const auto state =
            host_->change({.kind = DiskChangeKind::Rot, .place = place}, *shadow_, nullptr);
        return state.ok() ? "it was done" : state.error().message;
    }
    SqliteHost::Found start() { return host_->recover(*shadow_); }

    std::optional<SqliteHost> host_;
    std::optional<MemoryStorage> shadow_;
    std::optional<RandomWrites> random_;
};

// A failed call ends the server and damages nothing: what was durable is there when the disk is
// mended, and the write that failed is there as a whole or not at all.
TEST_F(DamagedHost, ErrorsEndTheServerAndDamageNothing) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        for (const SimDisk::Errors errors :
             {SimDisk::Errors{.write = true}, SimDisk::Errors{.sync = true},
              SimDisk::Errors{.read = true, .sync = true}}) {
            begin(seed);
            change({.kind = DiskChangeKind::Fail, .errors = errors});
            EXPECT_FALSE(write(200));
            EXPECT_EQ(crash(), DiskState::Sound);
            const bool starts = start().recovered.ok();
            EXPECT_TRUE(!starts || !errors.read);
            EXPECT_EQ(start().state, DiskState::Sound) << "it may start another time";
            change({.kind = DiskChangeKind::Mend});
            EXPECT_TRUE(start().recovered.ok());
            EXPECT_EQ(crash(), DiskState::Sound);
        }
    }
}

TEST_F(DamagedHost, AFullDiskEndsTheServerAndDamagesNothing) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        begin(seed);
        change({.kind = DiskChangeKind::Fill});
        EXPECT_FALSE(write(3000)) << "SQLite's log is used again for a while";
        EXPECT_EQ(crash(), DiskState::Sound);
        change({.kind = DiskChangeKind::Mend});
        EXPECT_TRUE(start().recovered.ok());
        EXPECT_TRUE(write(20));
        EXPECT_EQ(crash(), DiskState::Sound);
    }
}

// Damage is found when the server starts, or it did not matter. Only where SQLite's log was not
// sealed, what it ends with is taken for torn if it is damaged, and then the disk is older than it
// was.
TEST_F(DamagedHost, RotIsFoundOrDidNotMatter) {
    std::map<DiskState, int> seen;
    for (uint64_t seed = 1; seed <= 300; ++seed) {
        begin(seed);
        const bool sealed = seed % 4 > 0;
        EXPECT_TRUE(!sealed || seed % 8 >= 4 || host_->seal());
        change({.kind = DiskChangeKind::Rot,
                .bits = sealed ? 1 : 1 + static_cast<uint32_t>(seed % 3)});
        EXPECT_TRUE(!sealed || seed % 8 < 4 || host_->seal());
        DiskState state = crash();
        EXPECT_FALSE(sealed && state == DiskState::Outdated) << seed;
        if (state == DiskState::Sound) state = start().state;
        ++seen[state];
        EXPECT_EQ(start().recovered.ok(), state != DiskState::Refused);
        EXPECT_EQ(start().state, state);
    }
    EXPECT_GT(seen[DiskState::Refused], 100);
    EXPECT_GT(seen[DiskState::Sound], 0);
    EXPECT_LT(seen[DiskState::Outdated], 20);
}

// One bit is enough where it matters: of a run in the last transaction of SQLite's log it looks
// torn.
TEST_F(DamagedHost, RotAtAnEntryIsFound) {
    std::map<DiskState, int> seen;
    for (uint64_t seed = 1; seed <= 40; ++seed) {
        begin(seed);
        const LogIndex first = shadow_->base().index.next();
        const uint64_t entries = shadow_->last_index().next().value() - first.value();
        if (entries == 0) continue;
        const LogIndex entry = first.plus((entries - 1) * (seed % 4) / 3);
        if (const std::string answer = refused({.entry = entry}); answer != "it was done") {
            EXPECT_THAT(answer, testing::HasSubstr("lies on several pages"));
            continue;
        }
        const DiskState state = crash();
        ++seen[state];
        if (state != DiskState::Refused) continue;
        const std::string why = start().recovered.error().message;
        EXPECT_TRUE(why.find(fmt::format("entry {} does not fit its checksum", entry.value())) !=
                        std::string::npos ||
                    why.find("-wal file is damaged") != std::string::npos)
            << why;
    }
    EXPECT_EQ(seen[DiskState::Sound], 0);
    EXPECT_GT(seen[DiskState::Refused], 20);
    EXPECT_LT(seen[DiskState::Outdated], 15) << "every fourth is in the last run";
}

TEST_F(DamagedHost, RotInAFileStaysThere) {
    std::map<DiskState, int> of_database;
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        begin(seed);
        change({.kind = DiskChangeKind::Rot,
                .bits = 400,
                .place = {.file = RotPlace::File::Database, .offset = {}}});
        ++of_database[crash()];
        begin(seed);
        change({.kind = DiskChangeKind::Rot,
                .bits = 8,
                .place = {.file = RotPlace::File::Wal, .offset = 0}});
        EXPECT_EQ(crash(), DiskState::Refused) << "no frame counts without the log's header";
    }
    EXPECT_EQ(of_database[DiskState::Outdated], 0) << "what is torn is in SQLite's log";
    EXPECT_GT(of_database[DiskState::Refused], 10);
}

TEST_F(DamagedHost, RotWhereNothingIsIsRefused) {
    begin(1);
    const LogIndex beyond = shadow_->last_index().next();
    EXPECT_EQ(refused({.entry = beyond}),
              "no bit was changed: its durable log has no entry " + std::to_string(beyond.value()));
    EXPECT_THAT(refused({.file = RotPlace::File::Database, .offset = 1 << 30}),
                testing::MatchesRegex("no bit was changed: data/raft.db has [0-9]+ bytes, so there "
                                      "is none at 1073741824"));
    EXPECT_EQ(crash(), DiskState::Sound);
    EXPECT_TRUE(start().recovered.ok());
    host_->wipe();
    shadow_.emplace(Recovered{});
    EXPECT_EQ(refused({.entry = LogIndex(1)}),
              "no bit was changed: its durable log has no entry 1");
}

TEST_F(DamagedHost, AMisplacedWriteIsFoundOrDidNotMatter) {
    std::map<DiskState, int> seen;
    for (uint64_t seed = 1; seed <= 200; ++seed) {
        begin(seed);
        const auto where =
            seed % 2 == 0 ? SimDisk::Misplaced::Nowhere : SimDisk::Misplaced::Elsewhere;
        change({.kind = DiskChangeKind::Misplace, .where = where});
        EXPECT_TRUE(write(1 + static_cast<int>(seed % 20)));
        const bool sealed = seed % 4 < 2;
        EXPECT_TRUE(!sealed || host_->seal());
        const DiskState state = crash();
        EXPECT_FALSE(sealed && state == DiskState::Outdated) << seed;
        ++seen[state];
    }
    EXPECT_GT(seen[DiskState::Refused], 50);
    EXPECT_LT(seen[DiskState::Outdated], 20);
}

TEST_F(DamagedHost, ARolledBackDiskIsIntactAndOld) {
    begin(1);
    change({.kind = DiskChangeKind::Save});
    crash();
    EXPECT_EQ(change({.kind = DiskChangeKind::RollBack}), DiskState::Sound)
        << "nothing was written";
    EXPECT_TRUE(start().recovered.ok());
    EXPECT_TRUE(write(5));
    crash();
    EXPECT_EQ(change({.kind = DiskChangeKind::RollBack}), DiskState::Outdated);
    EXPECT_TRUE(start().recovered.ok()) << "the storage cannot know";
    EXPECT_EQ(start().state, DiskState::Outdated);
    host_->wipe();
    shadow_.emplace(Recovered{});
    EXPECT_EQ(found_by(*host_, *shadow_), digest_of(Recovered{}));
}

TEST_F(DamagedHost, TheDiskOfAnotherServerIsRefused) {
    begin(1);
    const SqliteHost other({ServerId(2), 7}, beginning());
    crash();
    EXPECT_EQ(change({.kind = DiskChangeKind::Clone}, &other), DiskState::Refused);
    const SqliteHost::Found found = start();
    ASSERT_FALSE(found.recovered.ok());
    EXPECT_NE(found.recovered.error().message.find("it belongs to server 2"), std::string::npos);
}

}  // namespace
}  // namespace wavetank
