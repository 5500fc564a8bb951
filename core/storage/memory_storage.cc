// The queue, its order, what a crash leaves of it, and reading.
#include "core/storage/memory_storage.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/check.h"
#include "core/base/hash.h"

namespace wavetank {

MemoryStorage::MemoryStorage(const Recovered& initial)
    : configuration_(initial.configuration),
      hard_state_(initial.hard_state),
      base_(initial.base),
      entries_(initial.entries.begin(), initial.entries.end()) {
    CHECK(!initial.snapshot);
    CHECK(!initial.partial);
}

void MemoryStorage::submit(Write& write) {
    CHECK(write.id);
    CHECK(pending_ == 0 || at(pending_ - 1).id < write.id);
    if (pending_ == ring_.size()) grow();
    Write& place = at(pending_++);
    place.id = write.id;
    place.hard_state = write.hard_state;
    place.piece = std::move(write.piece);
    place.snapshot = std::move(write.snapshot);
    place.compaction = write.compaction;
    place.truncate_from = write.truncate_from;
    std::swap(place.append, write.append);
}

void MemoryStorage::grow() {
    std::rotate(ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(first_), ring_.end());
    first_ = 0;
    ring_.resize(std::max<std::size_t>(4, ring_.size() * 2));
}

std::size_t MemoryStorage::parts(std::size_t position) const {
    CHECK(position < pending_);
    const Write& write = at(position);
    std::size_t count = 0;
    for (const bool there : {write.hard_state.has_value(), write.piece.has_value(),
                             write.snapshot.has_value() || write.compaction.has_value(),
                             write.truncate_from.has_value()}) {
        count += there ? 1 : 0;
    }
    for (const EntryRange& range : write.append) count += range.size();
    return count;
}

WriteId MemoryStorage::sync_one() {
    CHECK(pending_ > 0);
    Write& write = at(0);
    const WriteId id = write.id;
    apply(write, SIZE_MAX);
    write.clear();
    if (++first_ == ring_.size()) first_ = 0;
    --pending_;
    return id;
}

void MemoryStorage::apply(const Write& write, std::size_t parts) {
    const auto next_part = [&parts] { return parts > 0 && parts-- > 0; };
    if (write.hard_state && next_part()) hard_state_ = *write.hard_state;
    if (write.piece && next_part()) apply(*write.piece);
    // Together: a snapshot without its compaction could leave entries after it that contradict it
    // (zoo S04), a compaction without its snapshot a log that begins nowhere.
    if ((write.snapshot || write.compaction) && next_part()) {
        if (write.snapshot) apply(*write.snapshot);
        if (write.compaction) apply(*write.compaction);
        CHECK(base_.index.value() == 0 || (snapshot_ && base_.index <= snapshot_->index()));
        CHECK(!snapshot_ || snapshot_->index() <= last_index());
    }
    if (write.truncate_from && next_part()) {
        CHECK(*write.truncate_from > base_.index);
        const uint64_t kept = write.truncate_from->value() - base_.index.value() - 1;
        CHECK(kept <= entries_.size());
        entries_.resize(kept);
    }
    for (const EntryRange& range : write.append) {
        for (uint32_t i = 0; i < range.size() && next_part(); ++i) {
            CHECK(range.first_index().plus(i) == last_index().next());
            entries_.push_back(range[i]);
        }
    }
}

void MemoryStorage::apply(const SnapshotPiece& piece) {
    if (piece.offset == 0 || collecting_ != piece.meta) {
        collecting_ = piece.meta;
        collected_.clear();
    }
    CHECK(piece.offset == collected_.size());
    collected_.append(piece.data.bytes());
}

void MemoryStorage::apply(const SnapshotWrite& write) {
    CHECK(!snapshot_ || snapshot_->index() < write.meta.index());
    if (write.collected && write.meta.bytes > 0) {
        CHECK(collecting_ == write.meta);
        snapshot_data_ = Payload::copy_of(collected_);
        collecting_.reset();
        collected_ = std::string();
    } else {
        snapshot_data_ = write.data;
    }
    CHECK(snapshot_data_.size() == write.meta.bytes);
    snapshot_ = write.meta;
}

void MemoryStorage::apply(const Compaction& compaction) {
    CHECK(base_.index <= compaction.base.index);
    if (compaction.whole_log) {
        entries_.clear();
    } else {
        CHECK(compaction.base.index <= last_index());
        const uint64_t gone = compaction.base.index.value() - base_.index.value();
        entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(gone));
    }
    base_ = compaction.base;
}

void MemoryStorage::crash(Survivors survivors) {
    CHECK(survivors.whole <= pending_);
    for (std::size_t i = 0; i < survivors.whole; ++i) sync_one();
    if (pending_ > 0 && survivors.parts > 0) apply(at(0), survivors.parts);
    for (; pending_ > 0; --pending_) at(pending_ - 1).clear();
}

Result<Recovered> MemoryStorage::recover() const {
    for (LogIndex i = base_.index.next(); i <= last_index(); i = i.next()) {
        const Entry& entry = entry_at(i);
        if (entry.payload.verify()) continue;
        return Error{fmt::format(
            "entry {} of term {} does not fit its digest {:016x}: this log cannot be trusted",
            i.value(), entry.term.value(), entry.payload.digest())};
    }
    if (snapshot_ && snapshot_->bytes > 0 &&
        hash_bytes(snapshot_data_.bytes()) != snapshot_->digest) {
        return Error{fmt::format(
            "the snapshot at {} of {} bytes does not fit its digest {:016x}: it cannot be trusted",
            snapshot_->index().value(), snapshot_->bytes, snapshot_->digest)};
    }
    Recovered found;
    found.configuration = configuration_;
    found.hard_state = hard_state_;
    found.entries.assign(entries_.begin(), entries_.end());
    found.base = base_;
    found.snapshot = snapshot_;
    found.partial = partial();
    return found;
}

std::optional<Recovered::Partial> MemoryStorage::partial() const {
    if (!collecting_) return std::nullopt;
    return Recovered::Partial{*collecting_, collected_.size()};
}

const Entry& MemoryStorage::entry_at(LogIndex index) const {
    CHECK(base_.index < index);
    CHECK(index <= last_index());
    return entries_[index.value() - base_.index.value() - 1];
}

std::optional<EntryRange> MemoryStorage::read_entries(LogIndex first, uint32_t count) const {
    CHECK(first);
    const uint64_t place_in_chunk = (first.value() - 1) % LogChunk::kEntries;
    count = std::min(count, static_cast<uint32_t>(LogChunk::kEntries - place_in_chunk));
    if (count == 0 || first <= base_.index || first > last_index()) return std::nullopt;
    if (count > last_index().value() - first.value() + 1) return std::nullopt;
    ChunkRef chunk = ChunkRef::make();
    for (uint32_t i = 0; i < count; ++i) chunk->append(entry_at(first.plus(i)), 0);
    return EntryRange(std::move(chunk), 0, count, first);
}

std::optional<Payload> MemoryStorage::read_snapshot(LogIndex index, Piece piece) const {
    if (!snapshot_ || snapshot_->index() != index) return std::nullopt;
    const uint64_t bytes = snapshot_data_.size();
    if (piece.offset > bytes || piece.size > bytes - piece.offset) return std::nullopt;
    return Payload::slice(snapshot_data_, {piece.offset, piece.size});
}

Configurations::Placed MemoryStorage::configuration() const {
    for (LogIndex i = last_index(); i > base_.index; i = i.previous()) {
        if (entry_at(i).kind != EntryKind::Configuration) continue;
        if (const auto found = decode_configuration(entry_at(i).payload.bytes()))
            return {i, *found};
    }
    if (snapshot_) return {snapshot_->index(), snapshot_->configuration};
    return {LogIndex(), configuration_};
}

}  // namespace wavetank
