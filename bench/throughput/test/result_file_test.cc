// What is written is read; what is no result file is refused.
#include "bench/throughput/result_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "bench/throughput/database.h"

namespace wavetank::bench {
namespace {

using testing::HasSubstr;

class ResultFileTest : public testing::Test {
 protected:
    ResultFileTest() {
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
    }
    ~ResultFileTest() override { std::filesystem::remove_all(folder_); }

    std::string path(const std::string& name) const { return folder_ + "/" + name; }
    static std::string error_of(const Result<ThroughputSession>& read) {
        return read.ok() ? "" : read.error().message;
    }

 private:
    const std::string folder_ = testing::TempDir() + "result_file_" +
                                testing::UnitTest::GetInstance()->current_test_info()->name();
};

ThroughputSession session_with_samples() {
    ThroughputSession session{.started = "2026-01-02T03:04:05Z"};
    session.conditions = {{"build", "wavetank 1.0"}, {"disk", "slow"}};
    session.references = {{.table = "t",
                           .system = "old",
                           .messages = 1'000,
                           .payload_bytes = 200,
                           .figure = "crash"}};
    session.bars = {{.against = "other", .concurrency = 64, .percent_min = 800}};
    ThroughputSample sample{.system = "wavetank"};
    sample.cell = {
        .table = "t", .servers = 5, .messages = 1'000, .payload_bytes = 200, .concurrency = 64};
    sample.repeat = 2;
    sample.messages = 999;
    sample.failed = 1;
    sample.elapsed = milliseconds(30);
    sample.p50 = nanoseconds(1);
    sample.p99 = nanoseconds(2);
    sample.p999 = nanoseconds(3);
    sample.max = nanoseconds(4);
    sample.client_cpu = milliseconds(5);
    session.samples.push_back(sample);
    sample.syncs = 12;
    sample.commits = 6;
    sample.server_cpu = milliseconds(7);
    sample.memory_peak_bytes = 8'000'000;
    sample.problem = "said 'no'";
    session.samples.push_back(sample);
    return session;
}

TEST_F(ResultFileTest, ReadsWhatWasWritten) {
    const ThroughputSession session = session_with_samples();
    {
        ThroughputSession head = session;
        const ThroughputSample last = head.samples.back();
        head.samples.pop_back();
        Result<ResultFile> file = ResultFile::create(path("r.sqlite"), head);
        ASSERT_TRUE(file.ok()) << file.error().message;
        EXPECT_FALSE(file.value().add(last));
    }
    const Result<ThroughputSession> read = read_result_file(path("r.sqlite"));
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read.value(), session);
}

TEST_F(ResultFileTest, DoesNotWriteOverAFile) {
    ASSERT_TRUE(ResultFile::create(path("r.sqlite"), {}).ok());
    const Result<ResultFile> again = ResultFile::create(path("r.sqlite"), {});
    ASSERT_FALSE(again.ok());
    EXPECT_THAT(again.error().message, HasSubstr("exists already"));
}

TEST_F(ResultFileTest, RefusesWhatIsNoResultFile) {
    EXPECT_THAT(error_of(read_result_file(path("none"))), HasSubstr("there is no file"));
    std::ofstream(path("text")) << "this is not a database, however long it may be";
    EXPECT_THAT(error_of(read_result_file(path("text"))), HasSubstr("file is not a database"));
    {
        Result<Database> other = Database::open(path("other"), Database::Mode::Create);
        ASSERT_TRUE(other.ok());
        EXPECT_FALSE(other.value().run("CREATE TABLE t(a)"));
    }
    EXPECT_THAT(error_of(read_result_file(path("other"))),
                HasSubstr("it is not a file of 'wavetank bench'"));
}

TEST_F(ResultFileTest, RefusesANewerFormAndWrongNumbers) {
    ASSERT_TRUE(ResultFile::create(path("r.sqlite"), session_with_samples()).ok());
    const auto alter = [&](const std::string& sql) {
        Result<Database> database = Database::open(path("r.sqlite"), Database::Mode::Create);
        ASSERT_TRUE(database.ok());
        EXPECT_FALSE(database.value().run(sql));
    };
    alter("UPDATE sample SET elapsed_ns = -5");
    EXPECT_THAT(error_of(read_result_file(path("r.sqlite"))),
                HasSubstr("column elapsed_ns holds '-5', which is no number from 0 on"));
    alter("PRAGMA user_version = 2");
    EXPECT_THAT(error_of(read_result_file(path("r.sqlite"))),
                HasSubstr("its form is 2, this program reads form 1"));
}

}  // namespace
}  // namespace wavetank::bench
