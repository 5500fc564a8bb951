// The fake disk: what survives a crash, and the writes that it must not take without a complaint.
#include "core/raft/test/story/disk.h"

#include <gtest/gtest.h>

#include "core/raft/test/one_core.h"

namespace wavetank::story {
namespace {

Write write_of(uint64_t id) {
    Write write;
    write.id = WriteId(id);
    return write;
}
Write terms_at(uint64_t id, uint64_t first, const std::vector<uint64_t>& terms) {
    Write write = write_of(id);
    write.append.push_back(EntryRange::of(LogIndex(first), log_of(terms)));
    return write;
}
Write vote(uint64_t id, uint64_t term, uint32_t voted_for) {
    Write write = write_of(id);
    write.hard_state = HardState{Term(term), ServerId(voted_for)};
    return write;
}
SnapshotMeta snapshot_at(uint64_t index, const Payload& data) {
    SnapshotMeta meta;
    meta.last.index = LogIndex(index);
    meta.last.term = Term(1);
    meta.bytes = data.size();
    meta.digest = data.digest();
    return meta;
}
Write snapshot(uint64_t id, uint64_t index, const Payload& data) {
    Write write = write_of(id);
    write.snapshot = SnapshotWrite{snapshot_at(index, data), false, data};
    return write;
}
Write piece(uint64_t id, uint64_t offset, std::string_view part, const Payload& whole) {
    Write write = write_of(id);
    write.piece = SnapshotPiece{snapshot_at(9, whole), offset, Payload::copy_of(part)};
    return write;
}

// The complaint about these writes, all synced.
std::string complaint(const std::vector<Write>& writes) {
    Disk disk;
    for (const Write& write : writes) disk.write(write);
    disk.sync(writes.size());
    return disk.complaint().value_or("");
}

TEST(Disk, ACrashLeavesAPrefixOfTheWrites) {
    Disk disk;
    disk.write(terms_at(1, 1, {1}));
    disk.write(terms_at(2, 2, {1}));
    disk.write(terms_at(3, 3, {1}));
    EXPECT_EQ(disk.sync(1), WriteId(1));
    EXPECT_EQ(disk.last_index(), LogIndex(1));
    disk.crash(1);
    EXPECT_EQ(disk.last_index(), LogIndex(2));
    EXPECT_EQ(disk.pending(), 0U);
}

TEST(Disk, PiecesMakeASnapshot) {
    const Payload whole = Payload::copy_of("abcdef");
    Disk disk;
    disk.write(piece(1, 0, "abc", whole));
    Write last = piece(2, 3, "def", whole);
    last.snapshot = SnapshotWrite{snapshot_at(9, whole), true, Payload()};
    last.compaction = Compaction{snapshot_at(9, whole).last, true};
    disk.write(last);
    disk.sync(1);
    ASSERT_TRUE(disk.recovered().partial.has_value());
    EXPECT_EQ(disk.recovered().partial->bytes, 3U);
    disk.sync(1);
    EXPECT_FALSE(disk.complaint()) << *disk.complaint();
    EXPECT_EQ(disk.snapshot_data().bytes(), "abcdef");
    EXPECT_FALSE(disk.recovered().partial.has_value());
    EXPECT_EQ(disk.last_index(), LogIndex(9));
}

TEST(Disk, ComplainsOfWhatDoesNotFit) {
    const Payload data = Payload::copy_of("data");
    EXPECT_EQ(complaint({terms_at(1, 1, {1, 1}), vote(2, 3, 0), vote(3, 3, 2)}), "");
    EXPECT_EQ(complaint({terms_at(1, 2, {1})}), "entry 2 does not follow entry 0");
    EXPECT_EQ(complaint({vote(1, 3, 0), vote(2, 2, 0)}), "the term falls");
    EXPECT_EQ(complaint({vote(1, 3, 1), vote(2, 3, 2)}), "the vote of a term changes");
    EXPECT_EQ(complaint({terms_at(2, 1, {1}), terms_at(1, 2, {1})}), "the ids of writes fall");
    EXPECT_EQ(complaint({snapshot(1, 5, data), snapshot(2, 4, data)}),
              "an older snapshot takes the place of a newer one");
    EXPECT_EQ(complaint({piece(1, 0, "da", data), piece(2, 3, "a", data)}),
              "a piece at byte 3 after 2 bytes");

    Write truncates = write_of(1);
    truncates.truncate_from = LogIndex(3);
    EXPECT_EQ(complaint({truncates}), "truncated from 3, which is not in the log");
    Write unfinished = piece(1, 0, "da", data);
    unfinished.snapshot = SnapshotWrite{snapshot_at(9, data), true, Payload()};
    EXPECT_EQ(complaint({unfinished}), "the pieces do not make the snapshot");
    Write compacts = terms_at(1, 1, {1, 1});
    compacts.compaction = Compaction{snapshot_at(1, data).last, false};
    EXPECT_EQ(complaint({compacts}), "entries are compacted that no snapshot holds");
    Write wrong = snapshot(1, 5, data);
    wrong.snapshot->data = Payload::copy_of("atad");
    EXPECT_EQ(complaint({wrong}), "the snapshot's digest is wrong");
}

TEST(Disk, FetchesWhatIsThere) {
    Disk disk;
    disk.write(terms_at(1, 1, {1, 2, 2}));
    disk.sync(1);
    Send send;
    AppendEntries message;
    message.prev_log_index = LogIndex(1);
    send.message = message;
    send.entries_to_fetch = 2;
    ASSERT_TRUE(disk.fetch(send));
    EXPECT_EQ(std::get<AppendEntries>(send.message).entries.size(), 2U);
    send.entries_to_fetch = 3;
    EXPECT_FALSE(disk.fetch(send)) << "only entries 2 and 3 are there";
}

}  // namespace
}  // namespace wavetank::story
