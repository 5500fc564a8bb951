// What must hold of any bytes whatever that stand where a server's database and its write-ahead log
// should, for tests and fuzzers: they are refused with a reason, or recovered, and then can be read
// and opened again to the same end.
#pragma once

#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/check.h"
#include "core/storage/sqlite_storage.h"
#include "core/storage/test/test_directory.h"

namespace wavetank {

// One string for both files: u32 size of the first, then both.
inline std::string joined(std::string_view database, std::string_view log) {
    const auto size = static_cast<uint32_t>(database.size());
    std::string bytes(sizeof size, '\0');
    std::memcpy(bytes.data(), &size, sizeof size);
    return bytes.append(database).append(log);
}

inline SqliteStorage::Setup small_setup_in(const TestDirectory& directory) {
    SqliteStorage::Setup setup = setup_in(directory.path());
    setup.vfs = vfs_without_sync();
    setup.page_bytes = 512;
    return setup;
}

// What is recovered; nothing if it is refused.
inline std::optional<Recovered> recovered_in(const TestDirectory& directory) {
    auto opened = SqliteStorage::open(small_setup_in(directory));
    if (!opened.ok()) {
        CHECK(!opened.error().message.empty());
        return std::nullopt;
    }
    Result<Recovered> found = opened.value()->recover();
    if (!found.ok()) {
        CHECK(!found.error().message.empty());
        return std::nullopt;
    }
    return std::move(found.value());
}

// True if they are a database.
inline bool try_as_database(const TestDirectory& directory, std::string_view bytes) {
    uint32_t size = 0;
    if (bytes.size() < sizeof size) return false;
    std::memcpy(&size, bytes.data(), sizeof size);
    bytes.remove_prefix(sizeof size);
    if (size > bytes.size()) return false;
    directory.write("raft.db", bytes.substr(0, size));
    directory.write("raft.db-wal", bytes.substr(size));
    std::filesystem::remove(directory.file("raft.db-shm"));
    const auto found = recovered_in(directory);
    if (!found) return false;
    // A process that ends without ceremony leaves files that are the same to the next one.
    const auto again = recovered_in(directory);
    CHECK(again.has_value());
    CHECK(again->hard_state == found->hard_state);
    CHECK(again->entries.size() == found->entries.size());
    return true;
}

}  // namespace wavetank
