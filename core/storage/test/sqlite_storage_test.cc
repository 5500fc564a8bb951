// Storage in SQLite keeps the contract of storages, over crashes as well.
#include "core/storage/sqlite_storage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <filesystem>

#include "core/storage/test/storage_contract.h"

namespace wavetank {
namespace {

// A directory of its own for each test.
class TestDirectory {
 public:
    TestDirectory() {
        const testing::TestInfo& test = *testing::UnitTest::GetInstance()->current_test_info();
        path_ = std::string(test.test_suite_name()) + "." + test.name();
        std::replace(path_.begin(), path_.end(), '/', '_');
        path_ = testing::TempDir() + path_;
        std::filesystem::remove_all(path_);
        std::filesystem::create_directories(path_);
    }
    TestDirectory(const TestDirectory&) = delete;
    TestDirectory& operator=(const TestDirectory&) = delete;
    ~TestDirectory() { std::filesystem::remove_all(path_); }
    const std::string& path() const { return path_; }

 private:
    std::string path_;
};

SqliteStorage::Setup setup_in(const std::string& directory) {
    SqliteStorage::Setup setup;
    setup.directory = directory;
    setup.cluster = 0xc1;
    setup.server = ServerId(1);
    setup.configuration = Configuration::of_voters({ServerId(1), ServerId(2)});
    return setup;
}

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
    void open() {
        storage_.reset();
        auto opened = SqliteStorage::open(setup_);
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        storage_ = std::move(opened.value());
        const Result<Recovered> found = storage_->recover();
        ASSERT_TRUE(found.ok()) << found.error().message;
    }

    TestDirectory directory_;
    SqliteStorage::Setup setup_;
    std::unique_ptr<SqliteStorage> storage_;
    std::deque<Write> queue_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, StorageContract, QueuedSqlite);

}  // namespace
}  // namespace wavetank
