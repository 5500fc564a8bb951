// Memory storage keeps the contract of storages, and of what was not synced exactly what the crash
// decides.
#include "core/storage/memory_storage.h"

#include <gtest/gtest.h>

#include "core/storage/test/storage_contract.h"

namespace wavetank {
namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, StorageContract, MemoryStorage);

// The same bytes but one, under the same digest: what a defect leaves that does not verify.
Payload spoilt(const std::string& text) {
    Payload payload = Payload::copy_of(text);
    const_cast<char&>(payload.bytes()[text.size() / 2]) ^= 1;
    return payload;
}

class MemoryStorageTest : public testing::Test {
 protected:
    static Recovered initial() {
        Recovered start;
        start.configuration = Configuration::of_voters({ServerId(1)});
        return start;
    }
    void submit(Write write) { storage_.submit(write); }
    void sync(Write write) {
        storage_.submit(write);
        storage_.sync_one();
    }
    std::string log() {
        std::string text;
        const Result<Recovered> recovered = storage_.recover();
        for (const Entry& entry : recovered.value().entries) text += entry.payload.bytes();
        return text;
    }
    std::string problem() {
        const Result<Recovered> recovered = storage_.recover();
        return recovered.ok() ? "" : recovered.error().message;
    }

    MemoryStorage storage_{initial()};
};

TEST_F(MemoryStorageTest, CrashMayKeepWholeWritesAndTearTheNext) {
    submit(append(1, 1, {command(1, "a")}));
    Write second = append(2, 2, {command(2, "b"), command(2, "c")});
    second.hard_state = HardState{Term(2), ServerId(1)};
    submit(second);
    EXPECT_EQ(storage_.parts(1), 3U);
    storage_.crash({.whole = 1, .parts = 2});
    EXPECT_EQ(storage_.hard_state(), (HardState{Term(2), ServerId(1)}));
    EXPECT_EQ(log(), "ab");
}

// Every place at which a write of all kinds can tear.
TEST_F(MemoryStorageTest, TornWriteKeepsTheOrderOfItsParts) {
    const SnapshotMeta other = snapshot_of("xyz", 30);
    struct Left {
        uint64_t term = 1;
        uint64_t piece_bytes = 0;
        uint64_t base = 0;
        std::string snapshot = "none";
        std::string log = "12345678";
    };
    const std::vector<Left> expected = {
        {},
        {.term = 2},
        {.term = 2, .piece_bytes = 2},
        {.term = 2, .piece_bytes = 2, .base = 3, .snapshot = "state", .log = "45678"},
        {.term = 2, .piece_bytes = 2, .base = 3, .snapshot = "state", .log = "456"},
        {.term = 2, .piece_bytes = 2, .base = 3, .snapshot = "state", .log = "456a"},
        {.term = 2, .piece_bytes = 2, .base = 3, .snapshot = "state", .log = "456ab"},
        {.term = 2, .piece_bytes = 2, .base = 3, .snapshot = "state", .log = "456abc"}};
    for (std::size_t parts = 0; parts < expected.size(); ++parts) {
        storage_ = MemoryStorage(initial());
        Write first = append_many(1, 1, 8);
        first.hard_state = HardState{Term(1), ServerId()};
        sync(first);
        Write write = take_snapshot(2, "state", 5, 3);
        write.hard_state = HardState{Term(2), ServerId()};
        write.piece = SnapshotPiece{other, 0, Payload::copy_of("xy")};
        write.truncate_from = LogIndex(7);
        write.append.push_back(
            EntryRange::of(LogIndex(7), std::vector{command(2, "a"), command(2, "b")}));
        write.append.push_back(EntryRange::of(LogIndex(9), std::vector{command(2, "c")}));
        submit(write);
        EXPECT_EQ(storage_.parts(0), expected.size() - 1);
        storage_.crash({.whole = 0, .parts = parts});

        const Left& left = expected[parts];
        EXPECT_EQ(storage_.hard_state().current_term, Term(left.term)) << parts;
        EXPECT_EQ(storage_.partial() ? storage_.partial()->bytes : 0, left.piece_bytes) << parts;
        EXPECT_EQ(storage_.base().index, LogIndex(left.base)) << parts;
        EXPECT_EQ(log(), left.log) << parts;
        const auto bytes = storage_.read_snapshot(LogIndex(5), {0, 5});
        EXPECT_EQ(bytes ? bytes->bytes() : "none", left.snapshot) << parts;
        EXPECT_EQ(storage_.pending(), 0U);
    }
}

TEST_F(MemoryStorageTest, ACompactionAloneIsOnePart) {
    sync(append_many(1, 1, 8));
    sync(take_snapshot(2, "state", 5, 1));
    Write write;
    write.id = WriteId(3);
    write.compaction = Compaction{base_at(4, 1), false};
    submit(write);
    EXPECT_EQ(storage_.parts(0), 1U);
    storage_.crash({.whole = 0, .parts = 1});
    EXPECT_EQ(log(), "5678");
}

// A snapshot that is behind the end of the disk's log takes what is left with it.
TEST_F(MemoryStorageTest, ATornInstallationLeavesSnapshotAndLogTogether) {
    sync(append_many(1, 1, 4));
    const SnapshotMeta meta = snapshot_of("from the leader", 20);
    sync(piece(2, meta, 0, "from the leader"));
    Write write;
    write.id = WriteId(3);
    write.snapshot = SnapshotWrite{meta, true, {}};
    write.compaction = Compaction{meta.last, true};
    write.append.push_back(EntryRange::of(LogIndex(21), std::vector{command(3, "x")}));
    submit(write);
    storage_.crash({.whole = 0, .parts = 1});
    EXPECT_EQ(log(), "");
    EXPECT_EQ(storage_.last_index(), LogIndex(20));
    EXPECT_EQ(storage_.snapshot(), meta);
    EXPECT_EQ(problem(), "");
}

TEST_F(MemoryStorageTest, AnEntryThatDoesNotFitItsDigestIsNamed) {
    Entry bad = command(3, "b");
    bad.payload = spoilt("bcd");
    sync(append(1, 1, {command(1, "a"), bad}));
    EXPECT_NE(problem().find("entry 2 of term 3 does not fit its digest"), std::string::npos)
        << problem();
}

TEST_F(MemoryStorageTest, ASnapshotThatDoesNotFitItsDigestIsNamed) {
    sync(append_many(1, 1, 8));
    Write write = take_snapshot(2, "state", 5, 3);
    write.snapshot->data = spoilt("state");
    sync(write);
    EXPECT_NE(problem().find("the snapshot at 5 of 5 bytes does not fit its digest"),
              std::string::npos)
        << problem();
}

// The pieces fit their own digests, but not the whole: the leader's snapshot was another one.
TEST_F(MemoryStorageTest, CollectedPiecesThatAreNotTheSnapshotAreNamed) {
    const SnapshotMeta meta = snapshot_of("from the leader", 20);
    sync(piece(1, meta, 0, "from the "));
    sync(piece(2, meta, 9, "ladder"));
    Write write;
    write.id = WriteId(3);
    write.snapshot = SnapshotWrite{meta, true, {}};
    write.compaction = Compaction{meta.last, true};
    sync(write);
    EXPECT_NE(problem().find("the snapshot at 20"), std::string::npos) << problem();
}

TEST_F(MemoryStorageTest, TheConfigurationIsTheNewestOnDisk) {
    using Placed = Configurations::Placed;
    const auto only = [](uint32_t id) { return Configuration::of_voters({ServerId(id)}); };
    EXPECT_EQ(storage_.configuration(), (Placed{LogIndex(), only(1)}));
    const auto change_to = [&](uint32_t id) {
        Entry entry = command(1, encode(only(id)));
        entry.kind = EntryKind::Configuration;
        return entry;
    };
    sync(append(1, 1, {command(1, "a"), change_to(5), command(1, "b"), change_to(6)}));
    EXPECT_EQ(storage_.configuration(), (Placed{LogIndex(4), only(6)}));
    Write write;
    write.id = WriteId(2);
    write.truncate_from = LogIndex(4);
    sync(write);
    EXPECT_EQ(storage_.configuration(), (Placed{LogIndex(2), only(5)}));
    sync(take_snapshot(3, "s", 3, 3));
    EXPECT_EQ(storage_.configuration(), (Placed{LogIndex(3), snapshot_of("s", 3).configuration}));
}

}  // namespace
}  // namespace wavetank
