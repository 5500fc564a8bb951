// What every storage owes a server, as tests that any implementation can be put to. Instantiate
// them for a type that is made from a Recovered, and has submit, sync_one, pending, crash({})
// (which loses all that was not synced), recover, read_entries and read_snapshot as MemoryStorage
// has them.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/base/hash.h"
#include "core/raft/durable.h"

namespace wavetank {

inline Entry command(uint64_t term, const std::string& text) {
    Entry entry;
    entry.term = Term(term);
    entry.kind = EntryKind::Command;
    entry.payload = Payload::copy_of(text);
    entry.time = Instant{static_cast<int64_t>(term) * 1'000};
    entry.error = Duration{7};
    return entry;
}

inline Write append(uint64_t id, uint64_t first, const std::vector<Entry>& entries) {
    Write write;
    write.id = WriteId(id);
    write.append.push_back(EntryRange::of(LogIndex(first), entries));
    return write;
}

// `count` commands from `first` on, in ranges as the log cuts them.
inline Write append_many(uint64_t id, uint64_t first, uint64_t count) {
    Write write;
    write.id = WriteId(id);
    std::vector<Entry> entries;
    for (uint64_t i = first; i < first + count; ++i) {
        entries.push_back(command(1, std::to_string(i)));
        if (i % LogChunk::kEntries != 0 && i + 1 < first + count) continue;
        write.append.push_back(EntryRange::of(LogIndex(i + 1 - entries.size()), entries));
        entries.clear();
    }
    return write;
}

inline LogBase base_at(uint64_t index, uint64_t term) {
    return {LogIndex(index), Term(term), 1'000 + index, ClockReading(Instant{5}, Duration{2})};
}

inline SnapshotMeta snapshot_of(const std::string& data, uint64_t index, uint64_t term = 1) {
    SnapshotMeta meta;
    meta.last = base_at(index, term);
    meta.configuration =
        Configuration::of_voters({ServerId(1), ServerId(static_cast<uint32_t>(index) + 1)});
    meta.bytes = data.size();
    meta.digest = data.empty() ? 0 : hash_bytes(data);
    return meta;
}

// A snapshot taken here, and the log after it compacted up to `base`.
inline Write take_snapshot(uint64_t id, const std::string& data, uint64_t index, uint64_t base) {
    Write write;
    write.id = WriteId(id);
    write.snapshot = SnapshotWrite{snapshot_of(data, index), false, Payload::copy_of(data)};
    write.compaction = Compaction{base_at(base, 1), false};
    return write;
}

inline Write piece(uint64_t id, const SnapshotMeta& meta, uint64_t offset,
                   const std::string& data) {
    Write write;
    write.id = WriteId(id);
    write.piece = SnapshotPiece{meta, offset, Payload::copy_of(data)};
    return write;
}

template <class Storage>
class StorageContract : public testing::Test {
 protected:
    static Recovered initial() {
        Recovered start;
        start.configuration = Configuration::of_voters({ServerId(1), ServerId(2)});
        return start;
    }
    void submit(Write write) { storage_.submit(write); }
    void sync(Write write) {
        const WriteId id = write.id;
        storage_.submit(write);
        while (storage_.pending() > 1) storage_.sync_one();
        EXPECT_EQ(storage_.sync_one(), id);
    }
    Recovered found() {
        const Result<Recovered> recovered = storage_.recover();
        EXPECT_TRUE(recovered.ok());
        return recovered.value();
    }
    // "a b c": the log's payloads.
    std::string log() {
        std::string text;
        for (const Entry& entry : found().entries) {
            text += (text.empty() ? "" : " ") + std::string(entry.payload.bytes());
        }
        return text;
    }
    // The bytes, or "nothing".
    std::string snapshot_bytes(uint64_t index, uint64_t offset, uint64_t size) {
        const auto bytes = storage_.read_snapshot(LogIndex(index), {offset, size});
        return bytes ? std::string(bytes->bytes()) : "nothing";
    }
    // "5 6 7": what is read, or "nothing".
    std::string read(uint64_t first, uint32_t count) {
        const auto range = storage_.read_entries(LogIndex(first), count);
        if (!range) return "nothing";
        EXPECT_EQ(range->first_index(), LogIndex(first));
        std::string text;
        for (uint32_t i = 0; i < range->size(); ++i) {
            text += (text.empty() ? "" : " ") + std::string((*range)[i].payload.bytes());
        }
        return text;
    }

    Storage storage_{initial()};
};

TYPED_TEST_SUITE_P(StorageContract);

TYPED_TEST_P(StorageContract, BeginsWithWhatItWasGiven) {
    Recovered start = this->initial();
    start.hard_state = HardState{Term(3), ServerId(2)};
    start.entries = {command(1, "a"), command(3, "b")};
    const TypeParam storage(start);
    const Result<Recovered> recovered = storage.recover();
    ASSERT_TRUE(recovered.ok());
    EXPECT_EQ(recovered.value().configuration, start.configuration);
    EXPECT_EQ(recovered.value().hard_state, start.hard_state);
    EXPECT_EQ(recovered.value().entries, start.entries);
    EXPECT_EQ(recovered.value().base, LogBase{});
    EXPECT_FALSE(recovered.value().snapshot);
    EXPECT_FALSE(recovered.value().partial);
}

TYPED_TEST_P(StorageContract, NothingIsDurableBeforeItsSync) {
    Write write = append(1, 1, {command(1, "a")});
    write.hard_state = HardState{Term(1), ServerId(1)};
    this->submit(std::move(write));
    EXPECT_EQ(this->log(), "");
    EXPECT_EQ(this->found().hard_state, HardState{});
    EXPECT_EQ(this->read(1, 1), "nothing");
    EXPECT_EQ(this->storage_.sync_one(), WriteId(1));
    EXPECT_EQ(this->log(), "a");
    EXPECT_EQ(this->found().hard_state, (HardState{Term(1), ServerId(1)}));
    EXPECT_EQ(this->read(1, 1), "a");
}

TYPED_TEST_P(StorageContract, EntriesComeBackAsTheyWere) {
    Entry configuration;
    configuration.term = Term(4);
    configuration.kind = EntryKind::Configuration;
    configuration.payload = Payload::copy_of(encode(Configuration::of_voters({ServerId(7)})));
    Entry empty;
    empty.term = Term(3);
    Entry stub = command(4, "only a witness keeps it so");
    stub.payload = Payload::stub_of(stub.payload);
    const std::vector<Entry> entries = {command(2, "a"), empty, configuration, stub};
    this->sync(append(1, 1, entries));
    const std::vector<Entry> found = this->found().entries;
    ASSERT_EQ(found.size(), entries.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(found[i].term, entries[i].term) << i;
        EXPECT_EQ(found[i].kind, entries[i].kind) << i;
        EXPECT_EQ(found[i].payload, entries[i].payload) << i;
        EXPECT_EQ(found[i].payload.digest(), entries[i].payload.digest()) << i;
        EXPECT_EQ(found[i].payload.is_stub(), entries[i].payload.is_stub()) << i;
        EXPECT_EQ(found[i].time, entries[i].time) << i;
        EXPECT_EQ(found[i].error, entries[i].error) << i;
    }
}

TYPED_TEST_P(StorageContract, WritesBecomeDurableInTheirOrder) {
    for (uint64_t id = 1; id <= 6; ++id) this->submit(append(id, id, {command(1, "e")}));
    EXPECT_EQ(this->storage_.pending(), 6U);
    for (uint64_t id = 1; id <= 6; ++id) {
        EXPECT_EQ(this->storage_.sync_one(), WriteId(id));
        EXPECT_EQ(this->found().entries.size(), id);
    }
    EXPECT_EQ(this->storage_.pending(), 0U);
}

TYPED_TEST_P(StorageContract, ACrashLosesWhatWasNotSynced) {
    this->sync(append(1, 1, {command(1, "a")}));
    this->submit(append(2, 2, {command(1, "b")}));
    this->submit(append(3, 3, {command(1, "c")}));
    this->storage_.crash({});
    EXPECT_EQ(this->log(), "a");
    EXPECT_EQ(this->storage_.pending(), 0U);
    // The next life numbers its writes from one again.
    this->sync(append(1, 2, {command(2, "d")}));
    EXPECT_EQ(this->log(), "a d");
}

TYPED_TEST_P(StorageContract, AWriteIsCarriedOutInItsOrder) {
    this->sync(append_many(1, 1, 8));
    Write write = take_snapshot(2, "state", 5, 3);
    write.hard_state = HardState{Term(2), ServerId()};
    write.truncate_from = LogIndex(7);
    write.append.push_back(EntryRange::of(LogIndex(7), std::vector{command(2, "x")}));
    write.append.push_back(EntryRange::of(LogIndex(8), std::vector{command(2, "y")}));
    this->sync(std::move(write));
    EXPECT_EQ(this->log(), "4 5 6 x y");
    EXPECT_EQ(this->found().base, base_at(3, 1));
    EXPECT_EQ(this->found().snapshot, snapshot_of("state", 5));
    EXPECT_EQ(this->found().hard_state.current_term, Term(2));
}

TYPED_TEST_P(StorageContract, ASnapshotTakesThePlaceOfTheOneBefore) {
    this->sync(append_many(1, 1, 9));
    this->sync(take_snapshot(2, "first", 4, 4));
    EXPECT_EQ(this->snapshot_bytes(4, 0, 5), "first");
    EXPECT_EQ(this->log(), "5 6 7 8 9");
    this->sync(take_snapshot(3, "the second", 9, 9));
    EXPECT_EQ(this->snapshot_bytes(4, 0, 5), "nothing");
    EXPECT_EQ(this->snapshot_bytes(9, 4, 6), "second");
    EXPECT_EQ(this->found().snapshot, snapshot_of("the second", 9));
    EXPECT_EQ(this->log(), "");
    this->sync(append(4, 10, {command(1, "ten")}));
    EXPECT_EQ(this->log(), "ten");
}

TYPED_TEST_P(StorageContract, AnInstalledSnapshotCanReplaceTheWholeLog) {
    this->sync(append_many(1, 1, 4));
    const SnapshotMeta meta = snapshot_of("from the leader", 20, 3);
    Write write = piece(2, meta, 0, "from the leader");
    write.snapshot = SnapshotWrite{meta, true, {}};
    write.compaction = Compaction{meta.last, true};
    write.append.push_back(EntryRange::of(LogIndex(21), std::vector{command(3, "next")}));
    this->sync(std::move(write));
    EXPECT_EQ(this->log(), "next");
    EXPECT_EQ(this->found().base, meta.last);
    EXPECT_EQ(this->found().snapshot, meta);
    EXPECT_FALSE(this->found().partial) << "the pieces have become the snapshot";
    EXPECT_EQ(this->snapshot_bytes(20, 5, 10), "the leader");
}

TYPED_TEST_P(StorageContract, PiecesAreCollectedOverRestarts) {
    const SnapshotMeta meta = snapshot_of("one two three", 20);
    this->sync(piece(1, meta, 0, "one "));
    this->submit(piece(2, meta, 4, "two "));
    this->storage_.crash({});
    EXPECT_EQ(this->found().partial, (Recovered::Partial{meta, 4}));
    this->sync(piece(1, meta, 4, "two "));
    this->sync(piece(2, meta, 8, "three"));
    EXPECT_EQ(this->found().partial, (Recovered::Partial{meta, 13}));
    EXPECT_FALSE(this->found().snapshot) << "not one yet";
    EXPECT_EQ(this->snapshot_bytes(20, 0, 4), "nothing");
    Write write;
    write.id = WriteId(3);
    write.snapshot = SnapshotWrite{meta, true, {}};
    write.compaction = Compaction{meta.last, true};
    this->sync(std::move(write));
    EXPECT_EQ(this->snapshot_bytes(20, 0, 13), "one two three");
    EXPECT_FALSE(this->found().partial);
}

TYPED_TEST_P(StorageContract, APieceOfAnotherSnapshotThrowsAwayWhatWasCollected) {
    const SnapshotMeta first = snapshot_of("aaaa", 20);
    const SnapshotMeta second = snapshot_of("bbbb", 21);
    this->sync(piece(1, first, 0, "aa"));
    this->sync(piece(2, second, 0, "b"));
    EXPECT_EQ(this->found().partial, (Recovered::Partial{second, 1}));
    this->sync(piece(3, second, 1, "bb"));
    this->sync(piece(4, second, 0, "bb"));
    EXPECT_EQ(this->found().partial, (Recovered::Partial{second, 2})) << "it begins again";
}

TYPED_TEST_P(StorageContract, ASnapshotOfItsOwnLeavesThePiecesAlone) {
    this->sync(append_many(1, 1, 4));
    const SnapshotMeta meta = snapshot_of("from the leader", 20);
    this->sync(piece(2, meta, 0, "from "));
    this->sync(take_snapshot(3, "own", 4, 2));
    EXPECT_EQ(this->found().partial, (Recovered::Partial{meta, 5}));
    EXPECT_EQ(this->found().snapshot, snapshot_of("own", 4));
}

TYPED_TEST_P(StorageContract, AWitnessKeepsSnapshotsWithoutData) {
    this->sync(append_many(1, 1, 4));
    this->sync(take_snapshot(2, "", 3, 3));
    EXPECT_EQ(this->found().snapshot, snapshot_of("", 3));
    EXPECT_EQ(this->snapshot_bytes(3, 0, 0), "");
    EXPECT_EQ(this->snapshot_bytes(3, 0, 1), "nothing");
    const SnapshotMeta meta = snapshot_of("", 20);
    Write write;
    write.id = WriteId(3);
    write.snapshot = SnapshotWrite{meta, true, {}};
    write.compaction = Compaction{meta.last, true};
    this->sync(std::move(write));
    EXPECT_EQ(this->found().snapshot, meta);
}

TYPED_TEST_P(StorageContract, ReadsEntriesThatAreDurable) {
    this->sync(append_many(1, 1, 6));
    EXPECT_EQ(this->read(1, 3), "1 2 3");
    EXPECT_EQ(this->read(5, 2), "5 6");
    EXPECT_EQ(this->read(5, 3), "nothing") << "all or nothing";
    EXPECT_EQ(this->read(7, 1), "nothing");
    EXPECT_EQ(this->read(3, 0), "nothing");
    this->submit(append(2, 7, {command(1, "7")}));
    EXPECT_EQ(this->read(7, 1), "nothing") << "not durable yet";
    this->storage_.sync_one();
    EXPECT_EQ(this->read(7, 1), "7");
    this->sync(take_snapshot(3, "s", 4, 2));
    EXPECT_EQ(this->read(2, 1), "nothing") << "compacted";
    EXPECT_EQ(this->read(2, 2), "nothing") << "partly compacted";
    EXPECT_EQ(this->read(3, 2), "3 4");
    Write write;
    write.id = WriteId(4);
    write.truncate_from = LogIndex(6);
    this->sync(std::move(write));
    EXPECT_EQ(this->read(6, 1), "nothing") << "truncated";
    EXPECT_EQ(this->read(UINT64_MAX, 2), "nothing");
}

TYPED_TEST_P(StorageContract, ReadsAtMostAChunk) {
    this->sync(append_many(1, 1, 600));
    const auto size = [this](uint64_t first, uint32_t count) {
        const auto range = this->storage_.read_entries(LogIndex(first), count);
        return range ? range->size() : 0;
    };
    EXPECT_EQ(size(1, 600), 256U);
    EXPECT_EQ(size(250, 256), 7U);
    EXPECT_EQ(size(256, 2), 1U);
    EXPECT_EQ(size(257, 256), 256U);
    EXPECT_EQ(size(513, 88), 88U);
    EXPECT_EQ(size(513, 89), 0U);
    EXPECT_EQ(this->read(256, 9), "256");
    EXPECT_EQ(this->read(257, 2), "257 258");
}

TYPED_TEST_P(StorageContract, ReadsPartsOfTheSnapshot) {
    this->sync(append_many(1, 1, 3));
    EXPECT_EQ(this->snapshot_bytes(0, 0, 0), "nothing");
    this->sync(take_snapshot(2, "0123456789", 3, 3));
    EXPECT_EQ(this->snapshot_bytes(3, 0, 10), "0123456789");
    EXPECT_EQ(this->snapshot_bytes(3, 4, 3), "456");
    EXPECT_EQ(this->snapshot_bytes(3, 10, 0), "");
    EXPECT_EQ(this->snapshot_bytes(3, 8, 3), "nothing");
    EXPECT_EQ(this->snapshot_bytes(3, 11, 0), "nothing");
    EXPECT_EQ(this->snapshot_bytes(3, UINT64_MAX, 2), "nothing");
    EXPECT_EQ(this->snapshot_bytes(3, 2, UINT64_MAX), "nothing");
    EXPECT_EQ(this->snapshot_bytes(2, 0, 1), "nothing");
    EXPECT_EQ(this->snapshot_bytes(4, 0, 1), "nothing");
}

TYPED_TEST_P(StorageContract, WhatWasReadStaysWhenItIsGone) {
    this->sync(append_many(1, 1, 3));
    this->sync(take_snapshot(2, "0123456789", 2, 2));
    const auto entries = this->storage_.read_entries(LogIndex(3), 1);
    const auto bytes = this->storage_.read_snapshot(LogIndex(2), {1, 4});
    this->sync(take_snapshot(3, "abc", 3, 3));
    ASSERT_TRUE(entries && bytes);
    EXPECT_EQ((*entries)[0], command(1, "3"));
    EXPECT_EQ(bytes->bytes(), "1234");
    EXPECT_TRUE(bytes->verify());
}

REGISTER_TYPED_TEST_SUITE_P(
    StorageContract, BeginsWithWhatItWasGiven, NothingIsDurableBeforeItsSync,
    EntriesComeBackAsTheyWere, WritesBecomeDurableInTheirOrder, ACrashLosesWhatWasNotSynced,
    AWriteIsCarriedOutInItsOrder, ASnapshotTakesThePlaceOfTheOneBefore,
    AnInstalledSnapshotCanReplaceTheWholeLog, PiecesAreCollectedOverRestarts,
    APieceOfAnotherSnapshotThrowsAwayWhatWasCollected, ASnapshotOfItsOwnLeavesThePiecesAlone,
    AWitnessKeepsSnapshotsWithoutData, ReadsEntriesThatAreDurable, ReadsAtMostAChunk,
    ReadsPartsOfTheSnapshot, WhatWasReadStaysWhenItIsGone);

}  // namespace wavetank
