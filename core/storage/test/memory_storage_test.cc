// Memory storage keeps what was synced, and of the rest exactly what the crash decides.
#include "core/storage/memory_storage.h"

#include <gtest/gtest.h>

namespace wavetank {
namespace {

Entry entry(uint64_t term, const char* text) {
    return Entry{Term(term), EntryKind::Command, Payload::copy_of(text)};
}

Write append(uint64_t id, uint64_t first, const std::vector<Entry>& entries) {
    Write write;
    write.id = WriteId(id);
    write.append.push_back(EntryRange::of(LogIndex(first), entries));
    return write;
}

class MemoryStorageTest : public testing::Test {
 protected:
    MemoryStorage storage_{Configuration::of_voters({ServerId(1)}), HardState{}, {}};

    void submit(Write write) { storage_.submit(write); }
    std::vector<Entry> entries() { return storage_.recover().entries; }
};

TEST_F(MemoryStorageTest, NothingIsDurableBeforeItsSync) {
    submit(append(1, 1, {entry(1, "a")}));
    EXPECT_TRUE(entries().empty());
    EXPECT_EQ(storage_.sync_one(), WriteId(1));
    EXPECT_EQ(entries(), std::vector<Entry>{entry(1, "a")});
}

TEST_F(MemoryStorageTest, CrashLosesWhatWasNotSynced) {
    submit(append(1, 1, {entry(1, "a")}));
    storage_.sync_one();
    submit(append(2, 2, {entry(1, "b")}));
    storage_.crash({});
    EXPECT_EQ(entries(), std::vector<Entry>{entry(1, "a")});
    EXPECT_EQ(storage_.pending(), 0U);
}

TEST_F(MemoryStorageTest, CrashMayKeepWholeWritesAndTearTheNext) {
    submit(append(1, 1, {entry(1, "a")}));
    Write second = append(2, 2, {entry(2, "b"), entry(2, "c")});
    second.hard_state = HardState{Term(2), ServerId(1)};
    submit(second);
    EXPECT_EQ(storage_.parts(1), 3U);
    storage_.crash({.whole = 1, .parts = 2});
    EXPECT_EQ(storage_.hard_state(), (HardState{Term(2), ServerId(1)}));
    EXPECT_EQ(entries(), (std::vector<Entry>{entry(1, "a"), entry(2, "b")}));
}

TEST_F(MemoryStorageTest, TornWriteKeepsTheOrderOfItsParts) {
    submit(append(1, 1, {entry(1, "a"), entry(1, "b")}));
    storage_.sync_one();
    Write write = append(2, 2, {entry(3, "c")});
    write.hard_state = HardState{Term(3), ServerId()};
    write.truncate_from = LogIndex(2);
    submit(write);
    storage_.crash({.whole = 0, .parts = 2});  // hard state and truncation, not the entry
    EXPECT_EQ(storage_.hard_state().current_term, Term(3));
    EXPECT_EQ(entries(), std::vector<Entry>{entry(1, "a")});
}

}  // namespace
}  // namespace wavetank
