// Every byte of a recorded database and of its write-ahead log: cut off there, or changed. Opening
// either gives exactly what was durable after some commit, or is refused; never anything else, and
// the process lives. A byte that was changed is never taken for an older state: neither in the
// database file nor within the write-ahead log, nor, once it was sealed, at the end of the log.
#include <gtest/gtest.h>

#include <map>

#include "core/storage/test/random_writes.h"
#include "core/storage/test/test_directory.h"
#include "core/storage/wal_audit.h"

namespace wavetank {
namespace {

class Sweep : public testing::Test {
 protected:
    // The files of a server that was killed: half of the `commits` are in the log, behind the last
    // checkpoint, and then a seal.
    void record(uint64_t seed, int commits) {
        setup_.vfs = vfs_without_sync();
        setup_.page_bytes = 512;
        RandomWrites random(seed);
        uint64_t number = 0;
        std::unique_ptr<SqliteStorage> storage;
        std::optional<MemoryStorage> model;
        for (int i = 0; i < commits; ++i) {
            // The second life begins with a checkpoint.
            if (i == 0 || i == commits / 2) {
                storage.reset();
                random.restart();
                auto opened = SqliteStorage::open(setup_);
                ASSERT_TRUE(opened.ok()) << opened.error().message;
                storage = std::move(opened.value());
                const Result<Recovered> found = storage->recover();
                ASSERT_TRUE(found.ok()) << found.error().message;
                if (!model) model.emplace(found.value());
                if (!model->recover().ok()) return;
                states_[digest_of(found.value())] = number;
            }
            std::vector<Write> writes = {random.next(*model)};
            ASSERT_TRUE(storage->commit(writes).ok());
            if (i == commits / 2) storage->checkpoint();
            model->submit(writes[0]);
            model->sync_one();
            states_[digest_of(model->recover().value())] = ++number;
        }
        last_ = number;
        const SqliteDatabase::Place place{directory_.file("raft.db"), setup_.vfs};
        seal_begin_ = audit_wal(place).value().committed;
        ASSERT_FALSE(storage->seal());
        seal_end_ = audit_wal(place).value().committed;
        ASSERT_GT(seal_end_, seal_begin_);
        storage.reset();
        database_ = directory_.read("raft.db");
        log_ = directory_.read("raft.db-wal");
        ASSERT_EQ(open({database_, log_}), static_cast<int64_t>(last_));
    }

    struct Files {
        std::string_view database;
        std::string_view log;
    };
    static constexpr int64_t kRefused = -1;
    static constexpr int64_t kWrong = -2;
    // After how many commits it was as it is found; or one of the above.
    int64_t open(const Files& files) {
        directory_.write("raft.db", files.database);
        directory_.write("raft.db-wal", files.log);
        std::filesystem::remove(directory_.file("raft.db-shm"));
        auto opened = SqliteStorage::open(setup_);
        if (!opened.ok()) return kRefused;
        const Result<Recovered> found = opened.value()->recover();
        if (!found.ok()) return kRefused;
        const auto state = states_.find(digest_of(found.value()));
        return state == states_.end() ? kWrong : static_cast<int64_t>(state->second);
    }

    // Each `step`th place, another part of them each time.
    void sweep(std::size_t step) {
        for (std::size_t at = 0; at < database_.size(); at += step) {
            expect_all_or_nothing(at);
            const int64_t cut = open({std::string_view(database_).substr(0, at), log_});
            EXPECT_TRUE(cut == kRefused || cut == static_cast<int64_t>(last_))
                << "database cut at " << at << ": " << cut;
        }
        for (std::size_t at = 0; at < log_.size(); at += step) {
            std::string flipped = log_;
            flipped[at] = static_cast<char>(flipped[at] ^ 1 << at % 8);
            const int64_t found = open({database_, flipped});
            EXPECT_TRUE(found == static_cast<int64_t>(last_) ||
                        (found == kRefused && place_of(at) == Place::Before))
                << "log flipped at " << at << ": " << found << " of " << last_;
            const int64_t cut = open({database_, std::string_view(log_).substr(0, at)});
            EXPECT_NE(cut, kWrong) << "log cut at " << at;
            EXPECT_TRUE(cut == static_cast<int64_t>(last_) || place_of(at) == Place::Before)
                << "log cut at " << at << ": " << cut;
        }
    }
    // The same without the seal. Only the last transaction, or (see wal_audit.h) the last two, may
    // look as if they had never been synced.
    void sweep_unsealed(std::size_t step) {
        const std::string unsealed = log_.substr(0, static_cast<std::size_t>(seal_begin_));
        ASSERT_EQ(open({database_, unsealed}), static_cast<int64_t>(last_));
        for (std::size_t at = 0; at < unsealed.size(); at += step) {
            std::string flipped = unsealed;
            flipped[at] = static_cast<char>(flipped[at] ^ 1 << at % 8);
            const int64_t found = open({database_, flipped});
            EXPECT_TRUE(found == kRefused || found + 2 >= static_cast<int64_t>(last_))
                << "unsealed log flipped at " << at << ": " << found << " of " << last_;
        }
    }
    enum class Place { Before, Seal, Behind };
    Place place_of(std::size_t at) const {
        const auto offset = static_cast<int64_t>(at);
        return offset < seal_begin_ ? Place::Before
               : offset < seal_end_ ? Place::Seal
                                    : Place::Behind;
    }
    void expect_all_or_nothing(std::size_t at) {
        std::string flipped = database_;
        flipped[at] = static_cast<char>(flipped[at] ^ 1 << at % 8);
        const int64_t found = open({flipped, log_});
        EXPECT_TRUE(found == kRefused || found == static_cast<int64_t>(last_))
            << "database flipped at " << at << ": " << found;
    }

    TestDirectory directory_;
    SqliteStorage::Setup setup_ = setup_in(directory_.path());
    std::map<uint64_t, uint64_t> states_;  // digest to number of commits
    uint64_t last_ = 0;
    std::string database_;
    std::string log_;
    int64_t seal_begin_ = 0;  // in the log
    int64_t seal_end_ = 0;
};

TEST_F(Sweep, OfAFewBytes) {
    record(3, 40);
    sweep((database_.size() + log_.size()) / 50 | 1);
    sweep_unsealed(log_.size() / 20 | 1);
}

// What the seal is for: the last frames before it, and its own; all of their headers, and some of
// each page.
TEST_F(Sweep, OfTheEnd) {
    record(3, 40);
    constexpr std::size_t kFrame = 24 + 512;
    const auto end = static_cast<std::size_t>(seal_end_);
    const std::size_t begin = end - 5 * kFrame;
    for (std::size_t at = begin; at < end; at += (at - begin) % kFrame < 24 ? 1U : 37U) {
        std::string flipped = log_;
        flipped[at] = static_cast<char>(flipped[at] ^ 1 << at % 8);
        const bool before = place_of(at) == Place::Before;
        EXPECT_EQ(open({database_, flipped}), before ? kRefused : static_cast<int64_t>(last_))
            << "log flipped at " << at << " of " << seal_begin_;
    }
}

// Label slow: run by the test storage_sweep.
TEST_F(Sweep, DISABLED_OfEveryByte) {
    record(3, 40);
    sweep(1);
    sweep_unsealed(1);
}

}  // namespace
}  // namespace wavetank
