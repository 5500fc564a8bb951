// The queue, its order, and what a crash leaves of it.
#include "core/storage/memory_storage.h"

#include <algorithm>

#include "core/base/check.h"

namespace wavetank {

MemoryStorage::MemoryStorage(Configuration configuration, HardState hard_state,
                             const std::vector<Entry>& entries)
    : configuration_(std::move(configuration)),
      hard_state_(hard_state),
      entries_(entries.begin(), entries.end()) {}

void MemoryStorage::submit(Write& write) {
    CHECK(write.id);
    CHECK(pending_ == 0 || at(pending_ - 1).id < write.id);
    if (pending_ == ring_.size()) grow();
    Write& place = at(pending_++);
    place.id = write.id;
    place.hard_state = write.hard_state;
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
    std::size_t count = (write.hard_state ? 1U : 0U) + (write.truncate_from ? 1U : 0U);
    for (const EntryRange& range : write.append) count += range.size();
    return count;
}

WriteId MemoryStorage::sync_one() {
    CHECK(pending_ > 0);
    Write& write = at(0);
    apply(write, SIZE_MAX);
    write.append.clear();
    if (++first_ == ring_.size()) first_ = 0;
    --pending_;
    return write.id;
}

void MemoryStorage::apply(const Write& write, std::size_t parts) {
    const auto next_part = [&parts] { return parts > 0 && parts-- > 0; };
    if (write.hard_state && next_part()) hard_state_ = *write.hard_state;
    if (write.truncate_from && next_part()) {
        const uint64_t kept = write.truncate_from->previous().value();
        CHECK(kept <= entries_.size());
        entries_.resize(kept);
    }
    for (const EntryRange& range : write.append) {
        for (uint32_t i = 0; i < range.size() && next_part(); ++i) {
            CHECK(range.first_index().plus(i).value() == entries_.size() + 1);
            entries_.push_back(range[i]);
        }
    }
}

void MemoryStorage::crash(Survivors survivors) {
    CHECK(survivors.whole <= pending_);
    for (std::size_t i = 0; i < survivors.whole; ++i) sync_one();
    if (pending_ > 0 && survivors.parts > 0) apply(at(0), survivors.parts);
    for (; pending_ > 0; --pending_) at(pending_ - 1).append.clear();
}

Recovered MemoryStorage::recover() const {
    return {configuration_, hard_state_, {entries_.begin(), entries_.end()}};
}

}  // namespace wavetank
