// The queue, its order, and what a crash leaves of it.
#include "core/storage/memory_storage.h"

#include "core/base/check.h"

namespace wavetank {

MemoryStorage::MemoryStorage(Configuration configuration, HardState hard_state,
                             const std::vector<Entry>& entries)
    : configuration_(std::move(configuration)),
      hard_state_(hard_state),
      entries_(entries.begin(), entries.end()) {}

void MemoryStorage::submit(Write& write) {
    CHECK(write.id);
    CHECK(queue_.empty() || queue_.back().id < write.id);
    if (spare_.empty()) spare_.emplace_back();
    queue_.push_back(std::move(spare_.back()));
    spare_.pop_back();
    std::swap(queue_.back(), write);
}

std::size_t MemoryStorage::parts(std::size_t position) const {
    const Write& write = queue_.at(position);
    std::size_t count = (write.hard_state ? 1U : 0U) + (write.truncate_from ? 1U : 0U);
    for (const EntryRange& range : write.append) count += range.size();
    return count;
}

WriteId MemoryStorage::sync_one() {
    CHECK(!queue_.empty());
    Write& write = queue_.front();
    apply(write, SIZE_MAX);
    const WriteId id = write.id;
    write.clear();
    spare_.push_back(std::move(write));
    queue_.pop_front();
    return id;
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
    CHECK(survivors.whole <= queue_.size());
    for (std::size_t i = 0; i < survivors.whole; ++i) sync_one();
    if (!queue_.empty() && survivors.parts > 0) apply(queue_.front(), survivors.parts);
    queue_.clear();
}

Recovered MemoryStorage::recover() const {
    return {configuration_, hard_state_, {entries_.begin(), entries_.end()}};
}

}  // namespace wavetank
