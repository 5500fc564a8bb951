// Storage in SQLite keeps the contract of storages, holds what memory storage holds whatever the
// writes, and refuses what is not its own.
#include "core/storage/sqlite_storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "core/storage/test/random_writes.h"
#include "core/storage/test/storage_contract.h"
#include "core/storage/test/test_directory.h"
#include "core/storage/wal_audit.h"

namespace wavetank {
namespace {

void reopen(const SqliteStorage::Setup& setup, std::unique_ptr<SqliteStorage>& storage) {
    storage.reset();
    auto opened = SqliteStorage::open(setup);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    storage = std::move(opened.value());
    const Result<Recovered> found = storage->recover();
    ASSERT_TRUE(found.ok()) << found.error().message;
}

using testing::HasSubstr;

// Gives SqliteStorage the queue that the contract speaks of; a crash closes it and opens it again.
class QueuedSqlite {
 public:
    explicit QueuedSqlite(const Recovered& initial) {
        setup_ = setup_in(directory_.path());
        setup_.configuration = initial.configuration;
        open();
        Write write;
        write.id = WriteId(1);
        write.hard_state = initial.hard_state;
        if (!initial.entries.empty())
            write.append.push_back(EntryRange::of(LogIndex(1), initial.entries));
        submit(write);
        sync_one();
    }
    void submit(Write& write) { queue_.push_back(std::move(write)); }
    WriteId sync_one() {
        const Result<WriteId> done = storage_->commit(std::span(&queue_.front(), 1));
        EXPECT_TRUE(done.ok()) << done.error().message;
        queue_.pop_front();
        return done.value();
    }
    std::size_t pending() const { return queue_.size(); }
    struct Survivors {};
    void crash(Survivors) {
        queue_.clear();
        open();
    }
    Result<Recovered> recover() const { return storage_->recover(); }
    std::optional<EntryRange> read_entries(LogIndex first, uint32_t count) {
        return storage_->read_entries(first, count);
    }
    std::optional<Payload> read_snapshot(LogIndex index, SqliteStorage::Piece piece) {
        return storage_->read_snapshot(index, piece);
    }

 private:
    void open() { reopen(setup_, storage_); }

    TestDirectory directory_;
    SqliteStorage::Setup setup_;
    std::unique_ptr<SqliteStorage> storage_;
    std::deque<Write> queue_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, StorageContract, QueuedSqlite);

class SqliteStorageTest : public testing::Test {
 protected:
    SqliteStorageTest() { setup_.vfs = vfs_without_sync(); }

    void open() { reopen(setup_, storage_); }
    void commit(std::vector<Write> writes) {
        const Result<WriteId> done = storage_->commit(writes);
        ASSERT_TRUE(done.ok()) << done.error().message;
        EXPECT_EQ(done.value(), writes.back().id);
    }
    // Why it does not open or recover; empty if it does.
    std::string refusal() {
        storage_.reset();
        auto opened = SqliteStorage::open(setup_);
        if (!opened.ok()) return opened.error().message;
        const Result<Recovered> found = opened.value()->recover();
        return found.ok() ? "" : found.error().message;
    }
    // Statements on the closed database, by nobody's rules.
    void tamper(const std::string& sql) {
        storage_.reset();
        auto database =
            SqliteDatabase::open({directory_.file("raft.db"), ""}, SQLITE_OPEN_READWRITE);
        ASSERT_TRUE(database.ok());
        const auto error = database.value().execute(sql);
        ASSERT_FALSE(error) << error->message;
    }

    TestDirectory directory_;
    SqliteStorage::Setup setup_ = setup_in(directory_.path());
    std::unique_ptr<SqliteStorage> storage_;
};

TEST_F(SqliteStorageTest, HoldsWhatMemoryStorageHolds) {
    for (uint64_t seed = 1; seed <= 6; ++seed) {
        storage_.reset();
        std::filesystem::remove_all(directory_.path());
        std::filesystem::create_directories(directory_.path());
        setup_.page_bytes = seed % 2 == 0 ? 512 : 16384;
        ASSERT_NO_FATAL_FAILURE(open());
        MemoryStorage model(storage_->recover().value());
        RandomWrites random(seed);
        for (int i = 0; i < 60; ++i) {
            std::vector<Write> group;
            const uint64_t size = 1 + random.below(4);
            for (uint64_t n = 0; n < size; ++n) {
                group.push_back(random.next(model));
                Write copy = group.back();
                model.submit(copy);
                model.sync_one();
            }
            ASSERT_NO_FATAL_FAILURE(commit(group));
            if (random.below(10) == 0) {
                ASSERT_NO_FATAL_FAILURE(open());
                random.restart();
            }
            const Result<Recovered> found = storage_->recover();
            ASSERT_TRUE(found.ok()) << found.error().message << " seed " << seed;
            ASSERT_EQ(digest_of(found.value()), digest_of(model.recover().value()))
                << "seed " << seed << " commit " << i;
            const LogIndex from(1 + random.below(model.last_index().value() + 2));
            const auto count = static_cast<uint32_t>(random.below(12));
            EXPECT_EQ(storage_->read_entries(from, count), model.read_entries(from, count));
            if (!model.snapshot()) continue;
            const uint64_t offset = random.below(model.snapshot()->bytes + 1);
            const uint64_t bytes = random.below(model.snapshot()->bytes - offset + 2);
            EXPECT_EQ(storage_->read_snapshot(model.snapshot()->index(), {offset, bytes}),
                      model.read_snapshot(model.snapshot()->index(), {offset, bytes}));
        }
    }
}

TEST_F(SqliteStorageTest, AGroupOfWritesIsOneTransaction) {
    open();
    commit({append(1, 1, {command(1, "a")}), append(2, 2, {command(1, "b")})});
    Write third = append(4, 2, {command(2, "c")});
    third.truncate_from = LogIndex(2);
    commit({append(3, 3, {command(1, "x")}), third});
    open();
    const std::vector<Entry> log = storage_->recover().value().entries;
    ASSERT_EQ(log.size(), 2U);
    EXPECT_EQ(log[1], command(2, "c"));
}

// The row of the last compacted entry goes with the entries that follow it.
TEST_F(SqliteStorageTest, TheLogCanBeTruncatedUpToItsBase) {
    open();
    commit({append_many(1, 1, 8), take_snapshot(2, "the state", 5, 5)});
    Write truncation;
    truncation.id = WriteId(3);
    truncation.truncate_from = LogIndex(6);
    commit({truncation});
    open();
    EXPECT_TRUE(storage_->recover().value().entries.empty());
    EXPECT_EQ(storage_->recover().value().base.index, LogIndex(5));
    commit({append(1, 6, {command(2, "x")})});
    open();
    ASSERT_EQ(storage_->recover().value().entries.size(), 1U);
    EXPECT_EQ(storage_->recover().value().entries[0], command(2, "x"));
}

TEST_F(SqliteStorageTest, IsOfOneServerOfOneCluster) {
    open();
    storage_.reset();
    setup_.server = ServerId(2);
    EXPECT_THAT(refusal(), HasSubstr("it belongs to server 1 of cluster 00000000000000c1, not to "
                                     "server 2 of cluster 00000000000000c1"));
    setup_.server = ServerId(1);
    setup_.cluster = 0xc2;
    EXPECT_THAT(refusal(), HasSubstr("not to server 1 of cluster 00000000000000c2"));
    setup_.cluster = 0xc1;
    setup_.configuration = Configuration::of_voters({ServerId(9)});
    open();
    EXPECT_EQ(storage_->recover().value().configuration.to_string(), "{1,2}")
        << "an old database keeps what it was created with";
}

TEST_F(SqliteStorageTest, CreatesOnlyWhatItMay) {
    setup_.advice = "call somebody";
    setup_.opening = SqliteStorage::Opening::OnlyOld;
    EXPECT_THAT(refusal(), HasSubstr("it holds no database: call somebody"));
    EXPECT_TRUE(std::filesystem::is_empty(directory_.path())) << "a refusal creates nothing";
    setup_.opening = SqliteStorage::Opening::OnlyNew;
    open();
    commit({append(1, 1, {command(1, "a")})});
    storage_.reset();
    EXPECT_THAT(refusal(), HasSubstr("it holds a database already: call somebody"));
    setup_.opening = SqliteStorage::Opening::OnlyOld;
    open();
    EXPECT_EQ(storage_->recover().value().entries.size(), 1U);
}

TEST_F(SqliteStorageTest, OneProcessAtATime) {
    open();
    const auto second = SqliteStorage::open(setup_);
    ASSERT_FALSE(second.ok());
    EXPECT_THAT(second.error().message, HasSubstr("another process is using it"));
}

TEST_F(SqliteStorageTest, RefusesWhatIsNotOurs) {
    auto other = SqliteDatabase::open({directory_.file("raft.db"), ""},
                                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    ASSERT_TRUE(other.ok());
    ASSERT_FALSE(other.value().execute("CREATE TABLE other(a)"));
    EXPECT_THAT(refusal(), HasSubstr("a database of another program"));
    directory_.write("raft.db",
                     "not a database, but long enough to have a header, and then some: "
                     "it is the text of a letter that somebody put here by mistake.");
    EXPECT_THAT(refusal(), HasSubstr("not a database"));
    setup_.directory = directory_.file("nowhere");
    EXPECT_THAT(refusal(), HasSubstr("unable to open database file"));
    setup_.page_bytes = 1000;
    EXPECT_THAT(refusal(), HasSubstr("not a power of two"));
}

TEST_F(SqliteStorageTest, RefusesANewerSchema) {
    open();
    tamper("PRAGMA user_version=2");
    EXPECT_THAT(refusal(),
                HasSubstr("its schema has version 2, this program knows versions up to 1"));
}

TEST_F(SqliteStorageTest, RefusesAnotherSchemaOfThatVersion) {
    open();
    tamper("ALTER TABLE runs ADD COLUMN more");
    EXPECT_THAT(refusal(), HasSubstr("its schema is not that of version 1"));
}

TEST_F(SqliteStorageTest, RefusesALogWithoutItsDatabase) {
    open();
    commit({append(1, 1, {command(1, "a")})});
    storage_.reset();
    directory_.write("raft.db", "");
    EXPECT_THAT(refusal(), HasSubstr("the database was lost"));
    EXPECT_FALSE(directory_.read("raft.db-wal").empty()) << "nothing is changed";
}

// An entry that is intact but was removed, or is removed but was there, is damage too.
TEST_F(SqliteStorageTest, FindsRowsThatAreGoneOrBack) {
    open();
    for (uint64_t i = 1; i <= 5; ++i) commit({append(i, i, {command(1, "e")})});
    Write truncation = append(6, 4, {command(2, "f")});
    truncation.truncate_from = LogIndex(4);
    commit({truncation});
    storage_.reset();
    const std::string database = directory_.read("raft.db");
    const std::string log = directory_.read("raft.db-wal");
    const auto after = [&](const std::string& sql) {
        directory_.write("raft.db", database);
        directory_.write("raft.db-wal", log);
        std::filesystem::remove(directory_.file("raft.db-shm"));
        tamper(sql);
        return refusal();
    };
    EXPECT_EQ(after("SELECT 1"), "");
    EXPECT_THAT(after("DELETE FROM runs WHERE first = 4"),
                HasSubstr("the log ends at 3, but entry 4 was there when it was sealed"));
    EXPECT_THAT(after("DELETE FROM runs WHERE first = 2"), HasSubstr("entry 2 is missing"));
    EXPECT_THAT(after("DELETE FROM runs WHERE first = 1"), HasSubstr("entry 1 is missing"));
    EXPECT_THAT(after("UPDATE runs SET first = 5 WHERE first = 4"),
                HasSubstr("entry 4 is missing"));
    EXPECT_THAT(after("INSERT INTO runs SELECT 5, entries FROM runs WHERE first = 3"),
                HasSubstr("entry 5"));
    EXPECT_THAT(after("UPDATE runs SET entries = (SELECT entries FROM runs WHERE first = 1) "
                      "WHERE first = 2"),
                HasSubstr("entry 2"));
    EXPECT_THAT(after("UPDATE runs SET entries = zeroblob(40) WHERE first = 3"),
                HasSubstr("entry 3"));
    EXPECT_THAT(after("UPDATE records SET content = zeroblob(90) WHERE id = 2"),
                HasSubstr("the state record does not fit its digest"));
    EXPECT_THAT(after("DELETE FROM records WHERE id = 1"),
                HasSubstr("the identity record is missing"));
    EXPECT_THAT(after("UPDATE seals SET seal = 1000"), HasSubstr("it is an older one"));
}

TEST_F(SqliteStorageTest, FindsDamagedPieces) {
    open();
    commit({append_many(1, 1, 8), take_snapshot(2, "the state", 5, 3)});
    const SnapshotMeta coming = snapshot_of("from the leader", 20);
    commit({piece(3, coming, 0, "from "), piece(4, coming, 5, "the ")});
    EXPECT_EQ(refusal(), "");
    open();
    EXPECT_TRUE(storage_->read_snapshot(LogIndex(5), {0, 9}));
    tamper("UPDATE pieces SET content = zeroblob(17) WHERE place = 0");
    EXPECT_THAT(refusal(), HasSubstr("the snapshot at 5 is damaged at byte 0 of 9"));
    EXPECT_THAT(refusal(), HasSubstr("Replace the server"));
    tamper("DELETE FROM pieces WHERE place = 0");
    EXPECT_THAT(refusal(), HasSubstr("the snapshot at 5 has 0 bytes instead of 9"));
}

// What recovery has not seen because it happened later.
TEST_F(SqliteStorageTest, ReadingFindsDamageAndGivesNothing) {
    open();
    commit({append_many(1, 1, 8), take_snapshot(2, "the state", 5, 3)});
    EXPECT_FALSE(storage_->damage());
    auto other = SqliteDatabase::open({directory_.file("raft.db"), ""}, SQLITE_OPEN_READWRITE);
    ASSERT_TRUE(other.ok());
    ASSERT_FALSE(other.value().execute("UPDATE pieces SET content = zeroblob(17)"));
    EXPECT_FALSE(storage_->read_snapshot(LogIndex(5), {0, 9}));
    ASSERT_TRUE(storage_->damage());
    EXPECT_THAT(storage_->damage()->message, HasSubstr("damaged at byte 0 of 9"));
    EXPECT_TRUE(storage_->read_entries(LogIndex(6), 1)) << "what is intact can still be read";
}

TEST_F(SqliteStorageTest, AnErrorIsFinal) {
    open();
    commit({append(1, 1, {command(1, "a")})});
    auto other = SqliteDatabase::open({directory_.file("raft.db"), ""}, SQLITE_OPEN_READWRITE);
    ASSERT_TRUE(other.ok());
    ASSERT_FALSE(other.value().execute("BEGIN IMMEDIATE"));
    const std::vector<Write> second = {append(2, 2, {command(1, "b")})};
    EXPECT_FALSE(storage_->commit(second).ok());
    ASSERT_FALSE(other.value().execute("COMMIT"));
    EXPECT_FALSE(storage_->commit(second).ok());
}

TEST_F(SqliteStorageTest, IsSealedOnceAfterACommit) {
    open();
    EXPECT_FALSE(storage_->seal_due()) << "opening seals";
    commit({append(1, 1, {command(1, "a")})});
    EXPECT_TRUE(storage_->seal_due());
    const SqliteDatabase::Place place{directory_.file("raft.db"), setup_.vfs};
    const auto frames = [&] { return audit_wal(place).value().frames; };
    const uint64_t before = frames();
    EXPECT_FALSE(storage_->seal());
    EXPECT_FALSE(storage_->seal_due());
    const uint64_t after = frames();
    EXPECT_EQ(after, before + 1) << "a page";
    EXPECT_FALSE(storage_->seal());
    EXPECT_EQ(frames(), after) << "nothing was due";
    commit({append(2, 2, {command(1, "b")})});
    EXPECT_TRUE(storage_->seal_due());
    open();
    EXPECT_FALSE(storage_->seal_due());
    EXPECT_EQ(storage_->recover().value().entries.size(), 2U);
}

// A checkpoint that is due is made first, and is no substitute: until the log begins anew, SQLite
// reads it after a crash, and would read less of it if its end were damaged.
TEST_F(SqliteStorageTest, ASealFollowsACheckpoint) {
    open();
    const std::string large(1 << 20, 'x');
    for (uint64_t i = 1; i <= 5; ++i) commit({append(i, i, {command(1, large)})});
    storage_->checkpoint();
    EXPECT_TRUE(storage_->seal_due());
    EXPECT_FALSE(storage_->seal());
    open();
    EXPECT_EQ(storage_->recover().value().entries.size(), 5U);
}

TEST_F(SqliteStorageTest, ASealThatFailsIsFinal) {
    open();
    commit({append(1, 1, {command(1, "a")})});
    auto other = SqliteDatabase::open({directory_.file("raft.db"), ""}, SQLITE_OPEN_READWRITE);
    ASSERT_TRUE(other.ok());
    ASSERT_FALSE(other.value().execute("BEGIN IMMEDIATE"));
    EXPECT_TRUE(storage_->seal());
    ASSERT_FALSE(other.value().execute("COMMIT"));
    EXPECT_TRUE(storage_->seal());
    const std::vector<Write> second = {append(2, 2, {command(1, "b")})};
    EXPECT_FALSE(storage_->commit(second).ok());
    open();
    EXPECT_EQ(storage_->recover().value().entries.size(), 1U) << "nothing was lost";
}

TEST_F(SqliteStorageTest, ACommitIsOneSync) {
    open();
    commit({append(1, 1, {command(1, "a")})});
    const uint64_t before = storage_->syncs();
    commit({append(2, 2, {command(1, "b")}), append(3, 3, {command(1, std::string(90'000, 'c'))})});
    commit({append(4, 4, {command(1, "d")})});
    EXPECT_EQ(storage_->syncs(), before + 2);
}

// After a checkpoint SQLite's log begins again, and what was in it asks for no other one.
TEST_F(SqliteStorageTest, OneCheckpointWhenTheLogIsFull) {
    setup_.log_bytes = 32 * setup_.page_bytes;
    open();
    const auto syncs_of_a_commit = [&](uint64_t i) {
        const uint64_t before = storage_->syncs();
        commit({append(i, i, {command(1, "a")})});
        storage_->checkpoint();
        return storage_->syncs() - before;
    };
    uint64_t checkpoints = 0;
    for (uint64_t i = 1; i <= 400; ++i) {
        const uint64_t syncs = syncs_of_a_commit(i);
        EXPECT_LE(syncs, 3U) << "the commit's, and two of a checkpoint";
        if (syncs == 3) ++checkpoints;
    }
    // Each log ends with a sealed commit, of three pages.
    EXPECT_GE(checkpoints, 400U / 31);
    EXPECT_LE(checkpoints, 400U / 29 + 1);
}

// SQLite's log is used again from its beginning, so it does not grow with what is written.
TEST_F(SqliteStorageTest, SqlitesLogStaysShort) {
    open();
    const std::string large(1 << 20, 'x');
    for (uint64_t i = 1; i <= 40; ++i) {
        commit({append(i, i, {command(1, large)})});
        if (i % 2 == 0) storage_->checkpoint();
    }
    EXPECT_LT(std::filesystem::file_size(directory_.file("raft.db-wal")), 8U << 20);
    open();
    EXPECT_EQ(storage_->recover().value().entries.size(), 40U);
}

}  // namespace
}  // namespace wavetank
