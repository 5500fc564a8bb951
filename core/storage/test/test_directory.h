// What tests of SqliteStorage share: a directory of their own, and the system's VFS without its
// syncs, for tests that crash nothing and open a database thousands of times.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "core/base/check.h"
#include "core/storage/sqlite_storage.h"

namespace wavetank {

// Empty, and gone when the test is over.
class TestDirectory {
 public:
    TestDirectory() {
        path_ = testing::TempDir() + "storage_test_XXXXXX";
        CHECK(::mkdtemp(path_.data()) != nullptr);
    }
    TestDirectory(const TestDirectory&) = delete;
    TestDirectory& operator=(const TestDirectory&) = delete;
    ~TestDirectory() { std::filesystem::remove_all(path_); }
    const std::string& path() const { return path_; }
    std::string file(const std::string& name) const { return path_ + "/" + name; }

    std::string read(const std::string& name) const {
        std::ifstream in(file(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void write(const std::string& name, std::string_view bytes) const {
        std::ofstream out(file(name), std::ios::binary | std::ios::trunc);
        out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        ASSERT_TRUE(out.good()) << name;
    }

 private:
    std::string path_;
};

// Registers the VFS at its first call, and gives its name.
inline const char* vfs_without_sync() {
    static sqlite3_vfs vfs;
    if (vfs.zName != nullptr) return vfs.zName;
    static const sqlite3_vfs* real = sqlite3_vfs_find(nullptr);
    vfs = *real;
    vfs.zName = "wavetank_without_sync";
    vfs.xOpen = [](sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
        auto* system = const_cast<sqlite3_vfs*>(real);
        const int code = real->xOpen(system, name, file, flags, out);
        if (code != SQLITE_OK) return code;
        static std::map<const sqlite3_io_methods*, sqlite3_io_methods> without_sync;
        sqlite3_io_methods& methods = without_sync[file->pMethods];
        methods = *file->pMethods;
        methods.xSync = [](sqlite3_file*, int) { return SQLITE_OK; };
        file->pMethods = &methods;
        return code;
    };
    sqlite3_vfs_register(&vfs, 0);
    return vfs.zName;
}

inline SqliteStorage::Setup setup_in(const std::string& directory) {
    SqliteStorage::Setup setup;
    setup.directory = directory;
    setup.cluster = 0xc1;
    setup.server = ServerId(1);
    setup.configuration = Configuration::of_voters({ServerId(1), ServerId(2)});
    return setup;
}

}  // namespace wavetank
