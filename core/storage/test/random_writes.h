// Writes as a server hands them out, drawn at random but always legal for the state they meet; and
// digests of what a storage holds, to compare states with. MemoryStorage is the model.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/hash.h"
#include "core/storage/memory_storage.h"

namespace wavetank {

class RandomWrites {
 public:
    explicit RandomWrites(uint64_t seed) : seed_(seed) {}

    // A write that fits what `now` holds.
    Write next(const MemoryStorage& now) {
        Write write;
        write.id = WriteId(++id_);
        const uint64_t kind = below(100);
        if (kind < 8) write.hard_state = HardState{Term(++term_), ServerId(2), below(2) == 0};
        if (kind >= 8 && kind < 18 && now.last_index() > now.base().index) truncate(now, write);
        if (kind >= 18 && kind < 26) take_snapshot(now, write);
        if (kind >= 26 && kind < 36) collect(now, write);
        const LogIndex last = write.truncate_from ? write.truncate_from->previous() : last_;
        last_ = write.snapshot || write.truncate_from ? last_ : now.last_index();
        const uint64_t count = below(8) + (kind >= 36 ? 1 : 0);
        append(write, write.truncate_from ? last : last_, count);
        return write;
    }
    // In a new life ids begin again.
    void restart() { id_ = 0; }

    uint64_t below(uint64_t bound) {
        ++draws_;
        return wavetank::below(mix(mix(seed_, draws_), draws_), bound);
    }

 private:
    Payload payload(uint64_t bytes_max) {
        const uint64_t bytes = below(16) == 0 ? below(bytes_max * 50) : below(bytes_max);
        return Payload::copy_of(std::string(bytes, static_cast<char>('a' + below(26))));
    }

    void append(Write& write, LogIndex last, uint64_t count) {
        std::vector<Entry> entries;
        for (uint64_t i = 0; i < count; ++i) {
            Entry entry;
            entry.term = Term(term_);
            entry.kind = below(10) == 0 ? EntryKind::Empty : EntryKind::Command;
            entry.time = Instant{static_cast<int64_t>(term_ * 100 + below(3))};
            entry.error = Duration{static_cast<int64_t>(below(2))};
            if (entry.kind == EntryKind::Command) entry.payload = payload(40);
            if (below(20) == 0) entry.payload = Payload::stub_of(entry.payload);
            entries.push_back(entry);
            last = last.next();
            if (last.value() % LogChunk::kEntries != 0 && i + 1 < count) continue;
            write.append.push_back(
                EntryRange::of(LogIndex(last.value() - entries.size() + 1), entries));
            entries.clear();
        }
        last_ = last;
    }

    void truncate(const MemoryStorage& now, Write& write) {
        const uint64_t most =
            std::min<uint64_t>(now.last_index().value() - now.base().index.value(), 30);
        uint64_t back = below(most) + 1;
        const LogIndex snapshot = now.snapshot() ? now.snapshot()->index() : LogIndex();
        back = std::min(back, now.last_index().value() - snapshot.value());
        write.hard_state = HardState{Term(++term_), ServerId()};
        write.truncate_from = LogIndex(now.last_index().value() - back + 1);
    }

    SnapshotMeta meta(LogIndex index, const Payload& data) {
        SnapshotMeta meta;
        meta.last = LogBase{index, Term(term_), draws_, ClockReading(Instant{7})};
        meta.configuration = Configuration::of_voters({ServerId(1), ServerId(3)});
        meta.bytes = data.size();
        meta.digest = data.digest();
        return meta;
    }

    void take_snapshot(const MemoryStorage& now, Write& write) {
        last_ = now.last_index();
        const LogIndex before = now.snapshot() ? now.snapshot()->index() : now.base().index;
        if (before == now.last_index()) return;
        const LogIndex at = before.plus(below(now.last_index().value() - before.value()) + 1);
        const Payload data = payload(300);
        write.snapshot = SnapshotWrite{meta(at, data), false, data};
        Compaction compaction;
        const uint64_t keep = below(at.value() - now.base().index.value() + 1);
        compaction.base = LogBase{LogIndex(at.value() - keep), Term(term_), draws_, {}};
        write.compaction = compaction;
    }

    // A leader's snapshot, piece by piece; with the last one it takes the place of the log.
    void collect(const MemoryStorage& now, Write& write) {
        const auto partial = now.partial();
        if (!partial || below(8) == 0) {
            coming_data_ = payload(300);
            coming_ = meta(now.last_index().plus(1 + below(5)), coming_data_);
        }
        uint64_t offset = partial && partial->meta == coming_ ? partial->bytes : 0;
        if (offset == coming_.bytes) offset = 0;
        const uint64_t size = std::min(coming_.bytes - offset, below(100) + 1);
        const auto part = coming_data_.bytes().substr(offset, size);
        write.piece = SnapshotPiece{coming_, offset, Payload::copy_of(part)};
        last_ = now.last_index();
        if (offset + size < coming_.bytes || coming_.bytes == 0 || coming_.index() <= last_) return;
        write.snapshot = SnapshotWrite{coming_, true, {}};
        write.compaction = Compaction{coming_.last, true};
        last_ = coming_.index();
    }

    uint64_t seed_;
    uint64_t draws_ = 0;
    uint64_t id_ = 0;
    uint64_t term_ = 1;
    LogIndex last_;
    SnapshotMeta coming_;
    Payload coming_data_;
};

// Of everything a storage gives back.
inline uint64_t digest_of(const Recovered& state) {
    Digest digest;
    const auto add_base = [&](const LogBase& base) {
        digest.add(base.index.value()).add(base.term.value()).add(base.chain);
        digest.add(static_cast<uint64_t>(base.clock.local.nanos));
        digest.add(static_cast<uint64_t>(base.clock.error.nanos));
    };
    const auto add_meta = [&](const SnapshotMeta& meta) {
        add_base(meta.last);
        digest.add_bytes(meta.configuration.to_string()).add(meta.bytes).add(meta.digest);
    };
    digest.add_bytes(state.configuration.to_string());
    digest.add(state.hard_state.current_term.value()).add(state.hard_state.voted_for.value());
    digest.add(state.hard_state.joined ? 1 : 0);
    add_base(state.base);
    for (const Entry& entry : state.entries) {
        digest.add(chain_entry(0, entry)).add(static_cast<uint64_t>(entry.error.nanos));
        digest.add_bytes(entry.payload.bytes()).add(entry.payload.is_stub() ? 1 : 0);
    }
    digest.add(state.snapshot ? 1 : 0);
    if (state.snapshot) add_meta(*state.snapshot);
    digest.add(state.partial ? state.partial->bytes + 1 : 0);
    if (state.partial) add_meta(state.partial->meta);
    return digest.value();
}

}  // namespace wavetank
