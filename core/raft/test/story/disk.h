// A server's disk in the hands of a story: writes queue up in the order of their ids, and the story
// says how many of them become durable, when, and how many a crash leaves. Each write is atomic and
// carried out in the order of its fields, as its interface demands (core/raft/durable.h); a write
// that does not fit what is there is a complaint, and the story has failed.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "core/raft/output.h"

namespace wavetank::story {

class Disk {
 public:
    Disk() = default;
    explicit Disk(Configuration configuration) {
        recovered_.configuration = std::move(configuration);
    }

    void write(const Write& write);
    std::size_t pending() const { return pending_.size(); }
    // Makes the oldest `count` durable; the id of the last of them. Requires
    // 0 < count <= pending().
    WriteId sync(std::size_t count);
    // The oldest write cannot be made durable, and no later one either. Requires pending() > 0.
    WriteId fail();
    // Power is lost: the oldest `survivors` writes are durable although nobody heard of it, the
    // others never happened. Requires survivors <= pending().
    void crash(std::size_t survivors);

    // What a server that starts now finds.
    const Recovered& recovered() const { return recovered_; }
    // A story puts a disk together by hand. Requires pending() == 0.
    void set(HardState hard_state, std::vector<Entry> entries);

    // The last durable entry.
    LogIndex last_index() const { return recovered_.base.index.plus(recovered_.entries.size()); }
    // The durable entry there, null if there is none (any more).
    const Entry* entry(LogIndex index) const;

    // The bytes of the durable snapshot.
    const Payload& snapshot_data() const { return snapshot_data_; }
    // Puts in what the core does not hold; false if it is not there (any more).
    bool fetch(Send& send) const;

    // The first thing that did not fit.
    const std::optional<std::string>& complaint() const { return complaint_; }

 private:
    void carry_out(const Write& write);
    void collect(const SnapshotPiece& piece);
    void take_snapshot(const SnapshotWrite& snapshot);
    void compact(const Compaction& compaction);
    void truncate(LogIndex from);
    void append(const EntryRange& range);
    void complain(std::string what);

    Recovered recovered_;
    Payload snapshot_data_;
    std::string collected_;  // the bytes of recovered_.partial
    std::deque<Write> pending_;
    bool failed_ = false;
    std::optional<std::string> complaint_;
};

}  // namespace wavetank::story
