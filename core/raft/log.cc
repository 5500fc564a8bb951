// Appending to and truncating shared chunks.
#include "core/raft/log.h"

#include <algorithm>

namespace wavetank {

LogIndex Log::last_index_with_term_at_most(LogIndex index, Term term) const {
    CHECK(index.value() <= last_);
    // Terms never fall along a log, so the first index above `term` can be found by halving.
    uint64_t low = 0;
    uint64_t high = index.value();
    while (low < high) {
        const uint64_t middle = low + (high - low + 1) / 2;
        if (term_at(LogIndex(middle)) <= term) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return LogIndex(low);
}

void Log::append(const Entry& entry) {
    CHECK(entry.term >= last_term());
    const uint64_t chain = chain_entry(last_chain_, entry);
    const Place place = place_of(last_index().next());
    if (place.offset == 0) {
        chunks_.push_back(ChunkRef::make());
    } else if (chunks_[place.chunk]->used() != place.offset) {
        // Another log, or this one before a truncation, has already written this place.
        ChunkRef fresh = ChunkRef::make();
        const LogChunk& old = *chunks_[place.chunk];
        for (uint32_t i = 0; i < place.offset; ++i) fresh->append(old.entry(i), old.chain(i));
        chunks_[place.chunk] = std::move(fresh);
    }
    chunks_[place.chunk]->append(entry, chain);
    ++last_;
    last_term_ = entry.term;
    last_chain_ = chain;
}

void Log::truncate_from(LogIndex from) {
    CHECK(from);
    CHECK(from.value() <= last_);
    last_ = from.value() - 1;
    const std::size_t chunks_kept = (last_ + LogChunk::kEntries - 1) / LogChunk::kEntries;
    chunks_.resize(chunks_kept);
    last_term_ = term_at(last_index());
    last_chain_ = chain_at(last_index());
}

EntryRange Log::range(LogIndex first, Limit limit) const {
    CHECK(first);
    if (first.value() > last_) return EntryRange();
    const Place place = place_of(first);
    const uint64_t in_log = last_ - first.value() + 1;
    const uint64_t in_chunk = LogChunk::kEntries - place.offset;
    const uint64_t most = std::min({in_log, in_chunk, uint64_t{limit.entries_max}});
    const LogChunk& chunk = *chunks_[place.chunk];
    uint32_t count = 1;
    uint64_t bytes = chunk.entry(place.offset).payload.size();
    for (; count < most; ++count) {
        bytes += chunk.entry(place.offset + count).payload.size();
        if (bytes > limit.bytes_max) break;
    }
    return EntryRange(chunks_[place.chunk], place.offset, count, first);
}

}  // namespace wavetank
