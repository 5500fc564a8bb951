// The kept corpus of the database fuzzer: the same properties in every build. It is written anew by
// `core_storage_test --gtest_also_run_disabled_tests --gtest_filter=*WriteAnew` after a change of
// the format.
#include <gtest/gtest.h>

#include "core/storage/test/database_properties.h"
#include "core/storage/test/random_writes.h"

namespace wavetank {
namespace {

const std::filesystem::path kFolder = WAVETANK_SOURCE_DIR "/core/storage/fuzz/corpus/database";

TEST(DatabaseCorpus, IsOfDatabases) {
    const TestDirectory directory;
    std::size_t databases = 0;
    for (const auto& each : std::filesystem::directory_iterator(kFolder)) {
        std::ifstream file(each.path(), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(file), {}};
        EXPECT_TRUE(try_as_database(directory, bytes)) << each.path();
        ++databases;
    }
    EXPECT_GE(databases, 3U);
}

TEST(DatabaseCorpus, DISABLED_WriteAnew) {
    for (const int commits : {0, 1, 3, 6}) {
        const TestDirectory directory;
        auto storage = SqliteStorage::open(small_setup_in(directory));
        ASSERT_TRUE(storage.ok()) << storage.error().message;
        const Result<Recovered> found = storage.value()->recover();
        ASSERT_TRUE(found.ok());
        MemoryStorage model(found.value());
        ASSERT_TRUE(model.recover().ok());
        RandomWrites random(7);
        random.restart();
        for (int i = 0; i < commits; ++i) {
            std::vector<Write> writes = {random.next(model)};
            ASSERT_TRUE(storage.value()->commit(writes).ok());
            model.submit(writes[0]);
            model.sync_one();
        }
        std::ofstream(kFolder / ("commits_" + std::to_string(commits)), std::ios::binary)
            << joined(directory.read("raft.db"), directory.read("raft.db-wal"));
    }
}

}  // namespace
}  // namespace wavetank
