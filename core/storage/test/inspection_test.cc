// Inspection shows what is there, names all that is damaged, and changes nothing.
#include "core/storage/inspection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/storage/entry_run.h"
#include "core/storage/test/storage_contract.h"
#include "core/storage/test/test_directory.h"

namespace wavetank {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class InspectionTest : public testing::Test {
 protected:
    InspectionTest() { setup_.vfs = vfs_without_sync(); }

    // A server that has done a little of everything, and runs on.
    void run_server() {
        auto opened = SqliteStorage::open(setup_);
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        storage_ = std::move(opened.value());
        ASSERT_TRUE(storage_->recover().ok());
        Write write = append_many(1, 1, 9);
        write.hard_state = HardState{Term(3), ServerId(2), true};
        Entry change = command(3, encode(Configuration::of_voters({ServerId(1), ServerId(7)})));
        change.kind = EntryKind::Configuration;
        write.append.push_back(EntryRange::of(LogIndex(10), std::vector{change}));
        const std::vector<Write> writes = {
            write, take_snapshot(2, "the state", 5, 3),
            piece(3, snapshot_of("from the leader", 20), 0, "from ")};
        ASSERT_TRUE(storage_->commit(writes).ok());
    }
    Result<Inspection> inspect() {
        listed_.clear();
        return inspect_storage(
            {directory_.file("raft.db"), "",
             [this](LogIndex index, const Entry&) { listed_.push_back(index.value()); }});
    }
    // Changes the last byte of these entries of the first row.
    void spoil_payloads_of(const std::set<uint64_t>& indexes) {
        auto opened = SqliteDatabase::open({directory_.file("raft.db"), ""}, SQLITE_OPEN_READWRITE);
        ASSERT_TRUE(opened.ok());
        auto select = opened.value().prepare("SELECT entries FROM runs WHERE first = 1");
        auto update = opened.value().prepare("UPDATE runs SET entries = ?1 WHERE first = 1");
        ASSERT_TRUE(select.ok() && update.ok());
        ASSERT_EQ(select.value().step(), SqliteStatement::Step::Row);
        const std::string row(select.value().bytes(0));
        std::string spoilt = row;
        EntryRunReader run(LogIndex(1), row);
        while (run.next()) {
            if (indexes.contains(run.index().value() - 1)) spoilt[run.position() - 1] ^= 1;
        }
        select.value().reset();
        ASSERT_TRUE(update.value().bind(1, std::string_view(spoilt)).run());
    }

    TestDirectory directory_;
    SqliteStorage::Setup setup_ = setup_in(directory_.path());
    std::unique_ptr<SqliteStorage> storage_;
    std::vector<uint64_t> listed_;
};

TEST_F(InspectionTest, ShowsWhatIsThere) {
    ASSERT_NO_FATAL_FAILURE(run_server());
    for (const bool running : {true, false}) {
        if (!running) storage_.reset();
        const Result<Inspection> result = inspect();
        ASSERT_TRUE(result.ok()) << result.error().message;
        const Inspection& found = result.value();
        EXPECT_EQ(found.in_use, running);
        EXPECT_THAT(found.damage, IsEmpty());
        ASSERT_TRUE(found.identity && found.state && found.configuration);
        EXPECT_EQ(found.identity->server, ServerId(1));
        EXPECT_EQ(found.state->hard_state, (HardState{Term(3), ServerId(2), true}));
        EXPECT_EQ(found.first, LogIndex(4));
        EXPECT_EQ(found.last, LogIndex(10));
        EXPECT_EQ(found.entries, 7U);
        EXPECT_EQ(found.configuration->index, LogIndex(10));
        EXPECT_EQ(found.configuration->configuration.to_string(), "{1,7}");
        EXPECT_EQ(found.state->snapshot->meta.index(), LogIndex(5));
        EXPECT_EQ(found.state->collecting->bytes, 5U);
        EXPECT_THAT(listed_, ElementsAre(4, 5, 6, 7, 8, 9, 10));
    }
}

TEST_F(InspectionTest, ChangesNothing) {
    ASSERT_NO_FATAL_FAILURE(run_server());
    storage_.reset();
    const std::string database = directory_.read("raft.db");
    const std::string log = directory_.read("raft.db-wal");
    ASSERT_TRUE(inspect().ok());
    EXPECT_EQ(directory_.read("raft.db"), database);
    EXPECT_EQ(directory_.read("raft.db-wal"), log);
}

TEST_F(InspectionTest, NamesAllDamagedEntries) {
    ASSERT_NO_FATAL_FAILURE(run_server());
    storage_.reset();
    spoil_payloads_of({5, 8});
    const Result<Inspection> found = inspect();
    ASSERT_TRUE(found.ok()) << found.error().message;
    EXPECT_THAT(found.value().damage, ElementsAre("entry 5 does not fit its checksum",
                                                  "entry 8 does not fit its checksum"));
    EXPECT_THAT(listed_, ElementsAre(4, 6, 7, 9, 10));
}

TEST_F(InspectionTest, RefusesWhatIsNoDisk) {
    EXPECT_THAT(inspect().error().message, HasSubstr("unable to open database file"));
    directory_.write("raft.db", "");
    EXPECT_THAT(inspect().error().message, HasSubstr("it is empty: no server has used it"));
    directory_.write("raft.db", std::string(5'000, 'x'));
    EXPECT_THAT(inspect().error().message, HasSubstr("not a database"));
}

}  // namespace
}  // namespace wavetank
