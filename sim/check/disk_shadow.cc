// The queue of writes of a disk, and what becomes of it when writes are carried out.
#include "sim/check/disk_shadow.h"

#include "core/base/check.h"

namespace wavetank {

UnsyncedWrite& DiskShadow::add_unsynced() {
    if (unsynced_count == unsynced.size()) unsynced.emplace_back();
    UnsyncedWrite& write = unsynced[unsynced_count++];
    write.entries.clear();
    write.rare.reset();
    return write;
}

void DiskShadow::drop_first_unsynced() {
    CHECK(unsynced_count > 0);
    --unsynced_count;
    for (std::size_t i = 0; i < unsynced_count; ++i) std::swap(unsynced[i], unsynced[i + 1]);
}

LogIndex DiskShadow::issued_last() const {
    for (std::size_t i = unsynced_count; i-- > 0;) {
        const UnsyncedWrite& write = unsynced[i];
        if (!write.entries.empty()) return write.first.plus(write.entries.size()).previous();
        if (write.truncate_from) return write.truncate_from.previous();
        if (write.rare && write.rare->whole_log) return *write.rare->base;
    }
    return log.last_index();
}

EntryId DiskShadow::issued_at(LogIndex index) const {
    for (std::size_t i = unsynced_count; i-- > 0;) {
        const UnsyncedWrite& write = unsynced[i];
        if (!write.entries.empty() && index >= write.first) {
            return write.entries[index.value() - write.first.value()];
        }
        if (write.rare && write.rare->whole_log) {
            return index == *write.rare->base ? write.rare->replaced_by : EntryId();
        }
    }
    return log.at(index);
}

LogIndex DiskShadow::issued_base() const {
    for (std::size_t i = unsynced_count; i-- > 0;) {
        const auto& rare = unsynced[i].rare;
        if (rare && rare->base) return *rare->base;
    }
    return base;
}

LogIndex DiskShadow::issued_snapshot() const {
    for (std::size_t i = unsynced_count; i-- > 0;) {
        const auto& rare = unsynced[i].rare;
        if (rare && rare->snapshot) return rare->snapshot->index();
    }
    return snapshot ? snapshot->index() : LogIndex();
}

void DiskShadow::collect(const SnapshotPiece& piece) {
    const bool goes_on = partial && piece.offset != 0 && partial->meta == piece.meta;
    if (!goes_on) partial = PartialShadow{piece.meta, 0, {}};
    partial->bytes += piece.data.size();
    partial->pieces.push_back(piece.data);
}

void DiskShadow::take_snapshot(const UnsyncedWrite::Rare& write, const LogShadow& whole) {
    if (write.snapshot) {
        snapshot = write.snapshot;
        if (write.collected) partial.reset();
    }
    if (!write.base) return;
    base = *write.base;
    if (write.whole_log && base <= whole.last_index()) log.become(whole, base);
}

}  // namespace wavetank
