// What of a file is where, and when: in our memory, in the file below, counted.
#include "core/storage/gathering_vfs.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "core/storage/test/test_directory.h"

namespace wavetank {
namespace {

// A file opened as SQLite opens it.
class RawFile {
 public:
    RawFile(const GatheringVfs& vfs, const std::string& path, int kind)
        : vfs_(sqlite3_vfs_find(vfs.name().c_str())),
          memory_(static_cast<std::size_t>(vfs_->szOsFile) / sizeof(std::max_align_t) + 1),
          name_(path + std::string(4, '\0')) {
        const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | kind;
        EXPECT_EQ(vfs_->xOpen(vfs_, name_.c_str(), file(), flags, nullptr), SQLITE_OK);
    }
    RawFile(const RawFile&) = delete;
    RawFile& operator=(const RawFile&) = delete;
    ~RawFile() { EXPECT_EQ(file()->pMethods->xClose(file()), SQLITE_OK); }

    void write(std::string_view bytes, sqlite3_int64 offset) {
        EXPECT_EQ(
            file()->pMethods->xWrite(file(), bytes.data(), static_cast<int>(bytes.size()), offset),
            SQLITE_OK);
    }
    void sync() { EXPECT_EQ(file()->pMethods->xSync(file(), SQLITE_SYNC_NORMAL), SQLITE_OK); }
    sqlite3_int64 size() {
        sqlite3_int64 size = -1;
        EXPECT_EQ(file()->pMethods->xFileSize(file(), &size), SQLITE_OK);
        return size;
    }
    std::string read(int size, sqlite3_int64 offset) {
        std::string bytes(static_cast<std::size_t>(size), '?');
        EXPECT_EQ(file()->pMethods->xRead(file(), bytes.data(), size, offset), SQLITE_OK);
        return bytes;
    }

 private:
    sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(memory_.data()); }

    sqlite3_vfs* vfs_;
    std::vector<std::max_align_t> memory_;
    std::string name_;
};

class GatheringVfsTest : public testing::Test {
 protected:
    // A log takes its permissions from its database.
    GatheringVfsTest() { directory_.write("a", ""); }
    std::string path(const char* name) const { return directory_.file(name); }

    TestDirectory directory_;
    std::unique_ptr<GatheringVfs> vfs_ = GatheringVfs::over("");
};

TEST_F(GatheringVfsTest, ALogIsWrittenWhenItIsSynced) {
    RawFile log(*vfs_, path("a-wal"), SQLITE_OPEN_WAL);
    log.write("head", 0);
    log.write("page", 4);
    EXPECT_EQ(std::filesystem::file_size(path("a-wal")), 0U);
    log.sync();
    EXPECT_EQ(std::filesystem::file_size(path("a-wal")), 8U);
    EXPECT_EQ(log.read(8, 0), "headpage");
    EXPECT_EQ(vfs_->syncs(), 1U);
}

TEST_F(GatheringVfsTest, WhatDoesNotFollowEndsTheRun) {
    RawFile log(*vfs_, path("a-wal"), SQLITE_OPEN_WAL);
    log.write("abcdefgh", 0);
    log.write("XY", 2);
    EXPECT_EQ(std::filesystem::file_size(path("a-wal")), 8U);
    log.write("Z", 4);
    log.sync();
    EXPECT_EQ(log.read(8, 0), "abXYZfgh");
}

TEST_F(GatheringVfsTest, ItsOwnerReadsAndMeasuresWhatItWrote) {
    RawFile log(*vfs_, path("a-wal"), SQLITE_OPEN_WAL);
    log.write("head", 0);
    EXPECT_EQ(log.size(), 4);
    log.write("page", 4);
    EXPECT_EQ(log.read(4, 4), "page");
}

TEST_F(GatheringVfsTest, AFileThatIsClosedKeepsWhatWasWritten) {
    { RawFile(*vfs_, path("a-wal"), SQLITE_OPEN_WAL).write("head", 0); }
    EXPECT_EQ(std::filesystem::file_size(path("a-wal")), 4U);
}

TEST_F(GatheringVfsTest, LargeTransactionsAreNotKept) {
    RawFile log(*vfs_, path("a-wal"), SQLITE_OPEN_WAL);
    const std::string page(64 << 10, 'p');
    for (int i = 0; i < 40; ++i) log.write(page, i * (64 << 10));
    EXPECT_GE(std::filesystem::file_size(path("a-wal")), 2U << 20);
    log.sync();
    EXPECT_EQ(std::filesystem::file_size(path("a-wal")), 40U * (64 << 10));
}

TEST_F(GatheringVfsTest, ADatabaseIsWrittenAtOnce) {
    RawFile database(*vfs_, path("a"), SQLITE_OPEN_MAIN_DB);
    database.write("page", 0);
    EXPECT_EQ(std::filesystem::file_size(path("a")), 4U);
    EXPECT_EQ(vfs_->syncs(), 0U);
    database.sync();
    EXPECT_EQ(vfs_->syncs(), 1U);
}

TEST_F(GatheringVfsTest, EachHasANameOfItsOwn) {
    EXPECT_NE(GatheringVfs::over("")->name(), vfs_->name());
    EXPECT_EQ(sqlite3_vfs_find("wavetank-gathering-none"), nullptr);
}

TEST_F(GatheringVfsTest, ThereMustBeOneBelow) {
    EXPECT_EQ(GatheringVfs::over("none"), nullptr);
}

}  // namespace
}  // namespace wavetank
