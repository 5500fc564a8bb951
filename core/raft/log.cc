// Appending to, truncating and compacting shared chunks, and the terms of what is not in memory.
#include "core/raft/log.h"

#include <algorithm>

namespace wavetank {
namespace {

// Chunks that a compaction frees, kept for the entries to come.
constexpr std::size_t kSpareChunksMax = 128;

}  // namespace

Log::Log(const LogBase& base)
    : base_(base),
      chunks_before_(base.index.value() / LogChunk::kEntries),
      in_memory_from_(base.index.next()),
      last_(base.index.value()),
      last_term_(base.term),
      last_chain_(base.chain),
      last_clock_(base.clock) {}

LogBase Log::base_at(LogIndex index) const {
    if (index == base_.index) return base_;
    const Entry& entry = entry_at(index);
    return {index, entry.term, chain_at(index), entry.clock()};
}

Term Log::term_of_old(LogIndex index) const {
    CHECK(index >= base_.index);
    CHECK(index.value() <= last_);
    if (index == base_.index) return base_.term;
    const auto after = std::upper_bound(runs_.begin(), runs_.end(), index,
                                        [](LogIndex at, const Run& run) { return at < run.first; });
    CHECK(after != runs_.begin());
    return std::prev(after)->term;
}

LogIndex Log::last_index_with_term_at_most(LogIndex index, Term term) const {
    CHECK(index >= base_.index);
    CHECK(index.value() <= last_);
    // Terms never fall along a log, so the first index above `term` can be found by halving.
    uint64_t low = base_.index.value();
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

ChunkRef Log::fresh_chunk(uint32_t offset) {
    while (!spare_.empty()) {
        ChunkRef chunk = std::move(spare_.back());
        spare_.pop_back();
        if (!chunk.sole()) continue;  // a message or a write still holds it
        chunk->reuse(offset);
        return chunk;
    }
    ChunkRef chunk = ChunkRef::make();
    chunk->reuse(offset);
    return chunk;
}

void Log::append(const Entry& entry) {
    CHECK(entry.term >= last_term());
    const uint64_t chain = chain_entry(last_chain_, entry);
    const LogIndex index = last_index().next();
    const Place place = place_of(index);
    if (place.chunk == chunks_.size()) {
        chunks_.push_back(fresh_chunk(place.offset));
    } else if (chunks_[place.chunk]->used() != place.offset) {
        // Another log, or this one before a truncation, has already written this place.
        const LogChunk& old = *chunks_[place.chunk];
        ChunkRef fresh = fresh_chunk(old.first());
        for (uint32_t i = old.first(); i < place.offset; ++i) {
            fresh->append(old.entry(i), old.chain(i));
        }
        chunks_[place.chunk] = std::move(fresh);
    }
    chunks_[place.chunk]->append(entry, chain);
    if (runs_.empty() || runs_.back().term != entry.term) runs_.push_back({index, entry.term});
    ++last_;
    last_term_ = entry.term;
    last_chain_ = chain;
    last_clock_ = entry.clock();
}

void Log::truncate_from(LogIndex from) {
    CHECK(from >= first_index());
    CHECK(from.value() <= last_);
    last_ = from.value() - 1;
    CHECK(last_index() == base_.index || in_memory(last_index()));
    const std::size_t chunks_used = (last_ + LogChunk::kEntries - 1) / LogChunk::kEntries;
    chunks_.resize(std::max(chunks_used, chunks_before_) - chunks_before_);
    while (!runs_.empty() && runs_.back().first >= from) runs_.pop_back();
    const LogBase last = base_at(last_index());
    last_term_ = last.term;
    last_chain_ = last.chain;
    last_clock_ = last.clock;
}

void Log::drop_chunks_before(LogIndex index) {
    const uint64_t gone = (index.value() - 1) / LogChunk::kEntries;  // whole chunks before it
    if (gone <= chunks_before_) return;
    const std::size_t count = std::min<std::size_t>(gone - chunks_before_, chunks_.size());
    for (std::size_t i = 0; i < count && spare_.size() < kSpareChunksMax; ++i) {
        spare_.push_back(std::move(chunks_[i]));
    }
    chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<std::ptrdiff_t>(count));
    chunks_before_ = gone;
}

LogIndex Log::compactable_to(LogIndex index) const {
    CHECK(index >= base_.index);
    CHECK(index.value() <= last_);
    if (in_memory(index)) return index;
    LogIndex found = base_.index;
    for (const LogBase& end : old_chunk_ends_) {
        if (end.index <= index) found = end.index;
    }
    return found;
}

void Log::compact_to(LogIndex index) {
    CHECK(compactable_to(index) == index);
    const auto old_end = std::find_if(old_chunk_ends_.begin(), old_chunk_ends_.end(),
                                      [&](const LogBase& end) { return end.index == index; });
    base_ = old_end == old_chunk_ends_.end() ? base_at(index) : *old_end;
    std::erase_if(old_chunk_ends_, [&](const LogBase& end) { return end.index <= index; });
    in_memory_from_ = std::max(in_memory_from_, index.next());
    drop_chunks_before(in_memory_from_);
    const auto first_left = std::find_if(runs_.begin(), runs_.end(),
                                         [&](const Run& run) { return run.first > first_index(); });
    if (base_.index.value() == last_) {
        runs_.clear();
    } else if (first_left - runs_.begin() > 1) {
        runs_.erase(runs_.begin(), first_left - 1);
    }
}

void Log::forget_before(LogIndex index) {
    const LogIndex until = std::min(index, last_index());
    if (!until || until <= in_memory_from_) return;
    const LogIndex chunk_start((until.value() - 1) / LogChunk::kEntries * LogChunk::kEntries + 1);
    if (chunk_start <= in_memory_from_) return;
    for (uint64_t end = (in_memory_from_.value() - 1) / LogChunk::kEntries * LogChunk::kEntries +
                        LogChunk::kEntries;
         end < chunk_start.value(); end += LogChunk::kEntries) {
        old_chunk_ends_.push_back(base_at(LogIndex(end)));
    }
    in_memory_from_ = chunk_start;
    drop_chunks_before(in_memory_from_);
}

EntryRange Log::range(LogIndex first, Limit limit) const {
    CHECK(first >= in_memory_from_);
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
