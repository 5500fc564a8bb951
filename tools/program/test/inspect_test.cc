// `wavetank inspect` over the disk of a server: what it prints, and its exit code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "core/storage/sqlite_storage.h"
#include "core/storage/test/test_directory.h"
#include "tools/program/commands.h"
#include "tools/program/simulation_engine.h"

namespace wavetank {
namespace {

using testing::HasSubstr;

class InspectTest : public testing::Test {
 protected:
    void make_disk() const {
        SqliteStorage::Setup setup;
        setup.directory = folder_;
        setup.cluster = 0xc1;
        setup.server = ServerId(3);
        setup.configuration = Configuration::of_voters({ServerId(1), ServerId(3)});
        auto storage = SqliteStorage::open(setup);
        ASSERT_TRUE(storage.ok()) << storage.error().message;
        ASSERT_TRUE(storage.value()->recover().ok());
        std::vector<Entry> entries(2);
        entries[0].term = Term(4);
        entries[1].term = Term(4);
        entries[1].kind = EntryKind::Command;
        entries[1].payload = Payload::copy_of("x = \n1");
        Write write;
        write.id = WriteId(1);
        write.hard_state = HardState{Term(4), ServerId(1), true};
        write.append.push_back(EntryRange::of(LogIndex(1), entries));
        ASSERT_TRUE(storage.value()->commit(std::span(&write, 1)).ok());
    }
    int inspect(const std::vector<std::string>& arguments) {
        out_.str("");
        err_.str("");
        const SimulationEngine engine;
        return inspect_command({"wavetank", engine, out_, err_}, arguments);
    }

    TestDirectory directory_;
    const std::string folder_ = directory_.path();
    std::ostringstream out_;
    std::ostringstream err_;
};

TEST_F(InspectTest, TellsWhatIsThere) {
    ASSERT_NO_FATAL_FAILURE(make_disk());
    EXPECT_EQ(inspect({folder_}), 0);
    EXPECT_THAT(out_.str(), HasSubstr("identity    server 3 of cluster 00000000000000c1\n"
                                      "hard state  term 4, vote for 1, has joined\n"
                                      "log         after 0 (t0): 1..2, 2 entries of 6 bytes in 1 "
                                      "rows; sealed up to 2 (seal 3)\n"
                                      "members     {1,3}\n"
                                      "verdict     whole\n"));
    EXPECT_EQ(inspect({folder_ + "/raft.db", "--entries", "2..9"}), 0);
    EXPECT_THAT(out_.str(), HasSubstr("        2  t4     command             6 B  x = .1\n"));
}

TEST_F(InspectTest, DamageIsExitCodeOne) {
    ASSERT_NO_FATAL_FAILURE(make_disk());
    auto database = SqliteDatabase::open({folder_ + "/raft.db", ""}, SQLITE_OPEN_READWRITE);
    ASSERT_TRUE(database.ok());
    ASSERT_FALSE(database.value().execute("DELETE FROM runs"));
    EXPECT_EQ(inspect({folder_}), 1);
    EXPECT_THAT(out_.str(), HasSubstr("damage      the log ends at 0, but entry 2 was there"));
    EXPECT_THAT(out_.str(), HasSubstr("verdict     damaged"));
}

}  // namespace
}  // namespace wavetank
